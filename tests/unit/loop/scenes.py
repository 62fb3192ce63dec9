"""Studios in the middle of the loop: a bank, labels, wrong labels. Plain functions, no fixtures."""

from __future__ import annotations

import atexit
import functools
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from fabric_desktop.bank import build_bank
from fabric_desktop.jobs import JobContext
from fabric_desktop.loop import Improvement, deploy, improve
from fabric_desktop.studio import Studio
from tests.support import CountingEncoder, add_patches, cloth, make_studio, save_photo

FABRICS = ("亚麻", "file", "silk satin")


class OtherEncoder(CountingEncoder):
    """The dummy under another id and fingerprint."""

    def __init__(self) -> None:
        super().__init__("other fingerprint")
        self.id = "other"


@functools.cache
def _made_once(make: Callable[..., Studio], *arguments: int) -> Path:
    """A studio made once a process, to be copied."""
    folder = Path(tempfile.mkdtemp(prefix="fabric-scene-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return make(folder / "studio", *arguments).root


def labelled_studio(root: Path, per_fabric: int = 8) -> Studio:
    """Three fabrics with a bank of three references each in use, and so many labelled patches each."""
    return Studio(shutil.copytree(_made_once(_labelled, per_fabric), root))


def trained_studio(root: Path) -> Studio:
    """A labelled studio whose first head is in use (v2)."""
    return Studio(shutil.copytree(_made_once(_trained), root))


def _labelled(root: Path, per_fabric: int) -> Studio:
    studio = make_studio(root, dict.fromkeys(FABRICS, 3))
    build_bank(studio, CountingEncoder(), JobContext())
    for fabric in FABRICS:
        add_patches(studio, fabric, per_fabric)
    return studio


def label(studio: Studio, shown: str, named: str, count: int, first_piece: int) -> list[Path]:
    """Label patches that show one fabric as another."""
    return [
        save_photo(studio.labeled_dir / named / f"{shown} {piece}.png", cloth(shown, piece, piece))
        for piece in range(first_piece, first_piece + count)
    ]


def label_wrongly(studio: Studio, count: int = 7) -> list[Path]:
    """Patches of every fabric labelled as the next one."""
    found = []
    for shown, named in zip(FABRICS, (*FABRICS[1:], FABRICS[0]), strict=True):
        found += label(studio, shown, named, count, 500)
    return found


def renewed(studio: Studio, context: JobContext | None = None) -> Improvement:
    return improve(studio, CountingEncoder(), context or JobContext())


def _trained(root: Path) -> Studio:
    studio = labelled_studio(root)
    deploy(studio, renewed(studio).new.name)
    return studio
