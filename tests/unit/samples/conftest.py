"""A drawn sample studio, made once for all tests of this room; tests that change it work on a copy."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from fabric_desktop.samples import create_sample_studio
from fabric_desktop.studio import Studio


@pytest.fixture(scope="session")
def drawn_studio(tmp_path_factory: pytest.TempPathFactory) -> Studio:
    return create_sample_studio(tmp_path_factory.mktemp("样本 studio") / "samples")


@pytest.fixture
def copied_studio(drawn_studio: Studio, tmp_path: Path) -> Studio:
    shutil.copytree(drawn_studio.root, tmp_path / "copy")
    return Studio(tmp_path / "copy")
