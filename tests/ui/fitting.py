"""Finds texts in sight that are cut off or elided: in widgets, in the cells of tables, lists and trees, and in what
delegates shorten while they paint."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPoint, QRect, QSize, Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QComboBox,
    QHeaderView,
    QLabel,
    QLineEdit,
    QListView,
    QScrollArea,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionComboBox,
    QStyleOptionViewItem,
    QTabBar,
    QTableView,
    QTreeView,
    QWidget,
)

from fabric_desktop.ui.fitting import fitting
from fabric_desktop.ui.theme import MIN_POINT_SIZE

_MOST_ROWS = 400
_MARGIN = 3  # on both sides of a cell's text, as Qt's styles have it


def cut_texts(window: QWidget, draw: Callable[[], object] | None = None) -> list[str]:
    """Texts in sight that do not fit where they stand. `draw` paints the window where that is done anyway."""
    found = []
    if window.font().pointSizeF() < MIN_POINT_SIZE:
        found.append(f"the window's font has {window.font().pointSizeF()} point")
    for widget in (window, *window.findChildren(QWidget)):
        if not widget.isVisible() or widget.window() is not window:
            continue
        if widget.font().pointSizeF() < MIN_POINT_SIZE:
            found.append(f"{type(widget).__name__}: {widget.font().pointSizeF()} point are too small")
        if isinstance(widget, QHeaderView):
            found += _in_header(widget)
        elif isinstance(widget, QAbstractItemView):
            found += _in_cells(widget)
        elif isinstance(widget, QTabBar):
            found += _in_tabs(widget)
        else:
            found += _in_widget(widget, window)
    with _seeing_what_is_shortened() as shortened:
        (draw or window.grab)()
    return found + [f"a delegate shortened {text!r} to {width} px" for text, width in shortened]


def _in_widget(widget: QWidget, window: QWidget) -> list[str]:
    text, room, needed = "", 0, 0
    metrics = widget.fontMetrics()
    if isinstance(widget, QLabel) and widget.text():
        text = widget.text()
        if widget.wordWrap():
            room, needed = widget.height(), widget.heightForWidth(widget.width())
        else:
            room = widget.contentsRect().width()
            needed = max(metrics.horizontalAdvance(line) for line in text.splitlines())
    elif isinstance(widget, QAbstractButton) and widget.text() and widget.parent() is not None:
        text, room, needed = widget.text(), widget.width(), widget.minimumSizeHint().width()
    elif isinstance(widget, QComboBox):
        text, room = widget.currentText(), _room_in(widget)
        needed = metrics.horizontalAdvance(text)
    elif isinstance(widget, QLineEdit) and not widget.text():
        text, room = widget.placeholderText(), widget.width() - 4
        needed = metrics.horizontalAdvance(text)
    found = []
    if text and needed > room + 1:
        found.append(f"{type(widget).__name__} {text!r}: {needed} px needed, {room} px there")
    if text and not isinstance(widget.parent(), QScrollArea) and _is_outside(widget, window):
        found.append(f"{type(widget).__name__} {text!r}: reaches over the window's edge")
    return found


def _room_in(combo: QComboBox) -> int:
    """The width that a combo box has for its text."""
    option = QStyleOptionComboBox()
    combo.initStyleOption(option)
    field = QStyle.SubControl.SC_ComboBoxEditField
    return combo.style().subControlRect(QStyle.ComplexControl.CC_ComboBox, option, field, combo).width()


def _is_outside(widget: QWidget, window: QWidget) -> bool:
    parent = widget.parentWidget()
    while parent is not None and parent is not window:
        if isinstance(parent, QScrollArea):
            return False
        parent = parent.parentWidget()
    corner = widget.mapTo(window, QPoint(0, 0))
    return corner.x() < 0 or corner.x() + widget.width() > window.width() + 1


# -- item views -------------------------------------------------------------------------------------------------------


def _in_cells(view: QAbstractItemView) -> list[str]:
    found = []
    for index in _in_sight(view):
        text = index.data(Qt.ItemDataRole.DisplayRole)
        if not isinstance(text, str) or not text or not _paints_by_itself(view, index):
            continue
        cell, needed = view.visualRect(index), _needed(view, index)
        if _spans(view, index):
            cell.setRight(view.viewport().width())
        if needed.width() > cell.width() + 1 or needed.height() > cell.height() + 1:
            found.append(
                f"{type(view).__name__}, cell {text!r}: {needed.width()} x {needed.height()} px needed, "
                f"{cell.width()} x {cell.height()} px there"
            )
        elif not view.viewport().rect().adjusted(-1, -9999, 1, 9999).contains(cell):
            found.append(f"{type(view).__name__}, cell {text!r}: reaches over the edge of the view")
    return found


def _in_sight(view: QAbstractItemView) -> Iterator[QModelIndex]:
    """The cells of which anything is in sight."""
    model, port = view.model(), view.viewport().rect()
    if model is None:
        return
    parents = [view.rootIndex()]
    seen = 0
    while parents:
        parent = parents.pop()
        for row in range(min(model.rowCount(parent), _MOST_ROWS)):
            first = model.index(row, 0, parent)
            if isinstance(view, QTreeView) and view.isExpanded(first):
                parents.append(first)
            columns = 1 if isinstance(model, QAbstractListModel) else model.columnCount(parent)
            for column in range(columns):
                index = model.index(row, column, parent)
                if isinstance(view, QTableView) and (view.isColumnHidden(column) or view.isRowHidden(row)):
                    continue
                if view.visualRect(index).intersects(port):
                    yield index
            seen += 1


def _paints_by_itself(view: QAbstractItemView, index: QModelIndex) -> bool:
    """Whether Qt's own delegate paints the text; ours shorten by `fitting`, which is watched."""
    delegate = view.itemDelegateForIndex(index)
    return not isinstance(delegate, QStyledItemDelegate) or type(delegate).paint is QStyledItemDelegate.paint


