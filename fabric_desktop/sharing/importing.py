"""Taking in a shared studio or model: everything is unpacked beside its place and checked before it is moved there.

A refused file changes nothing.
"""

from __future__ import annotations

import contextlib
import hashlib
import shutil
import tempfile
import zipfile
from pathlib import Path
from typing import Any

from fabric_desktop.bank import load_bank
from fabric_desktop.errors import (
    BadInfo,
    BankMismatch,
    BankMissing,
    EncoderUnavailable,
    HeadMismatch,
    SaveFailed,
    SettingsDamaged,
    ShareRefused,
    VersionMissing,
)
from fabric_desktop.head import load_head
from fabric_desktop.jobs import JobContext
from fabric_desktop.loop.deploying import deploy
from fabric_desktop.loop.known import has_head
from fabric_desktop.present_names import present_ids
from fabric_desktop.sharing.contents import Contents, read_contents, refuser
from fabric_desktop.studio import (
    Studio,
    Version,
    create_version,
    discard_version,
    load_info,
    load_settings,
    load_version,
    open_studio,
)
from fabric_desktop.studio.files import TEMP_PREFIX, make_folder, reason_of, write_together
from fabric_desktop.studio.info import INFO_NAME
from fabric_desktop.studio.renames import BANK_MADE, HEAD_RENAMED, RENAMED

_CHUNK = 2**20
_OWN_ENTRIES = ("files", "version", "created", "parent", "compared", BANK_MADE)


def import_studio(path: Path, target: Path, context: JobContext, *, without_model: bool = False) -> Studio:
    """Unpack a shared studio into a new folder; refuses one that exists and is not empty.

    Its model is put in use there. A model whose encoder is not here, or is another here, is refused, unless it is left
    behind (`without_model`): photos and labels then come alone. Raises ShareRefused (reasons of `read_contents`, and
    wrong_kind, target_exists, foreign_fingerprint, no_model, damaged_file, wrong_hash, no_space), SaveFailed,
    Cancelled.
    """
    contents, refused = read_contents(path), refuser(path)
    if contents.kind != "studio":
        raise refused("wrong_kind")
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise refused("target_exists", str(target))
    if not without_model:
        _require_encoder(path, contents)
    with _Unpacked(path, contents, _nearest_folder(target.parent), context) as folder:
        inside = open_studio(folder, create=True)
        _require_sound(path, inside)
        if without_model:
            _leave_model(inside)
        elif contents.version is not None:
            _require_model(path, contents, inside, contents.fingerprint)
            deploy(inside, contents.version)
        elif contents.fingerprint:
            _require_bank(path, inside.bank_path, contents.fingerprint, contents.encoder)
        _move_in(folder, target)
    return open_studio(target)


def import_model(path: Path, studio: Studio, fingerprint: str, context: JobContext) -> Version:
    """Take the model of a shared file into a studio as a new version, not in use; declared data are added for fabrics
    that have none here. The caller holds the studio's lock.

    fingerprint: of the encoder at work here; a model of another one is refused. Raises ShareRefused (reasons of
    `read_contents`, and foreign_fingerprint, no_model, damaged_file, wrong_hash, no_space), SaveFailed, Cancelled.
    """
    contents, refused = read_contents(path), refuser(path)
    if contents.version is None:
        raise refused("no_model")
    if contents.fingerprint != fingerprint:
        raise refused("foreign_fingerprint", contents.encoder)
    with _Unpacked(path, contents, studio.root, context) as folder:
        inside = Studio(folder)
        _require_sound(path, inside)
        source = _require_model(path, contents, inside, fingerprint)

        def fill(building: Path) -> None:
            for name in source.manifest["files"]:
                shutil.copyfile(source.path / name, building / name)

        infos = _new_infos(inside, studio)
        kept = {key: value for key, value in source.manifest.items() if key not in _OWN_ENTRIES}
        context.check_cancelled()
        named = {RENAMED: present_ids(source, of_bank=True), HEAD_RENAMED: present_ids(source, of_head=True)}
        origin = {"parent": None, "imported_from": path.name, **named}
        version = create_version(studio, fill, {**kept, **origin})
        try:
            write_together(infos)
        except SaveFailed:
            discard_version(studio, version.name)
            raise
    return version


def _new_infos(inside: Studio, studio: Studio) -> dict[Path, bytes]:
    found: dict[Path, bytes] = {}
    for fabric in inside.fabric_ids():
        theirs, own = inside.fabrics_dir / fabric / INFO_NAME, studio.fabrics_dir / fabric / INFO_NAME
        if theirs.is_file() and not own.exists():
            found[own] = theirs.read_bytes()
    return found


def _require_encoder(path: Path, contents: Contents) -> None:
    """Raise ShareRefused unless the model's encoder would see here what it saw there."""
    from fabric_desktop.encoders.registry import fingerprint_of

    if not contents.fingerprint:
        return
    with contextlib.suppress(EncoderUnavailable):
        if fingerprint_of(contents.encoder) == contents.fingerprint:
            return
    raise refuser(path)("foreign_fingerprint", contents.encoder)


