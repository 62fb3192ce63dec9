"""Where help meets the window: makes its pages when they are first wanted, and does what their actions say."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

if TYPE_CHECKING:
    from fabric_desktop.ui.help.about_page import AboutPage
    from fabric_desktop.ui.help.doctor_page import DoctorPage
    from fabric_desktop.ui.help.report_page import ReportPage
    from fabric_desktop.ui.help.tour_page import TourPage
    from fabric_desktop.ui.main_window import MainWindow


class HelpDesk(QObject):
    """The tour, what a photograph can tell, the doctor, the report of a problem, About."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window, self._bench, self._actions = window, window.bench, window.actions_
        self._tour: TourPage | None = None
        self._doctor: DoctorPage | None = None
        self._report: ReportPage | None = None
        self._about: AboutPage | None = None

    def table(self) -> dict[str, Callable[[], object]]:
        """What each action of the help menu does."""
        return {
            "tour": lambda: self.tour.bring_up(),
            "can_tell": self._show_what_can_be_told,
            "doctor": lambda: self.doctor.bring_up(),
            "report_problem": lambda: self.report.bring_up(),
            "about": lambda: self.about.bring_up(),
        }

    def _show_what_can_be_told(self) -> None:
        from fabric_desktop.ui.help.tour_page import CAN_TELL

        self.tour.show_step(CAN_TELL)

    @property
    def tour(self) -> TourPage:
        if self._tour is None:
            from fabric_desktop.ui.help.tour_page import TourPage

            self._tour = TourPage(self._bench, self._actions, self._window)
        return self._tour

    @property
    def doctor(self) -> DoctorPage:
        if self._doctor is None:
            from fabric_desktop.ui.help.doctor_page import DoctorPage

            self._doctor = DoctorPage(self._bench, self._actions, self._window)
        return self._doctor

    @property
    def report(self) -> ReportPage:
        if self._report is None:
            from fabric_desktop.ui.help.report_page import ReportPage

            self._report = ReportPage(self._bench, self._actions, self._window)
        return self._report

    @property
    def about(self) -> AboutPage:
        if self._about is None:
            from fabric_desktop.ui.help.about_page import AboutPage

            self._about = AboutPage(self._bench, self._actions, self._window)
        return self._about