def _needed(view: QAbstractItemView, index: QModelIndex) -> QSize:
    """The room that a cell's text takes, at the width it has where it may be wrapped."""
    metrics = view.fontMetrics()
    text = str(index.data(Qt.ItemDataRole.DisplayRole))
    cell = view.visualRect(index)
    wraps = isinstance(view, (QTableView, QListView, QTreeView)) and view.wordWrap()
    if wraps:
        flags = int(Qt.TextFlag.TextWordWrap)
        size = metrics.boundingRect(QRect(0, 0, max(1, cell.width() - 2 * _MARGIN), 9999), flags, text).size()
    else:
        lines = text.splitlines() or [text]
        size = QSize(max(metrics.horizontalAdvance(line) for line in lines), metrics.height() * len(lines))
    option = QStyleOptionViewItem()
    view.initViewItemOption(option)
    icon = index.data(Qt.ItemDataRole.DecorationRole)
    if icon is not None and not isinstance(view, QListView):
        size.setWidth(size.width() + option.decorationSize.width() + 6)
    if index.data(Qt.ItemDataRole.CheckStateRole) is not None:
        size.setWidth(size.width() + 20)
    return size + QSize(2 * _MARGIN, 0)


def _spans(view: QAbstractItemView, index: QModelIndex) -> bool:
    return isinstance(view, QTreeView) and view.isFirstColumnSpanned(index.row(), index.parent())


def _in_header(header: QHeaderView) -> list[str]:
    if header.orientation() != Qt.Orientation.Horizontal or header.model() is None:
        return []
    found = []
    for section in range(header.count()):
        text = header.model().headerData(section, Qt.Orientation.Horizontal)
        if header.isSectionHidden(section) or not isinstance(text, str) or not text:
            continue
        needed, room = header.fontMetrics().horizontalAdvance(text) + 4, header.sectionSize(section)
        if needed > room:
            found.append(f"heading {text!r}: {needed} px needed, {room} px there")
    return found


def _in_tabs(bar: QTabBar) -> list[str]:
    found = []
    for place in range(bar.count()):
        needed, room = bar.fontMetrics().horizontalAdvance(bar.tabText(place)), bar.tabRect(place).width()
        if needed > room or bar.tabRect(place).right() > bar.width() + 1:
            found.append(f"tab {bar.tabText(place)!r}: {needed} px needed, {room} px there")
    return found


@contextlib.contextmanager
def _seeing_what_is_shortened() -> Iterator[list[tuple[str, int]]]:
    """Collects the texts that delegates shorten meanwhile, with the width they were given."""
    seen: list[tuple[str, int]] = []

    def watched(metrics: QFontMetrics, text: str, mode: Qt.TextElideMode, width: int) -> str:
        shown = fitting(metrics, text, mode, width)
        if shown != text:
            seen.append((text, width))
        return shown

    using = [module for module in list(sys.modules.values()) if getattr(module, "fitting", None) is fitting]
    kept: list[tuple[object, Callable[..., str]]] = []
    for module in using:
        if module.__name__.startswith("fabric_desktop") and module.__name__ != "fabric_desktop.ui.fitting":
            kept.append((module, module.fitting))
            module.fitting = watched  # type: ignore[attr-defined]
    try:
        yield seen
    finally:
        for module, former in kept:
            module.fitting = former  # type: ignore[attr-defined]
