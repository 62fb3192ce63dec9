"""Empty folders for encoders, and a prepared CLIP model, made once for all of their tests: its graph takes seconds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from fabric_desktop.encoders import registry
from fabric_desktop.jobs import JobContext, Progress
from tests.unit.encoders.clip_models import MODEL, Made, save_model


@pytest.fixture
def own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A person's folder and a cache of weights with nothing in them."""
    monkeypatch.setenv("FABRIC_DESKTOP_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))


@pytest.fixture(scope="session")
def open_clip() -> Any:
    pytest.importorskip("torch")
    return pytest.importorskip("open_clip")


@pytest.fixture(scope="session")
def made(open_clip: Any, tmp_path_factory: pytest.TempPathFactory) -> Made:
    pytest.importorskip("onnxscript")
    place = tmp_path_factory.mktemp("模型 with space")
    folder = save_model(open_clip, place / "tiny", model=MODEL | {"quick_gelu": True})
    steps: list[Progress] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FABRIC_DESKTOP_HOME", str(place / "home"))
        state = registry.prepare_encoder(f"local-dir:{folder}", JobContext(steps.append))
    return Made(f"local-dir:{folder}", folder, place / "home", state, steps)
