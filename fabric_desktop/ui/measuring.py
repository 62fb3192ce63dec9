"""The scale of a photograph: how long the line over the ruler is, asked without stopping anything else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QInputDialog

from fabric_desktop.ui.banner import Message
from fabric_desktop.ui.edits import SetScale

if TYPE_CHECKING:
    from fabric_desktop.ui.main_window import MainWindow

_LEAST_CM, _MOST_CM = 0.01, 1000.0


class Measuring(QObject):
    """Asks for the length of a line that was drawn, and keeps the scale with the photograph."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._last_cm = 10.0
        self.dialog: QInputDialog | None = None
        window.canvas.measured.connect(self.ask)
        window.canvas.lassoed.connect(window.bench.lasso)

    def ask(self, pixels: float) -> None:
        """A line of so many photo pixels was drawn: how many centimetres is it long?"""
        dialog = QInputDialog(self._window)
        dialog.setInputMode(QInputDialog.InputMode.DoubleInput)
        dialog.setDoubleRange(_LEAST_CM, _MOST_CM)
        dialog.setDoubleDecimals(2)
        dialog.setDoubleValue(self._last_cm)
        dialog.setWindowTitle(self.tr("Scale"))
        dialog.setLabelText(self.tr("Length of the line in centimetres"))
        dialog.doubleValueSelected.connect(lambda centimetres: self._keep(pixels, centimetres))
        dialog.finished.connect(dialog.deleteLater)
        self.dialog = dialog
        dialog.open()

    def _keep(self, pixels: float, centimetres: float) -> None:
        document = self._window.bench.document
        if document is None:
            return
        self._last_cm = centimetres
        value = pixels / centimetres
        document.undo_stack.push(SetScale(document, value))

        def words() -> tuple[str, str]:
            shown = f"{value:.1f}" if value < 100 else f"{value:.0f}"
            what = self.tr("The photograph has {value} pixels a centimetre.").format(value=shown)
            return what, self.tr("Patches from it keep this scale.")

        self._window.banner.show_message(Message("check", words, list))
