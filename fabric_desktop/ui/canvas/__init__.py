"""The canvas: the photograph at any size, the regions on it, and the tools that make them."""

from fabric_desktop.ui.canvas.pixels import Pyramid, build_pyramid, to_qimage
from fabric_desktop.ui.canvas.view import Canvas

__all__ = ["Canvas", "Pyramid", "build_pyramid", "to_qimage"]
