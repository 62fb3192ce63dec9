"""A small studio at work: what a person does in it, and what must hold in it afterwards, whatever went wrong.

Shared by the fault tests of this folder. No faults here, and no pytest: also used by processes that get killed.
"""

from __future__ import annotations

import contextlib
import io
import json
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from fabric_desktop.bank import build_bank, load_bank
from fabric_desktop.encoders.dummy import DummyEncoder
from fabric_desktop.errors import BankMismatch, FabricError, VersionMissing
from fabric_desktop.eval_set import make_eval_set, read_eval_set
from fabric_desktop.head import train_head
from fabric_desktop.jobs import JobContext
from fabric_desktop.labels import PatchOrigin, list_labeled, save_patch
from fabric_desktop.library.edit import declare, rename_fabric
from fabric_desktop.library.importing import plan_import, run_import
from fabric_desktop.library.sources import FolderSource
from fabric_desktop.loop.deploying import deploy
from fabric_desktop.model import load_model
from fabric_desktop.sharing import export_share, import_model
from fabric_desktop.studio import (
    FabricInfo,
    Studio,
    StudioLock,
    current_version,
    list_versions,
    load_settings,
    open_studio,
    save_setting,
)
from fabric_desktop.studio.changes import pending_changes
from fabric_desktop.studio.files import read_npz, trouble_of, write_bytes
from tests.support import add_patches, cloth, make_studio, save_photo

FABRICS = ("棉布", "file")
ROVERS = ("呢 felt", "feutre")


@dataclass(frozen=True)
class Scene:
    """A studio with a bank, a head and labels, photos waiting to be imported, and a model somebody sent."""

    studio: Studio
    swatches: Path
    shared: Path


def make_scene(folder: Path, beside: Path | None = None) -> Scene:
    """Two versions in the studio (the second in use), labels, an evaluation set and settings; what is to be taken in
    lies `beside` it."""
    studio = make_studio(folder / "工作 室", dict.fromkeys((*FABRICS, ROVERS[0]), 3))
    for fabric in FABRICS:
        add_patches(studio, fabric, 12, pieces=4)
    save_setting(studio, "encoder", "dummy")
    declare(studio, FabricInfo("棉布", name_en="cotton", supplier="A"))
    make_eval_set(studio)
    encoder = DummyEncoder()
    build_bank(studio, encoder, JobContext())
    train_head(studio, encoder, JobContext())
    swatches = (beside or folder) / "swatches"
    for number in range(3):
        save_photo(swatches / "棉布" / f"old {number}.png", cloth("棉布", 50 + number))
    shared = (beside or folder) / "model.zip"
    export_share(studio, shared, JobContext(), kind="model")
    return Scene(studio, swatches, shared)


def _put(path: Path, picture: Image.Image) -> None:
    """A photo that another program put there, whole."""
    stream = io.BytesIO()
    picture.save(stream, "PNG")
    write_bytes(path, stream.getvalue())


def _label(scene: Scene, number: int) -> None:
    with StudioLock(scene.studio, "test"):
        picture = cloth("棉布", 900 + number, side=64)
        save_patch(scene.studio, picture, "棉布", PatchOrigin(), topk=[{"id": "file", "score": 0.5}])


def _build(scene: Scene, number: int) -> None:
    # Another photo each time, so that there is something to build.
    _put(scene.studio.fabrics_dir / "file" / f"more {number}.png", cloth("file", 300 + number))
    with StudioLock(scene.studio, "test"):
        build_bank(scene.studio, DummyEncoder(), JobContext())


def _train(scene: Scene, number: int) -> None:
    fabric = FABRICS[number % 2]
    _put(scene.studio.labeled_dir / fabric / f"later {number}.png", cloth(fabric, 500 + number, side=64))
    with StudioLock(scene.studio, "test"):
        train_head(scene.studio, DummyEncoder(), JobContext())


def _deploy(scene: Scene, number: int) -> None:
    with StudioLock(scene.studio, "test"):
        versions = list_versions(scene.studio)
        if not versions:
            raise VersionMissing(version="v1", path=str(scene.studio.models_dir))
        deploy(scene.studio, versions[number % len(versions)].name)


