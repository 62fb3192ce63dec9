"""What people declared about a fabric, as a form. Never filled from a picture; what is typed is kept at once."""

from __future__ import annotations

import re
from dataclasses import replace

from PySide6.QtCore import QEvent, Signal
from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import QFormLayout, QLineEdit, QPlainTextEdit, QVBoxLayout, QWidget

from fabric_desktop.studio import FabricInfo
from fabric_desktop.ui.pages.shelf import ShelfFabric
from fabric_desktop.ui.theme import GRID
from fabric_desktop.ui.widgets import Heading, Text, is_language_change

FIELDS = (
    "name_zh",
    "name_en",
    "aliases",
    "type",
    "article",
    "fibre",
    "structure",
    "weight",
    "width",
    "finish",
    "care",
    "supplier",
)


class NotesField(QPlainTextEdit):
    """Several lines of text that say when they are left."""

    left = Signal()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.left.emit()


class FabricForm(QWidget):
    """The form. `declared` carries the whole of the data each time a field that was changed is left."""

    declared = Signal(object)  # FabricInfo

    def __init__(self) -> None:
        super().__init__()
        self._info: FabricInfo | None = None
        self.heading = Heading()
        self.hint = Text(factor=0.9, quiet=True, wrap=True)
        self.fields = {name: QLineEdit() for name in FIELDS}
        self.notes = NotesField()
        self.notes.setTabChangesFocus(True)
        self.notes.setFixedHeight(9 * GRID)
        self._labels = {name: Text(quiet=True) for name in (*FIELDS, "notes")}
        for field in self.fields.values():
            field.editingFinished.connect(self._keep)
        self.notes.left.connect(self._keep)
        self.form = QFormLayout()
        self.form.setContentsMargins(0, 0, 0, 0)
        self.form.setHorizontalSpacing(12)
        self.form.setVerticalSpacing(6)
        self.form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        rows: list[tuple[str, QWidget]] = [*self.fields.items(), ("notes", self.notes)]
        for name, widget in rows:
            self._labels[name].setBuddy(widget)
            self.form.addRow(self._labels[name], widget)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID)
        column.addWidget(self.heading)
        column.addLayout(self.form)
        column.addWidget(self.hint)
        column.addStretch()
        self.retranslate()
        self.show_fabric(None)

    def show_fabric(self, fabric: ShelfFabric | None, *, writable: bool = True) -> None:
        """Show a fabric's data; what stands in a field that is being typed in stays."""
        info = fabric.info if fabric is not None else None
        same = info is not None and self._info is not None and info.id == self._info.id
        before, self._info = self._info, info
        self.setEnabled(fabric is not None and writable and fabric.problem is None)
        for name, field in self.fields.items():
            text = _text(info, name)
            if same and field.hasFocus() and field.text() != _text(before, name):
                continue
            if field.text() != text:
                field.setText(text)
        notes = info.notes if info is not None else ""
        if self.notes.toPlainText() != notes and not (same and self.notes.hasFocus()):
            self.notes.setPlainText(notes)

    def keep_open_field(self) -> None:
        """Keep what was typed before another fabric is shown."""
        self._keep()

    def _keep(self) -> None:
        if self._info is None or not self.isEnabled():
            return
        values: dict[str, object] = {name: field.text().strip() for name, field in self.fields.items()}
        aliases = re.split(r"[,，;；、]", str(values["aliases"]))
        values["aliases"] = tuple(part.strip() for part in aliases if part.strip())
        info = replace(self._info, notes=self.notes.toPlainText().strip(), **values)  # type: ignore[arg-type]
        if info != self._info:
            self._info = info
            self.declared.emit(info)

    def changeEvent(self, event: QEvent) -> None:
        if is_language_change(event):
            self.retranslate()
        super().changeEvent(event)

    def retranslate(self) -> None:
        self.heading.setText(self.tr("DECLARED"))
        self.hint.setText(self.tr("Only what people declare stands here; nothing is guessed from a picture."))
        words = {
            "name_zh": self.tr("Chinese name"),
            "name_en": self.tr("English name"),
            "aliases": self.tr("Also called"),
            "type": self.tr("Type"),
            "article": self.tr("Article"),
            "fibre": self.tr("Fibre"),
            "structure": self.tr("Structure"),
            "weight": self.tr("Weight"),
            "width": self.tr("Width"),
            "finish": self.tr("Finish"),
            "care": self.tr("Care"),
            "supplier": self.tr("Supplier"),
            "notes": self.tr("Notes"),
        }
        for name, text in words.items():
            self._labels[name].setText(text)
            (self.fields.get(name) or self.notes).setAccessibleName(text)
        self.fields["aliases"].setPlaceholderText(self.tr("several, with commas between"))
        # Marked as examples: what stands in a field is what people declared, and nothing else.
        self.fields["fibre"].setPlaceholderText(self.tr("e.g. 98 % cotton, 2 % elastane"))
        self.fields["weight"].setPlaceholderText(self.tr("e.g. 320 g/m²"))


def _text(info: FabricInfo | None, name: str) -> str:
    if info is None:
        return ""
    return ", ".join(info.aliases) if name == "aliases" else str(getattr(info, name))
