"""The only way a picture comes in: open, orient, convert to sRGB. No Qt, no model; cutting is in `regions`.

Everything downstream (canvas, look, encoders) sees the same 8-bit sRGB pixels, so one photo has one answer.
"""

from __future__ import annotations

import hashlib
import io
import logging
import stat
from collections.abc import Callable, Container, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fabric_desktop.decoding import pillow, reading
from fabric_desktop.errors import UnreadableImage
from fabric_desktop.regions import MIN_REFERENCE_SIDE, Box, clip_box, cut_patch, default_patch_side, square_around

if TYPE_CHECKING:
    import numpy as np
    from PIL.Image import Image

__all__ = [
    "DEFAULT_PIXEL_CAP",
    "MIN_REFERENCE_SIDE",
    "PHOTO_ENDINGS",
    "Box",
    "clip_box",
    "content_hash",
    "cut_patch",
    "default_patch_side",
    "from_pil",
    "is_photo_name",
    "open_photo",
    "open_unknown",
    "square_around",
    "to_look_at",
]

logger = logging.getLogger(__name__)

# 12,000 x 9,000 px, the largest photo the canvas is meant for, is 108 megapixels; Pillow's own cap (89) would refuse
# it.
DEFAULT_PIXEL_CAP = 200_000_000
PHOTO_ENDINGS = frozenset({".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff", ".heic", ".heif"})
# A multi-picture JPEG is opened by the JPEG reader; Pillow registers no reader under "MPO", and asking for one fails.
_FORMATS = ("JPEG", "PNG", "WEBP", "BMP", "TIFF", "HEIF")
# Four 16-bit channels uncompressed, and room for metadata: a larger file is over the pixel cap or is no picture.
_BYTES_A_PIXEL, _BYTES_BESIDE = 8, 64_000_000
# Bytes that one picture may take: a photo of 108 megapixels of any kind, and one of 200 that stands upright in RGB.
# With the program itself that is below a gigabyte.
_MEMORY = 900_000_000
_ORIENTATION = 0x0112  # EXIF 2.3
# Pixels converted at a time, by each of two threads: conversions of a large scan would else hold several copies of it
# at once.
_STRIP_PIXELS = 1_000_000
# Scans of a progressive JPEG; each takes a tenth of a second at 100 megapixels, and 23 bytes can be one. Ordinary ones
# have ten. The video that a phone hides behind its photo holds the two bytes of a scan by chance, every 65,536 or so.
_SCANS = 100
# How files begin that are pictures, so that a cut-off one is not called "no picture".
_OWN_MAGIC = (b"\xff\xd8", b"\x89PNG", b"BM", b"RIFF", b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
_OTHER_MAGIC = (b"GIF8", b"8BPS", b"\0\0\1\0", b"\0\0\0\x0cjP", b"\xff\x0a", b"%PDF", b"<svg", b"DDS ", b"v/1\1")


def is_photo_name(path: Path | str) -> bool:
    """Whether the file's ending is one of a picture we read, in any case of letters; hidden files are not."""
    path = Path(path)
    return path.suffix.lower() in PHOTO_ENDINGS and not path.name.startswith(".")


def content_hash(path: Path) -> str:
    """SHA-256 of the file's bytes, as hex: the identity of a photograph whatever its name."""
    _require_file(path)
    try:
        with path.open("rb") as handle:
            return hashlib.file_digest(handle, "sha256").hexdigest()
    except OSError as error:
        raise _unreadable(path, error) from error


def _require_file(path: Path) -> int:
    """The size in bytes of an ordinary file. A pipe or a device would be read for ever."""
    try:
        status = path.stat()
    except OSError as error:
        raise _unreadable(path, error) from error
    except ValueError as error:  # a NUL in the name
        raise UnreadableImage(path=str(path), reason="missing") from error
    if not stat.S_ISREG(status.st_mode):
        raise UnreadableImage(path=str(path), reason="not_a_picture")
    return status.st_size


def open_photo(
    path: Path | str, *, pixel_cap: int = DEFAULT_PIXEL_CAP, before_decoding: Callable[[Image], None] | None = None
) -> Image:
    """Read a picture as upright 8-bit sRGB.

    EXIF orientation is applied, transparency lies on white, CMYK, 16-bit, palette and ICC-tagged pictures come out
    in sRGB. The first picture of a multi-picture file is taken. `before_decoding` is shown Pillow's picture while only
    its header has been read, to note its EXIF or to ask for a reduced decode.

    Raises UnreadableImage with the reason: missing, no_permission, unreachable, empty, not_a_picture, unsupported,
    truncated, too_large.
    """
    path = Path(path)
    return _picture(path, _bytes_of(path, pixel_cap), pixel_cap, before_decoding)


def open_unknown(
    path: Path, known: Container[str], *, before_decoding: Callable[[Image], None] | None = None
) -> tuple[str, Image | None]:
    """A photo's content hash with its picture, both of the same bytes: a file that is replaced meanwhile is not taken
    for the one before. No picture where `known` holds the hash. Raises UnreadableImage as `open_photo` does."""
    data = _bytes_of(path, DEFAULT_PIXEL_CAP)
    digest = hashlib.sha256(data).hexdigest()
    return digest, None if digest in known else _picture(path, data, DEFAULT_PIXEL_CAP, before_decoding)


def _bytes_of(path: Path, pixel_cap: int) -> bytes:
    if _require_file(path) > pixel_cap * _BYTES_A_PIXEL + _BYTES_BESIDE:
        raise UnreadableImage(path=str(path), reason="too_large")
    try:
        return path.read_bytes()
    except OSError as error:
        raise _unreadable(path, error) from error


def _picture(path: Path, data: bytes, pixel_cap: int, before_decoding: Callable[[Image], None] | None) -> Image:
    if not data:
        raise UnreadableImage(path=str(path), reason="empty")
    try:
        return _decode(path, data, pixel_cap, before_decoding)
    except UnreadableImage:
        raise
    except MemoryError as error:
        raise UnreadableImage(path=str(path), reason="too_large") from error
    except Exception as error:
        # Pillow's readers, libheif and lcms raise nearly anything on damaged data; the detail goes to the log.
        reason = _reason(data) if type(error).__name__ == "UnidentifiedImageError" else "truncated"
        logger.info("%s is %s: %r", path.name, reason, error)
        raise UnreadableImage(path=str(path), reason=reason) from error


def _decode(path: Path, data: bytes, pixel_cap: int, before_decoding: Callable[[Image], None] | None) -> Image:
    if data.startswith(b"\xff\xd8") and data.count(b"\xff\xda") > _SCANS + len(data) // 30_000:
        raise UnreadableImage(path=str(path), reason="truncated")
    pil, _, _ = pillow()
    with reading, pil.open(io.BytesIO(data), formats=_FORMATS) as image:
        if image.width * image.height > pixel_cap:
            megapixels = image.width * image.height // 1_000_000
            raise UnreadableImage(path=str(path), reason="too_large", megapixels=megapixels)
        if before_decoding is not None:
            before_decoding(image)
        if _takes_too_much(image):
            megapixels = image.width * image.height // 1_000_000
            raise UnreadableImage(path=str(path), reason="too_large", megapixels=megapixels)
        image.load()
        normal = _normal(image, own=True)
        # The same pixels, without the file's metadata: a copy would take their memory twice.
        plain: Image = normal._new(normal.im)
        plain.info = {}
        return plain


def _takes_too_much(image: Image) -> bool:
    """Whether a picture's own pixels, those turned upright, and the result come to more memory than one may take."""
    own = {"1": 1, "L": 1, "P": 1}.get(image.mode, 2 if image.mode.startswith("I;16") else 4)
    result = 0 if image.mode == "RGB" and not _has_alpha(image) else 4
    pixels = image.width * image.height
    # A PNG is decoded to look for its EXIF, hence in this order.
    return pixels * (own + result) > _MEMORY or (_is_turned(image) and pixels * (2 * own + result) > _MEMORY)


def _reason(data: bytes) -> str:
    """Why no reader wanted these bytes, by how they begin."""
    if data[:4] in (b"II*\0", b"MM\0*"):
        # A directory that lies inside the file was read, and named a kind of pixel that nobody here knows.
        directory = int.from_bytes(data[4:8], "little" if data[:1] == b"I" else "big")
        return "unsupported" if 8 <= directory < len(data) - 1 else "truncated"
    if data.startswith(_OTHER_MAGIC) or data[4:12] in (b"ftypavif", b"ftypavis"):
        return "unsupported"
    return "truncated" if data.startswith(_OWN_MAGIC) or data[4:8] == b"ftyp" else "not_a_picture"


def from_pil(image: Image) -> Image:
    """The same normalisation for a picture that is already in memory: upright 8-bit sRGB, alpha on white.

    The result is a new picture without metadata: what is saved of it names no place and carries no profile.
    """
    normal = to_look_at(image)
    if normal is image:
        normal = image.copy()
    normal.info.clear()
    return normal


def to_look_at(image: Image) -> Image:
    """The pixels of `from_pil`, in the picture itself where nothing is to be done: to be read, never changed.

    All of it has been read from its file: two threads that came upon the rest together would break each other's read.
    """
    image.load()
    return _normal(image, own=False)


def _normal(image: Image, *, own: bool) -> Image:
    """The picture itself where it is as it should be. `own`: nobody else has it, so that its pixels may change."""
    upright = _upright(image)
    own = own or upright is not image
    profile = upright.info.get("icc_profile")
    if upright.mode.startswith("I") or upright.mode == "F":
        return _from_deep(upright)
    if upright.mode == "LAB":
        return _through(upright, upright.mode, _lab_profile(), own=own)
    if upright.mode == "RGB" and not profile and not _has_alpha(upright):
        return upright
    tagged = _to_srgb(upright, profile, own=own) if isinstance(profile, bytes) and profile else None
    return _flatten(upright) if tagged is None else tagged


def _is_turned(image: Image) -> bool:
    try:
        return image.getexif().get(_ORIENTATION, 1) in range(2, 9)
    except Exception:  # Pillow's EXIF reader raises nearly anything on damaged data
        return False


def _upright(image: Image) -> Image:
    """The picture turned as its EXIF says; itself where it stands upright or its EXIF cannot be read: the pixels are
    still good."""
    _, ops, _ = pillow()
    try:
        return ops.exif_transpose(image) if _is_turned(image) else image
    except Exception as error:  # Pillow's EXIF reader raises nearly anything on damaged data
        logger.info("EXIF ignored: %r", error)
        return image


def _strips(size: tuple[int, int]) -> Iterator[tuple[int, int, int, int]]:
    """Boxes over the full width that together cover a picture of `size`, each of a bounded number of pixels."""
    width, height = size
    rows = max(1, _STRIP_PIXELS // max(width, 1))
    for top in range(0, height, rows):
        yield 0, top, width, min(top + rows, height)


def _by_strips(image: Image, convert: Callable[[Image], Image], *, in_place: bool = False) -> Image:
    """`convert`, which gives RGB of the same size, strip by strip; `in_place` only for a picture that is RGB.

    A second thread takes every other strip: Pillow lets go of Python while it converts, through a profile too.
    """
    pil, _, _ = pillow()
    result: Image = image if in_place else pil.new("RGB", image.size)

    def fill(boxes: Sequence[tuple[int, int, int, int]]) -> None:
        for box in boxes:
            result.paste(convert(image.crop(box)), box[:2])

    boxes = list(_strips(image.size))
    if len(boxes) == 1:
        fill(boxes)
        return result
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="strips") as helper:
        others = helper.submit(fill, boxes[1::2])
        fill(boxes[::2])
        others.result()
    return result


def _from_deep(image: Image) -> Image:
    """16-bit, 32-bit and float greys as 8-bit.

    Integers over 255 count as 16-bit; floats up to 1 as 0..1, up to 255 as 0..255, up to 65535 as 0..65535. What
    goes beyond, or below zero, is stretched over its own range.
    """
    import numpy as np

    pil, _, _ = pillow()

    def values_of(part: Image) -> np.ndarray:
        return np.nan_to_num(np.asarray(part).astype(np.float64), nan=0.0, posinf=0.0, neginf=0.0)

    ranges = [(float(part.min()), float(part.max())) for part in map(values_of, map(image.crop, _strips(image.size)))]
    low, high = min(pair[0] for pair in ranges), max(pair[1] for pair in ranges)
    # Mode I also carries 8-bit values of some TIFF files, hence the bound of 255 there too.
    steps = (65535.0,) if image.mode.startswith("I;16") else (255.0, 65535.0)
    top = next((step for step in ((1.0, *steps) if image.mode == "F" else steps) if high <= step), None)
    if low < 0.0 or top is None:
        offset, scale = low, 255.0 / max(high - low, 1e-300)
    else:
        offset, scale = 0.0, 255.0 / top
    clear = image.info.get("transparency")

    def grey(part: Image) -> Image:
        values = values_of(part)
        levels = np.clip(np.rint((values - offset) * scale), 0, 255).astype(np.uint8)
        if isinstance(clear, int):
            levels[values == clear] = 255
        return pil.fromarray(levels).convert("RGB")  # type: ignore[no-any-return]

    return _by_strips(image, grey)


def _to_srgb(image: Image, profile: bytes, *, own: bool) -> Image | None:
    """Through the embedded profile to sRGB, or None when the profile cannot be used for this picture."""
    _, _, cms = pillow()
    # The profile speaks of the colours without the alpha, and of a palette's entries.
    mode = {"P": "RGB", "PA": "RGB", "RGBA": "RGB", "RGBX": "RGB", "RGBa": "RGB", "LA": "L", "La": "L", "1": "L"}.get(
        image.mode, image.mode
    )
    try:
        return _through(image, mode, cms.ImageCmsProfile(io.BytesIO(profile)), own=own)
    except (cms.PyCMSError, OSError, ValueError, TypeError) as error:
        logger.info("colour profile ignored: %s", error)
        return None


def _through(image: Image, mode: str, profile: Any, *, own: bool) -> Image:
    """From `profile`, which describes pixels of `mode`, to sRGB, and onto white."""
    _, _, cms = pillow()
    transform = cms.buildTransform(profile, _srgb_profile(), mode, "RGB")
    if mode == "RGB" and _changes_nothing(transform):
        return _flatten(image)

    def convert(part: Image) -> Image:
        if not _has_alpha(part):
            return cms.applyTransform(part.convert(mode), transform)  # type: ignore[no-any-return]
        rgba = _rgba(part)
        colours = cms.applyTransform(rgba.convert("RGB").convert(mode), transform)
        colours.putalpha(rgba.getchannel("A"))
        return _on_white(colours)

    return _by_strips(image, convert, in_place=own and image.mode == "RGB" and not _has_alpha(image))


def _changes_nothing(transform: Any) -> bool:
    """Whether a transform from RGB moves no colour by more than rounding: most photos are tagged as the sRGB they are
    in, and going through the profile would take longer than decoding them."""
    _, _, cms = pillow()
    probe = _probe()
    moved = zip(probe.tobytes(), cms.applyTransform(probe, transform).tobytes(), strict=True)
    return all(abs(before - after) <= 1 for before, after in moved)


@cache
def _probe() -> Image:
    """729 colours spread over RGB."""
    pil, _, _ = pillow()
    levels = [round(255 * step / 8) for step in range(9)]
    colours = bytes(value for red in levels for green in levels for blue in levels for value in (red, green, blue))
    return pil.frombytes("RGB", (len(colours) // 3, 1), colours)  # type: ignore[no-any-return]


@cache
def _srgb_profile() -> Any:
    _, _, cms = pillow()
    return cms.createProfile("sRGB")


@cache
def _lab_profile() -> Any:
    _, _, cms = pillow()
    return cms.createProfile("LAB")


def _has_alpha(image: Image) -> bool:
    return image.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in image.info


def _rgba(image: Image) -> Image:
    return (image.convert("LA") if image.mode == "La" else image).convert("RGBA")


def _on_white(rgba: Image) -> Image:
    pil, _, _ = pillow()
    white: Image = pil.new("RGBA", rgba.size, (255, 255, 255, 255))
    white.alpha_composite(rgba)
    return white.convert("RGB")


def _flatten(image: Image) -> Image:
    if not _has_alpha(image):
        return image if image.mode == "RGB" else image.convert("RGB")
    return _by_strips(image, lambda part: _on_white(_rgba(part)))


def _unreadable(path: Path, error: OSError) -> UnreadableImage:
    if isinstance(error, (FileNotFoundError, NotADirectoryError)):
        return UnreadableImage(path=str(path), reason="missing")
    if isinstance(error, PermissionError):
        return UnreadableImage(path=str(path), reason="no_permission")
    if isinstance(error, IsADirectoryError):
        return UnreadableImage(path=str(path), reason="not_a_picture")
    return UnreadableImage(path=str(path), reason="unreachable")
