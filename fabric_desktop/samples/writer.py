"""Writing the sample studio: reference photos, sample photographs, names and the mark that says it is drawn.

Not for drawing. A picture already written is known by its own comment, so an interrupted run goes on where it stopped.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any, Final

from PIL import Image, UnidentifiedImageError

from fabric_desktop.errors import NotAStudio
from fabric_desktop.imaging import Box, is_photo_name
from fabric_desktop.jobs import JobContext
from fabric_desktop.studio import FabricInfo, Studio, open_studio, save_info
from fabric_desktop.studio.files import read_json, write_bytes, write_json, write_text
from fabric_desktop.studio.layout import SAMPLE_MARK

from .catalogue import SAMPLE_FABRICS, SampleFabric
from .patch import draw_patch
from .photographs import draw_garment_photo

GENERATOR: Final = "fabric_desktop.samples 1"
"""Goes up when the drawing changes; an older sample studio is then drawn anew."""
REFERENCES: Final = 4
PHOTOGRAPHS: Final = (("swatches_1.jpg", 1), ("jacket.jpg", 2), ("swatches_2.jpg", 3))
"""Sample photographs and what is added to the studio's seed for each; its parity chooses the kind."""
_QUALITY: Final = 93
_MARK: Final = "Drawn, not a photograph"
_DESCRIPTION, _SOFTWARE = 0x010E, 0x0131  # EXIF tags ImageDescription and Software

_README: Final = """\
这里的面料是程序画的，不是照片。
The cloth in this folder is drawn by the program; none of it is a photograph.

fabrics/    参考图：每种面料一个文件夹      reference pictures, one folder a fabric
photos/     可以打开来试的画面              pictures to open and try
patches/    您在这里存下的标注只留在这里    what you label here stays here

画出来的布只能说明程序怎么用，说明不了它认真布的本事。要识别自己的面料，请打开自己的文件夹。
Drawn cloth shows how the program works, not how well it knows real cloth. For your own fabrics, open your own folder.

删掉整个文件夹也没有关系：下次需要时会再画一份。
The whole folder may be deleted; it is drawn again when it is needed.
"""


def create_sample_studio(root: Path, ctx: JobContext | None = None, seed: int = 1) -> Studio:
    """Draw the sample studio at `root`, or what is missing of it, and return it.

    Four reference pictures and a fabric.toml for each of SAMPLE_FABRICS, the sample photographs in photos/, README.txt,
    and at the very end sample_studio.json, whose presence makes `Studio.is_sample` true. A finished studio of the same
    seed and generator is left untouched, whatever a person did to it. Files that this program did not draw are never
    overwritten.

    Raises NotAStudio when the folder holds pictures of someone else's and no mark: it is a studio of a person's own.
    SaveFailed, StudioReadOnly when it cannot be written; Cancelled from ctx, after which a second call goes on.
    """
    ctx = ctx or JobContext()
    studio = open_studio(root, create=True)
    if _finished(studio, seed):
        return studio
    if not studio.is_sample and (stranger := _strange_picture(studio)) is not None:
        raise NotAStudio(path=str(studio.root), photo=studio.relative(stranger), reason="not_drawn")
    write_text(studio.root / "README.txt", _README)
    total = len(SAMPLE_FABRICS) * REFERENCES + len(PHOTOGRAPHS)
    done = 0
    for fabric in SAMPLE_FABRICS:
        _write_info(studio, fabric)
        for number in range(1, REFERENCES + 1):
            path = studio.fabrics_dir / fabric.id / f"ref_{number:02d}.jpg"
            ctx.progress(done, total, "job.make_samples", photo=f"{fabric.id}/{path.name}")
            comment = _comment(f"fabric {fabric.id}, seed {reference_seed(seed, number)}")
            if _may_draw(path, comment):
                _write_picture(path, draw_patch(fabric.id, reference_seed(seed, number)), comment)
            done += 1
    photographs: dict[str, Any] = {}
    for name, offset in PHOTOGRAPHS:
        path = studio.root / "photos" / name
        ctx.progress(done, total, "job.make_samples", photo=name)
        # drawn even where the file is there: its regions are known from the drawing alone
        picture, regions = draw_garment_photo(photograph_seed(seed, offset), check=ctx.check_cancelled)
        comment = _comment(f"photograph, seed {photograph_seed(seed, offset)}")
        if _may_draw(path, comment):
            _write_picture(path, picture, comment)
        photographs[f"photos/{name}"] = {
            region: {"fabric": fabric_id, "box": box.as_list()} for region, (fabric_id, box) in regions.items()
        }
        done += 1
    ctx.check_cancelled()
    mark = {"drawn": True, "generator": GENERATOR, "seed": seed, "note": _MARK, "photographs": photographs}
    write_json(studio.root / SAMPLE_MARK, mark)
    ctx.progress(total, total, "job.make_samples", photo=SAMPLE_MARK)
    return studio


