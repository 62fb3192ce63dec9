"""A studio, or only what it predicts with, as one zip with checksums; and taking one in without trusting it.

A refused file changes nothing: everything is unpacked beside the target and checked before it is moved.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import stat
import tempfile
import unicodedata
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Literal

from fabric_desktop.errors import FabricError, SaveFailed, ShareRefused, VersionMissing
from fabric_desktop.imaging import PHOTO_ENDINGS
from fabric_desktop.jobs import JobContext
from fabric_desktop.studio import Studio, Version, check_fabric_id, create_version, current_version, open_studio
from fabric_desktop.studio.files import TEMP_PREFIX
from fabric_desktop.studio.info import INFO_NAME
from fabric_desktop.studio.versions import MANIFEST_NAME, PART_FILES

CONTENTS_NAME = "fabric-desktop-share.json"
FORMAT = 1
Kind = Literal["studio", "model"]

# A studio of 10,000 photos of 5 MB is 50 GB; more than that in one zip is nothing a person made here.
MAX_BYTES = 50 * 2**30
MAX_FILES = 200_000
# Photos hardly shrink in a zip and JSON shrinks some 20-fold; a thousandfold is a bomb.
MAX_RATIO = 1000
_VERSION_FILES = frozenset({MANIFEST_NAME} | {name for files in PART_FILES.values() for name in files})
_CHUNK = 2**20


@dataclass(frozen=True, slots=True)
class Contents:
    """What a shared file says it holds: `files` maps a path in it to (SHA-256, bytes)."""

    kind: Kind
    encoder: str
    fingerprint: str
    version: str | None
    files: dict[str, tuple[str, int]]


@dataclass(frozen=True, slots=True)
class ShareReport:
    """A shared file that was written: its path, how many files and bytes are in it."""

    path: Path
    files: int
    bytes: int


def export_share(studio: Studio, target: Path, context: JobContext, *, kind: Kind = "studio") -> ShareReport:
    """Write a studio, or only the model in use and the fabrics' declared data, as one zip.

    "studio" takes the library, the patches, the evaluation set, the settings and the version in use. Older versions
    stay at home. Raises VersionMissing when a model is asked for and none is in use, SaveFailed, Cancelled.
    """
    version = current_version(studio)
    if kind == "model" and version is None:
        raise VersionMissing(version="-", path=str(studio.models_dir))
    files = list(_files_of(studio, version, kind))
    described: dict[str, dict[str, Any]] = {}
    temporary = target.with_name(f"{TEMP_PREFIX}{target.name}")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED) as archive:
            for number, (name, path) in enumerate(files):
                context.progress(number, len(files), "job.share", photo=path.name)
                data = path.read_bytes()
                packed = zipfile.ZIP_STORED if path.suffix.lower() in PHOTO_ENDINGS else zipfile.ZIP_DEFLATED
                archive.writestr(name, data, compress_type=packed)
                described[name] = {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}
            contents = {
                "format": FORMAT,
                "kind": kind,
                "encoder": version.manifest.get("encoder", "") if version is not None else "",
                "fingerprint": version.manifest.get("fingerprint", "") if version is not None else "",
                "version": version.name if version is not None else None,
                "files": described,
            }
            archive.writestr(CONTENTS_NAME, json.dumps(contents, ensure_ascii=False, indent=1))
        temporary.replace(target)
    except OSError as error:
        raise SaveFailed(path=str(target), reason="other", detail=str(error)) from error
    finally:
        temporary.unlink(missing_ok=True)
    return ShareReport(target, len(files), target.stat().st_size)


def _files_of(studio: Studio, version: Version | None, kind: Kind) -> Iterator[tuple[str, Path]]:
    if version is not None:
        for name in [MANIFEST_NAME, *version.manifest["files"]]:
            yield f"models/{version.name}/{name}", version.path / name
    for fabric in studio.fabric_ids():
        info = studio.fabrics_dir / fabric / INFO_NAME
        if info.is_file():
            yield f"fabrics/{fabric}/{INFO_NAME}", info
    if kind == "model":
        return
    for path in (studio.eval_set_path, studio.settings_path, studio.bank_path, studio.bank_index_path):
        if path.is_file():
            yield path.name, path
    if version is not None:
        yield "models/current.json", studio.current_path
    for folder in (studio.fabrics_dir, studio.labeled_dir, studio.unlabeled_dir):
        for path in sorted(folder.rglob("*")):
            name = path.relative_to(studio.root).as_posix()
            if path.is_file() and not path.is_symlink() and path.name != INFO_NAME and _belongs(name, kind):
                yield name, path


def _belongs(name: str, kind: Kind) -> bool:
    """Whether a path has a place in a studio (or in a shared model); anything else is a foreign file."""
    parts = PurePosixPath(name).parts
    picture = PurePosixPath(name).suffix.lower() in (*PHOTO_ENDINGS, ".json")
    if len(parts) == 3 and parts[0] == "models":
        return re.fullmatch(r"v[1-9]\d{0,8}", parts[1]) is not None and parts[2] in _VERSION_FILES
    if len(parts) == 3 and parts[0] == "fabrics" and parts[2] == INFO_NAME:
        return _sound_id(parts[1])
    if kind == "model":
        return False
    if len(parts) == 1:
        return name in ("eval_set.jsonl", "settings.toml", "fabric_bank.npz", "fabric_bank.json")
    if name == "models/current.json":
        return True
    if len(parts) == 3 and parts[0] == "fabrics":
        return _sound_id(parts[1]) and picture
    if len(parts) == 4 and parts[:2] == ("patches", "labeled"):
        return _sound_id(parts[2]) and picture
    return len(parts) == 3 and parts[:2] == ("patches", "unlabeled") and picture


def _sound_id(fabric_id: str) -> bool:
    try:
        return check_fabric_id(fabric_id) == unicodedata.normalize("NFC", fabric_id)
    except FabricError:
        return False


def read_contents(path: Path) -> Contents:
    """What a shared file holds, after checking every entry's name, kind and size against its own list.

    Raises ShareRefused(path, reason, entry): not_a_share, absolute_path, parent_path, link, foreign_file, too_big,
    bomb, missing_file, duplicate.
    """

    def refused(reason: str, entry: str = "") -> ShareRefused:
        return ShareRefused(path=str(path), reason=reason, entry=entry)

    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            try:
                head = archive.getinfo(CONTENTS_NAME)
            except KeyError as error:
                raise refused("not_a_share") from error
            if head.file_size > 64 * _CHUNK:
                raise refused("bomb", CONTENTS_NAME)
            contents = _parse(json.loads(archive.read(head)), refused)
    except (OSError, ValueError, zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError) as error:
        raise refused("not_a_share") from error
    names = [entry.filename for entry in entries if entry.filename != CONTENTS_NAME]
    if len(set(names)) != len(names) or len(entries) != len(names) + 1:
        raise refused("duplicate")
    for entry in entries:
        _check_entry(entry, contents, refused)
    absent = sorted(set(contents.files) - set(names))
    if absent:
        raise refused("missing_file", absent[0])
    if len(names) > MAX_FILES or sum(entry.file_size for entry in entries) > MAX_BYTES:
        raise refused("too_big")
    return contents


def _check_entry(entry: zipfile.ZipInfo, contents: Contents, refused: Any) -> None:
    name = entry.filename
    if name == CONTENTS_NAME:
        return
    if name.startswith(("/", "\\")) or re.match(r"[A-Za-z]:", name):
        raise refused("absolute_path", name)
    if ".." in re.split(r"[/\\]", name):
        raise refused("parent_path", name)
    if stat.S_ISLNK(entry.external_attr >> 16):
        raise refused("link", name)
    if "\\" in name or name not in contents.files or not _belongs(name, contents.kind):
        raise refused("foreign_file", name)
    if entry.file_size != contents.files[name][1] or entry.file_size > MAX_RATIO * max(entry.compress_size, 1):
        raise refused("bomb", name)


def _parse(value: Any, refused: Any) -> Contents:
    if not isinstance(value, dict) or value.get("format") != FORMAT or value.get("kind") not in ("studio", "model"):
        raise refused("not_a_share")
    texts = [value.get("encoder"), value.get("fingerprint")]
    files = value.get("files")
    if not all(isinstance(text, str) for text in texts) or not isinstance(files, dict):
        raise refused("not_a_share")
    described = {}
    for name, entry in files.items():
        digest, size = (entry.get("sha256"), entry.get("bytes")) if isinstance(entry, dict) else (None, None)
        if not isinstance(digest, str) or not isinstance(size, int) or isinstance(size, bool) or size < 0:
            raise refused("not_a_share")
        described[name] = (digest, size)
    version = value.get("version")
    return Contents(value["kind"], texts[0], texts[1], version if isinstance(version, str) else None, described)


def import_studio(path: Path, target: Path, context: JobContext) -> Studio:
    """Unpack a shared studio into a new folder; refuses one that exists and is not empty.

    Raises ShareRefused (also reasons wrong_kind, target_exists, wrong_hash, no_space), SaveFailed, Cancelled.
    """
    contents = read_contents(path)
    if contents.kind != "studio":
        raise ShareRefused(path=str(path), reason="wrong_kind", entry="")
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise ShareRefused(path=str(path), reason="target_exists", entry=str(target))
    with _Unpacked(path, contents, target.parent, context) as folder:
        try:
            if target.is_dir():
                target.rmdir()
            folder.rename(target)
        except OSError as error:
            raise SaveFailed(path=str(target), reason="other", detail=str(error)) from error
    return open_studio(target, create=True)


def import_model(path: Path, studio: Studio, fingerprint: str, context: JobContext) -> Version:
    """Take the model of a shared file into a studio as a new version, not in use; declared data is added for fabrics
    that have none here.

    fingerprint: of the encoder at work here; a model of another one is refused. Raises ShareRefused (also reasons
    foreign_fingerprint, no_model, wrong_hash), SaveFailed, Cancelled.
    """
    contents = read_contents(path)
    if contents.version is None:
        raise ShareRefused(path=str(path), reason="no_model", entry="")
    if contents.fingerprint != fingerprint:
        raise ShareRefused(path=str(path), reason="foreign_fingerprint", entry=contents.encoder)
    with _Unpacked(path, contents, studio.root, context) as folder:
        source = folder / "models" / contents.version
        manifest = _manifest_of(path, source)

        def fill(building: Path) -> None:
            for name in manifest["files"]:
                shutil.copyfile(source / name, building / name)

        kept = {key: value for key, value in manifest.items() if key not in ("files", "version", "created")}
        version = create_version(studio, fill, {**kept, "parent": None, "imported_from": path.name})
        for info in sorted(folder.glob(f"fabrics/*/{INFO_NAME}")):
            own = studio.fabrics_dir / info.parent.name / INFO_NAME
            if not own.exists():
                own.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(info, own)
    return version


def _manifest_of(path: Path, source: Path) -> dict[str, Any]:
    try:
        manifest = json.loads((source / MANIFEST_NAME).read_text(encoding="utf-8"))
        files = manifest["files"]
        for name, expected in files.items():
            if name not in _VERSION_FILES or hashlib.sha256((source / name).read_bytes()).hexdigest() != expected:
                raise ShareRefused(path=str(path), reason="wrong_hash", entry=name)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ShareRefused(path=str(path), reason="no_model", entry="") from error
    return dict(manifest)


class _Unpacked:
    """A folder beside the target with every file of a share, checked; removed again on leaving."""

    def __init__(self, path: Path, contents: Contents, beside: Path, context: JobContext) -> None:
        self._path, self._contents, self._beside, self._context = path, contents, beside, context
        self._folder: Path | None = None

    def __enter__(self) -> Path:
        total = sum(size for _, size in self._contents.files.values())
        try:
            self._beside.mkdir(parents=True, exist_ok=True)
            if shutil.disk_usage(self._beside).free < total:
                raise ShareRefused(path=str(self._path), reason="no_space", entry="")
            self._folder = Path(tempfile.mkdtemp(prefix=TEMP_PREFIX, dir=self._beside))
            inside = self._folder / "studio"
            inside.mkdir()
            with zipfile.ZipFile(self._path) as archive:
                for number, (name, (digest, size)) in enumerate(sorted(self._contents.files.items())):
                    self._context.progress(number, len(self._contents.files), "job.take_in", photo=name)
                    self._unpack(archive, name, digest, size, inside / name)
            return inside
        except (OSError, zipfile.BadZipFile, RuntimeError, EOFError) as error:
            self._remove()
            raise ShareRefused(path=str(self._path), reason="wrong_hash", entry="") from error
        except BaseException:
            self._remove()
            raise

    def _unpack(self, archive: zipfile.ZipFile, name: str, digest: str, size: int, target: Path) -> None:
        target.parent.mkdir(parents=True, exist_ok=True)
        found, written = hashlib.sha256(), 0
        with archive.open(name) as source, target.open("xb") as sink:
            while chunk := source.read(_CHUNK):
                written += len(chunk)
                if written > size:
                    raise ShareRefused(path=str(self._path), reason="bomb", entry=name)
                found.update(chunk)
                sink.write(chunk)
        if written != size or found.hexdigest() != digest:
            raise ShareRefused(path=str(self._path), reason="wrong_hash", entry=name)

    def __exit__(self, *_: object) -> None:
        self._remove()

    def _remove(self) -> None:
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
