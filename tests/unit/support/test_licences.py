"""Whose work the program is made of: everything that is installed for it is named with a licence."""

from __future__ import annotations

import re
from importlib import metadata

import pytest

from fabric_desktop import paths
from fabric_desktop.support import licences


def test_the_packages_are_those_that_pyproject_names() -> None:
    text = (paths.checkout_root() / "pyproject.toml").read_text(encoding="utf-8")  # type: ignore[operator]
    wanted = licences.base_requirements()
    assert {"PySide6-Essentials", "numpy", "onnxruntime", "pygal"} <= set(wanted)
    for name in wanted:
        assert re.search(rf'"{re.escape(name)}[><=]', text)
    assert "torch" not in wanted
    assert "pytest" not in wanted


def test_an_installed_program_reads_its_requirements_from_its_own_metadata(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = ["numpy>=2.0", "pillow>=11.0", 'torch>=2.6; extra == "clip"', 'pytest>=8.4; extra == "test"']
    monkeypatch.setattr(licences.paths, "checkout_root", lambda: None)
    asked = metadata.requires
    monkeypatch.setattr(licences.metadata, "requires", lambda name: lines if name == licences.PROGRAM else asked(name))
    assert licences.base_requirements() == ("numpy", "pillow")
    assert not {"pytest", "pluggy"} & {work.name for work in licences.installed_packages()}


def test_every_installed_package_of_the_program_is_listed_with_version_and_licence() -> None:
    listed = {work.name.lower().replace("_", "-"): work for work in licences.installed_packages()}
    for name in licences.base_requirements():
        assert name.lower().replace("_", "-") in listed
    assert listed["numpy"].version == metadata.version("numpy")
    assert "BSD" in listed["numpy"].licence
    # What they need is listed too; what only the tests need is not.
    assert "flatbuffers" in listed
    assert "pytest" not in listed
    assert "hypothesis" not in listed


def test_the_texts_that_packages_bring_can_be_read() -> None:
    assert "Redistribution and use" in licences.licence_text("numpy")
    assert licences.licence_text("no-such-package-here") == ""


def test_what_is_shipped_is_named_with_its_licence() -> None:
    works = {work.note or work.kind: work for work in licences.contained()}
    assert set(works) == {"program", "weights", "icons", "data", "samples"}
    assert works["weights"].licence == "Apache-2.0"
    assert "Apache License" in works["weights"].text
    assert "Permission is hereby granted" in works["program"].text


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("License-Expression: MIT\nLicense: something else", "MIT"),
        ("Classifier: License :: OSI Approved :: BSD License\nLicense: long text", "BSD License"),
        ("Classifier: License :: OSI Approved\nLicense: Zlib\n  and more lines", "Zlib"),
        ("License: UNKNOWN", ""),
        ("", ""),
    ],
)
def test_a_licence_is_read_from_whichever_field_a_package_fills(
    tmp_path_factory: pytest.TempPathFactory, header: str, expected: str
) -> None:
    folder = tmp_path_factory.mktemp("site") / "thing-1.0.dist-info"
    folder.mkdir()
    text = "\n".join(filter(None, ("Metadata-Version: 2.4", "Name: thing", "Version: 1.0", header)))
    (folder / "METADATA").write_text(text + "\n", encoding="utf-8")
    assert licences.licence_of(metadata.PathDistribution(folder)) == expected
