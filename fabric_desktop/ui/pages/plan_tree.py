"""The fabrics of an import with their photos: another id, or left out, by hand, before anything is copied."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QSize, Qt, Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import (
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTreeWidget,
    QTreeWidgetItem,
)

from fabric_desktop.library.importing import ImportPlan, PlannedFabric
from fabric_desktop.library.telling import declared_text
from fabric_desktop.ui.pages.thumbs import Thumbs

_ROLE = Qt.ItemDataRole.UserRole
_SIDE = 40
LINE = 28  # height of a line of text in the preview, in pixels
_CHECKABLE = Qt.ItemFlag.ItemIsUserCheckable | Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
_ON, _PARTLY, _OFF = Qt.CheckState.Checked, Qt.CheckState.PartiallyChecked, Qt.CheckState.Unchecked


@dataclass(slots=True)
class _Group:
    """A fabric of the plan, what the source calls it, and its photos with whether they are taken."""

    id: str
    planned: PlannedFabric | None = None
    called: set[str] = field(default_factory=set)
    photos: dict[Path, bool] = field(default_factory=dict)

    @property
    def state(self) -> Qt.CheckState:
        taken = sum(self.photos.values())
        return _OFF if self.photos and not taken else _ON if taken == len(self.photos) else _PARTLY


class _Roomy(QStyledItemDelegate):
    """Lines with air above and below."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        size = super().sizeHint(option, index)
        photo = index.parent().isValid()
        return QSize(size.width(), max(size.height(), _SIDE + 4 if photo else LINE))


