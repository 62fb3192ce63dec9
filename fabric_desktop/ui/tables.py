"""What tables of figures have in common: columns as wide as what stands in them, with room between the figures."""

from __future__ import annotations

from PySide6.QtWidgets import QHeaderView, QTableWidget

from fabric_desktop.ui.theme import GRID


def fit_columns(table: QTableWidget, stretched: int | None = None) -> None:
    """Fit the columns to their texts and leave room between two; `stretched`, or else the last one in sight, takes what
    is left of the width."""
    header = table.horizontalHeader()
    header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
    header.setStretchLastSection(stretched is None)
    table.resizeColumnsToContents()
    for place in range(table.columnCount()):
        header.resizeSection(place, header.sectionSize(place) + 2 * GRID)
    if stretched is not None:
        header.setSectionResizeMode(stretched, QHeaderView.ResizeMode.Stretch)
