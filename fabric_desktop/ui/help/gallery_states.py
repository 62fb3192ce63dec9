"""The help pages and the settings as the gallery shows them, with some of the troubles that people have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QCheckBox, QLineEdit, QWidget

from fabric_desktop.errors import EncoderUnavailable
from fabric_desktop.support.findings import Finding
from fabric_desktop.ui.help.tour_page import CAN_TELL

if TYPE_CHECKING:
    from fabric_desktop.ui.main_window import MainWindow

_TROUBLES = [
    Finding("python", "ok", "good", {"version": "3.12.4", "program": "0.1.0", "system": "Windows 11"}),
    Finding("builtin", "fault", "changed", {"file": "efficientnet_lite0.onnx"}),
    Finding("disk", "warning", "little", {"free": "1.2", "path": "D:\\布料 studio"}),
    Finding("fonts", "warning", "no_chinese"),
    Finding("clip", "warning", "error", error=EncoderUnavailable(encoder="ViT-B-32", reason="weights_damaged")),
    Finding("lock", "ok", "ours"),
]


class HelpStates:
    """Brings each page up as it is to be drawn."""

    def __init__(self, window: MainWindow) -> None:
        self._window = window

    async def settings(self) -> QWidget:
        self._window.pages.settings.bring_up()
        return self._window.pages.settings

    async def settings_changed(self) -> QWidget:
        page = self._window.pages.settings
        page.rows["top_k"].editor.chosen.emit(8)
        page.rows["review_below"].editor.chosen.emit(0.65)
        mirror = page.rows["mirror"].editor.field
        assert isinstance(mirror, QLineEdit)
        mirror.setText("hf mirror")
        mirror.textEdited.emit(mirror.text())
        page.area.ensureWidgetVisible(page.rows["mirror"])
        return page

    async def tour(self) -> QWidget:
        self._window.help.tour.bring_up()
        return self._window.help.tour

    async def can_tell(self) -> QWidget:
        self._window.help.tour.show_step(CAN_TELL)
        return self._window.help.tour

    async def doctor(self) -> QWidget:
        self._window.help.doctor.bring_up()
        return self._window.help.doctor

    async def doctor_troubles(self) -> QWidget:
        page = self._window.help.doctor
        page.show_findings(list(_TROUBLES))
        return page

    async def report(self) -> QWidget:
        page = self._window.help.report
        page.bring_up()
        page.message.setPlainText("点了“建库”，过了十分钟还在进行。\nBuild bank has been running for ten minutes.")
        return page

    async def report_picture(self) -> QWidget:
        page = self._window.help.report
        for tick in (page.with_window, page.with_photo):
            assert isinstance(tick, QCheckBox)
            tick.setChecked(True)
        page.list.setCurrentRow(page.list.count() - 1)
        return page
