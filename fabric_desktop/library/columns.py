"""Which column of a person's list means what, by its heading in Chinese or English."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

# Headings as people write them; case, spaces, lines and what stands in brackets do not matter.
_HEADINGS: dict[str, tuple[str, ...]] = {
    "file": (
        "文件 文件名 文件路径 图片 图片名 图片文件 照片 照片名 图像 路径 图片路径",
        "file|filename|file name|path|image|image file|picture|photo|photo file|photos|images|files",
    ),
    "fabric": (
        "面料 面料id 面料编号 面料代码 布料 布种 布号 id",
        "fabric|fabric id|fabric code|cloth|id|folder",
    ),
    "name_zh": (
        "中文名 中文名称 面料中文名 中文 中文品名",
        "name zh|chinese name|name chinese|name cn|zh",
    ),
    "name_en": (
        "英文名 英文名称 面料英文名 英文 英文品名",
        "name en|english name|name english|en",
    ),
    "name": ("名称 面料名称 品名 名字 面料名", "name|fabric name|title"),
    "aliases": ("别名 又名 俗称 其他名称", "alias|aliases|other names|also called|synonyms"),
    "notes": ("备注 说明 注释 描述", "note|notes|remark|remarks|comment|comments|description"),
    "type": ("类型 种类 面料类型 面料种类 大类 类别 品类", "type|fabric type|kind|category|class"),
    "structure": (
        "组织 结构 织法 组织结构 织物组织 织物结构 面料组织",
        "structure|weave|construction|knit|weave structure|fabric structure",
    ),
    "fibre": (
        "成分 成份 纤维 面料成分 面料成份 纤维成分 纤维含量 材质 原料",
        "fibre|fiber|fibres|fibers|composition|content|fibre content|fiber content|material",
    ),
    "weight": ("克重 重量 平方克重 面密度 面料克重 克数", "weight|gsm|mass|fabric weight|area weight"),
    "width": ("幅宽 门幅 宽度 布幅 有效幅宽", "width|fabric width|usable width|cuttable width"),
    "finish": ("后整理 整理 后处理 工艺 表面处理 整理工艺", "finish|finishing|treatment|finishes"),
    "care": ("洗护 洗涤 护理 洗涤说明 洗水 保养 洗涤方式", "care|washing|wash|care instructions|laundry"),
    "supplier": (
        "供应商 供货商 厂家 厂商 工厂 布行 供方",
        "supplier|vendor|mill|manufacturer|source|maker",
    ),
    "article": (
        "货号 款号 编号 商品编号 产品编号 型号 品号 料号",
        "article|article number|article no|art no|item|item number|item no|sku|code|product code|style|style no|"
        "reference|ref",
    ),
}
COLUMNS = tuple(_HEADINGS)
_BRACKETS = re.compile(r"[(\[{（【〔](?P<inside>[^)\]}）】〕]*)[)\]}）】〕]")
_UNIT_FIELDS = frozenset({"weight", "width"})


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a list: where it stands (from 0), what it means, and the unit its heading gives."""

    index: int
    meaning: str
    unit: str = ""


def _folded(text: str) -> str:
    return re.sub(r"[\s_\-./:、#*()\[\]{}【】〔〕]+", "", unicodedata.normalize("NFKC", text).casefold())


_LONGEST_HEADING = 200


def _known() -> dict[str, str]:
    meanings: dict[str, str] = {}
    for meaning, (chinese, english) in _HEADINGS.items():
        for heading in (*chinese.split(), *english.split("|"), meaning):
            meanings.setdefault(_folded(heading), meaning)
    return meanings


_MEANINGS = _known()


def meaning_of(heading: str) -> str | None:
    """The column that a heading names, or None. `面料 / Fabric` in both languages is read by either half."""
    for text in (heading, _BRACKETS.sub("", heading)):
        if (whole := _MEANINGS.get(_folded(text))) is not None:
            return whole
    heading = _BRACKETS.sub("", heading)
    halves = re.split(r"[/|\n]|\s{2,}|(?<=[\u4e00-\u9fff])\s*(?=[A-Za-z])|(?<=[A-Za-z])\s*(?=[\u4e00-\u9fff])", heading)
    found = {_MEANINGS[key] for half in halves if (key := _folded(half)) in _MEANINGS}
    return found.pop() if len(found) == 1 else None


def read_header(cells: Sequence[str]) -> list[Column]:
    """The columns that a row of headings names; empty when it is no header, that is, names no fabric.

    Of two columns with one meaning the first counts.
    """
    columns: list[Column] = []
    for index, cell in enumerate(cells):
        # Looking for a heading in a page of text takes longer than anybody waits.
        meaning = meaning_of(cell) if cell.strip() and len(cell) <= _LONGEST_HEADING else None
        if meaning is None or meaning in {column.meaning for column in columns}:
            continue
        inside = _BRACKETS.search(cell)
        unit = inside["inside"].strip() if inside is not None and meaning in _UNIT_FIELDS else ""
        columns.append(Column(index, meaning, unit))
    names_fabric = {column.meaning for column in columns} & {"fabric", "article", "name", "name_zh", "name_en"}
    return columns if names_fabric and len(columns) > 1 else []


def in_unit(column: Column, text: str) -> str:
    """A value with the unit of its heading, where it is a bare number: 180 under `克重(g/m²)` is `180 g/m²`."""
    bare = re.fullmatch(r"\d+(?:[.,]\d+)?(?:\s*[-~–至]\s*\d+(?:[.,]\d+)?)?", text)
    return f"{text} {column.unit}" if column.unit and bare else text
