"""A command answers and the window shows before anything heavy is loaded: checked in fresh processes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = (
    "torch",
    "torchvision",
    "timm",
    "open_clip",
    "transformers",
    "onnxruntime",
    "sklearn",
    "scipy",
    "skimage",
    "pandas",
)
QT = ("PySide6", "shiboken6", "qasync")
ARRAYS = ("numpy", "PIL", "pillow_heif")

SAY = "import sys, json; print(json.dumps(sorted({name.partition('.')[0] for name in sys.modules})))"


def loaded_after(code: str) -> set[str]:
    """Top-level names of the modules that a fresh process has loaded after `code`."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", f"{code}\n{SAY}"],
        capture_output=True,
        text=True,
        cwd=Path(__file__).resolve().parents[2],
        env=os.environ | {"QT_QPA_PLATFORM": "offscreen", "FABRIC_DESKTOP_ALLOW_DUMMY": "1"},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stdout.splitlines()[-1]))


def test_importing_the_package_loads_nothing_but_the_standard_library() -> None:
    loaded = loaded_after("import fabric_desktop; dir(fabric_desktop); fabric_desktop.__version__")
    assert not loaded & {*HEAVY, *QT, *ARRAYS}


@pytest.mark.parametrize(
    "module",
    [
        "errors",
        "jobs",
        "wording",
        "imaging",
        "studio",
        "fusion",
        "names",
        "labels",
        "eval_set",
        "bank",
        "head",
        "model",
        "recognizer",
        "evaluation",
        "encoders.registry",
        "rules",
        "attributes",
    ],
)
def test_no_room_of_the_core_loads_an_engine_or_qt(module: str) -> None:
    assert not loaded_after(f"import fabric_desktop.{module}") & {*HEAVY, *QT}


def test_every_name_of_the_public_api_can_be_fetched_without_an_engine() -> None:
    code = "import fabric_desktop\nfor name in fabric_desktop.__all__: getattr(fabric_desktop, name)"
    assert not loaded_after(code) & {*HEAVY, *QT}


def test_the_rules_answer_without_an_engine() -> None:
    code = (
        "from fabric_desktop import recommend_fabrics_localized\n"
        "attrs = {'visual': {'dominant_color_name': 'blue', 'sheen_score': 0.6, 'texture_complexity': 0.4}}\n"
        "assert recommend_fabrics_localized(attrs, lang='zh', top_k=3)"
    )
    assert not loaded_after(code) & {*HEAVY, *QT}


def test_opening_a_studio_loads_no_arrays_and_no_engine(tmp_path: Path) -> None:
    code = (
        "from fabric_desktop import open_studio\nfrom fabric_desktop.studio import load_settings, current_version\n"
        f"studio = open_studio({str(tmp_path)!r}, create=True)\n"
        "studio.fabric_ids(), load_settings(studio), current_version(studio)"
    )
    assert not loaded_after(code) & {*HEAVY, *QT, *ARRAYS}


def test_recognising_by_references_loads_no_scikit_learn_and_no_torch(tmp_path: Path) -> None:
    code = (
        "from PIL import Image\nfrom fabric_desktop import Recognizer, open_studio\n"
        "from fabric_desktop.encoders.dummy import DummyEncoder\n"
        f"studio = open_studio({str(tmp_path)!r}, create=True)\n"
        "assert Recognizer(studio, DummyEncoder()).recognize(Image.new('RGB', (64, 64))).candidates"
    )
    assert not loaded_after(code) & {"torch", "torchvision", "timm", "open_clip", "sklearn", "skimage", *QT}


def test_an_unknown_name_of_the_package_is_an_attribute_error() -> None:
    import fabric_desktop

    with pytest.raises(AttributeError, match="nothing_here"):
        fabric_desktop.nothing_here  # noqa: B018
