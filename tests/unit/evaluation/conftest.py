"""A studio to be evaluated: three fabrics of three references, their bank in use, nothing labelled yet."""

from __future__ import annotations

from pathlib import Path

import pytest

from fabric_desktop.bank import build_bank
from fabric_desktop.jobs import JobContext
from fabric_desktop.studio import Studio
from tests.support import CountingEncoder, make_studio


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    studio = make_studio(tmp_path / "我的 data", {"cotton": 3, "file": 3, "真丝缎": 3})
    build_bank(studio, CountingEncoder(), JobContext())
    return studio
