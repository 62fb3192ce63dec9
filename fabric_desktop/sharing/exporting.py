"""Writing a studio, or only a model and the fabrics' names, as one zip with checksums."""

from __future__ import annotations

import hashlib
import json
import os
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fabric_desktop.bank import load_bank
from fabric_desktop.errors import BankMismatch, BankMissing, SaveFailed, VersionMissing
from fabric_desktop.jobs import JobContext
from fabric_desktop.sharing.contents import CONTENTS_NAME, FORMAT, Kind, belongs, folded
from fabric_desktop.studio import Studio, Version, current_version
from fabric_desktop.studio.files import TEMP_PREFIX, put_in_place, reason_of
from fabric_desktop.studio.info import INFO_NAME
from fabric_desktop.studio.layout import photos_in
from fabric_desktop.studio.renames import RENAMES_NAME, renames_path
from fabric_desktop.studio.versions import MANIFEST_NAME

_PACKED = (".json", ".jsonl", ".toml")


@dataclass(frozen=True, slots=True)
class ShareReport:
    """A shared file that was written: its path, how many files and bytes are in it. `left_out` are files whose name
    cannot be written on every system, relative to the studio."""

    path: Path
    files: int
    bytes: int
    left_out: tuple[str, ...] = ()


def export_share(
    studio: Studio, target: Path, context: JobContext, *, kind: Kind = "studio", version: Version | None = None
) -> ShareReport:
    """Write a studio, or only a model and the fabrics' declared data, as one zip.

    "studio" takes the library, the patches, the evaluation set, the settings and one version; the others stay at home.
    version: the model to take, the one in use unless another is given. Raises VersionMissing when a model is asked for
    and none is in use, SaveFailed, Cancelled; an older file at `target` is then whole.
    """
    version = version or current_version(studio)
    if kind == "model" and version is None:
        raise VersionMissing(version="-", path=str(studio.models_dir))
    files, left_out = _chosen(studio, version, kind)
    temporary = target.with_name(f"{TEMP_PREFIX}{os.getpid()}-{target.name}")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with temporary.open("xb") as stream:
            _write(stream, files, _described(studio, version), kind, context)
            stream.flush()
            os.fsync(stream.fileno())
        put_in_place(temporary, target)
    except OSError as error:
        raise SaveFailed(path=str(target), reason=reason_of(error), detail=str(error)) from error
    finally:
        temporary.unlink(missing_ok=True)
    return ShareReport(target, len(files), target.stat().st_size, tuple(left_out))


def _write(
    stream: Any, files: list[tuple[str, Path]], described: dict[str, Any], kind: Kind, context: JobContext
) -> None:
    listed: dict[str, dict[str, Any]] = {}
    with zipfile.ZipFile(stream, "w") as archive:
        for number, (name, path) in enumerate(files):
            context.progress(number, len(files), "job.share", photo=path.name)
            data = path.read_bytes()
            _add(archive, name, data)
            listed[name] = {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}
        contents = {"format": FORMAT, "kind": kind, **described, "files": listed}
        _add(archive, CONTENTS_NAME, json.dumps(contents, ensure_ascii=False, indent=1).encode("utf-8"))
    context.check_cancelled()


def _add(archive: zipfile.ZipFile, name: str, data: bytes) -> None:
    # Dated as zip's earliest date, so that the same studio gives the same file.
    entry = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
    entry.external_attr = 0o100644 << 16
    entry.compress_type = zipfile.ZIP_DEFLATED if name.endswith(_PACKED) else zipfile.ZIP_STORED
    archive.writestr(entry, data)


def _described(studio: Studio, version: Version | None) -> dict[str, Any]:
    if version is not None:
        encoder, fingerprint = version.manifest.get("encoder", ""), version.manifest.get("fingerprint", "")
        return {"encoder": encoder, "fingerprint": fingerprint, "version": version.name}
    try:
        bank = load_bank(studio.bank_path)
    except (BankMissing, BankMismatch):
        return {"encoder": "", "fingerprint": "", "version": None}
    return {"encoder": bank.encoder_id, "fingerprint": bank.fingerprint, "version": None}


def _chosen(studio: Studio, version: Version | None, kind: Kind) -> tuple[list[tuple[str, Path]], list[str]]:
    """The files to take, and those whose name would be refused elsewhere or is another's there."""
    chosen: list[tuple[str, Path]] = []
    left_out: list[str] = []
    taken: set[str] = set()
    for name, path in _files_of(studio, version, kind):
        if belongs(name, kind, None if version is None else version.name) and folded(name) not in taken:
            taken.add(folded(name))
            chosen.append((name, path))
        else:
            left_out.append(name)
    return chosen, left_out


def _files_of(studio: Studio, version: Version | None, kind: Kind) -> Iterator[tuple[str, Path]]:
    if version is not None:
        for name in [MANIFEST_NAME, *version.manifest["files"]]:
            yield f"models/{version.name}/{name}", version.path / name
        if renames_path(studio.models_dir).is_file():
            yield f"models/{RENAMES_NAME}", renames_path(studio.models_dir)
    for fabric in studio.fabric_ids():
        info = studio.fabrics_dir / fabric / INFO_NAME
        if info.is_file():
            yield f"fabrics/{fabric}/{INFO_NAME}", info
    if kind == "model":
        return
    roots = [studio.eval_set_path, studio.settings_path]
    if version is None and _described(studio, None)["fingerprint"]:
        roots += [studio.bank_path, studio.bank_index_path]
    for path in roots:
        if path.is_file():
            yield path.name, path
    folders = {f"fabrics/{fabric}": studio.fabrics_dir / fabric for fabric in studio.fabric_ids()}
    folders |= {f"patches/labeled/{fabric}": studio.labeled_dir / fabric for fabric in studio.labeled_ids()}
    folders["patches/unlabeled"] = studio.unlabeled_dir
    for place, folder in folders.items():
        records: set[Path] = set()
        for picture in photos_in(folder):
            yield f"{place}/{picture.name}", picture
            record = picture.with_suffix(".json")
            # Two pictures of one stem share a record.
            if record not in records and record.is_file():
                records.add(record)
                yield f"{place}/{record.name}", record
