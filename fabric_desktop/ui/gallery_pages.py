"""The pages and dialogs that the gallery shows, on the drawn studio with some of the faults that real ones have."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QApplication, QWidget

from fabric_desktop.errors import UnreadableImage
from fabric_desktop.imaging import Box, cut_patch, open_photo
from fabric_desktop.labels import PatchOrigin, save_patch
from fabric_desktop.studio import FabricInfo, Studio
from fabric_desktop.ui.gallery import State
from fabric_desktop.ui.pages.page import Page

if TYPE_CHECKING:
    from fabric_desktop.ui.gallery import Gallery
    from fabric_desktop.ui.pages.batch_page import BatchPage
    from fabric_desktop.ui.pages.import_page import ImportPage
    from fabric_desktop.ui.pages.library_page import LibraryPage

_ARTICLES = {"denim": "AB-1204", "linen": "AB-1305", "silk_satin": "AB-2010"}
_DECLARED = FabricInfo(
    id="denim",
    fibre="98 % cotton, 2 % elastane",
    structure="3/1 twill",
    weight="320 g/m²",
    width="150 cm",
    article="AB-1204",
)
_DOUBTFUL = "corduroy"  # the fabric that gets the faults
_PATIENCE_S = 20.0
_LABELLED_FABRICS = 5


class PageStates:
    """What is done for each picture. `scratch` is the gallery's own temporary folder."""

    def __init__(self, gallery: Gallery, scratch: Path) -> None:
        self._gallery, self._scratch = gallery, scratch
        self._window, self._bench, self._pages = gallery.window, gallery.bench, gallery.window.pages

    def all(self) -> tuple[State, ...]:
        """The states in their order."""
        return (
            State("first-steps", self._first_steps, self._close_all),
            State("swatches-source", self._swatches_source),
            State("swatches-names", self._swatches_names),
            State("swatches-plan", self._swatches_plan),
            State("swatches-unreadable", self._swatches_unreadable),
            State("swatches-to-know", self._swatches_to_know, self._close_all),
            State("library", self._library),
            State("library-doubtful", self._library_doubtful),
            State("library-rename", self._modal(lambda: self._library_page._rename()), self._end_modal, anew=True),
            State("library-merge", self._modal(lambda: self._library_page._merge()), self._end_modal, anew=True),
            State("library-new", self._modal(lambda: self._library_page._new_fabric()), self._leave_library, anew=True),
            State("batch", self._batch),
            State("batch-results", self._batch_results, self._close_all),
            State("encoders", self._encoders, self._close_all),
            State("evaluation", self._evaluation, self._close_all),
            State("improvement", self._improvement, self._close_all),
            State("versions", self._action("versions"), self._close_all),
            State("progress", self._action("progress_page"), self._close_all),
            State("scale", self._scale, self._end_modal, anew=True),
            State("about", self._action("about"), self._close_all, anew=True),
        )

    # -- first steps and swatches ---------------------------------------------------------------------------------

    async def _first_steps(self) -> QWidget | None:
        await self._pages._show_first_steps()
        return self._pages.first_page

    @property
    def _import_page(self) -> ImportPage:
        return self._pages.importing

    async def _swatches_source(self) -> QWidget:
        page = self._import_page
        page.bring_up()
        page.source.path.setText(str(self._scratch))
        return page

    async def _swatches_names(self) -> QWidget:
        page, folder = self._import_page, _flat_folder(self._studio, self._scratch / "布样 2026")
        page.source.kinds["names"].click()
        page.source.path.setText(str(folder))
        await page._show_preview(folder)
        return page

    async def _swatches_plan(self) -> QWidget:
        page = self._import_page
        await page._make_plan()
        first = page.plan.fabrics.topLevelItem(0)
        assert first is not None
        first.setExpanded(True)
        await self._gallery.settled()
        photo = first.child(1)
        assert photo is not None
        photo.setCheckState(0, Qt.CheckState.Unchecked)
        return page

    async def _swatches_unreadable(self) -> QWidget:
        self._import_page.plan.tabs.setCurrentIndex(2)
        return self._import_page

    async def _swatches_to_know(self) -> QWidget:
        page, folder = self._import_page, self._scratch / "布样 2026"
        page._show_step(0)
        page.source.kinds["list"].click()
        page.source.path.setText(str(_list_of(folder)))
        await page._make_plan()
        page.plan.tabs.setCurrentIndex(1)
        return page

    # -- the library ----------------------------------------------------------------------------------------------

    @property
    def _studio(self) -> Studio:
        assert self._bench.studio is not None
        return self._bench.studio

    @property
    def _library_page(self) -> LibraryPage:
        return self._pages.library

    async def _library(self) -> QWidget:
        page = self._library_page
        page.bring_up()
        await self._gallery.settled()
        await page.work.declare(_DECLARED)
        await self._gallery.settled()
        page.show_fabric(_DECLARED.id)
        return page

    async def _library_doubtful(self) -> QWidget:
        photos = self._studio.reference_photos(_DOUBTFUL)
        shutil.copyfile(photos[0], photos[0].with_name("IMG_2041 again.jpg"))
        whole = photos[1].read_bytes()
        photos[1].with_name("IMG_2042.jpg").write_bytes(whole[: len(whole) // 3])
        page = self._library_page
        page.reload()
        await self._gallery.settled()
        page.show_fabric(_DOUBTFUL)
        return page

    def _leave_library(self) -> None:
        self._end_modal()

    # -- a folder at once -----------------------------------------------------------------------------------------

    @property
    def _batch_page(self) -> BatchPage:
        return self._pages.batch

    async def _batch(self) -> QWidget:
        self._close_all()
        page = self._batch_page
        page.show_folder(_asked(self._studio, self._scratch / "客户来样 2026-11"))
        page.bring_up()
        return page

    async def _batch_results(self) -> QWidget:
        page = self._batch_page
        assert page.folder is not None
        await page._recognise(page.folder)
        page.table.selectRow(1)
        return page

    # -- models ---------------------------------------------------------------------------------------------------

    async def _encoders(self) -> QWidget:
        self._pages.encoders.bring_up()
        return self._pages.encoders

    async def _evaluation(self) -> None:
        label_some(self._studio)
        await self._window.flows.evaluate()  # makes the evaluation set, which training leaves out
        self._close_all()
        await self._window.flows.train_head()
        await self._action("evaluate")()

    async def _improvement(self) -> None:
        label_some(self._studio, again=True)
        await self._bench.refresh_facts()
        await self._action("retrain")()

    def _action(self, name: str) -> Callable[[], Awaitable[QWidget | None]]:
        """What an action of the menus opens."""

        async def show() -> None:
            self._window.banner.dismiss()
            self._window.actions_[name].trigger()
            await self._gallery.settled()

        return show

    # -- dialogs --------------------------------------------------------------------------------------------------

    async def _scale(self) -> QWidget | None:
        self._window.measuring.ask(480.0)
        return self._window.measuring.dialog

    def _modal(self, ask: Callable[[], object]) -> Callable[[], Awaitable[QWidget | None]]:
        """Opens a dialog that waits for its answer, and comes back while it waits."""

        async def show() -> QWidget | None:
            QTimer.singleShot(0, self._window, ask)
            loop = asyncio.get_running_loop()
            until = loop.time() + _PATIENCE_S
            while QApplication.activeModalWidget() is None and loop.time() < until:
                await asyncio.sleep(0.01)
            return QApplication.activeModalWidget()

        return show

    def _end_modal(self) -> None:
        dialog = QApplication.activeModalWidget()
        if dialog is not None:
            dialog.close()

    def _close_all(self) -> None:
        for other in QApplication.topLevelWidgets():
            if other.isVisible() and other is not self._window:
                if isinstance(other, Page):
                    other.banner.dismiss()
                other.close()


def label_some(studio: Studio, *, again: bool = False) -> None:
    """Label patches of a few fabrics, each cut from a reference of its own and so of a piece of cloth of its own."""
    for fabric in studio.fabric_ids()[:_LABELLED_FABRICS]:
        for number, photo in enumerate(studio.reference_photos(fabric)):
            try:
                whole = open_photo(photo)
            except UnreadableImage:
                continue  # the broken one of the doubtful fabric
            side = min(whole.size) // 2
            for left in ((side // 2,) if again else (0, side)):
                box = Box(left, left // 2, side, side)
                origin = PatchOrigin(photo=photo, box=box, swatch_id=f"{fabric} {number}")
                save_patch(studio, cut_patch(whole, box), fabric, origin)


def _flat_folder(studio: Studio, folder: Path) -> Path:
    """What people have: photos with the article number in the name, one that is broken and one of something else."""
    folder.mkdir(parents=True)
    for fabric, article in _ARTICLES.items():
        for number, photo in enumerate(studio.reference_photos(fabric), start=1):
            target = folder / f"{article}_{number}.jpg"
            # Other bytes than the library's, or they would be known already.
            target.write_bytes(photo.read_bytes() + b"\0")
    whole = (folder / "AB-1204_1.jpg").read_bytes()
    (folder / "AB-1204_9.jpg").write_bytes(whole[: len(whole) // 3])
    (folder / "cover.jpg").write_bytes(whole + b"\1")
    return folder


def _list_of(folder: Path) -> Path:
    """A list with Chinese headings, in which one line names no fabric and one a file that is not there."""
    path = folder / "面料清单.csv"
    lines = [
        "文件,货号,中文名,成分,克重,供应商",
        "AB-1204_1.jpg,AB-1204,牛仔布,棉 98% 氨纶 2%,320,",
        "AB-1204_2.jpg,AB-1204,牛仔布,全棉,320,",
        "AB-1305_1.jpg,AB-1305,亚麻布,亚麻 100%,180,",
        "AB-1305_7.jpg,AB-1305,亚麻布,亚麻 100%,180,",
        "AB-2010_1.jpg,,,真丝 100%,90,",
    ]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def _asked(studio: Studio, folder: Path) -> Path:
    """A folder of photos to be named: one of most fabrics, and one that is broken."""
    folder.mkdir(parents=True)
    for number, fabric in enumerate(studio.fabric_ids()[:9], start=1):
        shutil.copyfile(studio.reference_photos(fabric)[-1], folder / f"IMG_{3100 + number}.jpg")
    whole = (folder / "IMG_3101.jpg").read_bytes()
    (folder / "IMG_3120.jpg").write_bytes(whole[: len(whole) // 3])
    return folder
