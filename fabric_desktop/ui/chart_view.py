"""A chart in the window: the SVG that `report.charts` draws, in the colours of the theme. Knows no figures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPalette
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QSizePolicy, QWidget

if TYPE_CHECKING:
    from fabric_desktop.report.charts import ChartColors

# The window's own accent first; the others keep their distance from it, and from the ground, in either scheme.
_LIGHT = ("#1f5fae", "#b7791f", "#4a5568")
_DARK = ("#6ea8ea", "#d9a441", "#a9b4c4")


def chart_colors(palette: QPalette) -> ChartColors:
    """The colours of a chart that stands on the window's ground."""
    # With reports comes all of the loop; no start should wait for it.
    from fabric_desktop.report.charts import ChartColors

    dark = palette.color(QPalette.ColorRole.Window).lightness() < 128
    series = _DARK if dark else _LIGHT
    return ChartColors(
        text=palette.color(QPalette.ColorRole.WindowText).name(),
        subtle=palette.color(QPalette.ColorRole.Mid).name(),
        series=series,
        strong=series[1],
        on_bar="#1b1b1b" if dark else "#ffffff",
    )


class ChartView(QWidget):
    """Shows one chart at the size it was drawn for, smaller where there is less room, never stretched."""

    def __init__(self) -> None:
        super().__init__()
        self._renderer = QSvgRenderer(self)
        self._renderer.setAspectRatioMode(Qt.AspectRatioMode.KeepAspectRatio)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def show_chart(self, svg: str, words: str) -> None:
        """Show a chart; `words` say what it shows to those who cannot see it."""
        self._renderer.load(QByteArray(svg.encode("utf-8")))
        self.setAccessibleName(words)
        self.updateGeometry()
        self.update()

    @property
    def is_drawn(self) -> bool:
        """Whether there is a picture that Qt could read."""
        return self._renderer.isValid()

    def sizeHint(self) -> QSize:
        return self._renderer.defaultSize()

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        size = self._renderer.defaultSize()
        return size.height() if size.width() <= 0 else round(size.height() * min(1.0, width / size.width()))

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._renderer.isValid():
            return
        size = self._renderer.defaultSize()
        shown = size.scaled(self.size().boundedTo(size), Qt.AspectRatioMode.KeepAspectRatio)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._renderer.render(painter, QRectF(0, 0, shown.width(), shown.height()))
