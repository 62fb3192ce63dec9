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

# What a person types into, chooses from or presses has to be seen as such: 3 to 1 between its outline and the ground
# (WCAG 2.1, 1.4.11), which this grey has in both schemes. Fusion takes the outline from the role Window, darkened to
# 1/1.4, which vanishes in the dark; these widgets draw nothing else with that role, so they alone get another one.
_OUTLINE = "#7e7e7e"
_OUTLINED = ("QLineEdit", "QComboBox", "QAbstractSpinBox", "QPlainTextEdit", "QCheckBox", "QRadioButton", "QPushButton")
# What only holds something is told from its ground more softly.
_FRAMES = {False: "#b4b4b4", True: "#525252"}
_FRAMED = ("QListView", "QTableView", "QTreeView", "QProgressBar")
_DARKENED = 140  # per cent, as QColor.darker counts
# The outline of what has the focus is this colour too; Fusion makes it lighter than the ground only from this value on.
_FOCUS_IN_THE_DARK = "#2f74cb"


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
        dark = self.is_dark
        QApplication.setPalette(palette_for(dark=dark))
        for names, outline in ((_OUTLINED, _OUTLINE), (_FRAMED, _FRAMES[dark])):
            for name in names:
                QApplication.setPalette(outlined_palette(outline, dark=dark), name)  # type: ignore[arg-type]  # as it is; the stubs want bytes
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


def outlined_palette(outline: str, *, dark: bool) -> QPalette:
    """Our palette for widgets whose role Window stands for their outline alone, with an outline of this grey."""
    palette = palette_for(dark=dark)
    palette.setColor(_Role.Window, QColor.fromHsv(0, 0, min(255, QColor(outline).value() * _DARKENED // 100 + 1)))
    if dark:
        palette.setColor(_Role.Highlight, QColor(_FOCUS_IN_THE_DARK))
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
