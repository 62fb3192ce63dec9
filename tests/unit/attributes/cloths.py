"""Drawn patches for the tests of the measured look: small, seeded, each with one property that can be named."""

from __future__ import annotations

import io
from collections.abc import Iterator

import numpy as np
from PIL import Image


def flat(rgb: tuple[int, int, int] = (120, 80, 60), size: tuple[int, int] = (256, 256)) -> Image.Image:
    return Image.new("RGB", size, rgb)


def _picture(lightness: np.ndarray, tint: tuple[float, float, float] = (1.0, 1.0, 1.0)) -> Image.Image:
    pixels = np.clip(lightness[..., None] * np.array(tint), 0, 1)
    return Image.fromarray(np.asarray(np.rint(pixels * 255), dtype=np.uint8))


def _grid(side: int) -> tuple[np.ndarray, np.ndarray]:
    y, x = np.mgrid[0:side, 0:side] / side
    return x, y


def lines(angle: float, cycles: float = 8.0, side: int = 256, depth: float = 0.2) -> Image.Image:
    """Parallel lines that run at `angle` degrees, counter-clockwise from the horizontal."""
    x, y = _grid(side)
    across = x * np.sin(np.radians(angle)) + y * np.cos(np.radians(angle))
    return _picture(0.5 + depth * np.sin(2 * np.pi * cycles * across))


def checks(cycles: float = 8.0, side: int = 256) -> Image.Image:
    x, y = _grid(side)
    return _picture(0.5 + 0.1 * np.sin(2 * np.pi * cycles * x) + 0.1 * np.sin(2 * np.pi * cycles * y))


def grain(seed: int = 0, side: int = 256, step: int = 4, depth: float = 0.12) -> Image.Image:
    """Noise without direction, in dots of `step` pixels."""
    noise = np.random.default_rng(seed).normal(0, depth, (side // step, side // step))
    small = Image.fromarray(np.asarray(np.clip(0.5 + noise, 0, 1) * 255, dtype=np.uint8))
    return small.resize((side, side), Image.Resampling.BICUBIC).convert("RGB")


def weave(
    seed: int = 0, threads: int = 24, side: int = 256, tint: tuple[float, float, float] = (1, 1, 1)
) -> Image.Image:
    """A plain weave of uneven yarns, matt."""
    random = np.random.default_rng(seed)
    x, y = _grid(side)
    warp = np.abs(np.sin(np.pi * threads * x)) * np.repeat(random.normal(1, 0.1, threads), -(-side // threads))[:side]
    weft = (
        np.abs(np.sin(np.pi * threads * y))
        * np.repeat(random.normal(1, 0.1, threads), -(-side // threads))[:side, None]
    )
    over = (np.floor(x * threads) + np.floor(y * threads)) % 2
    return _picture(0.35 + 0.25 * np.where(over > 0, warp, weft) + random.normal(0, 0.01, (side, side)), tint)


def satin(base: float = 0.25, glare: float = 0.5, seed: int = 0, side: int = 256) -> Image.Image:
    """Smooth folds with narrow bright ridges."""
    x, y = _grid(side)
    phase = 3 * np.sin(2 * np.pi * (0.7 * x + 0.3 * y)) + 2.6 * np.pi * (x - 0.4 * y)
    folds = base * (0.7 + 0.3 * np.cos(phase)) + glare * np.exp(-(np.sin(phase / 2) ** 2) / 0.05)
    return _picture(folds + np.random.default_rng(seed).normal(0, 0.01, (side, side)), (1.0, 0.55, 0.6))


def smooth(side: int = 256) -> Image.Image:
    """Hardly any texture: a soft change of light, and the noise of a camera."""
    x, y = _grid(side)
    return _picture(0.5 + 0.1 * x - 0.05 * y + np.random.default_rng(7).normal(0, 0.01, (side, side)), (0.8, 0.75, 0.9))


def two_tone(left: tuple[int, int, int], right: tuple[int, int, int], side: int = 256) -> Image.Image:
    picture = Image.new("RGB", (side, side), left)
    picture.paste(right, (side // 2, 0, side, side))
    return picture


def drawn_cloths() -> Iterator[tuple[str, Image.Image]]:
    """A spread of textures, at 512, 256 and 128 px a side."""
    for side in (512, 256, 128):
        for angle in (0, 35, 90, 140):
            yield f"lines at {angle}, {side} px", lines(angle, 9, side)
        yield f"checks, {side} px", checks(11, side)
        for seed in range(3):
            yield f"grain {seed}, {side} px", grain(seed, side, max(2, side // 64))
            yield f"weave {seed}, {side} px", weave(seed, 18 + 5 * seed, side, (0.9, 0.8, 0.6))
        yield f"satin, {side} px", satin(side=side)
        yield f"two tones, {side} px", two_tone((240, 240, 235), (30, 44, 80), side)
        yield f"flat, {side} px", flat((60, 90, 140), (side, side))
        yield f"smooth with camera noise, {side} px", smooth(side)


def halved(image: Image.Image, how: Image.Resampling = Image.Resampling.LANCZOS) -> Image.Image:
    return image.resize((max(1, image.width // 2), max(1, image.height // 2)), how)


def as_jpeg(image: Image.Image, quality: int = 60) -> Image.Image:
    stream = io.BytesIO()
    image.save(stream, "JPEG", quality=quality)
    return Image.open(io.BytesIO(stream.getvalue())).convert("RGB")
