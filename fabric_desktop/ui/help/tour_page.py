"""The tour through the work in pictures, and what a photograph can and cannot tell."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QImage, QPainter, QPaintEvent, QPixmap, QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QScrollArea,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from fabric_desktop.errors import UnreadableImage
from fabric_desktop.imaging import open_photo
from fabric_desktop.ui.actions import Actions
from fabric_desktop.ui.canvas.pixels import to_qimage
from fabric_desktop.ui.help.can_tell import CanTell
from fabric_desktop.ui.help.tour_steps import STEPS, Step, picture_path
from fabric_desktop.ui.pages.page import Page, button
from fabric_desktop.ui.theme import GRID, SURROUND
from fabric_desktop.ui.widgets import ActionButton, Text, clear_layout
from fabric_desktop.ui.workbench import Workbench

_SIZE = (1120, 740)
_LIST_WIDTH = 25 * GRID
CAN_TELL = "can_tell"


class StepList(QListWidget):
    """The steps, with room around them."""

    def __init__(self) -> None:
        super().__init__()
        self.setFixedWidth(_LIST_WIDTH)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setViewportMargins(GRID, 2 * GRID, GRID, GRID)


class Illustration(QWidget):
    """A picture as large as there is room, never stretched and never larger than it is."""

    def __init__(self) -> None:
        super().__init__()
        self._image: QImage | None = None
        self._fitted: QPixmap | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(QSize(40 * GRID, 25 * GRID))

    @property
    def has_picture(self) -> bool:
        return self._image is not None

    def show_picture(self, image: QImage | None) -> None:
        self._image, self._fitted = image, None
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._fitted = None
        super().resizeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._image is None:
            return
        if self._fitted is None:
            self._fitted = self._fit(self._image)
        painter = QPainter(self)
        size = self._fitted.deviceIndependentSize()
        painter.drawPixmap(0, 0, self._fitted)
        painter.setPen(SURROUND)
        painter.drawRect(0, 0, round(size.width()) - 1, round(size.height()) - 1)

    def _fit(self, image: QImage) -> QPixmap:
        """The picture at the size it is shown at, made small with care: small letters must stay letters."""
        ratio = self.devicePixelRatioF()
        room = (self.size() * ratio).boundedTo(image.size() * max(1.0, ratio))
        mode = Qt.TransformationMode.SmoothTransformation
        pixmap = QPixmap.fromImage(image.scaled(room, Qt.AspectRatioMode.KeepAspectRatio, mode))
        pixmap.setDevicePixelRatio(ratio)
        return pixmap


class StepView(QWidget):
    """One step: its picture, what it tells, and the buttons that do it."""

    def __init__(self, actions: Actions) -> None:
        super().__init__()
        self._actions = actions
        self.title = Text(factor=1.5, strong=True)
        self.words = Text(wrap=True)
        self.picture = Illustration()
        self.buttons = QHBoxLayout()
        self.buttons.setSpacing(GRID)
        row = QHBoxLayout()
        row.addLayout(self.buttons)
        row.addStretch()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID)
        column.addWidget(self.title)
        column.addWidget(self.words)
        column.addLayout(row)
        column.addSpacing(GRID)
        column.addWidget(self.picture, 1)

    def show_step(self, step: Step, title: str, words: str, lang: str) -> None:
        self.title.setText(title)
        self.words.setText(words)
        self.picture.show_picture(_picture(step, lang))
        self.picture.setAccessibleName(title)
        clear_layout(self.buttons)
        for name in step.actions:
            self.buttons.addWidget(ActionButton(self._actions[name]))


def _picture(step: Step, lang: str) -> QImage | None:
    try:
        return to_qimage(open_photo(picture_path(step.name, lang)))
    except UnreadableImage:
        return None


class TourPage(Page):
    """The page: the steps on the left, one of them on the right; the arrow keys go through them."""

    def __init__(self, workbench: Workbench, actions: Actions, parent: QWidget) -> None:
        super().__init__(workbench, actions, parent, _SIZE)
        self.list = StepList()
        for _ in range(len(STEPS) + 1):
            self.list.addItem(QListWidgetItem())
        self.step = StepView(actions)
        self.can_tell = CanTell()
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QScrollArea.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(self.can_tell)
        self.stack = QStackedWidget()
        self.stack.addWidget(self.step)
        self.stack.addWidget(scroll)
        self.back = button(lambda: self._go(-1))
        self.place = Text(quiet=True)
        self.on = button(lambda: self._go(1), main=True)
        foot = QHBoxLayout()
        foot.addWidget(self.place)
        foot.addStretch()
        foot.addWidget(self.back)
        foot.addWidget(self.on)
        right = QVBoxLayout()
        right.setContentsMargins(3 * GRID, 2 * GRID, 3 * GRID, 2 * GRID)
        right.setSpacing(GRID)
        right.addWidget(self.stack, 1)
        right.addLayout(foot)
        row = QHBoxLayout(self.body)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.list)
        row.addLayout(right, 1)
        self.list.setCurrentRow(0)
        self.list.currentRowChanged.connect(lambda _row: self._show())
        self.retranslate()

    def bring_up(self) -> None:
        super().bring_up()
        self.list.setFocus()

    def show_step(self, name: str) -> None:
        """Open the page at a step, or at what a photograph can tell."""
        names = [step.name for step in STEPS] + [CAN_TELL]
        self.list.setCurrentRow(names.index(name))
        self.bring_up()

    def _go(self, by: int) -> None:
        self.list.setCurrentRow(max(0, min(self.list.count() - 1, self.list.currentRow() + by)))

    def _show(self) -> None:
        at = self.list.currentRow()
        self.place.setText(f"{at + 1} / {self.list.count()}")
        self.back.setEnabled(at > 0)
        self.on.setEnabled(at < self.list.count() - 1)
        if at >= len(STEPS):
            self.stack.setCurrentIndex(1)
            return
        step = STEPS[at]
        self.step.show_step(step, *self._words()[step.name], self.lang)
        self.stack.setCurrentIndex(0)

    def _words(self) -> dict[str, tuple[str, str]]:
        """Of each step: its title, and what it tells."""
        return {
            "look": (
                self.tr("Click on the cloth"),
                self.tr(
                    "Open a photograph and click on the cloth. A square patch around the point is recognised; on the "
                    "right stand the fabrics, the best one first."
                ),
            ),
            "answer": (
                self.tr("Read the answer"),
                self.tr(
                    "The word says how far to trust it: sure, likely, unsure, not in your library. The references "
                    "beside the patch speak for it; C shows patch and reference side by side, as large as the screen."
                ),
            ),
            "regions": (
                self.tr("Say which part"),
                self.tr(
                    "Box and Lasso take a region of your own, Whole takes the whole photograph. One photograph may "
                    "have many regions, each with its answer. Arrows move one, Del takes it away, Undo brings it back."
                ),
            ),
            "label": (
                self.tr("Say what it is"),
                self.tr(
                    "1 to 9 accepts a candidate, Return the first one. If none is right, press L and type the name. "
                    "Every label is kept, can be taken back, and teaches the next model."
                ),
            ),
            "queue": (
                self.tr("Go through the doubtful"),
                self.tr(
                    "Patches that the program is unsure of wait in the review queue, the most useful one first. N "
                    "goes to the next; several can be chosen and named at once."
                ),
            ),
            "swatches": (
                self.tr("Bring your swatches"),
                self.tr(
                    "A folder a fabric, article numbers in file names, or a list from Excel: you see what is taken in "
                    "before it is. Give each fabric 3 to 5 photos, taken from the distance at which you will ask. "
                    "Different swatches help more than more photos of one. Then build the bank."
                ),
            ),
            "batch": (
                self.tr("Ask for a whole folder"),
                self.tr(
                    "All photos of a folder are one job that can be stopped and taken up again. The table can be "
                    "sorted, filtered and labelled, and is saved for Excel or as a page to print."
                ),
            ),
            "retrain": (
                self.tr("Make it better"),
                self.tr(
                    "From 20 labels on, Retrain and compare makes a new model and shows it beside the old one, on "
                    "patches that neither was trained on. You decide; any earlier version can be brought back."
                ),
            ),
            "encoders": (
                self.tr("Choose another encoder"),
                self.tr(
                    "The built-in encoder is quick and needs nothing. CLIP tells textures apart better, but has to be "
                    "fetched. Changing rebuilds the bank; the old one stays, so going back is instant."
                ),
            ),
        }

    def retranslate(self) -> None:
        self.setWindowTitle(self.tr("Tour"))
        self.list.setAccessibleName(self.tr("Steps of the tour"))
        words = self._words()
        for at, step in enumerate(STEPS):
            self._item(at).setText(words[step.name][0])
        self._item(len(STEPS)).setText(self.tr("What a photo can tell"))
        self.can_tell.retranslate()
        self.back.setText(self.tr("Back"))
        self.on.setText(self.tr("Next"))
        self._show()

    def _item(self, at: int) -> QListWidgetItem:
        item = self.list.item(at)
        item.setSizeHint(QSize(0, 4 * GRID))
        return item
