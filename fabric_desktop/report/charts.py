"""Charts as SVG text, for a page and for Qt alike. Drawing only; what the figures mean is for `progress`.

pygal draws; what it says in a style sheet is written onto the elements here, since Qt's SVG (and a good many viewers)
know presentation attributes but only part of CSS. No script, no date and no random name is left in: the same figures
give the same bytes.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from fabric_desktop.wording import per_cent

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element


@dataclass(frozen=True, slots=True)
class Band:
    """An interval around a value."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Line:
    """A named line: one value a label (None leaves a gap), with an interval each or none."""

    name: str
    values: Sequence[float | None]
    bands: Sequence[Band | None] = ()


@dataclass(frozen=True, slots=True)
class Bar:
    """A named bar of a whole number; `strong` marks it out."""

    name: str
    count: int
    strong: bool = False


@dataclass(frozen=True, slots=True)
class ChartColors:
    """Colours as #rrggbb. The defaults are for paper; a window hands in those of its theme."""

    text: str = "#222222"
    subtle: str = "#b8b8b8"
    series: tuple[str, ...] = ("#2b6cb0", "#b7791f", "#4a5568")
    strong: str = "#b7791f"
    on_bar: str = "#ffffff"


PAPER = ChartColors()
_WIDTH, _HEIGHT, _BAR = 720, 300, 22
_LETTER = 7
_SHOWN = frozenset(
    {
        "fill",
        "stroke",
        "stroke-width",
        "stroke-dasharray",
        "stroke-linecap",
        "stroke-linejoin",
        "fill-opacity",
        "stroke-opacity",
        "opacity",
        "font-family",
        "font-size",
        "font-weight",
        "text-anchor",
        "visibility",
    }
)


