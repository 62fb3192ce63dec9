"""Opening a 12-megapixel photo in the window: how long until a patch of it can be recognised, and until it is; clicks
one after another."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from tests.benchmarks.speed.frame import Figure, Options, Row, cores, peak_mb

if TYPE_CHECKING:
    from PIL.Image import Image

    from tests.benchmarks.speed.at_window import AtWindow

RUNS = 9
SIZE = (4000, 3000)
MOST_MS = 300.0


def _photo() -> Image:
    """Cloth in large and small, so that it is as long in decoding as a camera's picture."""
    import numpy as np
    from PIL import Image as Pictures

    draw = np.random.default_rng(12)
    coarse = Pictures.fromarray(draw.integers(40, 215, (SIZE[1] // 8, SIZE[0] // 8, 3), np.uint8))
    pixels = np.asarray(coarse.resize(SIZE, Pictures.Resampling.BICUBIC)).astype(np.int16)
    pixels += draw.integers(-14, 15, (SIZE[1], SIZE[0], 1), np.int16)
    return Pictures.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))


def _photos(folder: Path) -> dict[str, list[Path]]:
    """The same photo as a camera, a phone held upright, and a phone with wide colours write it; a file a run."""
    from PIL import Image as Pictures

    from tests.pictures import rgb_profile

    # Display P3's primaries, adapted to D50 as profiles have them.
    wide = rgb_profile([(0.51512, 0.2412, -0.00105), (0.29198, 0.69225, 0.04189), (0.1571, 0.06657, 0.78407)], 2.2)
    turned = Pictures.Exif()
    turned[0x0112] = 6
    picture = _photo()
    kinds: dict[str, dict[str, object]] = {
        "as it lies": {},
        "turned": {"exif": turned},
        "turned, wide colours": {"exif": turned, "icc_profile": wide},
    }
    found = {}
    for number, (kind, options) in enumerate(kinds.items()):
        first = folder / f"{number} first.jpg"
        picture.save(first, quality=92, **options)
        # No two are the same photo: the regions of one would come back with the next, and be recognised first.
        found[kind] = [Path(shutil.copy(first, folder / f"{number} photo {run}.jpg")) for run in range(RUNS)]
        for run, path in enumerate(found[kind]):
            path.write_bytes(path.read_bytes() + bytes([run]))
    return found


async def _answer_to_click(sitting: AtWindow, place: int) -> None:
    """Click on a place of the photo in sight, as far from the left as from above, and wait for the answer."""
    from fabric_desktop.ui.document import Stage

    sitting.bench.pick(place, place)
    region = sitting.bench.region
    if region is None:
        raise RuntimeError("a click on the open photo took no patch")
    await sitting.until(lambda: region.stage is Stage.DONE)


async def _open_each(sitting: AtWindow, photos: dict[str, list[Path]]) -> dict[str, list[tuple[float, float, float]]]:
    """Milliseconds until a click takes a patch, those of processor time, and until its answer is there, by kind."""
    bench, found = sitting.bench, dict[str, list[tuple[float, float, float]]]()
    for kind, paths in photos.items():
        for path in paths:
            started, worked = time.perf_counter(), time.process_time()
            sitting.window.opening.open_photo(path)
            await sitting.until(lambda path=path: bench.document is not None and bench.document.path == path)
            can_be_clicked, worked = time.perf_counter(), time.process_time() - worked
            await _answer_to_click(sitting, SIZE[1] // 2)
            answered = time.perf_counter()
            times = (1000 * (can_be_clicked - started), 1000 * worked, 1000 * (answered - started))
            found.setdefault(kind, []).append(times)
            await sitting.settled()
    return found


def open_photo(options: Options) -> Iterable[Row]:
    """A warm program opens photos it has not seen."""
    from tests.benchmarks.speed.at_window import sit_down, studio_with_bank

    studio, photos = studio_with_bank(options.folder / "studio"), _photos(options.folder)
    photos = {"to warm up": photos["as it lies"][:1]} | photos
    found = sit_down(studio.root, lambda sitting: _open_each(sitting, photos))
    for kind, times in found.items():
        if kind == "to warm up":
            continue
        ready, work, answer = (Figure.of(part) for part in zip(*times, strict=True))
        yield Row(
            f"open a 12-megapixel JPEG ({kind}) until a patch can be recognised",
            f"< {MOST_MS:.0f} ms",
            "ms",
            ready,
            met=ready.value < MOST_MS,
            peak_mb=peak_mb(),
            threads=f"window, job thread; {cores()} cores",
            note=f"{work.value:.0f} ms of processor time; a patch clicked at once is answered after "
            f"{answer.value:.0f} ms; {photos[kind][0].stat().st_size / 1e6:.1f} MB a file",
        )


async def _click_twice(sitting: AtWindow, photos: list[Path]) -> list[tuple[float, float]]:
    """Milliseconds until the first click on a photo is answered, and the one that follows at once."""
    bench, found = sitting.bench, list[tuple[float, float]]()
    for path in photos:
        sitting.window.opening.open_photo(path)
        await sitting.until(lambda path=path: bench.document is not None and bench.document.path == path)
        times = []
        for place in (SIZE[1] // 2, SIZE[1] // 4):
            started = time.perf_counter()
            await _answer_to_click(sitting, place)
            times.append(1000 * (time.perf_counter() - started))
        found.append((times[0], times[1]))
        await sitting.settled()
        # The next photo's answers show references that are not at hand.
        bench.answers.swatches = {}
    return found


def click(options: Options) -> Iterable[Row]:
    """Two clicks, one after the other, in a studio whose references are photos of 12 megapixels."""
    from fabric_desktop.bank import build_bank
    from fabric_desktop.encoders.registry import load_encoder
    from fabric_desktop.jobs import JobContext
    from fabric_desktop.studio import save_setting
    from tests.benchmarks.speed import drawn
    from tests.benchmarks.speed.at_window import sit_down
    from tests.support import make_studio

    studio = make_studio(options.folder / "studio", {f"fabric {number}": 1 for number in range(6)})
    for number, photo in enumerate(drawn.photo_files(options.folder / "references", 18)):
        shutil.move(photo, studio.fabrics_dir / f"fabric {number % 6}" / photo.name)
    save_setting(studio, "encoder", "builtin")
    build_bank(studio, load_encoder("builtin"), JobContext())
    photos = _photos(options.folder)["as it lies"]
    found = sit_down(studio.root, lambda sitting: _click_twice(sitting, photos))[1:]
    first, second = zip(*found, strict=True)
    for what, times, note in (
        ("a click on an open photo", first, ""),
        ("a second click right after its answer", second, "the references beside the first answer are still fetched"),
    ):
        yield Row(
            f"{what}, until it is answered; references of 12 megapixels",
            "",
            "ms",
            Figure.of(times),
            peak_mb=peak_mb(),
            threads=f"window, job thread; {cores()} cores",
            note=note,
        )


MEASURES: dict[str, Callable[[Options], Iterable[Row]]] = {"open": open_photo, "click": click}
