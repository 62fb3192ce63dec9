"""The studios that the tests of the recognizer ask about, and what they look at in an answer. No fixtures."""

from __future__ import annotations

from pathlib import Path

from fabric_desktop.bank import build_bank
from fabric_desktop.head import train_head
from fabric_desktop.jobs import JobContext
from fabric_desktop.recognition import Recognition
from fabric_desktop.studio import Studio
from tests.support import CountingEncoder, add_patches, make_studio

LIBRARY = {"cotton": 3, "file": 3, "真丝缎": 3, "sample 7": 3}


def studio_with_bank(root: Path) -> Studio:
    """A studio of `LIBRARY` whose bank is in use (v1)."""
    studio = make_studio(root, LIBRARY)
    build_bank(studio, CountingEncoder(), JobContext())
    return studio


def with_head(studio: Studio) -> Studio:
    """The same studio with a head of two of its fabrics in use (v2)."""
    for fabric in ("cotton", "file"):
        add_patches(studio, fabric, 10)
    train_head(studio, CountingEncoder(), JobContext())
    return studio


def ids(recognition: Recognition) -> list[str]:
    return [candidate.id for candidate in recognition.candidates]


def codes(recognition: Recognition) -> list[str]:
    return [notice.code for notice in recognition.notices]
