"""The menu bar and the tool bar, laid out from the actions' data."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QMenuBar, QPushButton, QSizePolicy, QToolBar, QToolButton, QWidget

from fabric_desktop.ui.actions import MENUS, Actions, plain
from fabric_desktop.ui.i18n import per_cent
from fabric_desktop.ui.widgets import Text, icon_size, is_language_change

_TOOLS = (
    *("open", "", "pick", "box", "lasso", "whole", ""),
    *("zoom_out", "%", "zoom_in", "fit", "actual", "", "undo", "redo"),
)
_NAMED = ("open", "pick", "box", "lasso", "whole")
_SUBMENUS = {"view/language": "view", "view/theme": "view"}


def build_menus(bar: QMenuBar, actions: Actions) -> dict[str, QMenu]:
    """Fill the menu bar; the menus come back by name so that they can be given their words again."""
    menus = {name: bar.addMenu("") for name in MENUS}
    for name, menu in menus.items():
        menu.setToolTipsVisible(True)
        for spec, action in actions.in_menu(name):
            if spec.starts_section and not menu.isEmpty():
                menu.addSeparator()
            menu.addAction(action)
    view = menus["view"]
    view.addSeparator()
    for path, parent in _SUBMENUS.items():
        menus[path] = menus[parent].addMenu("")
        for _, action in actions.in_menu(path):
            menus[path].addAction(action)
    retitle_menus(menus)
    return menus


def retitle_menus(menus: dict[str, QMenu]) -> None:
    """Give the menus their names in the language in use."""
    for name, source in MENUS.items():
        menus[name].setTitle(QCoreApplication.translate("Menus", source))
    menus["view/language"].setTitle(QCoreApplication.translate("Menus", "Lan&guage"))
    menus["view/theme"].setTitle(QCoreApplication.translate("Menus", "&Theme"))


class FindButton(QPushButton):
    """Looks like the field it leads to, so that it is found by who looks for one."""

    def __init__(self, action: QAction) -> None:
        super().__init__()
        self.setAutoDefault(False)
        self.setIcon(action.icon())
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.clicked.connect(action.trigger)
        self._action = action
        action.changed.connect(self.retranslate)
        self.retranslate()

    def retranslate(self) -> None:
        key = self._action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
        self.setText(self.tr("Find  {key}").format(key=key))
        self.setToolTip(self._action.toolTip())
        self.setAccessibleName(plain(self._action.text()))

    def changeEvent(self, event: QEvent) -> None:
        if is_language_change(event):
            self.retranslate()
        super().changeEvent(event)


class ToolBar(QToolBar):
    """Tools on the left, the language on the right."""

    def __init__(self, actions: Actions) -> None:
        super().__init__()
        self.setObjectName("tool_bar")
        self.setMovable(False)
        self.setIconSize(icon_size())
        self.toggleViewAction().setEnabled(False)
        self.zoom = Text()
        self._percent: int | None = None
        self.zoom.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.zoom.setMinimumWidth(self.zoom.fontMetrics().horizontalAdvance("3200 %") + 8)
        for name in _TOOLS:
            if not name:
                self.addSeparator()
            elif name == "%":
                self.addWidget(self.zoom)
            else:
                self.addAction(actions[name])
                button = self.widgetForAction(actions[name])
                if isinstance(button, QToolButton) and name in _NAMED:
                    button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        spacer = QWidget()
        spacer.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.addWidget(spacer)
        self.find_button = FindButton(actions["find"])
        self.addWidget(self.find_button)
        self.addSeparator()
        for name in ("lang_zh", "lang_en"):
            self.addAction(actions[name])
        self.retranslate()

    def show_zoom(self, percent: int | None) -> None:
        self._percent = percent
        self.zoom.setText("" if percent is None else per_cent(percent / 100))

    def retranslate(self) -> None:
        self.setWindowTitle(self.tr("Tools"))
        self.show_zoom(self._percent)
        self.zoom.setToolTip(self.tr("Zoom: screen pixels for each pixel of the photograph"))

    def changeEvent(self, event: QEvent) -> None:
        if is_language_change(event):
            self.retranslate()
        super().changeEvent(event)