def line_chart(
    lines: Sequence[Line],
    labels: Sequence[str],
    *,
    title: str,
    lang: str = "en",
    heading: bool = True,
    colors: ChartColors = PAPER,
    width: int = _WIDTH,
) -> str:
    """Shares 0..1 as lines over labels, on a scale from 0 to 100 %, with intervals as bars. SVG text.

    title: what the picture is called for those who cannot see it, and drawn above it with `heading`.
    """
    chart = _pygal().Line(
        **_settings(colors, title if heading else None, width, _HEIGHT),
        range=(0, 1),
        y_labels=[0, 0.2, 0.4, 0.6, 0.8, 1],
        value_formatter=lambda value: per_cent(value, lang),
        dots_size=3,
        show_x_guides=False,
        x_labels_major_every=max(1, len(labels) // 10),
        show_minor_x_labels=len(labels) <= 12,
        truncate_label=-1,
        legend_at_bottom=True,
        show_legend=len(lines) > 1,
    )
    chart.x_labels = list(labels)
    for line in lines:
        chart.add(line.name, [_point(line, place) for place in range(len(line.values))])
    return _plain_svg(chart, title)


def _point(line: Line, place: int) -> dict[str, Any] | None:
    value = line.values[place]
    if value is None:
        return None
    band = line.bands[place] if place < len(line.bands) else None
    if band is None:
        return {"value": value}
    return {"value": value, "ci": {"low": band.low, "high": band.high}}


def bar_chart(
    bars: Sequence[Bar], *, title: str, heading: bool = True, colors: ChartColors = PAPER, width: int = _WIDTH
) -> str:
    """Whole numbers as horizontal bars, the first on top. SVG text; `title` and `heading` as for `line_chart`."""
    most = max((bar.count for bar in bars), default=0)
    chart = _pygal().HorizontalBar(
        **_settings(colors, title if heading else None, width, 70 + _BAR * max(1, len(bars))),
        # pygal takes every letter for a narrow one.
        margin_left=12 + max((_LETTER * (_columns(bar.name) - len(bar.name)) for bar in bars), default=0),
        show_legend=False,
        print_values=True,
        print_values_position="center",
        range=(0, max(1, most)),
        show_y_guides=False,
        truncate_label=-1,
        value_formatter=lambda value: f"{value:.0f}",
        y_labels=sorted({0, most // 2, most}),
        spacing=4,
    )
    # pygal draws from below.
    chart.x_labels = [bar.name for bar in reversed(bars)]
    chart.add(
        title,
        [{"value": bar.count, "color": colors.strong if bar.strong else colors.series[0]} for bar in reversed(bars)],
    )
    return _plain_svg(chart, title)


def _pygal() -> Any:
    """pygal, without the hook for plug-ins that it leaves in Python's import machinery: of an old kind, at which every
    later import in the process would warn."""
    import sys

    import pygal

    sys.meta_path[:] = [finder for finder in sys.meta_path if type(finder).__module__.partition(".")[0] != "pygal"]
    return pygal


def _columns(text: str) -> int:
    """Width of a text in narrow letters: Chinese ones count as two."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def _settings(colors: ChartColors, title: str | None, width: int, height: int) -> dict[str, Any]:
    from pygal.style import Style

    font = "sans-serif"
    sizes = {
        f"{part}_font_size": 12
        for part in ("label", "major_label", "value", "value_label", "legend", "tooltip", "no_data")
    }
    style = Style(
        background="none",
        plot_background="none",
        foreground=colors.text,
        foreground_strong=colors.text,
        foreground_subtle=colors.subtle,
        colors=colors.series,
        value_colors=(colors.on_bar,),
        guide_stroke_color=colors.subtle,
        major_guide_stroke_color=colors.subtle,
        guide_stroke_dasharray="1,3",
        major_guide_stroke_dasharray="1,3",
        font_family=font,
        title_font_size=14,
        opacity=".9",
        **sizes,
    )
    return {
        "style": style,
        "title": title,
        "width": width,
        "height": height,
        "explicit_size": True,
        "js": [],
        "no_prefix": True,
        "margin": 12,
        # The last label is centred on the last point and needs room beyond it.
        "margin_right": 40,
    }


@dataclass(frozen=True, slots=True)
class _Rule:
    """One selector of a style sheet: compounds (tag or "", classes) from the outermost, whether each must be the
    direct parent of the next, and what it sets."""

    compounds: tuple[tuple[str, frozenset[str]], ...]
    direct: tuple[bool, ...]
    values: dict[str, str] = field(default_factory=dict)

    @property
    def weight(self) -> tuple[int, int]:
        return sum(len(classes) for _, classes in self.compounds), sum(bool(tag) for tag, _ in self.compounds)


def _plain_svg(chart: Any, title: str) -> str:
    """A chart with its style sheet written onto its elements, and everything that only a browser's script uses gone."""
    from xml.etree import ElementTree

    root = ElementTree.fromstring(chart.render(is_unicode=True, disable_xml_declaration=True))
    rules = sorted(_rules_of(root), key=lambda rule: rule.weight)
    _style(root, [], rules)
    _strip(root)
    named = ElementTree.Element("{http://www.w3.org/2000/svg}title")
    named.text = title
    root.insert(0, named)
    root.set("role", "img")
    ElementTree.register_namespace("", "http://www.w3.org/2000/svg")
    return ElementTree.tostring(root, encoding="unicode")


def _local(element: Element) -> str:
    return element.tag.rpartition("}")[2]


def _rules_of(root: Element) -> list[_Rule]:
    text = "\n".join(element.text or "" for element in root.iter() if _local(element) == "style")
    rules = []
    for selectors, body in re.findall(r"([^{}]+)\{([^{}]*)\}", text):
        values = dict(re.findall(r"([\w-]+)\s*:\s*([^;]+)", body))
        kept = {name: value.replace("!important", "").strip() for name, value in values.items() if name in _SHOWN}
        if kept:
            rules += [rule for selector in selectors.split(",") if (rule := _rule(selector, kept)) is not None]
    return rules


def _rule(selector: str, values: dict[str, str]) -> _Rule | None:
    if re.search(r"[:#\[\]*+~]", selector):
        return None  # states of the mouse; ids are not used here
    compounds, direct, after_arrow = [], [], False
    for word in selector.replace(">", " > ").split():
        if word == ">":
            after_arrow = True
            continue
        tag, *classes = word.split(".")
        compounds.append((tag, frozenset(classes)))
        direct.append(after_arrow)
        after_arrow = False
    return _Rule(tuple(compounds), tuple(direct), values) if compounds else None


def _style(element: Element, parents: list[Element], rules: Sequence[_Rule]) -> None:
    values: dict[str, str] = {}
    for rule in rules:
        if _meets(element, rule.compounds[-1]) and _within(parents, rule, len(rule.compounds) - 1):
            values |= rule.values
    values |= dict(re.findall(r"([\w-]+)\s*:\s*([^;]+)", element.attrib.pop("style", "")))
    for name, value in values.items():
        if name in _SHOWN:
            element.set(name, value)
    for child in element:
        _style(child, [*parents, element], rules)


def _meets(element: Element, compound: tuple[str, frozenset[str]]) -> bool:
    tag, classes = compound
    return (not tag or tag == _local(element)) and classes <= set(element.get("class", "").split())


def _within(parents: Sequence[Element], rule: _Rule, place: int) -> bool:
    """Whether some parents meet the compounds before `place`, in order."""
    if place == 0:
        return True
    for depth in range(len(parents) - 1, -1, -1):
        if _meets(parents[depth], rule.compounds[place - 1]) and _within(parents[:depth], rule, place - 1):
            return True
        if rule.direct[place]:
            return False
    return False


def _strip(element: Element) -> None:
    for child in list(element):
        classes = set(child.get("class", "").split())
        if _local(child) in ("style", "script", "defs", "desc", "title") or classes & {"tooltip", "tooltip-overlay"}:
            element.remove(child)
        else:
            _strip(child)
    for name in ("class", "id"):
        element.attrib.pop(name, None)
