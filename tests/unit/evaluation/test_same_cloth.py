"""The promise of retrieval on real photographs, kept by the real encoder: one draw of the benchmark's protocol."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from fabric_desktop.encoders.builtin import BuiltinEncoder
from tests.benchmarks import same_cloth
from tests.support import CountingEncoder, cloth, save_photo


@pytest.mark.photos
@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_studios_own_cloth_is_recognised_in_a_new_photo(fabric_photos: Path) -> None:
    samples = same_cloth.photographs_by_sample(fabric_photos)
    assert len(samples) == 55
    run = same_cloth.run(samples, BuiltinEncoder(), seed=0)
    assert (run.fabrics, run.references, run.queries) == (55, 220, 440)
    assert run.top1 >= same_cloth.WANTED_TOP1
    assert run.top5 >= same_cloth.WANTED_TOP5


@pytest.fixture
def drawn(tmp_path: Path) -> Path:
    """A folder in the form of the photographs', of drawn cloth."""
    rows = ["path,class,sample_id"]
    for sample in ("one", "两", "three"):
        for number in range(6):
            name = f"{sample}_{number}.png"
            save_photo(tmp_path / "photos" / "micro_fabrics" / "unlabelled" / name, cloth(sample, number, side=128))
            rows.append(f"shared/fabrics/micro_fabrics/unlabelled/{name},unlabelled,{sample}")
    rows.append("shared/fabrics/kth_tips2/wool/x.jpg,wool,other")
    (tmp_path / "photos" / "manifest.csv").write_text("\n".join(rows), encoding="utf-8")
    return tmp_path / "photos"


def test_the_protocol_draws_four_references_and_asks_about_the_rest(drawn: Path) -> None:
    samples = same_cloth.photographs_by_sample(drawn)
    assert {sample: len(paths) for sample, paths in samples.items()} == {"one": 6, "three": 6, "两": 6}
    runs = [same_cloth.run(samples, CountingEncoder(), seed) for seed in (0, 0, 1)]
    assert runs[0] == runs[1]
    assert (runs[0].fabrics, runs[0].references, runs[0].queries) == (3, 12, 6)
    assert runs[0].top1 == 1.0


def test_the_command_prints_a_table_and_json(
    drawn: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    encoder = CountingEncoder()
    monkeypatch.setattr(same_cloth, "load_encoder", lambda encoder_id: encoder)
    assert same_cloth.main(["--photos", str(drawn), "--seeds", "3"]) == 0
    *shown, last = capsys.readouterr().out.splitlines()
    result = json.loads(last)
    assert (result["top1"], result["top5"], len(result["runs"])) == (1.0, 1.0, 3)
    assert any(line.startswith("mean ") for line in shown)
    assert encoder.pictures == 18  # each photograph once, whatever its draws


def test_without_photographs_the_command_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert same_cloth.main(["--photos", str(tmp_path)]) == 3
    assert "--photos" in capsys.readouterr().err
