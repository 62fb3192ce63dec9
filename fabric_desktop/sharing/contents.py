"""What a shared file may hold, and reading its list of contents without trusting a byte of it. Unpacks nothing."""

from __future__ import annotations

import re
import stat
import unicodedata
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Literal

from fabric_desktop.errors import BadFabricId, ShareRefused
from fabric_desktop.imaging import PHOTO_ENDINGS
from fabric_desktop.parsing import parse_json
from fabric_desktop.studio import check_fabric_id
from fabric_desktop.studio.files import TEMP_PREFIX
from fabric_desktop.studio.info import INFO_NAME
from fabric_desktop.studio.renames import RENAMES_NAME
from fabric_desktop.studio.versions import MANIFEST_NAME, PART_FILES, VERSION_NAME

CONTENTS_NAME = "fabric-desktop-share.json"
FORMAT = 1
Kind = Literal["studio", "model"]
Refuse = Callable[..., ShareRefused]

# A studio of 10,000 photos of 5 MB is 50 GB; more than that in one zip is nothing a person made here.
MAX_BYTES = 50 * 2**30
MAX_FILES = 200_000
# The list of 200,000 files takes some 30 MB.
MAX_LIST_BYTES = 64 * 2**20
# Only text is packed, and it shrinks some 20-fold; deflate's limit, which a bomb comes near to, is 1032.
MAX_RATIO = 200
ROOT_FILES = frozenset({"eval_set.jsonl", "settings.toml", "fabric_bank.npz", "fabric_bank.json"})
_VERSION_FILES = frozenset({MANIFEST_NAME} | {name for files in PART_FILES.values() for name in files})
_REFUSED_CHARACTERS = '<>:"/\\|?*'


@dataclass(frozen=True, slots=True)
class Contents:
    """What a shared file says it holds: `files` maps a path in it to (SHA-256, bytes). `encoder` and `fingerprint` are
    those of its model, empty where there is none; `version` is the name of the model's folder."""

    kind: Kind
    encoder: str
    fingerprint: str
    version: str | None
    files: dict[str, tuple[str, int]]


def belongs(name: str, kind: Kind, version: str | None) -> bool:
    """Whether a path has a place in a shared studio or model; anything else is a foreign file."""
    parts = PurePosixPath(name).parts
    if "/".join(parts) != name or not all(map(sound_name, parts)):
        return False
    if parts == ("models", RENAMES_NAME):
        return version is not None
    if len(parts) == 3 and parts[0] == "models":
        return parts[1] == version and parts[2] in _VERSION_FILES
    if len(parts) == 3 and parts[0] == "fabrics" and parts[2] == INFO_NAME:
        return _sound_id(parts[1])
    if kind == "model":
        return False
    if len(parts) == 1:
        return name in ROOT_FILES
    if len(parts) == 3 and parts[0] == "fabrics":
        return _sound_id(parts[1]) and _is_picture_or_record(name)
    if len(parts) == 4 and parts[:2] == ("patches", "labeled"):
        return _sound_id(parts[2]) and _is_picture_or_record(name)
    return len(parts) == 3 and parts[:2] == ("patches", "unlabeled") and _is_picture_or_record(name)


def _is_picture_or_record(name: str) -> bool:
    return PurePosixPath(name).suffix.lower() in (*PHOTO_ENDINGS, ".json")


def sound_name(part: str) -> bool:
    """Whether a file or folder of this name can be written on every system and means the same there."""
    if not part or part[-1] in " ." or part.startswith(TEMP_PREFIX) or len(part.encode("utf-8", "replace")) > 255:
        return False
    if any(character in _REFUSED_CHARACTERS or unicodedata.category(character) in ("Cc", "Cs") for character in part):
        return False
    try:
        check_fabric_id(part.split(".")[0].strip() or "x")  # refuses the devices of Windows: con.jpg is the console
    except BadFabricId as error:
        return error.params.get("reason") != "reserved"
    return True


def _sound_id(fabric_id: str) -> bool:
    try:
        return check_fabric_id(fabric_id) == unicodedata.normalize("NFC", fabric_id)
    except BadFabricId:
        return False


def folded(name: str) -> str:
    """One spelling for names that are one file on some system: caseless, composed."""
    return unicodedata.normalize("NFC", name).casefold()


