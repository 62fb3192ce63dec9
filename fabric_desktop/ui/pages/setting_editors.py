"""What a setting is changed with: a choice, a number, an address, or the way to where it is chosen.

An editor shows a value and says which one the person chose; it lets nothing through that the setting may not have.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtWidgets import QComboBox, QDoubleSpinBox, QHBoxLayout, QLineEdit, QPushButton, QSpinBox, QWidget

from fabric_desktop.studio.settings import is_allowed
from fabric_desktop.ui.i18n import current_language
from fabric_desktop.ui.theme import GRID
from fabric_desktop.ui.widgets import Text
from fabric_desktop.wording import per_cent_sign


class Editor(QWidget):
    """Base of the editors. `refused` carries whether what is typed now may not be saved."""

    chosen = Signal(object)
    refused = Signal(bool)

    def __init__(self, field: QWidget) -> None:
        super().__init__()
        self.field = field
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(GRID)
        row.addWidget(field, 1)
        self.setFocusProxy(field)
        # A wheel on its way down the page must not change what it passes over.
        field.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        field.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Wheel and not self.field.hasFocus():
            event.ignore()
            return True
        return super().eventFilter(watched, event)

    def show_value(self, value: Any) -> None:
        """Show a value without telling anybody."""
        raise NotImplementedError

    def name(self, words: str) -> None:
        """What the field is called, for who cannot see it."""
        self.field.setAccessibleName(words)

    def retranslate(self) -> None:
        """Say everything in the language in use."""


class ChoiceEditor(Editor):
    """One of a few values; `words` names them in the language in use."""

    def __init__(self, values: Sequence[object], words: Callable[[], Sequence[str]]) -> None:
        self.box = QComboBox()
        super().__init__(self.box)
        self._words = words
        for value in values:
            self.box.addItem("", value)
        self.box.activated.connect(lambda at: self.chosen.emit(self.box.itemData(at)))
        self.retranslate()

    def show_value(self, value: Any) -> None:
        self.box.setCurrentIndex(max(0, self.box.findData(value)))

    def retranslate(self) -> None:
        for at, text in enumerate(self._words()):
            self.box.setItemText(at, text)


class CountEditor(Editor):
    """A whole number, or a share 0..1 in `per_cent`."""

    def __init__(self, least: int, most: int, *, per_cent: bool = False) -> None:
        self.box = QSpinBox()
        super().__init__(self.box)
        self._scale = scale = 100 if per_cent else 1
        self.box.setRange(least, most)
        # Typed digits count once they are all there.
        self.box.setKeyboardTracking(False)
        self.box.valueChanged.connect(lambda shown: self.chosen.emit(shown / scale if per_cent else shown))
        self.retranslate()

    def show_value(self, value: Any) -> None:
        self.box.blockSignals(True)
        self.box.setValue(round(value * self._scale))
        self.box.blockSignals(False)

    def retranslate(self) -> None:
        self.box.setSuffix(per_cent_sign(current_language()) if self._scale != 1 else "")


class AlphaEditor(Editor):
    """The weight of the rules: a share from 0 to 1, and below it "auto"."""

    _STEP = 0.05

    def __init__(self) -> None:
        self.box = QDoubleSpinBox()
        super().__init__(self.box)
        self.box.setRange(-self._STEP, 1.0)
        self.box.setSingleStep(self._STEP)
        self.box.setDecimals(2)
        self.box.setKeyboardTracking(False)
        self.box.valueChanged.connect(lambda shown: self.chosen.emit("auto" if shown < 0 else round(shown, 2)))
        self.retranslate()

    def show_value(self, value: Any) -> None:
        self.box.blockSignals(True)
        self.box.setValue(-self._STEP if value == "auto" else float(value))
        self.box.blockSignals(False)

    def retranslate(self) -> None:
        self.box.setSpecialValueText(self.tr("Automatic"))


class AddressEditor(Editor):
    """A web address, or nothing. One that cannot be one stays in the field, is marked, and is not saved."""

    def __init__(self, key: str, placeholder: str) -> None:
        self.box = QLineEdit()
        super().__init__(self.box)
        self._key = key
        self._shown = ""
        self.box.setPlaceholderText(placeholder)
        self.box.editingFinished.connect(self._finish)
        self.box.textEdited.connect(lambda text: self.refused.emit(not self._is_sound(text)))

    def show_value(self, value: Any) -> None:
        self._shown = value or ""
        # What cannot be saved stays with its mark until the person has put it right.
        if self._is_sound(self.box.text()):
            self.box.setText(self._shown)
            self.refused.emit(False)

    def _value(self, text: str) -> str | None:
        text = text.strip()
        return (text if "://" in text else f"https://{text}") if text else None

    def _is_sound(self, text: str) -> bool:
        return is_allowed(self._key, self._value(text))

    def _finish(self) -> None:
        text = self.box.text()
        if not self._is_sound(text):
            self.refused.emit(True)
        elif (value := self._value(text)) != (self._shown or None):
            self.chosen.emit(value)


class LinkEditor(Editor):
    """A value that is chosen elsewhere: what it is, and the button that leads there."""

    wanted = Signal()

    def __init__(self, words: Callable[[Any], str], label: Callable[[], str]) -> None:
        self.button = QPushButton()
        super().__init__(self.button)
        self._words, self._label, self._value = words, label, None
        self.button.setAutoDefault(False)
        self.button.clicked.connect(lambda _checked=False: self.wanted.emit())
        self.text = Text(quiet=True, wrap=True)
        self.retranslate()

    def show_value(self, value: Any) -> None:
        self._value = value
        self.retranslate()

    def retranslate(self) -> None:
        self.button.setText(self._label())
        self.text.setText(self._words(self._value))
