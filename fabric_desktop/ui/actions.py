"""Every action of the window as data: its words, key, icon, place in the menus and what it needs to be possible.

What an action does is connected in `main_window`. An action that is not possible says why in its tooltip.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication, QObject
from PySide6.QtGui import QAction, QActionGroup, QKeySequence

from fabric_desktop.ui.i18n import QT_TRANSLATE_NOOP
from fabric_desktop.ui.icons import icon

# What an action may need, in the order in which the lack of it is told, and the words for the lack.
NEEDS: dict[str, str] = {
    "studio": QT_TRANSLATE_NOOP("Actions", "The studio is still being opened."),
    "writable": QT_TRANSLATE_NOOP("Actions", "This studio is read-only."),
    "references": QT_TRANSLATE_NOOP("Actions", "The library has no reference photos yet."),
    "labels": QT_TRANSLATE_NOOP("Actions", "No patch has been labelled yet."),
    "model": QT_TRANSLATE_NOOP("Actions", "No version of the model is in use yet."),
    "photo": QT_TRANSLATE_NOOP("Actions", "Open a photograph first."),
    "region": QT_TRANSLATE_NOOP("Actions", "Choose a region on the photograph first."),
    "candidates": QT_TRANSLATE_NOOP("Actions", "There is no answer for this region yet."),
    "name": QT_TRANSLATE_NOOP("Actions", "Type the name of the fabric first."),
    "idle": QT_TRANSLATE_NOOP("Actions", "Another long job is running."),
    "job": QT_TRANSLATE_NOOP("Actions", "No job is running."),
    "undo": QT_TRANSLATE_NOOP("Actions", "There is nothing to undo."),
    "redo": QT_TRANSLATE_NOOP("Actions", "There is nothing to redo."),
    "photos": QT_TRANSLATE_NOOP("Actions", "Open a folder of photos first."),
    "sample": QT_TRANSLATE_NOOP("Actions", "Only the sample studio has sample photographs."),
}


@dataclass(frozen=True, slots=True)
class Spec:
    """One action. `text` is English source text; `menu` places it, an empty one only gives it a key."""

    name: str
    text: str
    menu: str
    keys: tuple[str, ...]
    icon: str = ""
    hint: str = ""
    needs: tuple[str, ...] = ()
    group: str = ""
    checkable: bool = False
    starts_section: bool = False
    short: str = ""  # on the tool bar



MENUS: dict[str, str] = {
    "file": QT_TRANSLATE_NOOP("Menus", "&File"),
    "edit": QT_TRANSLATE_NOOP("Menus", "&Edit"),
    "view": QT_TRANSLATE_NOOP("Menus", "&View"),
    "library": QT_TRANSLATE_NOOP("Menus", "&Library"),
    "model": QT_TRANSLATE_NOOP("Menus", "&Model"),
    "help": QT_TRANSLATE_NOOP("Menus", "&Help"),
}

SPECS: tuple[Spec, ...] = (
    Spec("open", QT_TRANSLATE_NOOP("Actions", "&Open photograph…"), "file", ("Ctrl+O",), "open", needs=("studio",),
         short=QT_TRANSLATE_NOOP("Actions", "Open")),
    Spec("paste", QT_TRANSLATE_NOOP("Actions", "&Paste picture"), "file", ("Ctrl+V",), "paste",
         QT_TRANSLATE_NOOP("Actions", "Open the picture or picture file on the clipboard."), ("studio",)),
    Spec("open_photos", QT_TRANSLATE_NOOP("Actions", "Open folder of p&hotos…"), "file", ("Ctrl+Shift+F",), "photos",
         QT_TRANSLATE_NOOP("Actions", "Go through the photos of a folder one after another."), ("studio",)),
    Spec("recognise_folder", QT_TRANSLATE_NOOP("Actions", "&Recognise a folder…"), "file", ("Ctrl+G",), "batch",
         QT_TRANSLATE_NOOP("Actions", "All photos of a folder as one job; the results as a table."), ("studio",)),
    Spec("open_sample", QT_TRANSLATE_NOOP("Actions", "Open a &sample photograph"), "file", ("Ctrl+Shift+P",),
         hint=QT_TRANSLATE_NOOP("Actions", "Open the next drawn photograph of the sample studio."), needs=("sample",)),
    Spec("open_folder", QT_TRANSLATE_NOOP("Actions", "Open my own &folder…"), "file", ("Ctrl+Shift+O",), "studio",
         QT_TRANSLATE_NOOP("Actions", "Work in a folder of your own: its fabrics, labels and models."),
         starts_section=True),
    Spec("open_samples", QT_TRANSLATE_NOOP("Actions", "Go to the &drawn samples"), "file", ("Ctrl+Shift+D",),
         hint=QT_TRANSLATE_NOOP("Actions", "Look at the program with drawn cloth; your own folder stays as it is.")),
    Spec("share_studio", QT_TRANSLATE_NOOP("Actions", "Share this st&udio…"), "file", ("Ctrl+Shift+S",), "share",
         QT_TRANSLATE_NOOP("Actions", "Library, labels and the model in use as one file, for another computer."),
         ("studio", "idle"), starts_section=True),
    Spec("share_model", QT_TRANSLATE_NOOP("Actions", "Share only the &model…"), "file", ("Ctrl+Alt+S",),
         hint=QT_TRANSLATE_NOOP("Actions", "Bank, head and names as one file; no photo leaves this computer."),
         needs=("studio", "model", "idle")),
    Spec("take_in", QT_TRANSLATE_NOOP("Actions", "&Take in a shared file…"), "file", ("Ctrl+Shift+I",),
         hint=QT_TRANSLATE_NOOP("Actions", "A studio becomes a folder of its own; a model a version here, not in use."),
         needs=("studio", "idle")),
    Spec("quit", QT_TRANSLATE_NOOP("Actions", "&Quit"), "file", ("Ctrl+Q",), "quit", starts_section=True),
    Spec("undo", QT_TRANSLATE_NOOP("Actions", "&Undo"), "edit", ("Ctrl+Z",), "undo", needs=("undo",)),
    Spec("redo", QT_TRANSLATE_NOOP("Actions", "&Redo"), "edit", ("Ctrl+Shift+Z",), "redo", needs=("redo",)),
    Spec("save_label", QT_TRANSLATE_NOOP("Actions", "&Save label"), "edit", ("Ctrl+S",), "save",
         QT_TRANSLATE_NOOP("Actions", "Keep the patch as a labelled example of the fabric you named."),
         ("studio", "writable", "photo", "region", "name"), starts_section=True),
    Spec("accept_first", QT_TRANSLATE_NOOP("Actions", "&Accept the first candidate"), "edit", ("Return", "Enter"),
         "check", needs=("studio", "writable", "photo", "region", "candidates")),
    Spec("name_it", QT_TRANSLATE_NOOP("Actions", "&Name the fabric"), "edit", ("L",), "label",
         QT_TRANSLATE_NOOP("Actions", "Put the cursor into the field for the fabric's name."), ("photo", "region")),
    Spec("keep_unknown", QT_TRANSLATE_NOOP("Actions", "Un&known: keep for review"), "edit", ("U",), "question",
         QT_TRANSLATE_NOOP("Actions", "Put the region's patch into the review queue, to be named later."),
         ("studio", "writable", "photo", "region", "candidates")),
    Spec("next_queued", QT_TRANSLATE_NOOP("Actions", "Next in the review &queue"), "edit", ("N",),
         hint=QT_TRANSLATE_NOOP("Actions", "Patches the program is unsure of, the most useful one first."),
         needs=("studio",)),
    Spec("delete_region", QT_TRANSLATE_NOOP("Actions", "&Delete region"), "edit", ("Del", "Backspace"), "delete",
         needs=("photo", "region"), starts_section=True),
    Spec("next_region", QT_TRANSLATE_NOOP("Actions", "Ne&xt region"), "edit", (".",), needs=("photo",)),
    Spec("previous_region", QT_TRANSLATE_NOOP("Actions", "Pre&vious region"), "edit", (",",),
         needs=("photo",)),
    Spec("add_reference", QT_TRANSLATE_NOOP("Actions", "Make the region a r&eference"), "edit", ("R",), "reference",
         QT_TRANSLATE_NOOP("Actions", "Keep it in the library as a reference photo of its fabric."),
         ("studio", "writable", "photo", "region")),
    Spec("copy_result", QT_TRANSLATE_NOOP("Actions", "&Copy result"), "edit", ("Ctrl+C",), "copy",
         QT_TRANSLATE_NOOP("Actions", "Copy the candidates and the look as text."), ("photo", "region", "candidates")),
    Spec("copy_json", QT_TRANSLATE_NOOP("Actions", "Copy result as &JSON"), "edit", ("Ctrl+Shift+C",),
         hint=QT_TRANSLATE_NOOP("Actions", "The region and its candidates for other programs."),
         needs=("photo", "region", "candidates")),
    Spec("duplicate_region", QT_TRANSLATE_NOOP("Actions", "Du&plicate region"), "edit", ("Ctrl+D",),
         hint=QT_TRANSLATE_NOOP("Actions", "A second region of the same shape beside it."), needs=("photo", "region")),
    Spec("select_all", QT_TRANSLATE_NOOP("Actions", "Select a&ll regions"), "edit", ("Ctrl+A",),
         hint=QT_TRANSLATE_NOOP("Actions", "Naming, duplicating and deleting then mean all; Shift and click adds one."),
         needs=("photo",)),
    Spec("find", QT_TRANSLATE_NOOP("Actions", "&Find action, fabric or photo"), "edit", ("Ctrl+K",), "search",
         starts_section=True),
    Spec("settings_page", QT_TRANSLATE_NOOP("Actions", "Se&ttings…"), "edit", ("Ctrl+,",), "settings",
         QT_TRANSLATE_NOOP("Actions", "Everything that can be set in this studio, each with its default."),
         ("studio",)),
    Spec("pick", QT_TRANSLATE_NOOP("Actions", "&Pick"), "view", ("P",), "pick",
         QT_TRANSLATE_NOOP("Actions", "Click on the cloth: a square patch around the point is recognised."),
         group="tool", checkable=True, starts_section=True),
    Spec("box", QT_TRANSLATE_NOOP("Actions", "&Box"), "view", ("B",), "box",
         QT_TRANSLATE_NOOP("Actions", "Drag a box over the cloth; its handles change it, Shift keeps it square."),
         group="tool", checkable=True),
    Spec("lasso", QT_TRANSLATE_NOOP("Actions", "&Lasso"), "view", ("O",), "lasso",
         QT_TRANSLATE_NOOP("Actions", "Draw around the cloth; pixels outside the line are left out."),
         group="tool", checkable=True),
    Spec("scale", QT_TRANSLATE_NOOP("Actions", "&Scale: measure a ruler"), "view", ("M",), "ruler",
         QT_TRANSLATE_NOOP(
             "Actions", "Drag a line over a ruler in the photograph and type its length; patches keep the scale."
         ),
         ("photo",), group="tool", checkable=True),
    Spec("whole", QT_TRANSLATE_NOOP("Actions", "&Whole photograph"), "view", ("W",), "whole",
         QT_TRANSLATE_NOOP("Actions", "Recognise the whole photograph as one patch."), ("photo",),
         short=QT_TRANSLATE_NOOP("Actions", "Whole")),
    Spec("smaller", QT_TRANSLATE_NOOP("Actions", "Smaller patch"), "view", ("[",),
         hint=QT_TRANSLATE_NOOP("Actions", "The square that Pick takes."), needs=("photo",), starts_section=True),
    Spec("larger", QT_TRANSLATE_NOOP("Actions", "Larger patch"), "view", ("]",),
         hint=QT_TRANSLATE_NOOP("Actions", "The square that Pick takes."), needs=("photo",)),
    Spec("zoom_in", QT_TRANSLATE_NOOP("Actions", "Zoom &in"), "view", ("Ctrl++", "Ctrl+="), "zoom-in",
         needs=("photo",), starts_section=True),
    Spec("zoom_out", QT_TRANSLATE_NOOP("Actions", "Zoom &out"), "view", ("Ctrl+-",), "zoom-out", needs=("photo",)),
    Spec("fit", QT_TRANSLATE_NOOP("Actions", "&Fit in window"), "view", ("Ctrl+0", "F"), "fit", needs=("photo",)),
    Spec("actual", QT_TRANSLATE_NOOP("Actions", "&Actual size, 100 %"), "view", ("Ctrl+1",), "actual",
         needs=("photo",)),
    Spec("next_photo", QT_TRANSLATE_NOOP("Actions", "Ne&xt photo"), "view", ("PgDown",), needs=("photos",),
         starts_section=True),
    Spec("previous_photo", QT_TRANSLATE_NOOP("Actions", "Pre&vious photo"), "view", ("PgUp",), needs=("photos",)),
    Spec("photos_panel", QT_TRANSLATE_NOOP("Actions", "P&hotos panel"), "view", ("F2",), checkable=True,
         starts_section=True),
    Spec("compare", QT_TRANSLATE_NOOP("Actions", "&Compare with the reference"), "view", ("C",), "compare",
         QT_TRANSLATE_NOOP("Actions", "Patch and reference side by side, as large as the screen."),
         ("photo", "region", "candidates")),
    Spec("result_panel", QT_TRANSLATE_NOOP("Actions", "&Result panel"), "view", ("F3",), checkable=True),
    Spec("name_panel", QT_TRANSLATE_NOOP("Actions", "&Name panel"), "view", ("F4",), checkable=True),
    Spec("queue_panel", QT_TRANSLATE_NOOP("Actions", "Review &queue"), "view", ("F5",), checkable=True),
    Spec("labelled_panel", QT_TRANSLATE_NOOP("Actions", "Labell&ed patches"), "view", ("Shift+F5",), checkable=True),
    Spec("lang_zh", "中文", "view/language", ("F9",), group="lang", checkable=True),
    Spec("lang_en", "English", "view/language", ("Shift+F9",), group="lang", checkable=True),
    Spec("theme_system", QT_TRANSLATE_NOOP("Actions", "Like the &system"), "view/theme", ("F6",),
         group="theme", checkable=True),
    Spec("theme_light", QT_TRANSLATE_NOOP("Actions", "&Light"), "view/theme", ("F7",), group="theme",
         checkable=True),
    Spec("theme_dark", QT_TRANSLATE_NOOP("Actions", "&Dark"), "view/theme", ("F8",), group="theme",
         checkable=True),
    Spec("library_page", QT_TRANSLATE_NOOP("Actions", "&Library…"), "library", ("Ctrl+L",), "library",
         QT_TRANSLATE_NOOP("Actions", "Fabrics, their reference photos and what is declared of them."), ("studio",)),
    Spec("import_page", QT_TRANSLATE_NOOP("Actions", "Bring my &swatches…"), "library", ("Ctrl+I",), "import",
         QT_TRANSLATE_NOOP("Actions", "Make a library of folders, file names or a list; shown before it is done."),
         ("studio", "writable")),
    Spec("build_bank", QT_TRANSLATE_NOOP("Actions", "&Build bank"), "library", ("Ctrl+B",), "bank",
         QT_TRANSLATE_NOOP("Actions", "Read the reference photos so that patches can be compared with them."),
         ("studio", "writable", "references", "idle")),
    Spec("show_library", QT_TRANSLATE_NOOP("Actions", "Show the reference &folder"), "library", ("Ctrl+Shift+B",),
         hint=QT_TRANSLATE_NOOP("Actions", "One folder a fabric, 3 to 5 photographs in each."), needs=("studio",)),
    Spec("retrain", QT_TRANSLATE_NOOP("Actions", "&Retrain and compare"), "model", ("Ctrl+Shift+T",), "train",
         QT_TRANSLATE_NOOP("Actions", "Make a new model of all labels; see it beside the old one before it is used."),
         ("studio", "writable", "labels", "idle")),
    Spec("progress_page", QT_TRANSLATE_NOOP("Actions", "&Progress…"), "model", ("Ctrl+P",), "progress",
         QT_TRANSLATE_NOOP("Actions", "How often it is right, what it confuses, what to photograph or label next."),
         ("studio",)),
    Spec("versions", QT_TRANSLATE_NOOP("Actions", "&Versions…"), "model", ("Ctrl+Shift+R",),
         hint=QT_TRANSLATE_NOOP("Actions", "All models there are: compare two, go back to one."), needs=("studio",)),
    Spec("train_head", QT_TRANSLATE_NOOP("Actions", "&Train head"), "model", ("Ctrl+T",), "train",
         QT_TRANSLATE_NOOP("Actions", "Learn from the labelled patches; 20 of two or more fabrics are needed."),
         ("studio", "writable", "labels", "idle")),
    Spec("evaluate", QT_TRANSLATE_NOOP("Actions", "&Evaluate"), "model", ("Ctrl+E",), "evaluate",
         QT_TRANSLATE_NOOP("Actions", "Measure how often the answer is right on patches kept apart for it."),
         ("studio", "writable", "labels", "idle")),
    Spec("encoders_page", QT_TRANSLATE_NOOP("Actions", "E&ncoders…"), "model", ("Ctrl+Shift+M",), "encoder",
         QT_TRANSLATE_NOOP("Actions", "What is in use and why, what can be had, and how to change."), ("studio",),
         starts_section=True),
    Spec("use_builtin", QT_TRANSLATE_NOOP("Actions", "Use the &built-in encoder"), "model", ("Ctrl+Shift+E",),
         hint=QT_TRANSLATE_NOOP("Actions", "It needs nothing but the program; the bank is built anew with it."),
         needs=("studio", "writable", "idle")),
    Spec("stop_job", QT_TRANSLATE_NOOP("Actions", "&Stop the running job"), "model", ("Ctrl+.",), "close",
         needs=("job",), starts_section=True),
    Spec("first_steps", QT_TRANSLATE_NOOP("Actions", "&First steps…"), "help", ("Ctrl+F1",),
         hint=QT_TRANSLATE_NOOP("Actions", "What one can begin with, and what each costs.")),
    Spec("keys", QT_TRANSLATE_NOOP("Actions", "&Keys"), "help", ("F1",), "keys"),
    Spec("tour", QT_TRANSLATE_NOOP("Actions", "&Tour…"), "help", ("Shift+F2",), "photos",
         QT_TRANSLATE_NOOP("Actions", "The work from the first photo to a better model, in pictures.")),
    Spec("can_tell", QT_TRANSLATE_NOOP("Actions", "What a &photo can tell…"), "help", ("Shift+F3",), "question",
         QT_TRANSLATE_NOOP("Actions", "What can and what cannot be told from a photograph.")),
    Spec("doctor", QT_TRANSLATE_NOOP("Actions", "&Check this computer…"), "help", ("Shift+F4",), "check",
         QT_TRANSLATE_NOOP("Actions", "What is right, what is wrong, and what to do."), starts_section=True),
    Spec("report_problem", QT_TRANSLATE_NOOP("Actions", "&Report a problem…"), "help", ("Shift+F6",), "warning",
         QT_TRANSLATE_NOOP("Actions", "One file to send to whoever helps; you see what is in it first.")),
    Spec("show_log", QT_TRANSLATE_NOOP("Actions", "Show the &log folder"), "help", ("Ctrl+Shift+L",)),
    Spec("about", QT_TRANSLATE_NOOP("Actions", "&About Fabric Desktop"), "help", ("Shift+F1",), "info",
         starts_section=True),
    *(
        Spec(f"accept_{n}", QT_TRANSLATE_NOOP("Actions", "Accept candidate {n}"), "", (str(n),),
             needs=("studio", "writable", "photo", "region", "candidates"))
        for n in range(1, 10)
    ),
)


class Actions(QObject):
    """The QActions made from the specs, with their words in the language in use and their state from the facts."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.specs = {spec.name: spec for spec in SPECS}
        self._actions: dict[str, QAction] = {}
        self._groups: dict[str, QActionGroup] = {}
        self._facts: frozenset[str] = frozenset()
        for spec in SPECS:
            action = QAction(self)
            action.setObjectName(spec.name)
            action.setShortcuts([QKeySequence(key) for key in spec.keys])
            if spec.icon:
                action.setIcon(icon(spec.icon))
            action.setCheckable(spec.checkable)
            if spec.group:
                group = self._groups.setdefault(spec.group, QActionGroup(self))
                group.addAction(action)
            self._actions[spec.name] = action
        self.retranslate()

    def __getitem__(self, name: str) -> QAction:
        return self._actions[name]

    def all(self) -> list[QAction]:
        return list(self._actions.values())

    def in_menu(self, menu: str) -> list[tuple[Spec, QAction]]:
        """The actions of one menu, in order."""
        return [(spec, self._actions[spec.name]) for spec in SPECS if spec.menu == menu]

    def text(self, spec: Spec) -> str:
        """The action's words in the language in use, without the mnemonic mark."""
        return plain(self._label(spec))

    def _label(self, spec: Spec) -> str:
        label = QCoreApplication.translate("Actions", spec.text)
        return label.replace("{n}", spec.keys[0]) if spec.keys else label

    def retranslate(self) -> None:
        for spec in SPECS:
            self._actions[spec.name].setText(self._label(spec))
            short = QCoreApplication.translate("Actions", spec.short) if spec.short else self.text(spec)
            self._actions[spec.name].setIconText(short)
        self._tell()

    def update_facts(self, facts: Iterable[str]) -> None:
        """Enable what the facts allow; the rest says in its tooltip what is lacking."""
        facts = frozenset(facts)
        if facts != self._facts:
            self._facts = facts
            self._tell()

    def lack(self, spec: Spec) -> str:
        """Why the action is not possible now, in words, or nothing when it is."""
        for need in NEEDS:
            if need in spec.needs and need not in self._facts:
                return QCoreApplication.translate("Actions", NEEDS[need])
        return ""

    def _tell(self) -> None:
        for spec in SPECS:
            action = self._actions[spec.name]
            lack = self.lack(spec)
            action.setEnabled(not lack)
            keys = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
            head = f"{self.text(spec)}  ({keys})" if keys else self.text(spec)
            hint = lack or (QCoreApplication.translate("Actions", spec.hint) if spec.hint else "")
            action.setToolTip(f"{head}\n{hint}" if hint else head)


def plain(label: str) -> str:
    """A menu label without its mnemonic: "&Open…" or "打开(&O)…" as shown in a list or a tooltip."""
    return re.sub(r"\s?\(&.\)", "", label).replace("&", "").removesuffix("…")