def refuser(path: Path) -> Refuse:
    """Makes the refusals of one shared file: `refused(reason, entry)`."""

    def refused(reason: str, entry: str = "") -> ShareRefused:
        return ShareRefused(path=str(path), reason=reason, entry=entry)

    return refused


def read_contents(path: Path) -> Contents:
    """What a shared file holds, after checking every entry's name, kind and size against its own list.

    Raises ShareRefused(path, reason, entry): not_a_share, absolute_path, parent_path, link, foreign_file, too_big,
    bomb, missing_file, duplicate.
    """
    refused = refuser(path)
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            contents = _list_in(archive, entries, refused)
    except ShareRefused:
        raise
    except Exception as error:  # zipfile and json raise nearly anything on damaged data
        raise refused("not_a_share") from error
    if len(entries) > MAX_FILES or sum(entry.file_size for entry in entries) > MAX_BYTES:
        raise refused("too_big")
    seen: set[str] = set()
    for entry in entries:
        _check_entry(entry, contents, refused)
        if folded(entry.filename) in seen:
            raise refused("duplicate", entry.filename)
        seen.add(folded(entry.filename))
    absent = sorted(set(contents.files) - {entry.filename for entry in entries})
    if absent:
        raise refused("missing_file", absent[0])
    return contents


def _list_in(archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo], refused: Refuse) -> Contents:
    lists = [entry for entry in entries if entry.filename == CONTENTS_NAME]
    if not lists:
        raise refused("not_a_share")
    if len(lists) > 1:
        raise refused("duplicate", CONTENTS_NAME)
    if lists[0].file_size > MAX_LIST_BYTES or _is_bomb(lists[0]):
        raise refused("bomb", CONTENTS_NAME)
    return _parsed(parse_json(archive.read(lists[0]).decode("utf-8")), refused)


def _is_bomb(entry: zipfile.ZipInfo) -> bool:
    return entry.file_size > MAX_RATIO * max(entry.compress_size, 1)


def _check_entry(entry: zipfile.ZipInfo, contents: Contents, refused: Refuse) -> None:
    name = entry.filename
    # Python cuts a name at a NUL; what stood there before is what another program would write.
    if entry.orig_filename != name and "\0" in entry.orig_filename:
        raise refused("foreign_file", name)
    if name.startswith(("/", "\\")) or re.match(r"[A-Za-z]:", name):
        raise refused("absolute_path", name)
    if ".." in re.split(r"[/\\]", name):
        raise refused("parent_path", name)
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if entry.is_dir() or kind == stat.S_IFDIR:
        raise refused("foreign_file", name)
    if kind not in (0, stat.S_IFREG):
        raise refused("link", name)
    if entry.flag_bits & 1 or entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise refused("not_a_share")
    if name == CONTENTS_NAME:
        return
    if name not in contents.files or not belongs(name, contents.kind, contents.version):
        raise refused("foreign_file", name)
    if entry.file_size != contents.files[name][1] or _is_bomb(entry):
        raise refused("bomb", name)


def _parsed(value: Any, refused: Refuse) -> Contents:
    if not isinstance(value, dict) or value.get("format") != FORMAT or value.get("kind") not in ("studio", "model"):
        raise refused("not_a_share")
    encoder, fingerprint, version = value.get("encoder"), value.get("fingerprint"), value.get("version")
    if not isinstance(encoder, str) or not isinstance(fingerprint, str):
        raise refused("not_a_share")
    if version is not None and not (isinstance(version, str) and VERSION_NAME.fullmatch(version)):
        raise refused("not_a_share")
    if value["kind"] == "model" and version is None:
        raise refused("no_model")
    files = value.get("files")
    if not isinstance(files, dict):
        raise refused("not_a_share")
    described = {}
    for name, entry in files.items():
        digest, size = (entry.get("sha256"), entry.get("bytes")) if isinstance(entry, dict) else (None, None)
        if not isinstance(digest, str) or not isinstance(size, int) or isinstance(size, bool) or size < 0:
            raise refused("not_a_share")
        described[name] = (digest, size)
    return Contents(value["kind"], encoder, fingerprint, version, described)
