"""CLIP sees exactly the pixels that open_clip would have given it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from PIL import Image

from fabric_desktop.encoders.clip_pixels import Pixels

SHAPES = ((600, 800), (301, 223), (37, 500), (224, 224), (223, 225), (10, 10), (225, 224))
CLIP = ((0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711))


@pytest.mark.parametrize("mode", ["shortest", "longest", "squash"])
@pytest.mark.parametrize("interpolation", ["bicubic", "bilinear"])
@pytest.mark.parametrize("size", [(224, 224), (64, 48), (32, 48)])
def test_every_pixel_is_open_clips_own(size: tuple[int, int], interpolation: str, mode: str) -> None:
    pytest.importorskip("torch")
    transform = pytest.importorskip("open_clip.transform")
    rng = np.random.default_rng(1)
    for mean, std in (CLIP, ((0.5,) * 3, (0.5,) * 3)):
        own = transform.image_transform(size, False, mean, std, mode, interpolation, fill_color=7)
        config = {"size": size, "mean": mean, "std": std, "interpolation": interpolation, "resize_mode": mode}
        pixels = Pixels.from_config(config | {"fill_color": 7})
        assert Pixels.from_config(pixels.as_json()) == pixels
        for shape in SHAPES:
            photo = Image.fromarray(rng.integers(0, 256, (*shape, 3), np.uint8))
            np.testing.assert_array_equal(pixels.prepare(photo), own(photo).numpy())


@pytest.mark.parametrize(
    "change",
    [
        {"size": None},
        {"size": (0, 5)},
        {"mean": (1, 2)},
        {"std": (0.5, 0.0, 0.5)},
        {"interpolation": "nearest"},
        {"resize_mode": "stretch"},
        {"fill_color": "white"},
    ],
)
def test_a_way_of_preprocessing_that_is_not_known_is_refused(change: dict[str, Any]) -> None:
    config = {"size": 224, "mean": 0.5, "std": 0.5, "interpolation": "bicubic", "resize_mode": "shortest"}
    assert Pixels.from_config(config).size == (224, 224)
    with pytest.raises(ValueError, match="preprocessing"):
        Pixels.from_config(config | change)
