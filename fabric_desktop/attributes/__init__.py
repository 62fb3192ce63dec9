"""From a patch to its measured look: colours with names, sheen, texture.

Needs numpy and Pillow alone, and knows nothing about fabrics: what a look speaks for is the rules' work.
"""

from fabric_desktop.attributes.color import ciede2000, srgb_to_lab
from fabric_desktop.attributes.dominant import ColorShare, dominant_colors
from fabric_desktop.attributes.look import Look, direction_level, measure_look, sheen_level, texture_level
from fabric_desktop.attributes.naming import nearest_color
from fabric_desktop.palette import NamedColor, find_color, load_palette

__all__ = [
    "ColorShare",
    "Look",
    "NamedColor",
    "ciede2000",
    "direction_level",
    "dominant_colors",
    "find_color",
    "load_palette",
    "measure_look",
    "nearest_color",
    "sheen_level",
    "srgb_to_lab",
    "texture_level",
]
