"""The help pages and the settings as the gallery shows them, with some of the troubles that people have."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QLineEdit

from fabric_desktop.errors import EncoderUnavailable
from fabric_desktop.support.findings import Finding
from fabric_desktop.ui.gallery import State
from fabric_desktop.ui.help.tour_page import CAN_TELL
from fabric_desktop.ui.pages.page import Page

if TYPE_CHECKING:
    from fabric_desktop.ui.gallery import Gallery

_TROUBLES = [
    Finding("python", "ok", "good", {"version": "3.12.4", "program": "0.1.0", "system": "Windows 11"}),
    Finding("builtin", "fault", "changed", {"file": "efficientnet_lite0.onnx"}),
    Finding("disk", "warning", "little", {"free": "1.2", "path": "D:\\布料 studio"}),
    Finding("fonts", "warning", "no_chinese"),
    Finding(
        "clip",
        "warning",
        "error",
        error=EncoderUnavailable(encoder="ViT-B-32", reason="weights_damaged", detail="a.safetensors"),
    ),
    Finding("lock", "ok", "ours"),
]


class HelpStates:
    """Brings each page up as it is to be drawn."""

    def __init__(self, gallery: Gallery) -> None:
        self._gallery, self._window = gallery, gallery.window

    def all(self) -> tuple[State, ...]:
        """The states in their order."""
        desk = self._window.help
        return (
            State("settings", self.settings),
            State("settings-changed", self.settings_changed, lambda: self._window.pages.settings.close()),
            State("tour", self._step("look")),
            State("tour-words", self._step("swatches")),  # the step with most to say
            State("can-tell", self._step(CAN_TELL), lambda: desk.tour.close()),
            State("doctor", self.doctor),
            State("doctor-troubles", self.doctor_troubles, lambda: desk.doctor.close()),
            State("report", self.report),
            State("report-picture", self.report_picture, lambda: desk.report.close()),
        )

    def _step(self, name: str) -> Callable[[], Awaitable[Page]]:
        """The tour at one of its steps."""

        async def show() -> Page:
            self._window.help.tour.show_step(name)
            return self._window.help.tour

        return show

    async def settings(self) -> Page:
        self._window.pages.settings.bring_up()
        return self._window.pages.settings

    async def settings_changed(self) -> Page:
        page = self._window.pages.settings
        page.rows["top_k"].editor.chosen.emit(8)
        page.rows["review_below"].editor.chosen.emit(0.65)
        mirror = page.rows["mirror"].editor.field
        assert isinstance(mirror, QLineEdit)
        mirror.setText("hf mirror")
        mirror.textEdited.emit(mirror.text())
        page.area.ensureWidgetVisible(page.rows["mirror"])
        return page

    async def doctor(self) -> Page:
        self._window.help.doctor.bring_up()
        return self._window.help.doctor

    async def doctor_troubles(self) -> Page:
        page = self._window.help.doctor
        page.show_findings(list(_TROUBLES))
        return page

    async def report(self) -> Page:
        page = self._window.help.report
        page.bring_up()
        page.message.setPlainText("点了“建库”，过了十分钟还在进行。\nBuild bank has been running for ten minutes.")
        return page

    async def report_picture(self) -> Page:
        page = self._window.help.report
        for tick in (page.with_window, page.with_photo):
            tick.setChecked(True)
        await self._gallery.settled()
        page.list.setCurrentRow(page.list.count() - 1)
        return page
