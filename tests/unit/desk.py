"""A studio of the dummy encoder and a way to give it commands, as a person at a terminal does. No fixtures."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from fabric_desktop.cli import main

COLOURS = {"棉布": (200, 190, 170), "denim": (50, 70, 120), "silk": (160, 30, 60)}


def picture(fabric: str, seed: int, size: tuple[int, int] = (240, 240)) -> Image.Image:
    rng = np.random.default_rng(seed)
    pixels = np.array(COLOURS[fabric]) + rng.normal(0, 12, (size[1], size[0], 3))
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))


@dataclass(frozen=True)
class Told:
    """The exit code, and what stood on standard output and standard error."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        assert self.out.count("\n") == 1
        return json.loads(self.out)


@dataclass(frozen=True)
class Desk:
    """A studio of the dummy encoder, and a way to give it commands."""

    root: Path
    capsys: pytest.CaptureFixture[str]

    def run(self, *words: object, studio: bool = True) -> Told:
        self.capsys.readouterr()
        place = ["--studio", str(self.root)] if studio else []
        code = main([*place, "--lang", "en", *map(str, words)] if "--lang" not in words else [*place, *map(str, words)])
        out, err = self.capsys.readouterr()
        return Told(code, out, err)

    def references(self, count: int = 3) -> None:
        for fabric in COLOURS:
            folder = self.root / "fabrics" / fabric
            folder.mkdir(parents=True)
            for i in range(count):
                picture(fabric, i).save(folder / f"ref {i}.png")

    def labels(self, counts: dict[str, int], pieces: int = 2) -> None:
        for fabric, count in counts.items():
            folder = self.root / "patches" / "labeled" / fabric
            folder.mkdir(parents=True)
            for i in range(count):
                picture(fabric, 50 + i).save(folder / f"p{i}.png")
                record = {"swatch_id": f"{fabric}-{i % pieces}"}
                (folder / f"p{i}.json").write_text(json.dumps(record), encoding="utf-8")

    def scorable(self, labels: dict[str, int]) -> None:
        """All that evaluating takes: references, labels, a bank, and a set of half of the labels."""
        self.references()
        self.labels(labels)
        assert self.run("build-bank").code == 0
        assert self.run("make-eval-set", "--split", "0.5").code == 0
