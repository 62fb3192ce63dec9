"""What a person has on disk, as photos that each say their fabric: folders, file names, or a list. Opens no picture."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from fabric_desktop.errors import NoPhotos
from fabric_desktop.folders import walk_photos
from fabric_desktop.imaging import is_photo_name
from fabric_desktop.library.lists import ListRow, read_list
from fabric_desktop.library.patterns import NamePattern, ParsedName, preview, suggest_pattern
from fabric_desktop.notices import Notice
from fabric_desktop.studio.info import INFO_NAME

Action = Literal["skipped", "renamed", "kept", "replaced", "added", "merged"]


@dataclass(frozen=True, slots=True)
class FolderSource:
    """A folder of folders: each folder below `root` is a fabric, with all photos in it (`level` top), or each folder
    that holds photos itself is one, however deep (`leaf`)."""

    root: Path
    level: Literal["top", "leaf"] = "top"


@dataclass(frozen=True, slots=True)
class NamesSource:
    """Photos whose file names say the fabric by a pattern (`patterns`), in a folder and the folders below it."""

    root: Path
    pattern: str


@dataclass(frozen=True, slots=True)
class ListSource:
    """A CSV or Excel list; its file names are looked for in `photos`, by default the list's own folder."""

    path: Path
    photos: Path | None = None

    @property
    def root(self) -> Path:
        return self.photos or self.path.parent


ImportSource = FolderSource | NamesSource | ListSource


@dataclass(frozen=True, slots=True)
class Conflict:
    """Something the person should see before anything is copied: a code (text `import_conflict.<code>`), what it is
    about, and what will be done about it."""

    code: str
    subject: str
    action: Action
    params: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FoundPhoto:
    """A photo and what its place says of its fabric: `fabric` as it stands there, before it is made an id."""

    path: Path
    fabric: str


@dataclass
class Offer:
    """All that a source has: photos, declared data by fabric (field -> text), data sheets to take as they are, and
    what was amiss on the way."""

    photos: list[FoundPhoto] = field(default_factory=list)
    declared: dict[str, dict[str, str]] = field(default_factory=dict)
    sheets: dict[str, Path] = field(default_factory=dict)
    conflicts: list[Conflict] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)


def preview_names(root: Path, pattern: str) -> list[ParsedName]:
    """What the first twenty photos of a folder parse to under a pattern. Raises BadPattern, NoPhotos."""
    return preview(pattern, (path.name for path in walk_photos(root)))


def suggest_for(root: Path) -> str:
    """The pattern that the photos of a folder seem to follow. Raises NoPhotos, also for a folder without any."""
    names = [path.name for path, _ in zip(walk_photos(root), range(500), strict=False)]
    if not names:
        raise NoPhotos(path=str(root), reason="empty")
    return suggest_pattern(names)


def collect(source: ImportSource) -> Offer:
    """All that the source offers. Raises NoPhotos, BadPattern, ListDamaged."""
    if isinstance(source, FolderSource):
        offer = _from_folders(source)
    elif isinstance(source, NamesSource):
        offer = _from_names(source)
    else:
        offer = _from_list(source)
    if not (offer.photos or offer.declared or offer.conflicts):
        raise NoPhotos(path=str(source.root), reason="empty")
    return offer


def _from_folders(source: FolderSource) -> Offer:
    offer, root = Offer(), source.root
    if (root / "fabrics").is_dir():
        # A studio, or a copy of one: its library is what is meant, not its patches.
        root = root / "fabrics"
        offer.notices.append(Notice("import_from_studio", {"path": str(root)}))
    for photo in walk_photos(root):
        folders = photo.relative_to(root).parts[:-1]
        if not folders:
            offer.conflicts.append(Conflict("no_fabric", str(photo), "skipped", {"reason": "top"}))
            continue
        fabric = folders[0] if source.level == "top" else folders[-1]
        offer.photos.append(FoundPhoto(photo, fabric))
        sheet = root.joinpath(*(folders[:1] if source.level == "top" else folders)) / INFO_NAME
        if sheet.is_file():
            offer.sheets.setdefault(fabric, sheet)
    return offer


def _from_names(source: NamesSource) -> Offer:
    offer, pattern = Offer(), NamePattern(source.pattern)
    for photo in walk_photos(source.root):
        parsed = pattern.parse(photo.name)
        if parsed.fields is None:
            offer.conflicts.append(Conflict("no_fabric", str(photo), "skipped", {"reason": "pattern"}))
            continue
        offer.photos.append(FoundPhoto(photo, parsed.fabric))
        said = {name: text for name, text in parsed.fields.items() if name not in ("fabric", "n")}
        _declare(offer, parsed.fabric, said, photo.name)
    return offer


