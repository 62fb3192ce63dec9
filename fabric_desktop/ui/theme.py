"""Colours and type of the window: neutral greys, one accent, one family in two weights. No style sheets.

The cloth is judged beside our pixels, so the canvas surround is the same neutral mid-grey in both schemes.
"""

from __future__ import annotations

import sys

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontDatabase, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication, QStyleFactory

THEMES = ("system", "light", "dark")
SURROUND = QColor(119, 119, 119)  # sRGB 119 is L* 50: as far from black as from white to the eye
GRID = 8
MIN_POINT_SIZE = 9.0  # for the least of texts
BASE_POINT_SIZE = 10.0

_SCHEMES = {
    "system": Qt.ColorScheme.Unknown,
    "light": Qt.ColorScheme.Light,
    "dark": Qt.ColorScheme.Dark,
}

# Families that write simplified Chinese well beside Latin, best first for each system.
_FAMILIES = {
    "win32": ("Segoe UI", "Microsoft YaHei UI", "Microsoft YaHei", "SimSun"),
    "darwin": (".AppleSystemUIFont", "PingFang SC", "Hiragino Sans GB"),
    "linux": ("Noto Sans CJK SC", "Source Han Sans SC", "Noto Sans SC", "WenQuanYi Micro Hei", "Droid Sans Fallback"),
}

_Role = QPalette.ColorRole
_LIGHT = {
    _Role.Window: "#f2f2f2",
    _Role.WindowText: "#1b1b1b",
    _Role.Base: "#ffffff",
    _Role.AlternateBase: "#f7f7f7",
    _Role.Text: "#1b1b1b",
    _Role.Button: "#f2f2f2",
    _Role.ButtonText: "#1b1b1b",
    _Role.BrightText: "#ffffff",
    _Role.ToolTipBase: "#ffffff",
    _Role.ToolTipText: "#1b1b1b",
    _Role.PlaceholderText: "#6a6a6a",
    _Role.Highlight: "#1f5fae",
    _Role.HighlightedText: "#ffffff",
    _Role.Accent: "#1f5fae",
    _Role.Link: "#1f5fae",
    _Role.Light: "#ffffff",
    _Role.Midlight: "#e4e4e4",
    _Role.Mid: "#c4c4c4",
    _Role.Dark: "#9c9c9c",
    _Role.Shadow: "#707070",
}
_DARK = {
    _Role.Window: "#2a2a2a",
    _Role.WindowText: "#ececec",
    _Role.Base: "#222222",
    _Role.AlternateBase: "#272727",
    _Role.Text: "#ececec",
    _Role.Button: "#333333",
    _Role.ButtonText: "#ececec",
    _Role.BrightText: "#ffffff",
    _Role.ToolTipBase: "#3a3a3a",
    _Role.ToolTipText: "#ececec",
    _Role.PlaceholderText: "#a0a0a0",
    _Role.Highlight: "#2f6fc0",
    _Role.HighlightedText: "#ffffff",
    _Role.Accent: "#6ea8ea",
    _Role.Link: "#7db2ee",
    _Role.Light: "#4a4a4a",
    _Role.Midlight: "#3c3c3c",
    _Role.Mid: "#484848",
    _Role.Dark: "#181818",
    _Role.Shadow: "#0e0e0e",
}
_FADED = {False: "#8a8a8a", True: "#7c7c7c"}


class Theme(QObject):
    """The colour scheme in use: the system's, light or dark."""

    changed = Signal()

    def __init__(self, theme: str = "system", parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.current = "system"
        QApplication.setStyle(QStyleFactory.create("Fusion"))
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._apply)
        self.use(theme)

    def use(self, theme: str) -> None:
        """Follow the system, or put light or dark in use."""
        if theme not in THEMES:
            raise ValueError(f"theme must be one of {THEMES}, not {theme!r}")
        self.current = theme
        QGuiApplication.styleHints().setColorScheme(_SCHEMES[theme])
        self._apply()

    @property
    def is_dark(self) -> bool:
        if self.current != "system":
            # Not every platform takes our wish for the scheme; our palette does.
            return self.current == "dark"
        return QGuiApplication.styleHints().colorScheme() == Qt.ColorScheme.Dark

    def _apply(self) -> None:
        QApplication.setPalette(palette_for(dark=self.is_dark))
        self.changed.emit()


def palette_for(*, dark: bool) -> QPalette:
    """Our palette in one scheme."""
    palette = QPalette()
    for role, name in (_DARK if dark else _LIGHT).items():
        palette.setColor(role, QColor(name))
    for role in (_Role.WindowText, _Role.Text, _Role.ButtonText, _Role.PlaceholderText):
        palette.setColor(QPalette.ColorGroup.Disabled, role, QColor(_FADED[dark]))
    palette.setColor(QPalette.ColorGroup.Disabled, _Role.Highlight, QColor("#555555" if dark else "#b4b4b4"))
    palette.setColor(QPalette.ColorGroup.Disabled, _Role.Accent, QColor("#5a5a5a" if dark else "#b0b0b0"))
    return palette


def choose_font() -> QFont:
    """The window's font: a family that writes Chinese and Latin where there is one, at 9 point or more."""
    font = QGuiApplication.font()
    present = set(QFontDatabase.families())
    wanted = _FAMILIES.get(sys.platform, _FAMILIES["linux"])
    # System-private families on the Mac are not listed among the others but are there.
    families = [family for family in wanted if family in present or family.startswith(".")]
    if families:
        # On Windows and the Mac the first is the system's own Latin face and the second writes the Chinese beside it.
        font.setFamilies(families[:1] if sys.platform == "linux" else families[:2])
    font.setPointSizeF(max(BASE_POINT_SIZE, font.pointSizeF()))
    return font


def scaled(font: QFont, factor: float, *, strong: bool = False) -> QFont:
    """A copy of `font` at `factor` times its size, in the regular or the strong weight."""
    copy = QFont(font)
    copy.setPointSizeF(max(MIN_POINT_SIZE, font.pointSizeF() * factor))
    copy.setWeight(QFont.Weight.DemiBold if strong else QFont.Weight.Normal)
    return copy


def quiet(palette: QPalette, group: QPalette.ColorGroup = QPalette.ColorGroup.Active) -> QColor:
    """The colour of secondary text; it keeps 4.5 to 1 on the window's and the fields' ground."""
    return palette.color(group, _Role.PlaceholderText)
