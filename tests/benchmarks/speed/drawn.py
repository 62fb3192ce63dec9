"""Photos, libraries and banks to measure with, drawn at random and the same every time. Never used for accuracy."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image

    from fabric_desktop.bank import Bank
    from fabric_desktop.studio import Studio

PHOTO_SIZE = (4000, 3000)
PATCH_SIDE = 750
"""What a click cuts out of a photo of 12 megapixels: a quarter of its shorter side (`regions.default_patch_side`)."""


def photo(seed: int, size: tuple[int, int] = PHOTO_SIZE) -> Image:
    """Cloth at 12 megapixels with the grain of a camera: as JPEG of quality 92 about 3.5 MB."""
    import numpy as np
    from PIL import Image

    from fabric_desktop.encoders.drawn_cloth import draw_cloth

    draw = np.random.default_rng(seed)
    cloth = np.asarray(draw_cloth(draw).resize(size, Image.Resampling.BICUBIC), np.float32)
    grain = draw.standard_normal((size[1], size[0], 1), dtype=np.float32) * 5
    return Image.fromarray(np.clip(cloth + grain, 0, 255).astype(np.uint8))


def photo_files(folder: Path, count: int, *, different: int = 6) -> list[Path]:
    """So many JPEG files of 12 megapixels. Only some are drawn, the others differ by a comment at their end, so that
    no two have the same content."""
    folder.mkdir(parents=True, exist_ok=True)
    drawn = []
    for seed in range(min(different, count)):
        path = folder / f"photo {seed:05}.jpg"
        photo(seed).save(path, quality=92)
        drawn.append(path.read_bytes())
    paths = [folder / f"photo {number:05}.jpg" for number in range(count)]
    for number in range(len(drawn), count):
        paths[number].write_bytes(drawn[number % len(drawn)] + f"copy {number}".encode("ascii"))
    return paths


def photos_of(folder: Path) -> list[Path]:
    """The JPEG files of a person's folder, largest first."""
    found = [path for path in folder.rglob("*") if path.suffix.lower() in (".jpg", ".jpeg") and path.is_file()]
    return sorted(found, key=lambda path: -path.stat().st_size)


def patches(given: Path | None, count: int) -> list[Image]:
    """Patches as a click cuts them, out of a person's photos or drawn ones."""
    from fabric_desktop.imaging import cut_patch, open_photo, square_around

    if given is None:
        sources = [photo(seed, (1600, 1200)) for seed in range(min(count, 4))]
        side: int | None = PATCH_SIDE
    else:
        sources, side = [open_photo(path) for path in photos_of(given)[:4]], None
    found = []
    for number in range(count):
        source = sources[number % len(sources)]
        x, y = source.width * (number % 7 + 1) // 8, source.height * (number % 5 + 1) // 6
        found.append(cut_patch(source, square_around(x, y, source.size, side)))
    return found


def random_bank(references: int, fabrics: int, dim: int, *, seed: int = 0, fingerprint: str = "speed") -> Bank:
    """A bank of so many references, spread evenly over the fabrics: a point for each fabric and noise about it."""
    import numpy as np

    from fabric_desktop.bank import Bank, ReferenceRow

    draw = np.random.default_rng(seed)
    index = np.sort(np.arange(references) % fabrics)
    centres = draw.standard_normal((fabrics, dim), dtype=np.float32)
    embeddings = draw.standard_normal((references, dim), dtype=np.float32)
    for start in range(0, references, 8192):
        part = embeddings[start : start + 8192]
        part *= 0.7
        part += centres[index[start : start + 8192]]
        part /= np.linalg.norm(part, axis=1, keepdims=True)
    names = [fabric_name(fabric) for fabric in range(fabrics)]
    rows = tuple(
        ReferenceRow(names[fabric], f"fabrics/{names[fabric]}/{row}.jpg", f"{row:064x}", f"{row:064x}", f"{row:x}")
        for row, fabric in enumerate(index.tolist())
    )
    return Bank(embeddings, rows, fingerprint, "dummy")


def fabric_name(number: int) -> str:
    return f"fabric {number:05}"


def studio_with(folder: Path, bank: Bank, encoder: str) -> Studio:
    """A studio with this bank in use: a folder a fabric, no photos; settings name the encoder."""
    from dataclasses import replace

    from fabric_desktop.bank import BANK_NAME, bank_files, write_bank
    from fabric_desktop.encoders.registry import fingerprint_of
    from fabric_desktop.studio import NewPart, open_studio, publish_version, save_setting

    studio = open_studio(folder, create=True)
    for fabric in bank.fabric_ids:
        (studio.fabrics_dir / fabric).mkdir()
    save_setting(studio, "encoder", encoder)
    own = replace(bank, fingerprint=fingerprint_of(encoder), encoder_id=encoder)
    part = NewPart(lambda place: write_bank(own, place / BANK_NAME), {"fabrics": len(own.fabric_ids)})
    publish_version(
        studio,
        encoder=encoder,
        fingerprint=own.fingerprint,
        parts={"bank": part},
        copies=bank_files(own, studio.bank_path),
    )
    return studio
