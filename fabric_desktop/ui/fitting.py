"""Texts that painters shorten to the room there is, all by way of one function: a test sees what was shortened."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetrics


def fitting(metrics: QFontMetrics, text: str, mode: Qt.TextElideMode, width: int) -> str:
    """The text, shortened with an ellipsis where `width` pixels do not hold it; whoever calls this shows the whole of
    it in a tooltip."""
    return metrics.elidedText(text, mode, width)