def _declare(offer: Offer, fabric: str, said: Mapping[str, str], where: str) -> None:
    """Take declared data in; of two that differ the first counts, and the person is told."""
    known = offer.declared.setdefault(fabric, {})
    for name, text in said.items():
        if known.setdefault(name, text) != text:
            params: dict[str, object] = {"field": name, "kept": known[name], "other": text, "where": where}
            conflict = Conflict("list_disagrees", fabric, "kept", params)
            if not any(
                c.code == conflict.code and c.subject == fabric and c.params["field"] == name for c in offer.conflicts
            ):
                offer.conflicts.append(conflict)


class _Files:
    """The photos that a list's file names can mean."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._by_name: dict[str, list[Path]] = defaultdict(list)
        self._by_fabric: dict[str, list[Path]] = defaultdict(list)
        self.all = list(walk_photos(root)) if root.is_dir() else []
        pattern = NamePattern(suggest_pattern([photo.name for photo in self.all])) if self.all else None
        for photo in self.all:
            for key in {photo.name.casefold(), photo.stem.casefold()}:
                self._by_name[key].append(photo)
            if pattern is not None:
                self._by_fabric[pattern.parse(photo.name).fabric.casefold()].append(photo)

    def named(self, text: str) -> list[Path]:
        """Photos that a cell means: a path from the root (or an absolute one), else a name, with or without ending."""
        plain = text.strip().strip("\"'").replace("\\", "/")
        try:
            path = self._root / plain
            if is_photo_name(path) and path.is_file():
                return [path]
        except (OSError, ValueError):
            return []
        name = plain.rsplit("/", 1)[-1].casefold()
        found = self._by_name.get(name, [])
        if len(found) > 1 and "/" in plain:
            tail = plain.casefold().lstrip("./")
            found = [photo for photo in found if photo.as_posix().casefold().endswith(tail)] or found
        return found

    def of_fabric(self, article: str) -> list[Path]:
        """Photos whose names begin with an article number, for lists that name no files."""
        return self._by_fabric.get(article.casefold(), []) if article else []


def _from_list(source: ListSource) -> Offer:
    offer = Offer()
    table = read_list(source.path)
    files = _Files(source.root)
    taken: set[Path] = set()
    filled = 0
    for row in table.rows:
        filled += row.filled
        fabric = _fabric_of(row)
        where = f"{source.path.name}:{row.line}"
        if not fabric:
            offer.conflicts.append(Conflict("no_fabric", where, "skipped", {"reason": "row"}))
            continue
        _declare(offer, fabric, _said(row), where)
        for photo in _photos_of(row, files, offer, where):
            if photo not in taken:
                offer.photos.append(FoundPhoto(photo, fabric))
            taken.add(photo)
    if filled:
        offer.notices.append(Notice("import_filled_down", {"count": filled}))
    if table.unknown:
        offer.notices.append(Notice("import_unknown_columns", {"columns": ", ".join(table.unknown)}))
    left = len(set(files.all) - taken)
    if left and taken:
        offer.notices.append(Notice("import_not_listed", {"count": left, "path": str(source.root)}))
    return offer


def _fabric_of(row: ListRow) -> str:
    return next(
        (row.values[name] for name in ("fabric", "article", "name_en", "name_zh", "name") if name in row.values), ""
    )


def _said(row: ListRow) -> dict[str, str]:
    """What a row declares: every column but the file and the fabric; a name goes to the language it is written in."""
    said = {name: text for name, text in row.values.items() if name not in ("file", "fabric", "name")}
    name = row.values.get("name")
    if name:
        said.setdefault("name_zh" if re.search(r"[\u3400-\u9fff]", name) else "name_en", name)
    return said


def _photos_of(row: ListRow, files: _Files, offer: Offer, where: str) -> list[Path]:
    cell = row.values.get("file", "")
    if not cell:
        return files.of_fabric(row.values.get("article", "")) or files.of_fabric(row.values.get("fabric", ""))
    photos: list[Path] = []
    whole = files.named(cell)
    for text in [cell] if len(whole) == 1 else re.split(r"[;；|\n、]+", cell):
        found = whole if text == cell else files.named(text)
        if len(found) == 1:
            photos += found
        elif text.strip():
            code = "many_files" if found else "no_file"
            offer.conflicts.append(Conflict(code, text.strip(), "skipped", {"where": where, "count": len(found)}))
    return photos
