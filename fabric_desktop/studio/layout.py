"""Where things lie in a studio. Knows names and folders, reads no pictures."""

from __future__ import annotations

import logging
import os
import stat
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from fabric_desktop.errors import BadFabricId, FileTrouble, NotAStudio, SaveFailed, StudioMissing, StudioReadOnly
from fabric_desktop.imaging import is_photo_name
from fabric_desktop.paths import checkout_root
from fabric_desktop.studio.files import remember_studio, write_bytes

logger = logging.getLogger(__name__)

SAMPLE_MARK = "sample_studio.json"
_RESERVED_ON_WINDOWS = frozenset(
    {"con", "prn", "aux", "nul"} | {f"com{n}" for n in range(1, 10)} | {f"lpt{n}" for n in range(1, 10)}
)
_MAX_ID_BYTES = 200  # leaves room for an ending within the 255 bytes that common file systems allow a name


@dataclass(frozen=True, slots=True)
class Studio:
    """One folder of work. The names below are the interface to people's own folders and older scripts."""

    root: Path

    @property
    def fabrics_dir(self) -> Path:
        return self.root / "fabrics"

    @property
    def labeled_dir(self) -> Path:
        return self.root / "patches" / "labeled"

    @property
    def unlabeled_dir(self) -> Path:
        return self.root / "patches" / "unlabeled"

    @property
    def bank_path(self) -> Path:
        return self.root / "fabric_bank.npz"

    @property
    def bank_index_path(self) -> Path:
        return self.root / "fabric_bank.json"

    @property
    def pickle_path(self) -> Path:
        """The scikit-learn copy of the head for other programs; written, never read."""
        return self.root / "clip_model.pkl"

    @property
    def eval_set_path(self) -> Path:
        return self.root / "eval_set.jsonl"

    @property
    def models_dir(self) -> Path:
        return self.root / "models"

    @property
    def current_path(self) -> Path:
        return self.models_dir / "current.json"

    @property
    def settings_path(self) -> Path:
        return self.root / "settings.toml"

    @property
    def is_sample(self) -> bool:
        """Whether this is the drawn sample studio."""
        return (self.root / SAMPLE_MARK).is_file()

    def fabric_ids(self) -> list[str]:
        """Fabrics of the reference library: the folders in `fabrics/`, sorted by id."""
        return _folders(self.fabrics_dir)

    def labeled_ids(self) -> list[str]:
        """Fabrics that have a folder of labelled patches, sorted by id."""
        return _folders(self.labeled_dir)

    def reference_photos(self, fabric_id: str) -> list[Path]:
        """Pictures in a fabric's folder by their ending, sorted by name; README.txt and the like are passed over."""
        return photos_in(self.fabrics_dir / fabric_id)

    def relative(self, path: Path) -> str:
        """`path` as it is written into records: relative to the studio with forward slashes, else absolute.

        A folder of the studio that is a link to elsewhere counts as where the studio has it.
        """
        if ".." not in path.parts and path.is_relative_to(self.root):
            return path.relative_to(self.root).as_posix()
        try:
            return path.resolve().relative_to(self.root.resolve()).as_posix()
        except ValueError:
            return path.resolve().as_posix()


def entries_in(folder: Path) -> list[os.DirEntry[str]]:
    """What is in a folder; nothing where there is none or it may not be listed (which the log says).

    Raises FileTrouble when the drive or share does not answer: a library is not smaller for being out of reach.
    """
    try:
        with os.scandir(folder) as entries:
            return list(entries)
    except (FileNotFoundError, NotADirectoryError):
        return []
    except PermissionError as error:
        logger.warning("a folder was passed over: %s", error)
        return []
    except OSError as error:
        raise FileTrouble(path=str(folder), reason="unreachable", detail=error.strerror or str(error)) from error


def leads_to_file(entry: os.DirEntry[str]) -> bool:
    """`Path.is_file` for what was listed, mostly without another look at the disk. A link that leads to itself is
    nothing to a path, and an error to an entry."""
    try:
        return entry.is_file()
    except OSError:
        return Path(entry.path).is_file()


def leads_to_folder(entry: os.DirEntry[str]) -> bool:
    """`Path.is_dir` in the same way."""
    try:
        return entry.is_dir()
    except OSError:
        return Path(entry.path).is_dir()


def _folders(parent: Path) -> list[str]:
    shown = (entry for entry in entries_in(parent) if not entry.name.startswith("."))
    return sorted(entry.name for entry in shown if leads_to_folder(entry))


