"""A line for a fabric's name with type-ahead over ids, aliases and names in both languages. Saves nothing itself."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QModelIndex, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QCompleter, QLineEdit

from fabric_desktop.errors import BadFabricId
from fabric_desktop.names import FabricNames, folded
from fabric_desktop.studio import check_fabric_id
from fabric_desktop.ui.suggestions import NAME_ROLE, Suggestions
from fabric_desktop.ui.workbench import Workbench

_SUGGESTIONS = 12
_OWN_KEYS = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Escape)


class FabricField(QLineEdit):
    """A line for a fabric's name. Enter is the field's own here, whatever it means elsewhere in the window."""

    confirmed = Signal()
    name_changed = Signal()  # what `fabric_id` says may be another one now
    left = Signal()

    def __init__(self, workbench: Workbench) -> None:
        super().__init__()
        self._bench = workbench
        self._taken: tuple[str, str] | None = None  # fabric id, and the name put into the field for it
        self._model = Suggestions(self)
        completer = QCompleter(self._model, self)
        completer.setCompletionMode(QCompleter.CompletionMode.UnfilteredPopupCompletion)
        completer.setCompletionRole(NAME_ROLE)
        completer.setMaxVisibleItems(_SUGGESTIONS)
        completer.activated[QModelIndex].connect(self._on_suggestion)  # type: ignore[index]  # missing in the stubs
        self.setCompleter(completer)
        self.textEdited.connect(self._on_edited)

    @property
    def names(self) -> FabricNames | None:
        """The names of the studio in use."""
        return self._bench.facts.names if self._bench.facts is not None else None

    def fabric_id(self) -> str:
        """The id that the text stands for: the suggestion taken, a known fabric by any of its names, or a new one;
        empty for no text. Raises BadFabricId."""
        text, names = self.text().strip(), self.names
        if not text or names is None:
            return ""
        if self._taken is not None and self._taken[1] == text:
            return self._taken[0]
        return known_fabric(names, text) or check_fabric_id(text.replace(" ", "_") if text.isascii() else text)

    @property
    def is_known(self) -> bool:
        """Whether the text names a fabric that there is."""
        text, names = self.text().strip(), self.names
        if names is None or not text:
            return False
        return bool(known_fabric(names, text)) or (self._taken is not None and self._taken[1] == text)

    @property
    def has_name(self) -> bool:
        try:
            return bool(self.fabric_id())
        except BadFabricId:
            return False

    def take_focus(self) -> None:
        self.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.selectAll()

    def take_fabric(self, fabric_id: str) -> None:
        """Put a fabric's name into the field; its id is remembered, since two fabrics may have one name."""
        names = self.names
        if names is not None:
            self._put(fabric_id, names.name(fabric_id, self._bench.lang))

    def _put(self, fabric_id: str, name: str) -> None:
        self._taken = (fabric_id, name)
        self.setText(name)
        self.name_changed.emit()

    def _on_edited(self, text: str) -> None:
        names = self.names
        if names is not None:
            found = suggestions(names, text)[:_SUGGESTIONS]
            self._model.show([(fabric, *names.both(fabric)) for fabric in found], self._bench.lang)
        self.name_changed.emit()

    def _on_suggestion(self, index: QModelIndex) -> None:
        self._take(index.row())

    def _take(self, row: int) -> None:
        line = self._model.line(row)
        if line is not None:
            self._put(*line)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride and event.key() in _OWN_KEYS:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        popup = self.completer().popup() if self.completer() is not None else None
        if popup is not None and popup.isVisible() and event.key() in _OWN_KEYS:
            # The list has the key first: a line of it is taken, or it is closed.
            event.ignore()
            if event.key() != Qt.Key.Key_Escape and not popup.currentIndex().isValid():
                popup.hide()
                self._take(0)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.confirmed.emit()
        elif event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)


def known_fabric(names: FabricNames, text: str) -> str:
    """The id of the fabric called exactly `text`, by id, name in either language or alias; else nothing."""
    wanted = folded(text)
    for fabric in names.search(text):
        info = names.info(fabric)
        if wanted in {folded(name) for name in (fabric, *names.both(fabric), *info.aliases) if name}:
            return fabric
    return ""


def suggestions(names: FabricNames, text: str) -> list[str]:
    """Ids of fabrics whose names hold the text; those whose name in either language begins with it come first."""
    wanted = folded(text)
    if not wanted:
        return []

    def begins(fabric: str) -> bool:
        return any(folded(name).startswith(wanted) for name in (*names.both(fabric), fabric))

    return sorted(names.search(text), key=lambda fabric: not begins(fabric))
