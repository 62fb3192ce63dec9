"""What the person is working on: the studio, the photograph, the answers. Holds no widget and draws nothing.

Reads and writes go through the job runner; the flows of library and model are in `library_flows`.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, Literal

from PIL.Image import Image
from PySide6.QtCore import QT_TRANSLATE_NOOP, QObject, QTimer, Signal
from PySide6.QtGui import QImage, QUndoGroup

from fabric_desktop.errors import EncoderUnavailable, FabricError
from fabric_desktop.imaging import Box, content_hash, cut_patch, from_pil, open_photo, square_around
from fabric_desktop.jobs import Cancelled, JobContext
from fabric_desktop.labels import PatchOrigin, save_patch
from fabric_desktop.recognizer import Observation, Recognition, Recognizer
from fabric_desktop.studio import Studio, load_settings, open_studio, save_setting
from fabric_desktop.ui.canvas.pixels import Pyramid, build_pyramid
from fabric_desktop.ui.canvas.shapes import moved
from fabric_desktop.ui.document import Document, Label, Region, Stage
from fabric_desktop.ui.edits import AddRegion, ChangeLabel, DeleteRegion, ReshapeRegion
from fabric_desktop.ui.job_thread import Priority
from fabric_desktop.ui.runner import JobRunner
from fabric_desktop.ui.studio_facts import StudioFacts, gather
from fabric_desktop.ui.swatches import load_swatches, patch_picture

log = logging.getLogger(__name__)

# A key held down or a handle let go and taken again: wait this long for the box to come to rest.
_SETTLE_MS = 150
Alpha = float | Literal["auto"]


class Workbench(QObject):
    """The state of the window and what can be done with it."""

    studio_changed = Signal()
    facts_changed = Signal()
    photo_opening = Signal(str)  # its name, or empty when that is over
    photo_changed = Signal()
    region_changed = Signal(str)
    selection_changed = Signal()
    swatches_changed = Signal()
    problem = Signal(object)  # FabricError
    said = Signal(str, object)  # a text code of the window's own and its parameters: good news for the banner
    label_saved = Signal(str, str)  # region id, fabric id

    def __init__(self, runner: JobRunner, lang: str, parent: QObject | None = None, *, keeps_settings: bool = True) -> None:
        super().__init__(parent)
        self.runner = runner
        self.lang = lang
        self.keeps_settings = keeps_settings
        self.studio: Studio | None = None
        self.recognizer: Recognizer | None = None
        self.facts: StudioFacts | None = None
        self.settings_lang: str | None = None
        self.alpha: Alpha = "auto"
        self.top_k = 5
        self.undo_group = QUndoGroup(self)
        self.document: Document | None = None
        self._documents: dict[str, Document] = {}
        self.swatches: dict[Path, QImage] = {}
        self._settle: dict[str, QTimer] = {}

    # -- studio ---------------------------------------------------------------------------------------------------

    async def use_studio(self, path: Path, *, create: bool = False) -> bool:
        """Open a folder as the studio to work in; False when it cannot be, which is told."""

        def work(context: JobContext) -> tuple[Studio, Recognizer, Any, StudioFacts]:
            studio = open_studio(path, create=create)
            settings = load_settings(studio)
            recognizer = Recognizer(studio)
            return studio, recognizer, settings, gather(studio, recognizer, with_model=False)

        try:
            title = QT_TRANSLATE_NOOP("Jobs", "Open studio")
            studio, recognizer, settings, facts = await self.runner.run(
                title, work, Priority.INTERACTIVE, quiet=True
            )
        except FabricError as error:
            self.problem.emit(error)
            return False
        self._close_documents()
        self.studio, self.recognizer, self.facts = studio, recognizer, facts
        self.alpha, self.top_k, self.settings_lang = settings.alpha, settings.top_k, settings.lang
        self.studio_changed.emit()
        self.facts_changed.emit()
        return True

    async def refresh_facts(self, *, with_model: bool = True) -> None:
        """Read counts, names and what is in use again; loads the encoder the first time."""
        studio, recognizer = self.studio, self.recognizer
        if studio is None or recognizer is None:
            return
        known = self.facts.writable if self.facts is not None else None
        title = QT_TRANSLATE_NOOP("Jobs", "Load the model")

        def work(context: JobContext) -> StudioFacts:
            return gather(studio, recognizer, with_model=with_model, writable=known)

        try:
            facts = await self.runner.run(title, work, Priority.PICTURE, quiet=True)
        except Cancelled:
            return
        if studio == self.studio:
            self.facts = facts
            self.facts_changed.emit()
            if facts.problem is not None:
                self.problem.emit(facts.problem)

    @property
    def writable(self) -> bool:
        return self.facts is not None and self.facts.writable

    # -- photograph -----------------------------------------------------------------------------------------------

    async def open_photo(self, path: Path) -> bool:
        """Open a photograph file; False when it cannot be read, which is told and leaves the present one in sight."""
        key = str(path.absolute())

        def work(context: JobContext) -> tuple[Image, Pyramid, str]:
            image = open_photo(path)
            context.check_cancelled()
            return image, build_pyramid(image, context), content_hash(path)

        return await self._open(key, path.name, path, work)

    async def open_picture(self, picture: Image) -> bool:
        """Open a picture from the clipboard. It has no file: its pixels' hash stands for it."""
        digest = hashlib.sha256(picture.tobytes()).hexdigest()

        def work(context: JobContext) -> tuple[Image, Pyramid, str]:
            image = from_pil(picture)
            return image, build_pyramid(image, context), digest

        return await self._open(f"pasted:{digest}", "", None, work)

    async def _open(self, key: str, name: str, path: Path | None, work: Any) -> bool:
        self.photo_opening.emit(name)
        try:
            image, pyramid, digest = await self.runner.run(
                QT_TRANSLATE_NOOP("Jobs", "Open photograph"), work, Priority.INTERACTIVE, quiet=True
            )
        except FabricError as error:
            self.problem.emit(error)
            return False
        finally:
            self.photo_opening.emit("")
        document = self._documents.get(key)
        if document is None or document.photo_hash not in (None, digest):
            document = self._new_document(key, name, path)
        document.hold_pixels(image, pyramid, digest)
        self._show(document)
        return True

    def _new_document(self, key: str, name: str, path: Path | None) -> Document:
        document = Document(key, name, path, self)
        self._documents[key] = document
        self.undo_group.addStack(document.undo_stack)
        document.region_changed.connect(self._on_region_changed)
        document.region_added.connect(self._on_region_changed)
        document.selection_changed.connect(self._on_selection_changed)
        return document

    def _show(self, document: Document) -> None:
        if self.document is not None and self.document is not document:
            self.document.drop_pixels()
        self.document = document
        self.undo_group.setActiveStack(document.undo_stack)
        self.photo_changed.emit()
        self._on_selection_changed("")

    def _close_documents(self) -> None:
        for document in self._documents.values():
            for region in document.regions:
                if region.task is not None:
                    region.task.cancel()
            self.undo_group.removeStack(document.undo_stack)
            document.deleteLater()
        self._documents.clear()
        self.document = None
        self.swatches = {}
        self.photo_changed.emit()
        self.selection_changed.emit()

    # -- regions --------------------------------------------------------------------------------------------------

    @property
    def region(self) -> Region | None:
        """The selected region."""
        return self.document.selected if self.document is not None else None

    def pick(self, x: int, y: int, side: int | None = None) -> Region | None:
        """Make the square around a point a region, and recognise it."""
        if self.document is None or self.document.image is None:
            return None
        return self._add(Region(square_around(x, y, self.document.size, side), click=(x, y)))

    def draw(self, box: Box) -> Region | None:
        """Make a box a region, and recognise it."""
        return self._add(Region(box))

    def take_whole(self) -> Region | None:
        """Make the whole photograph a region, and recognise it."""
        if self.document is None or self.document.image is None:
            return None
        return self._add(Region(Box(0, 0, *self.document.size)))

    def _add(self, region: Region) -> Region | None:
        if self.document is None:
            return None
        self.document.undo_stack.push(AddRegion(self.document, region))
        return region

    def reshape(self, region_id: str, box: Box, *, by_key: bool = False) -> None:
        document = self.document
        region = document.region(region_id) if document is not None else None
        if document is not None and region is not None and box != region.box:
            document.undo_stack.push(ReshapeRegion(document, region, box, by_key=by_key))

    def nudge(self, region: Region, dx: int, dy: int) -> None:
        """Move a region by whole pixels; nudges one after another are undone together."""
        if self.document is not None:
            self.reshape(region.id, moved(region.box, dx, dy, self.document.size), by_key=True)

    def delete_region(self) -> None:
        if self.document is not None and self.region is not None:
            self.document.undo_stack.push(DeleteRegion(self.document, self.region))

    def _on_selection_changed(self, _region_id: str) -> None:
        self.selection_changed.emit()
        self._fetch_swatches()

    def _on_region_changed(self, region_id: str) -> None:
        self.region_changed.emit(region_id)
        region = self.document.region(region_id) if self.document is not None else None
        if region is not None and region.stage is Stage.NEW:
            self._recognise_soon(region)

    # -- recognition ----------------------------------------------------------------------------------------------

    def _recognise_soon(self, region: Region) -> None:
        document = self.document
        if document is None or self.recognizer is None or document.image is None:
            return
        if region.task is not None:
            region.task.cancel()
            region.task = None
        first = region.recognition is None
        region.stage = Stage.RECOGNISING
        document.touch(region)
        if first:
            self._recognise_now(document, region)
            return
        timer = self._settle.get(region.id)
        if timer is None:
            timer = QTimer(self, singleShot=True, interval=_SETTLE_MS)
            timer.timeout.connect(lambda: self._recognise_now(document, region))
            self._settle[region.id] = timer
        timer.start()

    def _recognise_now(self, document: Document, region: Region) -> None:
        if region.stage is Stage.RECOGNISING and document.image is not None:
            region.task = self.runner.spawn(self._recognise(document, region, document.image))

    async def _recognise(self, document: Document, region: Region, image: Image) -> None:
        recognizer, box, alpha, top_k, lang = self.recognizer, region.box, self.alpha, self.top_k, self.lang
        if recognizer is None:
            return

        def work(context: JobContext) -> tuple[Observation, Recognition, QImage]:
            patch = cut_patch(image, box)
            observation = recognizer.observe(patch)
            context.check_cancelled()
            answer = recognizer.rank(observation, alpha=alpha, top_k=top_k, lang=lang)
            return observation, answer, patch_picture(patch)

        title = QT_TRANSLATE_NOOP("Jobs", "Recognise")
        try:
            observation, answer, picture = await self.runner.run(title, work, Priority.INTERACTIVE, quiet=True)
        except FabricError as error:
            region.stage, region.error = Stage.FAILED, error
            document.touch(region)
            self.problem.emit(error)
            return
        except Cancelled:
            return
        except BaseException:
            # A bug, told by whoever spawned us; the region must not wait for ever. A cancelled task is a newer box.
            if region.box == box and region.stage is Stage.RECOGNISING and region.task is not None:
                region.stage = Stage.FAILED
                document.touch(region)
            raise
        if region.box != box:
            return
        region.observation, region.recognition, region.picture = observation, answer, picture
        region.stage, region.error = Stage.DONE, None
        document.touch(region)
        if (alpha, top_k, lang) != (self.alpha, self.top_k, self.lang):
            await self._rank_again(document, region)
        self._fetch_swatches()
        if self.facts is not None and self.facts.status is None:
            await self.refresh_facts()

    def set_alpha(self, alpha: Alpha) -> None:
        """Weigh the rules by `alpha` from now on; answers are ranked again without a new encoding."""
        if alpha != self.alpha:
            self.alpha = alpha
            self.runner.spawn(self._keep("alpha", alpha))
            self.rank_all_again()

    def set_top_k(self, top_k: int) -> None:
        """Show that many candidates from now on."""
        if top_k != self.top_k:
            self.top_k = top_k
            self.runner.spawn(self._keep("top_k", top_k))
            self.rank_all_again()

    def set_language(self, lang: str) -> None:
        """Name fabrics in this language from now on."""
        if lang != self.lang:
            self.lang = lang
            self.runner.spawn(self._keep("lang", lang))
            self.rank_all_again()
            self.facts_changed.emit()

    async def keep_theme(self, theme: str) -> None:
        await self._keep("theme", theme)

    async def _keep(self, key: str, value: object) -> None:
        studio = self.studio
        if studio is None or not self.writable or not self.keeps_settings:
            return
        try:
            await self.runner.run(
                QT_TRANSLATE_NOOP("Jobs", "Save settings"),
                lambda context: save_setting(studio, key, value),
                Priority.INTERACTIVE,
                quiet=True,
            )
        except Cancelled:
            return
        except FabricError as error:
            self.problem.emit(error)

    def rank_all_again(self) -> None:
        """Bring every answer in sight up to date with alpha, top-k, language and the model in use."""
        document = self.document
        if document is not None:
            for region in document.regions:
                if region.stage is Stage.DONE:
                    self.runner.spawn(self._rank_again(document, region))

    async def _rank_again(self, document: Document, region: Region) -> None:
        recognizer, observation = self.recognizer, region.observation
        if recognizer is None or observation is None:
            return
        alpha, top_k, lang = self.alpha, self.top_k, self.lang

        def work(context: JobContext) -> Recognition:
            return recognizer.rank(observation, alpha=alpha, top_k=top_k, lang=lang)

        try:
            title = QT_TRANSLATE_NOOP("Jobs", "Rank again")
            answer = await self.runner.run(title, work, Priority.INTERACTIVE, quiet=True)
        except Cancelled:
            return
        except FabricError as error:
            self.problem.emit(error)
            return
        if region.observation is observation and (alpha, top_k, lang) == (self.alpha, self.top_k, self.lang):
            region.recognition = answer
            document.touch(region)
            self._fetch_swatches()

    def _fetch_swatches(self) -> None:
        """Load pictures of the nearest references of the selected region, those not at hand."""
        region, studio = self.region, self.studio
        if region is None or region.recognition is None or studio is None:
            return
        wanted = [studio.root / match.photo for found in region.recognition.candidates for match in found.nearest]
        size = (region.box.width, region.box.height)
        self.runner.spawn(self._load_swatches(list(dict.fromkeys(wanted)), size))

    async def _load_swatches(self, photos: list[Path], size: tuple[int, int]) -> None:
        if getattr(self, "_swatch_size", None) != size:
            self._swatch_size = size
            self.swatches = {}
        missing = [photo for photo in photos if photo not in self.swatches]
        if not missing:
            self.swatches_changed.emit()
            return
        try:
            title = QT_TRANSLATE_NOOP("Jobs", "Load swatches")
            found = await self.runner.run(
                title, lambda context: load_swatches(missing, size, context), Priority.PICTURE, quiet=True
            )
        except Cancelled:
            return
        if self._swatch_size == size:
            self.swatches |= found
            self.swatches_changed.emit()

    # -- labels ---------------------------------------------------------------------------------------------------

    def accept(self, place: int) -> None:
        """Label the selected region as its candidate at `place`, 1 the first."""
        region = self.region
        if region is None or region.recognition is None or region.stage is not Stage.DONE:
            return
        if 1 <= place <= len(region.recognition.candidates):
            self.save_label(region.recognition.candidates[place - 1].id)

    def save_label(self, fabric_id: str) -> None:
        """Keep the selected region's patch as an example of this fabric."""
        document, region = self.document, self.region
        if document is None or region is None or document.image is None or self.studio is None:
            return
        if region.label is not None and region.label.fabric_id == fabric_id:
            self.label_saved.emit(region.id, fabric_id)
            return
        self.runner.spawn(self._save_label(document, region, document.image, fabric_id))

    async def _save_label(self, document: Document, region: Region, image: Image, fabric_id: str) -> None:
        studio, recognition, box = self.studio, region.recognition, region.box
        if studio is None:
            return
        origin = PatchOrigin(
            photo=document.path, photo_hash=document.photo_hash, box=box, click=region.click, region_id=region.id
        )
        found = recognition.candidates if recognition is not None and region.stage is Stage.DONE else ()
        topk = [{"id": item.id, "score": item.score, "confidence": item.confidence} for item in found] or None

        def work(context: JobContext) -> Path:
            return save_patch(
                studio,
                cut_patch(image, box),
                fabric_id,
                origin,
                encoder=recognition.encoder if recognition is not None else None,
                topk=topk,
                look=recognition.look if recognition is not None and found else None,
            )

        try:
            title = QT_TRANSLATE_NOOP("Jobs", "Save label")
            path = await self.runner.run(title, work, Priority.INTERACTIVE, quiet=True)
        except FabricError as error:
            self.problem.emit(error)
            return
        label = Label(path.parent.name, path)
        command = ChangeLabel(document, region, label, studio, self._labels_changed, self.problem.emit)
        document.undo_stack.push(command)
        self.label_saved.emit(region.id, label.fabric_id)

    def _labels_changed(self) -> None:
        self.runner.spawn(self.refresh_facts())

    # -- helpers --------------------------------------------------------------------------------------------------

    def start(self, flow: Coroutine[Any, Any, object]) -> None:
        """Start one of the flows from a slot."""
        self.runner.spawn(flow)

    def encoder_problem(self) -> EncoderUnavailable | None:
        """Why the encoder cannot run, when it cannot."""
        region = self.region
        error = region.observation.error if region is not None and region.observation is not None else None
        return error if isinstance(error, EncoderUnavailable) else None