def photos_in(folder: Path) -> list[Path]:
    """Pictures directly in a folder, sorted by name; a folder that is absent or may not be listed has none."""
    named = (entry for entry in entries_in(folder) if is_photo_name(entry.name))
    return sorted(folder / entry.name for entry in named if leads_to_file(entry))


def check_fabric_id(fabric_id: str) -> str:
    """The id in Unicode's composed form, if it can be a folder name on every system; BadFabricId otherwise."""
    fabric_id = unicodedata.normalize("NFC", fabric_id).strip()
    if not fabric_id:
        raise BadFabricId(fabric=fabric_id, reason="empty")
    if fabric_id in (".", "..") or not all(map(_may_stand_in_a_name, fabric_id)):
        raise BadFabricId(fabric=fabric_id, reason="characters")
    if fabric_id.startswith(".") or fabric_id.endswith("."):
        raise BadFabricId(fabric=fabric_id, reason="dot")
    if unicodedata.normalize("NFKC", fabric_id).split(".")[0].strip().casefold() in _RESERVED_ON_WINDOWS:
        raise BadFabricId(fabric=fabric_id, reason="reserved")
    if len(fabric_id.encode("utf-8")) > _MAX_ID_BYTES:
        raise BadFabricId(fabric=fabric_id, reason="too_long")
    return fabric_id


def own_id(studio: Studio, fabric_id: str) -> str:
    """The id as the studio's folder has it, else the id of a new fabric.

    A Mac spells letters in another way, and to Windows and macOS `Cotton` and `cotton` are one folder: elsewhere the
    same name would quietly become a second fabric, with a part of the labels. Raises BadFabricId for an id that cannot
    be a folder's name.
    """
    known = {*studio.fabric_ids(), *studio.labeled_ids()}
    if fabric_id in known:
        return fabric_id
    new = check_fabric_id(fabric_id)
    return min((other for other in known if same_id(other, new)), default=new)


def same_id(one: str, other: str) -> bool:
    """Whether two ids are the same name, whatever the case of letters and however they are spelt in Unicode."""
    return unicodedata.normalize("NFC", one).casefold() == unicodedata.normalize("NFC", other).casefold()


def _may_stand_in_a_name(character: str) -> bool:
    """No character that some system refuses, that breaks a line, or that makes one name look like another."""
    if character in '<>:"/\\|?*':
        return False
    # Joiners are invisible too, but Persian, Hindi and many emoji are written with them.
    return character in "\u200c\u200d" or unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Zl", "Zp")


def open_studio(path: Path | str, *, create: bool = False) -> Studio:
    """The studio at a folder. With `create`, its folders are made where they are missing.

    Raises StudioMissing, NotAStudio (a file, or something that cannot be listed), StudioReadOnly when the folders
    cannot be made.
    """
    root = Path(path).expanduser()
    root = Path(os.path.abspath(root))  # resolve() would follow links and change the path people see
    try:
        kind = root.stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        kind = None
    except (OSError, ValueError) as error:  # a name that is too long, or has a NUL in it
        raise NotAStudio(path=str(root)) from error
    if kind is not None and not stat.S_ISDIR(kind):
        raise NotAStudio(path=str(root))
    if kind is None and not create:
        raise StudioMissing(path=str(root))
    studio = Studio(root)
    if create:
        try:
            for folder in (studio.fabrics_dir, studio.labeled_dir, studio.unlabeled_dir):
                folder.mkdir(parents=True, exist_ok=True)
        except (FileExistsError, NotADirectoryError) as error:
            raise NotAStudio(path=str(error.filename)) from error
        except OSError as error:
            raise StudioReadOnly(path=str(root)) from error
    remember_studio(root)
    return studio


def require_writable(studio: Studio) -> None:
    """Raise StudioReadOnly when nothing can be written into the studio."""
    probe = studio.root / ".write-test"
    try:
        write_bytes(probe, b"")
        probe.unlink()
    except (SaveFailed, OSError) as error:
        raise StudioReadOnly(path=str(studio.root)) from error


def default_studio_path() -> Path:
    """`FABRIC_STUDIO` if set; else `data` of the checkout; else `data` below the working folder."""
    chosen = os.environ.get("FABRIC_STUDIO")
    if chosen:
        return Path(chosen)
    root = checkout_root()
    return (root if root is not None else Path.cwd()) / "data"
