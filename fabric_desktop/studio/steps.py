"""The small steps that a change of a studio is made of, as plain data. Doing them is for `changes`."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Move:
    """A file or folder from one place in the studio to another, where nothing may be yet."""

    source: str
    target: str


@dataclass(frozen=True, slots=True)
class Write:
    """A small file's content (None: no file) before and after. The file must hold `before` when the change begins."""

    path: str
    before: bytes | None
    after: bytes | None


@dataclass(frozen=True, slots=True)
class MakeFolder:
    """A folder that is to be there."""

    path: str


@dataclass(frozen=True, slots=True)
class DropFolder:
    """A folder that goes if it is empty; one in which somebody has put something meanwhile stays."""

    path: str


Step = Move | Write | MakeFolder | DropFolder
"""Paths in steps are relative to the studio's root, with forward slashes."""


def inverse(step: Step) -> Step:
    """The step that takes this one back."""
    if isinstance(step, Move):
        return Move(step.target, step.source)
    if isinstance(step, Write):
        return Write(step.path, step.after, step.before)
    return DropFolder(step.path) if isinstance(step, MakeFolder) else MakeFolder(step.path)


def paths_of(step: Step) -> tuple[str, ...]:
    """The paths that a step touches."""
    return (step.source, step.target) if isinstance(step, Move) else (step.path,)


def as_json(step: Step) -> list[Any]:
    """A step as plain values for a journal."""
    if isinstance(step, Move):
        return ["move", step.source, step.target]
    if isinstance(step, Write):
        return ["write", step.path, _packed(step.before), _packed(step.after)]
    return ["make" if isinstance(step, MakeFolder) else "drop", step.path]


def from_json(entry: list[Any]) -> Step:
    """The step that `as_json` wrote; ValueError, IndexError or TypeError for anything else."""
    kind, *rest = entry
    if kind == "move":
        return Move(str(rest[0]), str(rest[1]))
    if kind == "write":
        return Write(str(rest[0]), _unpacked(rest[1]), _unpacked(rest[2]))
    if kind in ("make", "drop"):
        return MakeFolder(str(rest[0])) if kind == "make" else DropFolder(str(rest[0]))
    raise ValueError(f"no step {kind!r}")


def _packed(data: bytes | None) -> str | None:
    return None if data is None else base64.b64encode(data).decode("ascii")


def _unpacked(text: str | None) -> bytes | None:
    return None if text is None else base64.b64decode(text, validate=True)
