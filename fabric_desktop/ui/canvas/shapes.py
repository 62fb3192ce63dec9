"""Geometry of regions: handles, dragging a box by one of them, keeping it square. Numbers in photo pixels, no Qt."""

from __future__ import annotations

from enum import Enum

from fabric_desktop.imaging import Box

MIN_SIDE = 8  # below this there is no cloth to see


class Handle(Enum):
    """The eight handles of a box: which side of each axis they move (-1 left or top, 1 right or bottom, 0 none)."""

    TOP_LEFT = (-1, -1)
    TOP = (0, -1)
    TOP_RIGHT = (1, -1)
    RIGHT = (1, 0)
    BOTTOM_RIGHT = (1, 1)
    BOTTOM = (0, 1)
    BOTTOM_LEFT = (-1, 1)
    LEFT = (-1, 0)

    def place(self, box: Box) -> tuple[float, float]:
        """Where the handle stands on a box."""
        dx, dy = self.value
        return box.x + box.width * (dx + 1) / 2, box.y + box.height * (dy + 1) / 2


def box_between(start: tuple[float, float], end: tuple[float, float], size: tuple[int, int], *, square: bool) -> Box:
    """The box dragged from `start` to `end` on a photo of `size`; with `square`, the longer drag gives both sides."""
    (x0, y0), (x1, y1) = _inside(start, size), end
    if square:
        side = max(abs(x1 - x0), abs(y1 - y0))
        room_x = size[0] - x0 if x1 >= x0 else x0
        room_y = size[1] - y0 if y1 >= y0 else y0
        side = min(side, room_x, room_y)
        x1 = x0 + (side if x1 >= x0 else -side)
        y1 = y0 + (side if y1 >= y0 else -side)
    x1, y1 = _inside((x1, y1), size)
    left, right = sorted((round(x0), round(x1)))
    top, bottom = sorted((round(y0), round(y1)))
    return Box(left, top, right - left, bottom - top)


def drag_handle(box: Box, handle: Handle, to: tuple[float, float], size: tuple[int, int], *, square: bool) -> Box:
    """The box after its handle was dragged; the opposite corner or edge stays. Never smaller than MIN_SIDE."""
    dx, dy = handle.value
    x, y = _inside(to, size)
    left, top, right, bottom = box.corners
    if square and dx and dy:
        anchor = (right if dx < 0 else left, bottom if dy < 0 else top)
        return at_least(box_between(anchor, (x, y), size, square=True), size)
    if dx < 0:
        left = min(round(x), right - MIN_SIDE)
    elif dx > 0:
        right = max(round(x), left + MIN_SIDE)
    if dy < 0:
        top = min(round(y), bottom - MIN_SIDE)
    elif dy > 0:
        bottom = max(round(y), top + MIN_SIDE)
    return at_least(Box(left, top, right - left, bottom - top), size)


def moved(box: Box, dx: int, dy: int, size: tuple[int, int]) -> Box:
    """The box moved by whole pixels, kept on the photo."""
    x = min(max(box.x + dx, 0), max(0, size[0] - box.width))
    y = min(max(box.y + dy, 0), max(0, size[1] - box.height))
    return Box(x, y, box.width, box.height)


def at_least(box: Box, size: tuple[int, int]) -> Box:
    """The box enlarged to MIN_SIDE where it is thinner, and kept on the photo."""
    width = min(max(box.width, MIN_SIDE), size[0])
    height = min(max(box.height, MIN_SIDE), size[1])
    return moved(Box(box.x, box.y, width, height), 0, 0, size)


def thinned(line: list[tuple[float, float]], step: float) -> list[tuple[int, int]]:
    """A line drawn by hand without points closer than `step` to the one before, in whole pixels."""
    kept: list[tuple[int, int]] = []
    for x, y in line:
        if not kept or abs(x - kept[-1][0]) + abs(y - kept[-1][1]) >= step:
            kept.append((round(x), round(y)))
    return kept


def _inside(point: tuple[float, float], size: tuple[int, int]) -> tuple[float, float]:
    return min(max(point[0], 0.0), float(size[0])), min(max(point[1], 0.0), float(size[1]))
