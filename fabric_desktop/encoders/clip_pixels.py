"""OpenCLIP's preprocessing without torch: the same pixels, bit for bit, from Pillow and numpy.

A model's own numbers come from its config, by way of open_clip. Nothing else is resized or cut here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from PIL import Image, ImageOps

from fabric_desktop.encoders.base import Float32Array

_INTERPOLATIONS = {"bicubic": Image.Resampling.BICUBIC, "bilinear": Image.Resampling.BILINEAR}
_RESIZE_MODES = ("shortest", "longest", "squash")


@dataclass(frozen=True, slots=True)
class Pixels:
    """How a model wants its pictures: `size` (height, width), `mean` and `std` a channel on the scale 0..1,
    `interpolation` bicubic or bilinear, `resize_mode` shortest, longest or squash, `fill` 0..255 of what is added."""

    size: tuple[int, int]
    mean: tuple[float, float, float]
    std: tuple[float, float, float]
    interpolation: str
    resize_mode: str
    fill: int

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Pixels:
        """From `preprocess_cfg` of a loaded open_clip model, or from `as_json`. ValueError if it is none of them."""
        try:
            size = config["size"]
            height, width = (size, size) if isinstance(size, int) else size
            mean, std = (_three(config[key]) for key in ("mean", "std"))
            found = cls(
                (int(height), int(width)),
                mean,
                std,
                str(config["interpolation"]),
                str(config["resize_mode"]),
                int(config.get("fill", config.get("fill_color", 0))),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError(f"no way of preprocessing: {error!r}") from error
        known = found.interpolation in _INTERPOLATIONS and found.resize_mode in _RESIZE_MODES
        if not known or min(found.size) < 1 or min(found.std) <= 0:
            raise ValueError(f"an unknown way of preprocessing: {dict(config)!r}")
        return found

    def as_json(self) -> dict[str, Any]:
        """For a file; `from_config` reads it."""
        return asdict(self)

    def prepare(self, image: Image.Image) -> Float32Array:
        """The model's input (3, height, width) of an RGB picture of any size.

        As `open_clip.transform.image_transform` does it for inference with torchvision, whose every rounding is kept.
        """
        values: Float32Array = np.asarray(self._fitted(image), np.float32) / np.float32(255)
        values -= np.array(self.mean, np.float32)
        values /= np.array(self.std, np.float32)
        return np.ascontiguousarray(values.transpose(2, 0, 1))

    def _fitted(self, image: Image.Image) -> Image.Image:
        height, width = self.size
        resample = _INTERPOLATIONS[self.interpolation]
        if self.resize_mode == "squash":
            return image.resize((width, height), resample)
        if self.resize_mode == "shortest" and height == width:
            # torchvision's Resize(int) cuts off the fraction of the longer side.
            shorter, longer = sorted(image.size)
            scaled = int(height * longer / shorter)
            wanted = (height, scaled) if image.width <= image.height else (scaled, height)
        else:
            # timm's ResizeKeepRatio rounds to even. Where the shape is no square, open_clip names no interpolation.
            ratios = (image.height / height, image.width / width)
            ratio = max(ratios) if self.resize_mode == "longest" else min(ratios)
            wanted = (max(1, round(image.width / ratio)), max(1, round(image.height / ratio)))
            if self.resize_mode == "shortest":
                resample = Image.Resampling.BICUBIC
        return self._centred(image.resize(wanted, resample))

    def _centred(self, image: Image.Image) -> Image.Image:
        """Cut to size around the centre; what is lacking is added first, the odd pixel right and below."""
        height, width = self.size
        missing = (max(0, width - image.width), max(0, height - image.height))
        if any(missing):
            border = (missing[0] // 2, missing[1] // 2, (missing[0] + 1) // 2, (missing[1] + 1) // 2)
            fill = self.fill if self.resize_mode == "longest" else 0
            image = ImageOps.expand(image, border, (fill, fill, fill))
        top, left = round((image.height - height) / 2), round((image.width - width) / 2)
        return image.crop((left, top, left + width, top + height))


def _three(value: Any) -> tuple[float, float, float]:
    """open_clip takes one number for all three channels."""
    if isinstance(value, (int, float)):
        return (float(value), float(value), float(value))
    first, second, third = value
    return (float(first), float(second), float(third))
