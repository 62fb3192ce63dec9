"""What the banner says: errors with the button that puts them right, and the good news of the long flows."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QPushButton

from fabric_desktop.bank import BankReport
from fabric_desktop.errors import FabricError
from fabric_desktop.head import TrainReport
from fabric_desktop.ui.actions import Actions
from fabric_desktop.ui.banner import Message
from fabric_desktop.ui.i18n import counts, encoder_name, per_cent
from fabric_desktop.ui.icons import icon
from fabric_desktop.ui.problems import Bug, cure_of
from fabric_desktop.ui.widgets import ActionButton
from fabric_desktop.wording import explain, listed, remark, say

if TYPE_CHECKING:
    from fabric_desktop.library.encoder_switch import SwitchReport
    from fabric_desktop.ui.resuming import Resumed


class Messages(QObject):
    """Makes the banner's messages, each able to say itself again in another language."""

    def __init__(self, actions: Actions, lang: Callable[[], str], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._actions = actions
        self._lang = lang

    def of_error(self, error: FabricError, cure: Callable[[], QPushButton] | None = None) -> Message:
        """An error: what happened, to which file, what to do, and a button where there is a thing to do."""

        def words() -> tuple[str, str]:
            explanation = explain(error, self._lang())
            return explanation.what, explanation.do

        def buttons() -> list[QPushButton]:
            if cure is not None:
                return [cure()]
            name = cure_of(error)
            return [ActionButton(self._actions[name])] if name else []

        return Message("warning", words, buttons)

    def of_bug(self, bug: Bug) -> Message:
        """An error of ours, with its traceback to copy."""

        def words() -> tuple[str, str]:
            return (
                self.tr("Something went wrong in the program itself: {summary}").format(summary=bug.summary),
                self.tr("You can go on working. The details are in the log; Report a problem takes them along."),
            )

        def buttons() -> list[QPushButton]:
            copy = QPushButton(icon("copy"), self.tr("Copy details"))
            copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(bug.details))
            return [copy, ActionButton(self._actions["report_problem"])]

        return Message("warning", words, buttons)

    def of_bank(self, report: BankReport) -> Message:
        """A bank that was built, and the photos it had to leave out."""

        def words() -> tuple[str, str]:
            what = self.tr("The bank is built: {fabrics}, {references}.").format(
                fabrics=counts.fabrics(report.fabrics), references=counts.references(report.images)
            )
            lines = [remark(notice.code, self._lang(), **notice.params) for notice in report.warnings]
            if report.skipped:
                names = listed((_name(item.path) for item in report.skipped[:3]), self._lang())
                left_out = self.tr("Left out, not readable: {count} ({names})")
                lines.insert(0, left_out.format(count=len(report.skipped), names=names))
            return what, "\n".join(lines)

        return Message("check", words, list)

    def of_training(self, report: TrainReport) -> Message:
        """A head that was trained: on how much, and how well it names cloth it has not seen."""

        def words() -> tuple[str, str]:
            what = self.tr("The head is trained on {patches} and in use as {version}.").format(
                patches=counts.patches(report.samples), version=report.version
            )
            lines = []
            if report.cv_accuracy is not None:
                lines.append(
                    self.tr("On cloth it had not seen it named {share} of {patches} rightly.").format(
                        share=per_cent(report.cv_accuracy), patches=counts.patches(report.cv_samples)
                    )
                )
            lines += [remark(notice.code, self._lang(), **notice.params) for notice in report.warnings]
            return what, "\n".join(lines)

        return Message("check", words, lambda: [ActionButton(self._actions["evaluate"])])

    def of_encoder(self, report: SwitchReport) -> Message:
        """Another encoder is in use."""

        def words() -> tuple[str, str]:
            notes = [remark(notice.code, self._lang(), **notice.params) for notice in report.notices]
            return self.tr("{encoder} is in use now.").format(encoder=encoder_name(report.after)), "\n".join(notes)

        return Message("check", words, list)

    def of_new_studio(self, folder: str, make: Callable[[], None], look: Callable[[], None]) -> Message:
        """A folder without a library: offers to go through its photos, or to make it a studio."""

        def words() -> tuple[str, str]:
            return (
                self.tr("{folder} holds no fabrics yet.").format(folder=folder),
                self.tr("Made a studio, it gets the folders fabrics and patches; nothing in it is changed."),
            )

        def buttons() -> list[QPushButton]:
            button = QPushButton(icon("studio"), self.tr("Make it a studio"))
            button.clicked.connect(make)
            through = QPushButton(icon("photos"), self.tr("Go through its photos"))
            through.clicked.connect(look)
            return [through, button]

        return Message("info", words, buttons)

    def of_resumed(self, found: Resumed, open_photo: Callable[[Path], None]) -> Message:
        """What a kill or a power cut had cut off, what is there again, and the way back to it."""

        def words() -> tuple[str, str]:
            lang, lines = self._lang(), []
            if found.regions:
                again = self.tr("There again: {regions} on {photographs}.").format(
                    regions=counts.regions(found.regions), photographs=counts.photographs(found.photos)
                )
                lines.append(again)
            if found.labels:
                lines.append(self.tr("Kept: {labels}.").format(labels=counts.labels(found.labels)))
            for change in found.changes:
                kind = change.kind if change.completed else f"undo_{change.kind}"
                done = say(f"change.{kind}", lang, **change.params)
                lines.append(self.tr("Brought to its end: {change}.").format(change=done))
                lines += [self.tr("{file} was no longer there and was left alone.").format(file=file)
                          for file in change.left]
            return self.tr("The program was cut off the last time. What you had finished is there."), "\n".join(lines)

        def buttons() -> list[QPushButton]:
            last = found.last
            if last is None:
                return []
            button = QPushButton(icon("open"), self.tr("Go on with {photo}").format(photo=last.name))
            button.clicked.connect(lambda: open_photo(last))
            return [button]

        return Message("info", words, buttons)

    def of_missing_font(self) -> Message:
        """No font here writes Chinese."""

        def words() -> tuple[str, str]:
            return (
                self.tr("No font on this computer writes Chinese, so Chinese names show as empty boxes."),
                self.tr("Install one, for example the package fonts-noto-cjk, and start again."),
            )

        return Message("warning", words, list)


def _name(path: object) -> str:
    return str(path).replace("\\", "/").rsplit("/", 1)[-1]
