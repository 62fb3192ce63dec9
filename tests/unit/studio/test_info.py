"""What people declared about a fabric is read as they wrote it and survives being edited here."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fabric_desktop.errors import BadInfo
from fabric_desktop.studio import FabricInfo, Studio, load_info, save_info

WRITTEN = """# from the supplier's sheet
name_zh = "真丝缎"
name_en = "silk satin"
aliases = ["缎面", "charmeuse"]
weight = 90
width = 1.4
colour_card = "kept"  # a key of their own
"""


def write(studio: Studio, text: str, fabric: str = "silk") -> Path:
    path = studio.fabrics_dir / fabric / "fabric.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_what_people_declared_is_read_numbers_too(tmp_path: Path) -> None:
    studio = Studio(tmp_path)
    write(studio, WRITTEN)
    info = load_info(studio, "silk")
    assert (info.name_zh, info.name_en, info.aliases) == ("真丝缎", "silk satin", ("缎面", "charmeuse"))
    assert info.declared() == {"weight": "90", "width": "1.4"}


def test_a_fabric_without_a_sheet_has_an_empty_one(tmp_path: Path) -> None:
    assert load_info(Studio(tmp_path), "cotton") == FabricInfo(id="cotton")
    assert FabricInfo(id="cotton").declared() == {}


def test_an_edit_keeps_comments_and_keys_of_their_own(tmp_path: Path) -> None:
    studio = Studio(tmp_path)
    path = write(studio, WRITTEN)
    info = load_info(studio, "silk")
    save_info(
        studio,
        FabricInfo(
            **{field: getattr(info, field) for field in FabricInfo.__slots__} | {"supplier": "东方丝绸", "width": ""}
        ),
    )
    text = path.read_text(encoding="utf-8")
    assert "# from the supplier's sheet" in text
    assert 'colour_card = "kept"  # a key of their own' in text
    assert "width" not in text
    assert load_info(studio, "silk").supplier == "东方丝绸"


@pytest.mark.parametrize(
    "text",
    [
        "name_zh = ",
        "name_zh = 1979-05-27",
        "aliases = 'one'",
        "aliases = [1]",
        "notes = true",
        "weight = {}",
        "x = " + "[" * 100_000,
    ],
)
def test_a_damaged_sheet_is_named_and_never_written_over(tmp_path: Path, text: str) -> None:
    studio = Studio(tmp_path)
    path = write(studio, text)
    with pytest.raises(BadInfo) as caught:
        load_info(studio, "silk")
    assert caught.value.params["path"] == str(path)
    with pytest.raises(BadInfo):
        save_info(studio, FabricInfo(id="silk", name_zh="丝"))
    assert path.read_text(encoding="utf-8") == text


@settings(max_examples=100, deadline=None, derandomize=True)
@given(data=st.binary(max_size=60) | st.text(alphabet='ab=[]{}"\n# 真', max_size=60).map(str.encode))
def test_any_bytes_give_a_sheet_or_a_word(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    studio = Studio(tmp_path_factory.getbasetemp())
    write(studio, "").write_bytes(data)
    try:
        assert load_info(studio, "silk").id == "silk"
    except BadInfo:
        return
