"""What the person is working on: the studio, the photographs, the regions. Holds no widget and draws nothing.

Answers, labels and the long flows of library and model are in `answers`, `labelling` and `library_flows`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Coroutine
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoGroup

from fabric_desktop.errors import FabricError
from fabric_desktop.imaging import Box, clip_box, from_pil, open_unknown, square_around
from fabric_desktop.jobs import JobContext
from fabric_desktop.recognizer import Recognizer
from fabric_desktop.studio import Settings, Studio, StudioLock, save_setting
from fabric_desktop.ui import titles
from fabric_desktop.ui.answers import Answers
from fabric_desktop.ui.canvas.pixels import Pyramid, build_pyramid
from fabric_desktop.ui.canvas.shapes import moved
from fabric_desktop.ui.cutting import Outline
from fabric_desktop.ui.document import Document, Region, Stage
from fabric_desktop.ui.edits import AddRegion, ReshapeRegion, delete_regions, duplicate_regions
from fabric_desktop.ui.entering import Place, enter
from fabric_desktop.ui.job_thread import Priority
from fabric_desktop.ui.labelling import Labelling
from fabric_desktop.ui.region_keeper import KeptRegions, RegionKeeper, load_regions
from fabric_desktop.ui.runner import JobRunner
from fabric_desktop.ui.studio_facts import StudioFacts, gather

if TYPE_CHECKING:
    from PIL.Image import Image

# Photographs whose answers stay in memory when others are in sight; those of a day would take hundreds of megabytes.
_ANSWERS_KEPT = 6

Opened = tuple["Image", Pyramid, str, KeptRegions]


class Workbench(QObject):
    """The state of the window and what can be done with it."""

    studio_changed = Signal()
    facts_changed = Signal()
    settings_changed = Signal()
    photo_opening = Signal(str)  # its name, or empty when that is over
    photo_changed = Signal()
    region_changed = Signal(str)
    selection_changed = Signal()
    problem = Signal(object)  # FabricError
    resumed = Signal(object)  # Resumed: what a kill had cut off

    def __init__(
        self, runner: JobRunner, lang: str, parent: QObject | None = None, *, keeps_settings: bool = True
    ) -> None:
        super().__init__(parent)
        self.runner = runner
        runner.trouble.connect(self.problem)
        self._keeps_settings = keeps_settings
        self.studio: Studio | None = None
        self._lock: StudioLock | None = None
        self.settings = Settings()
        self.facts: StudioFacts | None = None
        self.undo_group = QUndoGroup(self)
        self.document: Document | None = None
        self._documents: dict[str, Document] = {}
        self._lately: list[Document] = []  # the ones last in sight, the latest first
        self.answers = Answers(runner, lang, self)
        self.labelling = Labelling(runner, self)
        self.keeper = RegionKeeper(runner, self)
        self.answers.answered.connect(self._on_answered)
        self.answers.failed.connect(self.problem)
        self.answers.chosen.connect(self._on_chosen)
        self.labelling.failed.connect(self.problem)
        self.labelling.labels_changed.connect(lambda: self.start(self.refresh_facts()))

    @property
    def lang(self) -> str:
        return self.answers.lang

    @property
    def recognizer(self) -> Recognizer | None:
        return self.answers.recognizer

    def start(self, flow: Coroutine[Any, Any, object]) -> None:
        """Start a flow from a slot."""
        self.runner.spawn(flow)

    # -- studio ---------------------------------------------------------------------------------------------------

    async def use_studio(self, path: Path, *, create: bool = False) -> bool:
        """Open a folder as the studio to work in; False when it cannot be, which is told."""

        lock, root = self._lock, self.studio.root if self.studio is not None else None

        def work(context: JobContext) -> tuple[Place, StudioFacts]:
            place = enter(path, create=create, keep=self._keeps_settings, held=lock, held_root=root)
            writable = False if place.locked is not None else None
            try:
                return place, gather(place.studio, place.recognizer, with_model=False, writable=writable)
            except BaseException:
                if place.lock is not None and place.lock is not lock:
                    place.lock.release()
                raise

        try:
            place, facts = await self.runner.run(titles.OPEN_STUDIO, work, Priority.INTERACTIVE, quiet=True)
        except FabricError as error:
            self.problem.emit(error)
            return False
        studio, recognizer, settings = place.studio, place.recognizer, place.settings
        self._close_documents()
        if place.lock is not self._lock:
            self.leave_studio()
            self._lock = place.lock
        self.studio, self.settings, self.facts = studio, settings, facts
        self.answers.use(recognizer, settings.alpha, settings.top_k, settings.rules_source)
        self.studio_changed.emit()
        self.facts_changed.emit()
        self.keeper.studio = studio if self.keeps else None
        if place.locked is not None:
            self.problem.emit(place.locked)
        elif place.resumed is not None:
            self.resumed.emit(place.resumed)
        return True

    def leave_studio(self) -> None:
        """Let others change the studio again."""
        if self._lock is not None:
            self._lock.release()
            self._lock = None

    def use_recognizer(self, recognizer: Recognizer) -> None:
        """Another encoder is in use: everything on the present photograph is recognised anew."""
        self.answers.use(recognizer, self.answers.alpha, self.answers.top_k, self.answers.rules_source)
        for document in self._documents.values():
            for region in document.regions:
                region.forget_answer()
                if document is self.document:
                    self.answers.ask(document, region)

    async def refresh_facts(self, *, with_model: bool = True) -> None:
        """Read counts, names and what is in use again; loads the encoder the first time."""
        studio, recognizer = self.studio, self.recognizer
        if studio is None or recognizer is None:
            return
        known = self.facts.writable if self.facts is not None else None

        def work(context: JobContext) -> StudioFacts:
            recognizer.forget_names()
            return gather(studio, recognizer, with_model=with_model, writable=known)

        facts = await self.runner.run(titles.LOAD_MODEL, work, Priority.PICTURE, quiet=True)
        if studio == self.studio:
            self.facts = facts
            self.facts_changed.emit()
            if facts.problem is not None:
                self.problem.emit(facts.problem)

    @property
    def writable(self) -> bool:
        return self.facts is not None and self.facts.writable

    @property
    def keeps(self) -> bool:
        """Whether anything may be written into the studio without having been asked for."""
        return self.writable and self._keeps_settings

    @property
    def documents(self) -> list[Document]:
        """The photographs that were opened in this studio."""
        return list(self._documents.values())

    # -- what the person chose to see -----------------------------------------------------------------------------

    def _on_chosen(self, key: str, value: object) -> None:
        self.start(self.keep_setting(key, value))
        if self.document is not None:
            self.answers.rank_again(self.document)
        if key == "lang":
            self.facts_changed.emit()

    async def keep_setting(self, key: str, value: object) -> None:
        """Remember a choice in the studio's settings, where it can be written to."""
        studio = self.studio
        if studio is None:
            return
        self.settings = replace(self.settings, **{key: value})  # type: ignore[arg-type]
        self.settings_changed.emit()
        if not self.writable or not self._keeps_settings:
            return

        def work(context: JobContext) -> None:
            with StudioLock(studio, "window"):
                save_setting(studio, key, value)

        try:
            await self.runner.run(titles.SAVE_SETTING, work, Priority.INTERACTIVE, quiet=True, keep=True)
        except FabricError as error:
            self.problem.emit(error)

    # -- photographs ----------------------------------------------------------------------------------------------

    async def open_photo(self, path: Path) -> bool:
        """Open a photograph file; False when it cannot be read, which is told and leaves the present one in sight."""

        studio = self.studio

        def work(context: JobContext) -> Opened:
            digest, image = open_unknown(path, ())
            assert image is not None
            context.check_cancelled()
            return image, build_pyramid(image, context), digest, load_regions(studio, digest, image.size)

        return await self._open(str(path.absolute()), path.name, path, work)

    async def open_picture(self, picture: Image) -> bool:
        """Open a picture from the clipboard. It has no file: its pixels' hash stands for it."""
        digest, studio = hashlib.sha256(picture.tobytes()).hexdigest(), self.studio

        def work(context: JobContext) -> Opened:
            image = from_pil(picture)
            return image, build_pyramid(image, context), digest, load_regions(studio, digest, image.size)

        return await self._open(f"pasted:{digest}", "", None, work)

    async def _open(self, key: str, name: str, path: Path | None, work: Callable[[JobContext], Opened]) -> bool:
        self.photo_opening.emit(name)
        try:
            image, pyramid, digest, kept = await self.runner.run(
                titles.OPEN_PHOTO, work, Priority.INTERACTIVE, quiet=True
            )
        except FabricError as error:
            self.problem.emit(error)
            return False
        finally:
            self.photo_opening.emit("")
        document = self._documents.get(key)
        if document is None or document.photo_hash != digest:
            document = self._new_document(key, name, path)
            kept.put_on(document)
        document.hold_pixels(image, pyramid, digest)
        self._show(document)
        return True

    def _new_document(self, key: str, name: str, path: Path | None) -> Document:
        document = Document(key, name, path, self)
        self._documents[key] = document
        self.undo_group.addStack(document.undo_stack)
        document.region_added.connect(lambda region_id: self._on_region_changed(document, region_id))
        document.region_changed.connect(lambda region_id: self._on_region_changed(document, region_id))
        document.region_removed.connect(lambda _id: self.selection_changed.emit())
        document.selection_changed.connect(lambda _id: self._on_selection_changed())
        self.keeper.watch(document)
        return document

    def _show(self, document: Document) -> None:
        if self.document is not None and self.document is not document:
            self.document.drop_pixels()
        self.document = document
        self.undo_group.setActiveStack(document.undo_stack)
        self.photo_changed.emit()
        self._on_selection_changed()
        for region in document.regions:
            if region.stage is not Stage.DONE:
                self.answers.ask(document, region)
        self.answers.recall(document)
        self._lately = [document, *(other for other in self._lately if other is not document)]
        while len(self._lately) > _ANSWERS_KEPT:
            self._lately.pop().drop_answers()

    def _close_documents(self) -> None:
        for document in self._documents.values():
            for region in document.regions:
                self.answers.stop(region)
            self.undo_group.removeStack(document.undo_stack)
            document.deleteLater()
        self._documents.clear()
        self._lately.clear()
        self.document = None
        self.photo_changed.emit()
        self.selection_changed.emit()

    # -- regions --------------------------------------------------------------------------------------------------

    @property
    def region(self) -> Region | None:
        """The selected region."""
        return self.document.selected if self.document is not None else None

    def pick(self, x: int, y: int, side: int | None = None) -> None:
        """Make the square around a point a region, and recognise it."""
        if self.document is not None:
            self._add(Region(square_around(x, y, self.document.size, side), click=(x, y)))

    def draw(self, box: Box) -> None:
        """Make a box a region, and recognise it."""
        self._add(Region(box))

    def lasso(self, outline: Outline) -> None:
        """Make what lies inside a line a region, and recognise it."""
        if self.document is not None:
            xs, ys = [x for x, _ in outline], [y for _, y in outline]
            box = Box(min(xs), min(ys), max(xs) - min(xs), max(ys) - min(ys))
            self._add(Region(clip_box(box, self.document.size), outline=outline))

    def take_whole(self) -> None:
        """Make the whole photograph a region, and recognise it."""
        if self.document is not None:
            self._add(Region(Box(0, 0, *self.document.size)))

    def _add(self, region: Region) -> None:
        if self.document is not None and self.document.image is not None:
            self.document.undo_stack.push(AddRegion(self.document, region))

    def reshape(self, region_id: str, box: Box, *, by_key: bool = False) -> None:
        """Give a region another box, and recognise it anew."""
        document = self.document
        region = document.region(region_id) if document is not None else None
        if document is not None and region is not None and box != region.box:
            document.undo_stack.push(ReshapeRegion(document, region, box, by_key=by_key))

    def nudge(self, region_id: str, dx: int, dy: int) -> None:
        """Move a region by whole pixels; nudges one after another are undone together."""
        document = self.document
        region = document.region(region_id) if document is not None else None
        if document is not None and region is not None:
            self.reshape(region_id, moved(region.box, dx, dy, document.size), by_key=True)

    def select_besides(self, region_id: str) -> None:
        """Add a region to the selected ones, or take it out of them."""
        if self.document is not None:
            self.document.select_besides(region_id)

    def delete_region(self) -> None:
        """Take the selected regions off the photograph in one step; patches saved from them stay."""
        if self.document is not None:
            for region in self.document.chosen:
                self.answers.stop(region)
            delete_regions(self.document)

    def duplicate_region(self) -> None:
        """Make a second region of each selected one's shape, a little beside it."""
        if self.document is not None and self.document.image is not None:
            duplicate_regions(self.document)

    def _on_selection_changed(self) -> None:
        self.selection_changed.emit()
        self._fetch_swatches()

    def _on_region_changed(self, document: Document, region_id: str) -> None:
        region = document.region(region_id)
        if document is self.document:
            self.region_changed.emit(region_id)
            if region is not None and region.stage is Stage.NEW:
                self.answers.ask(document, region)
            elif region is not None and region is self.region:
                self.answers.fetch_picture(document, region)

    def _on_answered(self, document: Document, region: Region) -> None:
        if document is self.document and region is self.region:
            self._fetch_swatches()
        if self.facts is not None and self.facts.status is None:
            self.start(self.refresh_facts())

    def _fetch_swatches(self) -> None:
        if self.studio is not None:
            self.answers.fetch_picture(self.document, self.region)
            self.answers.fetch_swatches(self.region, self.studio.root)

    # -- labels ---------------------------------------------------------------------------------------------------

    def accept(self, place: int) -> None:
        """Label the selected region as its candidate at `place`, 1 the first."""
        region = self.region
        if region is None or region.recognition is None or region.stage is not Stage.DONE:
            return
        if 1 <= place <= len(region.recognition.candidates):
            self.save_label(region.recognition.candidates[place - 1].id)

    def save_label(self, fabric_id: str) -> None:
        """Keep the selected regions' patches as examples of this fabric."""
        if self.studio is not None and self.document is not None and self.writable:
            for region in self.document.chosen:
                self.labelling.save(self.studio, self.document, region, fabric_id)
