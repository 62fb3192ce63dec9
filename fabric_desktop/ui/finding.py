"""What Ctrl+K can find in this window: its actions, the studio's fabrics and the photographs at hand."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtGui import QKeySequence

from fabric_desktop.names import folded
from fabric_desktop.ui.actions import SPECS
from fabric_desktop.ui.find_palette import Find, FindPalette, spells

if TYPE_CHECKING:
    from fabric_desktop.ui.main_window import MainWindow

_NOT_LISTED = ("find",)
_AS_SPACE = str.maketrans("_-", "  ")
_MOST_PHOTOS = 8  # a folder may hold twenty thousand; who types on finds fewer


class Finding(QObject):
    """Gathers what there is, and shows the palette."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window, self._bench = window, window.bench
        self.palette: FindPalette | None = None
        self._photos: list[tuple[str, Path]] = []  # folded name, file

    def find(self) -> None:
        """Ask what to find."""
        if self.palette is None:
            self.palette = FindPalette(self.gather, self.photos, self._window)
        self._photos = []
        self.palette.open()

    def gather(self) -> list[Find]:
        """Everything that can be found now."""
        return [*self._actions(), *self._fabrics()]

    def _actions(self) -> list[Find]:
        actions, found = self._window.actions_, []
        for spec in SPECS:
            if not spec.menu or spec.name in _NOT_LISTED:
                continue
            action, lack = actions[spec.name], actions.lack(spec)
            words = actions.text(spec)
            key = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
            english = spec.text.replace("&", "").removesuffix("…")
            found.append(Find(words, lack or key, (words, english), action.trigger, not lack))
        return found

    def _fabrics(self) -> list[Find]:
        facts, lang = self._bench.facts, self._bench.lang
        if facts is None:
            return []
        found = []
        for fabric in facts.names.studio_ids:
            names = (fabric, *facts.names.both(fabric), *facts.names.info(fabric).aliases)
            beside = self.tr("{fabric}, {count} labelled so far").format(
                fabric=self.tr("Fabric"), count=facts.labels.get(fabric, 0)
            )
            found.append(
                Find(facts.names.display(fabric, lang), beside, names, partial(self._show, fabric))
            )
        return found

    def photos(self, typed: str) -> list[Find]:
        """Photographs whose names hold what was typed, or whose first letters do: those that were opened, the samples,
        and all of the strip."""
        if not self._photos:
            # Once each time the palette is opened, and only when something is looked for.
            self._photos = [(_quick_folded(path.name), path) for path in self._at_hand()]
        wanted = folded(typed)
        found = [path for name, path in self._photos if name.startswith(wanted)]
        if len(found) < _MOST_PHOTOS:
            found += [path for name, path in self._photos if wanted in name]
        letters = wanted.replace(" ", "")
        if len(found) < _MOST_PHOTOS and letters.isascii():
            found += [path for name, path in self._photos if not name.isascii() and spells(letters, name)]
        found = list(dict.fromkeys(found))[:_MOST_PHOTOS]
        return [
            Find(path.name, self.tr("Photograph"), (path.name,), partial(self._open, path)) for path in found
        ]

    def _at_hand(self) -> list[Path]:
        facts = self._bench.facts
        paths = [document.path for document in self._bench.documents if document.path is not None]
        paths += [photo.path for photo in facts.sample_photos] if facts is not None else []
        return [*paths, *self._window.pages.strip.model.photos]

    def _open(self, path: Path) -> None:
        self._window.opening.open_photo(path)

    def _show(self, fabric: str) -> None:
        """A fabric: its name into the field while a region is to be named, else its labelled patches."""
        if self._bench.region is not None and self._bench.writable:
            self._window.naming.field.take_fabric(fabric)
            self._window.naming.field.setFocus()
        else:
            self._window.review.show_fabric(fabric)


def _quick_folded(name: str) -> str:
    """A file's name as `folded` has it, but for what is rare in file names and slow for twenty thousand."""
    return name.casefold().translate(_AS_SPACE)
