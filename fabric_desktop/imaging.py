"""The only way a picture comes in: open, orient, convert to sRGB, cut a region. No Qt, no model.

Everything downstream (canvas, look, encoders) sees the same 8-bit sRGB pixels, so one photo has one answer.
"""

from __future__ import annotations

import hashlib
import io
import struct
import warnings
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fabric_desktop.errors import BadRegion, UnreadableImage

if TYPE_CHECKING:
    from PIL.Image import Image

# A 200-megapixel cap keeps the decoded picture under 600 MB; 12,000 x 9,000 px, the largest photo the canvas is
# meant for, is 108 megapixels. Pillow's own cap (89 megapixels) would refuse that one.
DEFAULT_PIXEL_CAP = 200_000_000
PHOTO_ENDINGS = frozenset({".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff", ".heic", ".heif"})
# A multi-picture JPEG is opened by the JPEG reader; Pillow registers no reader under "MPO", and asking for one fails.
_FORMATS = ("JPEG", "PNG", "WEBP", "BMP", "TIFF", "HEIF")
MIN_REFERENCE_SIDE = 224


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in original pixels: left, top, width and height."""

    x: int
    y: int
    width: int
    height: int

    @property
    def corners(self) -> tuple[int, int, int, int]:
        """Left, top, right, bottom, right and bottom exclusive (Pillow's order)."""
        return self.x, self.y, self.x + self.width, self.y + self.height

    def as_list(self) -> list[int]:
        return [self.x, self.y, self.width, self.height]


def is_photo_name(path: Path | str) -> bool:
    """Whether the file's ending is one of a picture we read, in any case of letters; hidden files are not."""
    path = Path(path)
    return path.suffix.lower() in PHOTO_ENDINGS and not path.name.startswith(".")


def content_hash(path: Path) -> str:
    """SHA-256 of the file's bytes, as hex: the identity of a photograph whatever its name."""
    try:
        with path.open("rb") as handle:
            return hashlib.file_digest(handle, "sha256").hexdigest()
    except OSError as error:
        raise _unreadable(path, error) from error


@cache
def _pillow() -> Any:
    """Pillow with the HEIF reader registered, once."""
    import pillow_heif
    from PIL import Image, ImageCms, ImageOps

    pillow_heif.register_heif_opener()
    return Image, ImageOps, ImageCms


def open_photo(path: Path | str, *, pixel_cap: int = DEFAULT_PIXEL_CAP) -> Image:
    """Read a picture as upright 8-bit sRGB.

    EXIF orientation is applied, transparency lies on white, CMYK, 16-bit, palette and ICC-tagged pictures come out
    in sRGB. The first picture of a multi-picture file is taken.

    Raises UnreadableImage with the reason: missing, no_permission, empty, not_a_picture, truncated, too_large.
    """
    path = Path(path)
    pil, _, _ = _pillow()
    try:
        data = path.read_bytes()
    except OSError as error:
        raise _unreadable(path, error) from error
    if not data:
        raise UnreadableImage(path=str(path), reason="empty")
    try:
        with warnings.catch_warnings():
            # Pillow's own size warning comes below our cap; the cap that counts is checked right after.
            warnings.simplefilter("ignore")
            with pil.open(io.BytesIO(data), formats=_FORMATS) as image:
                if image.width * image.height > pixel_cap:
                    raise UnreadableImage(
                        path=str(path), reason="too_large", megapixels=image.width * image.height // 1_000_000
                    )
                image.load()
                return from_pil(image)
    except UnreadableImage:
        raise
    except pil.UnidentifiedImageError as error:
        raise UnreadableImage(path=str(path), reason="not_a_picture") from error
    except pil.DecompressionBombError as error:
        raise UnreadableImage(path=str(path), reason="too_large") from error
    except MemoryError as error:
        raise UnreadableImage(path=str(path), reason="too_large") from error
    except (OSError, SyntaxError, ValueError, EOFError, struct.error, IndexError, KeyError, TypeError) as error:
        # What Pillow's readers raise on damaged data; the detail goes to the log through the cause.
        raise UnreadableImage(path=str(path), reason="truncated") from error


def from_pil(image: Image) -> Image:
    """The same normalisation for a picture that is already in memory: upright 8-bit sRGB, alpha on white.

    An RGB picture with neither orientation nor colour profile is returned as it is.
    """
    _, ops, _ = _pillow()
    upright: Image = ops.exif_transpose(image)
    profile = upright.info.get("icc_profile")
    if upright.mode == "RGB" and not profile:
        return upright
    if upright.mode in ("I;16", "I;16L", "I;16B", "I", "F"):
        return _from_deep(upright)
    if profile:
        converted = _to_srgb(upright, profile)
        if converted is not None:
            return converted
    return _flatten(upright)


def _from_deep(image: Image) -> Image:
    """16-bit and float greys: integers by their upper eight bits, floats by 0..1 or else by their own range."""
    import numpy as np

    pil, _, _ = _pillow()
    values = np.asarray(image).astype(np.float64)
    values = np.nan_to_num(values, nan=0.0, posinf=0.0, neginf=0.0)
    if image.mode == "F":
        low, high = float(values.min()), float(values.max())
        if low < 0.0 or high > 1.0:
            values = (values - low) / max(high - low, 1e-12)
        values = values * 255.0
    else:
        # Mode I also carries 8-bit values of some TIFF files: only a picture that uses the upper bits is scaled.
        values = values / 257.0 if image.mode.startswith("I;16") or float(values.max(initial=0.0)) > 255.0 else values
    grey = np.clip(np.rint(values), 0, 255).astype(np.uint8)
    return pil.fromarray(grey).convert("RGB")  # type: ignore[no-any-return]


def _to_srgb(image: Image, profile: bytes) -> Image | None:
    """Through the embedded profile to sRGB, or None when the profile cannot be used."""
    _, _, cms = _pillow()
    alpha = image.convert("RGBA").getchannel("A") if _has_alpha(image) else None
    source: Image = image
    if image.mode in ("P", "PA", "RGBA", "RGBX"):
        source = image.convert("RGBA").convert("RGB") if image.mode != "RGBX" else image.convert("RGB")
    elif image.mode in ("LA", "1"):
        source = image.convert("L")
    try:
        converted: Image = cms.profileToProfile(
            source, cms.ImageCmsProfile(io.BytesIO(profile)), _srgb_profile(), outputMode="RGB"
        )
    except (cms.PyCMSError, OSError, ValueError, TypeError):
        return None
    converted.info.pop("icc_profile", None)
    if alpha is not None:
        converted.putalpha(alpha)
        return _flatten(converted)
    return converted


@cache
def _srgb_profile() -> Any:
    _, _, cms = _pillow()
    return cms.createProfile("sRGB")


def _has_alpha(image: Image) -> bool:
    return image.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in image.info


def _flatten(image: Image) -> Image:
    pil, _, _ = _pillow()
    if not _has_alpha(image):
        return image.convert("RGB")
    rgba = image.convert("RGBA")
    white = pil.new("RGBA", rgba.size, (255, 255, 255, 255))
    white.alpha_composite(rgba)
    return white.convert("RGB")  # type: ignore[no-any-return]


def _unreadable(path: Path, error: OSError) -> UnreadableImage:
    if isinstance(error, FileNotFoundError):
        return UnreadableImage(path=str(path), reason="missing")
    if isinstance(error, PermissionError):
        return UnreadableImage(path=str(path), reason="no_permission")
    if isinstance(error, IsADirectoryError):
        return UnreadableImage(path=str(path), reason="not_a_picture")
    return UnreadableImage(path=str(path), reason="unreachable")


def default_patch_side(size: tuple[int, int]) -> int:
    """Side in pixels of the square around a click: a quarter of the photo's short side, at least 224 where it fits.

    224 px is the smallest side at which no encoder here has to enlarge the patch.
    """
    short = min(size)
    return min(short, max(MIN_REFERENCE_SIDE, short // 4))


def square_around(x: int, y: int, size: tuple[int, int], side: int | None = None) -> Box:
    """The square of `side` px centred on (x, y), shifted to lie inside a photo of `size` (width, height)."""
    width, height = size
    side = default_patch_side(size) if side is None else max(1, min(side, width, height))
    left = min(max(x - side // 2, 0), width - side)
    top = min(max(y - side // 2, 0), height - side)
    return Box(left, top, side, side)


def clip_box(box: Box, size: tuple[int, int]) -> Box:
    """The part of `box` that lies on a photo of `size` (width, height); BadRegion when there is none."""
    left, top = max(box.x, 0), max(box.y, 0)
    right, bottom = min(box.x + box.width, size[0]), min(box.y + box.height, size[1])
    if right <= left or bottom <= top:
        raise BadRegion(box=" ".join(map(str, box.as_list())), width=size[0], height=size[1])
    return Box(left, top, right - left, bottom - top)


def cut_patch(image: Image, box: Box) -> Image:
    """The pixels of a region, at the photo's own scale."""
    return image.crop(clip_box(box, image.size).corners)
