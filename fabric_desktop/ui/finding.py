"""What Ctrl+K can find in this window: its actions, the studio's fabrics and the photographs at hand."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtGui import QKeySequence

from fabric_desktop.ui.actions import SPECS
from fabric_desktop.ui.find_palette import Find, FindPalette

if TYPE_CHECKING:
    from fabric_desktop.ui.main_window import MainWindow

_NOT_LISTED = ("find",)


class Finding(QObject):
    """Gathers what there is, and shows the palette."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window, self._bench = window, window.bench
        self.palette: FindPalette | None = None

    def find(self) -> None:
        """Ask what to find."""
        if self.palette is None:
            self.palette = FindPalette(self.gather, self._window)
        self.palette.open()

    def gather(self) -> list[Find]:
        """Everything that can be found now."""
        return [*self._actions(), *self._fabrics(), *self._photos()]

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

    def _photos(self) -> list[Find]:
        facts = self._bench.facts
        paths = [document.path for document in self._bench.documents if document.path is not None]
        paths += [photo.path for photo in facts.sample_photos] if facts is not None else []
        return [
            Find(path.name, self.tr("Photograph"), (path.name,), partial(self._open, path))
            for path in dict.fromkeys(paths)
        ]

    def _open(self, path: Path) -> None:
        self._window.opening.open_photo(path)

    def _show(self, fabric: str) -> None:
        """A fabric: its name into the field while a region is to be named, else its labelled patches."""
        if self._bench.region is not None and self._bench.writable:
            self._window.naming.field.take_fabric(fabric)
            self._window.naming.field.setFocus()
        else:
            self._window.review.show_fabric(fabric)
