"""What is wrong with a fabric or one of its photos, each with the button that puts it right."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QScrollArea, QVBoxLayout, QWidget

from fabric_desktop.library.advice import Advice
from fabric_desktop.library.check import Finding
from fabric_desktop.names import FabricNames
from fabric_desktop.ui.theme import GRID
from fabric_desktop.ui.widgets import Text
from fabric_desktop.wording import has, say

_MOST = 30


def finding_words(finding: Finding, lang: str, names: FabricNames | None = None) -> tuple[str, str]:
    """What is wrong and what to do, in words; fabrics by their names where those are known."""
    fabric = names.name(finding.fabric_id, lang) if names is not None and finding.fabric_id else finding.fabric_id
    params: dict[str, object] = {"fabric": fabric, "path": _short(finding.paths[0]) if finding.paths else ""}
    params |= finding.params
    if "other" in params:
        params["other"] = _short(str(params["other"]))
    reason = finding.params.get("reason")
    if isinstance(reason, str) and has(f"error.unreadable_image.reason.{reason}", lang):
        params["reason"] = say(f"error.unreadable_image.reason.{reason}", lang)
    base = f"check.{finding.code}"
    # In the window a button does what a command would.
    do = f"{base}.do_here" if has(f"{base}.do_here", lang) else f"{base}.do"
    return say(f"{base}.what", lang, **params), say(do, lang, **params)


def _short(path: str) -> str:
    return path.rsplit("/", 1)[-1]


class HealthView(QScrollArea):
    """A column of findings. `fix_wanted` carries the finding whose button was pressed."""

    fix_wanted = Signal(object)  # Finding

    def __init__(self) -> None:
        super().__init__()
        self.setWidgetResizable(True)
        self.setFrameShape(QScrollArea.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.findings: tuple[Finding, ...] = ()
        self.buttons: list[QPushButton] = []
        self.words: list[str] = []
        self._names: FabricNames | None = None

    def show_findings(
        self,
        findings: Sequence[Finding],
        advice: Sequence[Advice],
        lang: str,
        good: str,
        *,
        writable: bool,
        names: FabricNames | None = None,
        fabric: str = "",
    ) -> None:
        """Show these, or the words for that nothing is wrong; advice is for the fabric of this name."""
        self._names = names
        self.findings = tuple(findings)
        self.buttons, self.words = [], []
        holder = QWidget()
        column = QVBoxLayout(holder)
        column.setContentsMargins(0, 0, GRID, 0)
        column.setSpacing(GRID)
        for finding in self.findings[:_MOST]:
            column.addLayout(self._row(finding, lang, writable=writable))
        if len(self.findings) > _MOST:
            more = self.tr("{count} more come up as these are put right.").format(count=len(self.findings) - _MOST)
            self.words.append(more)
            column.addWidget(Text(more, quiet=True, wrap=True))
        for piece in advice:
            text = say(f"advice_of.{piece.code}", lang, fabric=fabric)
            self.words.append(text)
            column.addWidget(Text(text, quiet=True, wrap=True))
        if not self.words and good:
            self.words.append(good)
            column.addWidget(Text(good, quiet=True, wrap=True))
        column.addStretch()
        self.setWidget(holder)

    def _row(self, finding: Finding, lang: str, *, writable: bool) -> QHBoxLayout:
        what, do = finding_words(finding, lang, self._names)
        self.words.append(what)
        row = QHBoxLayout()
        row.setSpacing(12)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(Text(what, strong=finding.severity == "error", wrap=True))
        words.addWidget(Text(do, quiet=True, wrap=True))
        row.addLayout(words, 1)
        fix = QPushButton(say(f"check_fix.{finding.fix}", lang))
        fix.setAutoDefault(False)
        fix.setEnabled(writable)
        fix.setAccessibleDescription(what)
        fix.clicked.connect(lambda _checked=False, finding=finding: self.fix_wanted.emit(finding))
        self.buttons.append(fix)
        row.addWidget(fix, 0, Qt.AlignmentFlag.AlignTop)
        return row
