"""A chart is plain SVG that a browser, a printer and Qt show alike, and the same each time."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from fabric_desktop.report.charts import Band, Bar, ChartColors, Line, bar_chart, line_chart

LINE = Line("Top-1", [0.7, None, 0.9], [Band(0.5, 0.8), None, Band(0.8, 0.95)])


def drawn(svg: str) -> ElementTree.Element:
    return ElementTree.fromstring(svg)


def texts(svg: str) -> list[str]:
    return [element.text for element in drawn(svg).iter() if element.tag.endswith("}text") and element.text]


def tags(svg: str) -> set[str]:
    return {element.tag.rpartition("}")[2] for element in drawn(svg).iter()}


def test_a_chart_holds_no_script_no_style_sheet_and_nothing_from_elsewhere() -> None:
    for svg in (line_chart([LINE], ["v1", "v2", "v3"], title="T"), bar_chart([Bar("麻", 3)], title="T")):
        assert tags(svg) <= {"svg", "title", "g", "rect", "path", "text", "circle", "line"}
        assert "http" not in svg.replace("http://www.w3.org/", "")
        assert "class=" not in svg
        assert "!important" not in svg


def test_the_same_figures_give_the_same_bytes() -> None:
    assert line_chart([LINE], ["a", "b", "c"], title="T") == line_chart([LINE], ["a", "b", "c"], title="T")
    assert bar_chart([Bar("a", 1)], title="T") == bar_chart([Bar("a", 1)], title="T")


def test_names_in_any_script_and_with_any_sign_stand_in_it() -> None:
    svg = bar_chart([Bar("真丝缎 <A> & Co", 3), Bar('"q"', 0, strong=True)], title="标注 & 样本")
    assert {"真丝缎 <A> & Co", '"q"', "标注 & 样本"} <= set(texts(svg))
    assert drawn(svg).find("{http://www.w3.org/2000/svg}title").text == "标注 & 样本"  # type: ignore[union-attr]


def test_the_heading_can_be_left_to_the_page() -> None:
    svg = line_chart([LINE], ["v1", "v2", "v3"], title="Accuracy", heading=False)
    assert "Accuracy" not in texts(svg)
    assert "<title>Accuracy</title>" in svg


def test_shares_are_shown_from_nought_to_a_hundred_per_cent() -> None:
    assert {"0 %", "20 %", "100 %", "v1", "v3"} <= set(texts(line_chart([LINE], ["v1", "v2", "v3"], title="T")))


def test_a_windows_colours_are_taken() -> None:
    colors = ChartColors(text="#eeeeee", subtle="#555555", series=("#12ab34", "#ab1234"), strong="#ff8800")
    svg = line_chart([LINE, Line("Top-3", [0.9, 0.9, 1.0])], ["v1", "v2", "v3"], title="T", colors=colors)
    assert "#12ab34" in svg
    assert "#eeeeee" in svg
    assert "#ff8800" in bar_chart([Bar("a", 2, strong=True)], title="T", colors=colors)


def test_nothing_to_draw_is_no_trouble() -> None:
    assert drawn(line_chart([Line("x", [])], [], title="T")).tag.endswith("svg")
    assert drawn(bar_chart([], title="T")).tag.endswith("svg")
    assert drawn(bar_chart([Bar("a", 0)], title="T")).tag.endswith("svg")


def test_qt_shows_every_part_of_it(qapp: object) -> None:
    from PySide6.QtGui import QImage, QPainter
    from PySide6.QtSvg import QSvgRenderer

    colors = ChartColors(series=("#ff0000", "#00ff00"))
    svg = line_chart([LINE, Line("Top-3", [0.9, 0.9, 1.0])], ["v1", "v2", "v3"], title="T", colors=colors)
    renderer = QSvgRenderer(svg.encode("utf-8"))
    assert renderer.isValid()
    image = QImage(renderer.defaultSize(), QImage.Format.Format_RGB32)
    image.fill(0xFFFFFF)
    painter = QPainter(image)
    renderer.render(painter)
    painter.end()
    seen = [image.pixelColor(x, y) for x in range(image.width()) for y in range(image.height())]
    red = sum(color.red() > 200 and color.green() < 120 for color in seen)
    white = sum(color.red() > 250 and color.green() > 250 and color.blue() > 250 for color in seen)
    # Lines are lines, not areas filled black or red for want of the style sheet.
    assert 50 < red < 0.02 * len(seen)
    assert white > 0.9 * len(seen)


@pytest.mark.parametrize("count", [1, 40])
def test_few_and_many_versions_fit(count: int) -> None:
    labels = [f"v{number}" for number in range(1, count + 1)]
    svg = line_chart([Line("Top-1", [0.5] * count)], labels, title="T")
    assert "v1" in texts(svg)
    assert len([text for text in texts(svg) if text.startswith("v")]) <= 14