def _import(scene: Scene, number: int) -> None:
    for fabric in ("棉布", "麻 linen"):
        _put(scene.swatches / fabric / f"new {number}.png", cloth(fabric, 700 + number))
    with StudioLock(scene.studio, "test"):
        plan = plan_import(FolderSource(scene.swatches), scene.studio, JobContext())
        run_import(plan, scene.studio, JobContext())


def _save_setting(scene: Scene, number: int) -> None:
    with StudioLock(scene.studio, "test"):
        save_setting(scene.studio, "top_k", 2 + number % 90)


def _declare(scene: Scene, number: int) -> None:
    with StudioLock(scene.studio, "test"):
        declare(scene.studio, FabricInfo("棉布", name_en="cotton", supplier="B" * (1 + number % 7)))


def _rename(scene: Scene, number: int) -> None:
    with StudioLock(scene.studio, "test"):
        old, new = ROVERS if ROVERS[0] in scene.studio.fabric_ids() else ROVERS[::-1]
        rename_fabric(scene.studio, old, new)


def _take_in(scene: Scene, number: int) -> None:
    with StudioLock(scene.studio, "test"):
        import_model(scene.shared, scene.studio, DummyEncoder().fingerprint, JobContext())


OPERATIONS: dict[str, Callable[[Scene, int], None]] = {
    "save": _save_setting,
    "label": _label,
    "build": _build,
    "train": _train,
    "deploy": _deploy,
    "import": _import,
    "declare": _declare,
    "rename": _rename,
    "take in": _take_in,
}
"""What a person does, by name; each is called with a number that makes this time another than the last."""


def told(scene: Scene, name: str, number: int) -> FabricError | None:
    """What the window or a command tells about a piece of work that fails; an error of another kind goes through."""
    try:
        OPERATIONS[name](scene, number)
    except FabricError as error:
        return error
    except OSError as error:
        if error.filename is None:
            raise
        return trouble_of(error)
    return None


def require_whole(studio: Studio) -> None:
    """Raise AssertionError unless the studio opens and everything in it is whole, as the next start finds it."""
    studio = open_studio(studio.root)
    with StudioLock(studio, "check"):
        pass  # finishes what was cut off
    assert pending_changes(studio) == []
    load_settings(studio)
    for path in studio.root.rglob("*"):
        hidden = any(part.startswith(".") for part in path.relative_to(studio.root).parts)
        if path.is_file() and not hidden:
            _require_readable(path)
    for folder in (studio.fabrics_dir, studio.labeled_dir):
        for path in folder.rglob("*.json"):
            assert path.with_suffix(".png").exists() or _is_spare_record(path), f"{path} has no picture"
    read_eval_set(studio)
    version = current_version(studio)
    assert version is not None
    model = load_model(studio, DummyEncoder().fingerprint, dim=DummyEncoder.dim)
    assert (model.bank_error, model.head_error) == (None, None)
    assert model.bank is not None
    names = {entry.name for entry in studio.models_dir.iterdir() if entry.name.startswith("v")}
    assert names == {each.name for each in list_versions(studio)}, "half a version under its name"
    # The copy for other programs is two files; between their moves a kill leaves a pair that says it does not fit.
    with contextlib.suppress(BankMismatch):
        load_bank(studio.bank_path)
    list_labeled(studio)


def _is_spare_record(path: Path) -> bool:
    """A record is put in place before its picture: a kill in between leaves one that belongs to nothing yet."""
    return "saved_at" in json.loads(path.read_text(encoding="utf-8"))


def _require_readable(path: Path) -> None:
    data = path.read_bytes()
    if path.suffix == ".png":
        with Image.open(io.BytesIO(data)) as image:
            image.load()
    elif path.suffix == ".json":
        json.loads(data)
    elif path.suffix == ".jsonl":
        for line in data.splitlines():
            json.loads(line)
    elif path.suffix == ".toml":
        tomllib.loads(data.decode("utf-8"))
    elif path.suffix == ".npz":
        read_npz(path)