def is_finished(root: Path, seed: int = 1) -> bool:
    """Whether the sample studio at `root` is there, whole, and as this program draws it."""
    return _finished(Studio(root), seed)


def reference_seed(seed: int, number: int) -> int:
    """The seed of a reference picture; below 100,000 for the usual seeds, so that tests may hold out those above."""
    return seed * 1000 + number


def photograph_seed(seed: int, offset: int) -> int:
    """The seed of a sample photograph; a multiple of six keeps its kind and its set of cloths."""
    return seed * 6000 + offset


def sample_regions(studio: Studio) -> dict[Path, dict[str, tuple[str, Box]]]:
    """The sample photographs of a sample studio, in order, and their known regions: {name: (fabric id, box)}.

    Empty for a studio that is none, or whose mark or photographs are gone or damaged.
    """
    try:
        photographs = read_json(studio.root / SAMPLE_MARK)["photographs"]
        return {
            studio.root / name: {
                region: (str(known["fabric"]), Box(*(int(value) for value in known["box"])))
                for region, known in regions.items()
            }
            for name, regions in photographs.items()
            if (studio.root / name).is_file()
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def _finished(studio: Studio, seed: int) -> bool:
    try:
        mark = read_json(studio.root / SAMPLE_MARK)
    except (OSError, ValueError):
        return False
    return isinstance(mark, dict) and mark.get("generator") == GENERATOR and mark.get("seed") == seed


def _strange_picture(studio: Studio) -> Path | None:
    """A picture in the folder that this program did not draw, if there is one."""
    for folder in (studio.fabrics_dir, studio.root / "patches", studio.root / "photos"):
        for path in sorted(folder.rglob("*")):
            if path.is_file() and is_photo_name(path) and not is_drawn(path):
                return path
    return None


def is_drawn(path: Path) -> bool:
    """Whether a picture file says of itself that this program drew it."""
    return _comment_of(path).startswith(_MARK)


def _comment(what: str) -> str:
    return f"{_MARK}: {GENERATOR}, {what}"


def _comment_of(path: Path) -> str:
    """The JPEG comment of a whole picture; empty for any other file."""
    try:
        with Image.open(path, formats=("JPEG",)) as image:
            comment = image.info.get("comment", b"")
    except (OSError, UnidentifiedImageError, ValueError, SyntaxError):
        return ""
    return comment.decode("utf-8", "replace") if isinstance(comment, bytes) else ""


def _may_draw(path: Path, comment: str) -> bool:
    """Whether the picture is missing or an older drawing of ours; another hand's file is left alone."""
    if not path.exists():
        return True
    present = _comment_of(path)
    return present != comment and present.startswith(_MARK)


def _write_picture(path: Path, picture: Image.Image, comment: str) -> None:
    exif = Image.Exif()
    exif[_DESCRIPTION] = comment
    exif[_SOFTWARE] = GENERATOR
    data = io.BytesIO()
    picture.save(data, "JPEG", quality=_QUALITY, subsampling=0, comment=comment.encode("utf-8"), exif=exif)
    write_bytes(path, data.getvalue())


def _write_info(studio: Studio, fabric: SampleFabric) -> None:
    if (studio.fabrics_dir / fabric.id / "fabric.toml").exists():
        return
    info = FabricInfo(
        id=fabric.id,
        name_zh=fabric.name_zh,
        name_en=fabric.name_en,
        structure=fabric.structure,
        notes="程序画的，不是照片。Drawn by the program, not photographed.",
    )
    save_info(studio, info)
