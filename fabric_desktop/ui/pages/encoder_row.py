"""One encoder of the page: its name, what it costs, how good it is said to be, its state and the ways out of it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from fabric_desktop.encoders.engine import EnginePlan
from fabric_desktop.encoders.runner_words import runs_on
from fabric_desktop.encoders.states import EncoderState
from fabric_desktop.ui.i18n import encoder_name
from fabric_desktop.ui.pages.encoder_int8 import may_be_tried
from fabric_desktop.ui.theme import GRID
from fabric_desktop.ui.widgets import Text, rule
from fabric_desktop.wording import explain, per_cent, say, sentences, titled

GETTING = ("install_engine", "download", "resume", "retry")


def prepares_again(state: EncoderState) -> bool:
    """Whether the model was prepared in vain, so that another try is worth a button."""
    graph = state.info.graph
    return graph is not None and graph.word == "refused" and graph.reason != "gpu"


class EncoderRow(QWidget):
    """`wanted` carries a way out: use, get, import, prepare or int8."""

    wanted = Signal(str)

    def __init__(self, state: EncoderState, engine: EnginePlan, lang: str, *, in_use: bool, writable: bool) -> None:
        super().__init__()
        self.state = state
        info = state.info
        self.name = Text(encoder_name(info.id), strong=True, factor=1.1)
        self.facts = Text(self._facts(state, lang), quiet=True, wrap=True)
        self.now = Text(self._now(state, engine, lang, in_use=in_use), wrap=True)
        self.buttons: list[QPushButton] = []
        words = QVBoxLayout()
        words.setSpacing(2)
        for text in (self.name, self.facts, self.now):
            words.addWidget(text)
        row = QHBoxLayout()
        row.setContentsMargins(0, GRID, 0, GRID)
        row.setSpacing(2 * GRID)
        row.addLayout(words, 1)
        # Taking in a file of one's own stands once below the list; here only where nothing else leads out.
        for way in [] if in_use or state.way_out == "reinstall" else [state.way_out]:
            made = QPushButton(self._way(way, lang))
            made.setAutoDefault(False)
            made.setAccessibleDescription(self.name.text())
            if way == "use":
                made.setEnabled(writable)
                made.setToolTip("" if writable else self.tr("This studio is read-only."))
            elif way in GETTING and engine.refusal is not None and not engine.installed:
                made.setEnabled(False)
                made.setToolTip(explain(engine.refusal, lang).what)
            kind = "get" if way in GETTING else way
            made.clicked.connect(lambda _checked=False, kind=kind: self.wanted.emit(kind))
            self.buttons.append(made)
            row.addWidget(made, 0, Qt.AlignmentFlag.AlignVCenter)
        if prepares_again(state):
            made = QPushButton(self.tr("Prepare again"))
            made.setAutoDefault(False)
            made.setAccessibleDescription(self.name.text())
            made.clicked.connect(lambda: self.wanted.emit("prepare"))
            self.buttons.append(made)
            row.addWidget(made, 0, Qt.AlignmentFlag.AlignVCenter)
        if may_be_tried(state):
            made = QPushButton(self.tr("Try as int8"))
            made.setAutoDefault(False)
            made.setAccessibleDescription(self.name.text())
            made.setEnabled(writable)
            made.setToolTip(
                self.tr("Makes a form of a quarter of the size and counts how often it answers alike on your photos.")
            )
            made.clicked.connect(lambda: self.wanted.emit("int8"))
            self.buttons.append(made)
            row.addWidget(made, 0, Qt.AlignmentFlag.AlignVCenter)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(row)
        column.addWidget(rule())

    def _way(self, way: str, lang: str) -> str:
        return self.tr("Get CLIP") if way == "install_engine" else say(f"encoder_way_out.{way}", lang)

    def _facts(self, state: EncoderState, lang: str) -> str:
        info, parts = state.info, []
        if info.size_mb is not None:
            parts.append(f"{info.size_mb} MB")
        if info.licence:
            parts.append(self.tr("licence {name}").format(name=info.licence))
        if info.texture_accuracy is not None:
            share = per_cent(info.texture_accuracy / 100, lang, digits=1)
            parts.append(self.tr("names {share} of 47 textures").format(share=share))
        notes = {
            "fallback": self.tr("comes with the program"),
            "recommended": self.tr("recommended"),
            "large": self.tr("slower"),
            "imported": self.tr("your own"),
        }
        if info.note in notes:
            parts.append(notes[info.note])
        return "  ·  ".join(parts)

    def _now(self, state: EncoderState, engine: EnginePlan, lang: str, *, in_use: bool) -> str:
        text = self.tr("In use here") if in_use else say(f"encoder_state.{state.state}", lang)
        if state.info.graph is not None:
            return f"{text}  ·  {runs_on(state.info.graph, lang)}"
        if in_use:
            return text
        if state.state == "partial" and state.total and engine.installed:
            text = titled(text, f"{state.have // 1_000_000} / {state.total // 1_000_000} MB", lang)
        elif state.state == "failed" and state.error is not None:
            explanation = explain(state.error, lang)
            text = titled(text, sentences((explanation.what, explanation.do), lang), lang)
        elif state.way_out == "install_engine":
            need = self.tr("needs the CLIP engine too: about {needed} GB, {free} GB are free")
            need = need.format(needed=f"{engine.needed_gb:.1f}", free=f"{engine.free_gb:.1f}")
            text = f"{text}{'；' if lang == 'zh' else '; '}{need}"
        return text