def _require_sound(path: Path, inside: Studio) -> None:
    """Raise ShareRefused for settings or declared data that cannot be read."""
    try:
        load_settings(inside)
        for fabric in inside.fabric_ids():
            load_info(inside, fabric)
    except (SettingsDamaged, BadInfo) as error:
        entry = Path(str(error.params["path"])).relative_to(inside.root).as_posix()
        raise refuser(path)("damaged_file", entry) from error


def _require_model(path: Path, contents: Contents, inside: Studio, fingerprint: str) -> Version:
    """The model in an unpacked share, once it is whole and made by the encoder of this fingerprint."""
    refused = refuser(path)
    try:
        version = load_version(inside, str(contents.version))
        if version.manifest.get("fingerprint") != fingerprint:
            raise refused("foreign_fingerprint", contents.encoder)
        if "bank" in version.manifest["parts"]:
            _require_bank(path, version.path / "bank.npz", fingerprint, contents.encoder)
        if has_head(version):
            load_head(version)
    except (VersionMissing, HeadMismatch) as error:
        raise refused("no_model") from error
    return version


def _require_bank(path: Path, bank_path: Path, fingerprint: str, encoder: str) -> None:
    try:
        load_bank(bank_path, fingerprint)
    except BankMissing as error:
        raise refuser(path)("no_model") from error
    except BankMismatch as error:
        other = error.params.get("reason") == "other_encoder"
        raise refuser(path)("foreign_fingerprint" if other else "no_model", encoder if other else "") from error


def _leave_model(inside: Studio) -> None:
    shutil.rmtree(inside.models_dir, ignore_errors=True)
    inside.bank_path.unlink(missing_ok=True)
    inside.bank_index_path.unlink(missing_ok=True)


def _nearest_folder(path: Path) -> Path:
    """The folder itself, or the nearest one above it that is there: a refusal must not leave new folders behind."""
    path = Path(path).absolute()
    return next((folder for folder in (path, *path.parents) if folder.is_dir()), path)


def _move_in(folder: Path, target: Path) -> None:
    empty = target.is_dir()
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        if empty:
            target.rmdir()
        folder.rename(target)
    except OSError as error:
        if empty:
            with contextlib.suppress(OSError):
                target.mkdir(exist_ok=True)
        raise SaveFailed(path=str(target), reason=reason_of(error), detail=str(error)) from error


class _Unpacked:
    """A folder beside the target with every file of a share, checked; removed again on leaving."""

    def __init__(self, path: Path, contents: Contents, beside: Path, context: JobContext) -> None:
        self._path, self._contents, self._beside, self._context = path, contents, beside, context
        self._refused = refuser(path)
        self._folder: Path | None = None

    def __enter__(self) -> Path:
        try:
            return self._unpack_all()
        except BaseException:
            self._remove()
            raise

    def _unpack_all(self) -> Path:
        files = sorted(self._contents.files.items())
        try:
            if shutil.disk_usage(self._beside).free < sum(size for _, (_, size) in files):
                raise self._refused("no_space")
            self._folder = Path(tempfile.mkdtemp(prefix=TEMP_PREFIX, dir=self._beside))
            inside = self._folder / "studio"
            inside.mkdir()
        except OSError as error:
            raise SaveFailed(path=str(self._beside), reason=reason_of(error), detail=str(error)) from error
        try:
            archive = zipfile.ZipFile(self._path)
        except Exception as error:  # as in read_contents
            raise self._refused("not_a_share") from error
        with archive:
            for number, (name, (digest, size)) in enumerate(files):
                self._context.progress(number, len(files), "job.take_in", photo=name)
                self._unpack(archive, name, digest, size, inside / name)
        return inside

    def _unpack(self, archive: zipfile.ZipFile, name: str, digest: str, size: int, target: Path) -> None:
        """One file, never more of it than it said; written only where nothing is."""
        try:
            make_folder(target.parent)
            sink = target.open("xb")
        except OSError as error:
            raise SaveFailed(path=str(target), reason=reason_of(error), detail=str(error)) from error
        with sink:
            found, written = hashlib.sha256(), 0
            for chunk in _chunks(archive, name, self._refused):
                written += len(chunk)
                if written > size:
                    raise self._refused("bomb", name)
                found.update(chunk)
                try:
                    sink.write(chunk)
                except OSError as error:
                    raise SaveFailed(path=str(target), reason=reason_of(error), detail=str(error)) from error
        if written != size or found.hexdigest() != digest:
            raise self._refused("wrong_hash", name)

    def __exit__(self, *_: object) -> None:
        self._remove()

    def _remove(self) -> None:
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)


def _chunks(archive: zipfile.ZipFile, name: str, refused: Any) -> Any:
    try:
        with archive.open(name) as source:
            while chunk := source.read(_CHUNK):
                yield chunk
    except (ShareRefused, SaveFailed):
        raise
    except Exception as error:  # a wrong checksum, a broken stream: zipfile and zlib have many words for it
        raise refused("wrong_hash", name) from error