class PlanTree(QTreeWidget):
    """Says by `decided` that the plan has to be made again: `ids` and `left_out` are what the person decided."""

    decided = Signal()

    def __init__(self, thumbs: Thumbs) -> None:
        super().__init__()
        self._thumbs = thumbs
        self._groups: dict[str, _Group] = {}
        self._items: dict[Path, QTreeWidgetItem] = {}
        self.ids: dict[str, str] = {}
        self._left: dict[Path, str] = {}  # photo -> what the source calls its fabric
        self._before: tuple[dict[str, str], dict[Path, str]] = ({}, {})
        self._plan: ImportPlan | None = None
        self._lang = "en"
        self._known: dict[str, str] = {}  # what the source calls a fabric -> its id
        self._filling = False
        self.setColumnCount(4)
        self.setItemDelegate(_Roomy(self))
        self.setIconSize(QSize(_SIDE, _SIDE))
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setEditTriggers(
            QTreeWidget.EditTrigger.DoubleClicked | QTreeWidget.EditTrigger.EditKeyPressed
        )
        self.setExpandsOnDoubleClick(False)
        header = self.header()
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setStretchLastSection(True)
        for column in range(3):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.ResizeToContents)
        self.itemExpanded.connect(self._fill)
        self.itemChanged.connect(self._on_changed)
        thumbs.loaded.connect(self._on_thumb)

    @property
    def left_out(self) -> frozenset[Path]:
        return frozenset(self._left)

    def forget(self) -> None:
        """Begin with another source."""
        self.ids, self._left, self._known, self._plan = {}, {}, {}, None
        self._before = ({}, {})
        self.collapseAll()

    def take_back(self) -> None:
        """The last decision could not be kept: what stood before it is shown again."""
        self.ids, self._left = dict(self._before[0]), dict(self._before[1])
        if self._plan is not None:
            self.show_plan(self._plan, self._lang)

    def show_plan(self, plan: ImportPlan, lang: str) -> None:
        """Show a plan; photos that are left out stay in sight, so that they can be taken again."""
        self._plan, self._lang = plan, lang
        open_, current = self._open_ids(), self._current_key()
        self._groups = self._grouped(plan)
        self._filling = True
        scrolled = self.verticalScrollBar().value()
        self.clear()
        self._items.clear()
        for group in sorted(self._groups.values(), key=lambda group: group.id):
            self.addTopLevelItem(self._line_of(group))
        self._filling = False
        for place in range(self.topLevelItemCount()):
            item = self.topLevelItem(place)
            if item is not None and item.data(0, _ROLE) in open_:
                item.setExpanded(True)
        self._go_to(current)
        self.verticalScrollBar().setValue(scrolled)

    def _grouped(self, plan: ImportPlan) -> dict[str, _Group]:
        groups = {fabric.id: _Group(fabric.id, fabric, set(fabric.called)) for fabric in plan.fabrics}
        self._known |= {name: fabric.id for fabric in plan.fabrics for name in fabric.called}
        for photo in plan.photos:
            group = groups[photo.fabric_id]
            group.photos[photo.source] = True
            group.called.add(photo.called)
        for path, called in self._left.items():
            fabric = self.ids.get(called, self._known.get(called, called))
            group = groups.setdefault(fabric, _Group(fabric))
            group.photos[path] = False
            group.called.add(called)
        return groups

    def _line_of(self, group: _Group) -> QTreeWidgetItem:
        planned, taken = group.planned, sum(group.photos.values())
        there = ""
        if planned is not None:
            there = self.tr("new") if planned.new else self.tr("{count} there already").format(count=planned.present)
        photos = str(taken)
        if taken < len(group.photos):
            photos = self.tr("{taken} of {count}").format(taken=taken, count=len(group.photos))
        declared = declared_text(planned.declared, self._lang) if planned is not None else ""
        item = QTreeWidgetItem([group.id, photos, there, declared])
        item.setFlags(_CHECKABLE | Qt.ItemFlag.ItemIsEditable)
        item.setData(0, _ROLE, group.id)
        item.setCheckState(0, group.state)
        item.setToolTip(0, self.tr("Double click or F2: another id. Without the tick it is left out."))
        item.setToolTip(3, declared)
        if group.photos:
            item.setChildIndicatorPolicy(QTreeWidgetItem.ChildIndicatorPolicy.ShowIndicator)
        return item

    def _fill(self, item: QTreeWidgetItem) -> None:
        """Show a fabric's photos once it is opened."""
        group = self._groups.get(str(item.data(0, _ROLE)))
        if group is None or item.childCount():
            return
        self._filling = True
        for photo in sorted(group.photos):
            line = QTreeWidgetItem([photo.name])
            line.setFlags(_CHECKABLE)
            line.setData(0, _ROLE, photo)
            line.setCheckState(0, _ON if group.photos[photo] else _OFF)
            line.setToolTip(0, str(photo))
            line.setFirstColumnSpanned(True)
            item.addChild(line)
            self._items[photo] = line
            self._paint(photo)
        self._filling = False

    def _paint(self, photo: Path) -> None:
        picture = self._thumbs.picture(photo)
        if picture is not None and not picture.isNull():
            icon = QIcon(picture)
            icon.addPixmap(picture, QIcon.Mode.Selected)
            self._filling, before = True, self._filling
            self._items[photo].setIcon(0, icon)
            self._filling = before

    def _on_thumb(self, photo: Path) -> None:
        if photo in self._items:
            self._paint(photo)

    # -- what the person decides ----------------------------------------------------------------------------------

    def _on_changed(self, item: QTreeWidgetItem, column: int) -> None:
        if self._filling or column != 0:
            return
        before = (dict(self.ids), dict(self._left))
        key = item.data(0, _ROLE)
        parent = item.parent()
        group = self._groups.get(str((parent if parent is not None else item).data(0, _ROLE)))
        if group is None:
            return
        if parent is not None:
            self._take(group, [Path(key)], item.checkState(0) == _ON)
        elif item.text(0).strip() != group.id:
            self._rename(group, item.text(0).strip())
        elif item.checkState(0) != group.state:
            self._take(group, list(group.photos), item.checkState(0) == _ON)
        else:
            return
        self._before = before
        self.decided.emit()

    def _rename(self, group: _Group, text: str) -> None:
        for called in group.called:
            if text:
                self.ids[called] = text
            else:
                self.ids.pop(called, None)  # nothing typed: as the source has it

    def _take(self, group: _Group, photos: list[Path], taken: bool) -> None:
        called = {photo.source: photo.called for photo in self._plan.photos} if self._plan is not None else {}
        for photo in photos:
            if taken:
                self._left.pop(photo, None)
            elif photo not in self._left:
                self._left[photo] = called.get(photo, next(iter(group.called), group.id))

    # -- places ---------------------------------------------------------------------------------------------------

    def _open_ids(self) -> set[str]:
        found = set()
        for place in range(self.topLevelItemCount()):
            item = self.topLevelItem(place)
            if item is not None and item.isExpanded():
                found.add(str(item.data(0, _ROLE)))
        return found

    def _current_key(self) -> object:
        item = self.currentItem()
        return item.data(0, _ROLE) if item is not None else None

    def _go_to(self, key: object) -> None:
        if isinstance(key, Path) and key in self._items:
            self.setCurrentItem(self._items[key])
            return
        for place in range(self.topLevelItemCount()):
            item = self.topLevelItem(place)
            if item is not None and item.data(0, _ROLE) == key:
                self.setCurrentItem(item)
