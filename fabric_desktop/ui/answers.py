"""Answers to "which fabric is this": recognises regions, ranks again for another alpha or top-k, fetches swatches.

Everything runs on the job thread; what comes back is put on the region, if the region still is what was asked about.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QImage

from fabric_desktop.errors import FabricError
from fabric_desktop.jobs import Cancelled, JobContext
from fabric_desktop.recognition import Observation, Recognition
from fabric_desktop.recognizer import Recognizer
from fabric_desktop.studio import RulesSource
from fabric_desktop.ui import titles
from fabric_desktop.ui.cutting import region_patch
from fabric_desktop.ui.document import Document, Region, Stage
from fabric_desktop.ui.job_thread import Priority
from fabric_desktop.ui.runner import JobRunner
from fabric_desktop.ui.swatches import load_swatch, patch_picture

if TYPE_CHECKING:
    from PIL.Image import Image

Alpha = float | Literal["auto"]
Choices = tuple[Alpha, int, RulesSource, str]

# A key held down, or a handle let go and taken again: wait this long for the box to come to rest.
_SETTLE_MS = 150


class Answers(QObject):
    """Asks the recognizer on the job thread. `alpha`, `top_k`, `rules_source` and `lang` are what the person chose;
    with another choice answers are ranked again without a new encoding."""

    answered = Signal(object, object)  # Document, Region
    swatches_changed = Signal()
    failed = Signal(object)  # FabricError
    chosen = Signal(str, object)  # which of the choices, as the settings name it, and its value

    def __init__(self, runner: JobRunner, lang: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._runner = runner
        self.recognizer: Recognizer | None = None
        self.alpha: Alpha = "auto"
        self.top_k = 5
        self.rules_source: RulesSource = "fine"
        self.lang = lang
        self.swatches: dict[Path, QImage] = {}
        self._swatch_size = (0, 0)
        self._fetching: set[Path] = set()
        self._settling: dict[str, QTimer] = {}

    def use(self, recognizer: Recognizer, alpha: Alpha, top_k: int, rules_source: RulesSource) -> None:
        """Ask this recognizer from now on."""
        self.recognizer, self.alpha, self.top_k, self.rules_source = recognizer, alpha, top_k, rules_source
        self.swatches, self._fetching = {}, set()

    # -- what the person chose to see -----------------------------------------------------------------------------

    def set_alpha(self, alpha: Alpha) -> None:
        """Weigh the rules by `alpha` from now on."""
        if alpha != self.alpha:
            self.alpha = alpha
            self.chosen.emit("alpha", alpha)

    def set_top_k(self, top_k: int) -> None:
        """Show that many candidates from now on."""
        if top_k != self.top_k:
            self.top_k = top_k
            self.chosen.emit("top_k", top_k)

    def set_language(self, lang: str) -> None:
        """Name fabrics in this language from now on."""
        if lang != self.lang:
            self.lang = lang
            self.chosen.emit("lang", lang)

    def set_rules_source(self, source: RulesSource) -> None:
        """Take the rules from there from now on; where they cannot be had, the old ones stay and it is told."""
        if self.recognizer is not None and source != self.rules_source:
            self._runner.spawn(self._take_rules(self.recognizer, source))

    async def _take_rules(self, recognizer: Recognizer, source: RulesSource) -> None:

        def work(context: JobContext) -> None:
            recognizer.rule_book(source)

        try:
            await self._runner.run(titles.RANK, work, Priority.INTERACTIVE, quiet=True)
        except FabricError as error:
            self.failed.emit(error)
            return
        if self.recognizer is None or recognizer.studio != self.recognizer.studio:
            return  # another studio's settings are its own
        self.rules_source = source
        self.chosen.emit("rules_source", source)

    # -- recognition ----------------------------------------------------------------------------------------------

    def ask(self, document: Document, region: Region) -> None:
        """Recognise a region: at once when it is new, when its box has come to rest when it was changed."""
        if self.recognizer is None or document.image is None:
            return
        self.stop(region)
        region.stage = Stage.RECOGNISING
        document.touch(region)
        if region.recognition is None:
            self._ask_now(document, region)
            return
        timer = QTimer(self, singleShot=True, interval=_SETTLE_MS)
        timer.timeout.connect(lambda: self._ask_now(document, region))
        self._settling[region.id] = timer
        timer.start()

    def stop(self, region: Region) -> None:
        """Stop asking about a region."""
        timer = self._settling.pop(region.id, None)
        if timer is not None:
            timer.stop()
            timer.deleteLater()
        if region.task is not None:
            region.task.cancel()
            region.task = None
        if region.stage is Stage.RECOGNISING:
            region.stage = Stage.NEW

    def _ask_now(self, document: Document, region: Region) -> None:
        timer = self._settling.pop(region.id, None)
        if timer is not None:
            timer.deleteLater()
        if document.image is not None and self.recognizer is not None:
            region.task = self._runner.spawn(self._recognise(document, region, document.image, self.recognizer))

    async def _recognise(self, document: Document, region: Region, image: Image, recognizer: Recognizer) -> None:
        box, outline, choices = region.box, region.outline, self._choices()

        def work(context: JobContext) -> tuple[Observation, Recognition, QImage]:
            patch = region_patch(image, box, outline)
            observation = recognizer.observe(patch)
            context.check_cancelled()
            return observation, _rank(recognizer, observation, choices), patch_picture(patch)

        try:
            observation, answer, picture = await self._runner.run(
                titles.RECOGNISE, work, Priority.INTERACTIVE, quiet=True
            )
        except (Cancelled, asyncio.CancelledError):
            raise
        except Exception as error:
            region.stage, region.task = Stage.FAILED, None
            document.touch(region)
            if not isinstance(error, FabricError):
                raise
            region.error = error
            self.failed.emit(error)
            return
        region.observation, region.recognition, region.picture = observation, answer, picture
        region.stage, region.error, region.task = Stage.DONE, None, None
        document.touch(region)
        if choices != self._choices():
            await self._rank_again(document, region)
        self.answered.emit(document, region)

    def _choices(self) -> Choices:
        return self.alpha, self.top_k, self.rules_source, self.lang

    def rank_again(self, document: Document) -> None:
        """Bring a photograph's answers up to date with the choices and the model in use, without a new encoding."""
        for region in document.regions:
            if region.stage is Stage.DONE:
                self._runner.spawn(self._rank_again(document, region))

    async def _rank_again(self, document: Document, region: Region) -> None:
        recognizer, observation, choices = self.recognizer, region.observation, self._choices()
        if recognizer is None or observation is None:
            return

        def work(context: JobContext) -> Recognition:
            return _rank(recognizer, observation, choices)

        try:
            answer = await self._runner.run(titles.RANK, work, Priority.INTERACTIVE, quiet=True)
        except FabricError as error:
            self.failed.emit(error)
            return
        if region.observation is observation and choices == self._choices():
            region.recognition = answer
            document.touch(region)
            self.answered.emit(document, region)

    def recall(self, document: Document) -> None:
        """Rank the regions of a photograph that comes back whose answers were given back meanwhile: no new answers."""
        gone = [region for region in document.regions if region.stage is Stage.DONE and region.recognition is None]
        if gone:
            self._runner.spawn(self._recall(document, gone))

    async def _recall(self, document: Document, regions: list[Region]) -> None:
        recognizer, choices = self.recognizer, self._choices()
        if recognizer is None:
            return
        seen = [(region, region.observation) for region in regions if region.observation is not None]

        def work(context: JobContext) -> list[Recognition]:
            return [_rank(recognizer, observation, choices) for _, observation in seen]

        try:
            answers = await self._runner.run(titles.RANK, work, Priority.INTERACTIVE, quiet=True)
        except FabricError as error:
            self.failed.emit(error)
            return
        for (region, observation), answer in zip(seen, answers, strict=True):
            if region.observation is observation and region.recognition is None:
                region.recognition = answer
                document.touch(region)
        if choices != self._choices():
            self.rank_again(document)

    # -- swatches -------------------------------------------------------------------------------------------------

    def fetch_picture(self, document: Document | None, region: Region | None) -> None:
        """Make the picture of a region anew whose photograph was out of sight meanwhile."""
        if document is None or region is None or region.picture is not None or region.stage is not Stage.DONE:
            return
        if document.image is not None:
            self._runner.spawn(self._make_picture(document, region, document.image))

    async def _make_picture(self, document: Document, region: Region, image: Image) -> None:
        box, outline = region.box, region.outline

        def work(context: JobContext) -> QImage:
            return patch_picture(region_patch(image, box, outline))

        picture = await self._runner.run(titles.SWATCHES, work, Priority.PICTURE, quiet=True)
        if region.picture is None and region.box == box and document.image is image:
            region.picture = picture
            self.swatches_changed.emit()

    def fetch_swatches(self, region: Region | None, root: Path) -> None:
        """Load pictures of the references nearest to a region, those that are not at hand."""
        if region is None or region.recognition is None:
            return
        photos = [root / match.photo for found in region.recognition.candidates for match in found.nearest]
        size = (region.box.width, region.box.height)
        if size != self._swatch_size:
            self._swatch_size = size
            self.swatches, self._fetching = {}, set()
        missing = [p for p in dict.fromkeys(photos) if p not in self.swatches and p not in self._fetching]
        if missing:
            self._fetching.update(missing)
            self._runner.spawn(self._load_swatches(missing, size, self._fetching))
        self.swatches_changed.emit()

    async def _load_swatches(self, photos: list[Path], size: tuple[int, int], fetching: set[Path]) -> None:
        """One after another, so that a click never waits for more than one. `fetching`: those that are under way at
        this size in this studio."""
        try:
            for photo in photos:
                if fetching is not self._fetching:
                    return

                def work(context: JobContext, photo: Path = photo) -> QImage | None:
                    return load_swatch(photo, size)

                picture = await self._runner.run(titles.SWATCHES, work, Priority.PICTURE, quiet=True)
                if picture is not None and fetching is self._fetching:
                    self.swatches[photo] = picture
                    self.swatches_changed.emit()
        finally:
            fetching.difference_update(photos)


def _rank(recognizer: Recognizer, observation: Observation, choices: Choices) -> Recognition:
    alpha, top_k, rules_source, lang = choices
    return recognizer.rank(observation, alpha=alpha, top_k=top_k, rules_source=rules_source, lang=lang)
