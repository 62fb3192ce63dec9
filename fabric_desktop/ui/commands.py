"""What each action does: the one place where the actions' names meet the parts of the window."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint, QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QMenu

from fabric_desktop import paths
from fabric_desktop.encoders.builtin import ID as BUILTIN
from fabric_desktop.ui.key_sheet import KeySheet
from fabric_desktop.ui.library_flows import EvaluationReport
from fabric_desktop.ui.report import ReportWindow
from fabric_desktop.ui.result_text import as_json, as_text
from fabric_desktop.ui.theme import THEMES

if TYPE_CHECKING:
    from fabric_desktop.ui.main_window import MainWindow

_SIDE_STEP = 1.25


class Commands(QObject):
    """Connects the window's actions."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._bench = window.bench
        self._key_sheet: KeySheet | None = None
        self._report: ReportWindow | None = None
        actions, does = window.actions_, self._table()
        for action in actions.all():
            do = does[action.objectName()]
            action.triggered.connect(lambda _checked=False, do=do: do())
            window.addAction(action)
        for name in ("pick", "result_panel", "name_panel"):
            actions[name].setChecked(True)
        actions[f"lang_{window.language.current}"].setChecked(True)
        actions[f"theme_{window.theme.current}"].setChecked(True)
        window.flows.evaluated.connect(self._show_report)

    def _table(self) -> dict[str, Callable[[], object]]:
        window, bench, canvas, flows = self._window, self._bench, self._window.canvas, self._window.flows
        table: dict[str, Callable[[], object]] = {
            "open": window.opening.choose_photo,
            "paste": window.opening.paste,
            "open_sample": window.opening.next_sample,
            "open_folder": window.opening.choose_studio,
            "open_samples": window.samples_wanted.emit,
            "quit": window.close,
            "undo": bench.undo_group.undo,
            "redo": bench.undo_group.redo,
            "save_label": self._save_label,
            "accept_first": lambda: bench.accept(1),
            "name_it": window.naming.take_focus,
            "delete_region": bench.delete_region,
            "next_region": lambda: self._step(1),
            "previous_region": lambda: self._step(-1),
            "copy_result": self._copy_result,
            "copy_json": self._copy_json,
            "duplicate_region": bench.duplicate_region,
            "select_all": lambda: bench.document.select_all() if bench.document is not None else None,
            "find": window.finding.find,
            "compare": window.comparing.compare,
            "pick": canvas.use_pick,
            "box": canvas.use_box,
            "lasso": canvas.use_lasso,
            "scale": canvas.use_scale,
            "whole": bench.take_whole,
            "smaller": lambda: canvas.change_side(1 / _SIDE_STEP),
            "larger": lambda: canvas.change_side(_SIDE_STEP),
            "zoom_in": canvas.zoom_in,
            "zoom_out": canvas.zoom_out,
            "fit": canvas.fit,
            "result_panel": lambda: window.result_dock.setVisible(window.result_dock.isHidden()),
            "name_panel": lambda: window.naming_dock.setVisible(window.naming_dock.isHidden()),
            "actual": canvas.actual_size,
            "lang_zh": lambda: self.use_language("zh"),
            "lang_en": lambda: self.use_language("en"),
            "build_bank": lambda: bench.start(flows.build_bank()),
            "show_library": self._show_library,
            "retrain": window.retraining.retrain,
            "versions": window.retraining.show_versions,
            "train_head": lambda: bench.start(flows.train_head()),
            "evaluate": lambda: bench.start(flows.evaluate()),
            "use_builtin": lambda: window.retraining.change_encoder(BUILTIN),
            "stop_job": window.status.job.stop,
            "keys": self._show_keys,
            "show_log": self._show_log,
            **window.pages.table(),
            **window.help.table(),
            **window.review.table(),
        }
        for theme in THEMES:
            table[f"theme_{theme}"] = lambda theme=theme: self.use_theme(theme)  # type: ignore[misc]
        for place in range(1, 10):
            table[f"accept_{place}"] = lambda place=place: bench.accept(place)  # type: ignore[misc]
        return table

    def use_language(self, lang: str) -> None:
        """Speak another language from now on, without a restart."""
        if self._report is not None:
            self._report.set_language(lang)
        self._bench.answers.set_language(lang)
        self._window.language.use(lang)
        self._window.state.lang = lang
        self._window.state.save()

    def use_theme(self, theme: str) -> None:
        """Wear another colour scheme from now on."""
        self._window.theme.use(theme)
        self._window.state.theme = theme
        self._window.state.save()
        self._bench.start(self._bench.keep_setting("theme", theme))

    def offer_studio(self, folder: Path) -> None:
        """A folder that is no studio yet was chosen: offer to make it one, in the banner."""

        def make() -> None:
            self._window.studio_wanted.emit(folder, True)

        def look() -> None:
            self._window.banner.dismiss()
            self._window.pages.open_photos(folder)

        self._window.banner.show_message(self._window.messages.of_new_studio(str(folder), make, look))

    def show_canvas_menu(self, position: QPoint) -> None:
        menu = QMenu(self._window)
        for name in ("accept_first", "name_it", "copy_result", "delete_region"):
            menu.addAction(self._window.actions_[name])
        menu.addSeparator()
        for name in ("whole", "fit", "actual"):
            menu.addAction(self._window.actions_[name])
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(position)

    def _step(self, step: int) -> None:
        if self._bench.document is not None:
            self._bench.document.select_neighbour(step)

    def _save_label(self) -> None:
        self._bench.save_label(self._window.naming.fabric_id())
        self._window.canvas.setFocus()

    def _copy_result(self) -> None:
        region = self._bench.region
        if region is not None and region.recognition is not None:
            QGuiApplication.clipboard().setText(as_text(region.recognition, self._bench.lang))

    def _copy_json(self) -> None:
        region, document = self._bench.region, self._bench.document
        if region is not None and region.recognition is not None and document is not None:
            photo = None if document.path is None else str(document.path)
            QGuiApplication.clipboard().setText(as_json(region.recognition, region.box.as_list(), photo))

    def _show_library(self) -> None:
        if self._bench.studio is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._bench.studio.fabrics_dir)))

    def _show_log(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(paths.home() / "logs")))

    def _show_keys(self) -> None:
        if self._key_sheet is None:
            self._key_sheet = KeySheet(self._window.actions_, self._window)
        self._key_sheet.show()
        self._key_sheet.raise_()

    def _show_report(self, report: EvaluationReport) -> None:
        facts = self._bench.facts
        if facts is None:
            return
        if self._report is not None:
            self._report.close()
        self._report = ReportWindow(report, facts.names, self._bench.lang, self._window)
        self._report.destroyed.connect(self._forget_report)
        self._report.show()

    def _forget_report(self) -> None:
        self._report = None
