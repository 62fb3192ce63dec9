"""Stories told through the commands: photos on a disk become a library, it is checked, and a folder is reported."""

from __future__ import annotations

import csv
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from PIL import Image

from fabric_desktop.batch.journal import cache_dir
from fabric_desktop.labels import list_unlabeled
from fabric_desktop.studio import open_studio, save_setting
from tests.support import cloth, save_photo

ROOT = Path(__file__).resolve().parents[2]
_PATIENCE_S = 600  # for real photographs on a busy machine; the drawn ones take seconds
FABRICS = {"AB-1201": "真丝缎", "AB-1202": "棉布", "AB-1203": "denim"}


def environment(home: Path, **variables: str) -> dict[str, str]:
    return {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "PYTHONIOENCODING": "utf-8",
        "FABRIC_DESKTOP_HOME": str(home / "home 家"),
        "FABRIC_DESKTOP_ALLOW_DUMMY": "1",
        "LC_ALL": "C.UTF-8",
        **variables,
    }


def command(home: Path, *words: object, code: int = 0) -> str:
    """What a command printed; fails unless it ended with this exit code."""
    ended = subprocess.run(
        [sys.executable, "-m", "fabric_desktop", "--studio", str(home / "面料 studio"), *map(str, words)],
        cwd=home,
        env=environment(home),
        capture_output=True,
        encoding="utf-8",
        timeout=_PATIENCE_S,
        check=False,
    )
    assert ended.returncode == code, ended.stdout + ended.stderr
    return ended.stdout


def as_json(home: Path, *words: object, code: int = 0) -> dict[str, Any]:
    value = json.loads(command(home, *words, "--json", code=code))
    assert isinstance(value, dict)
    return value


def flat_folder(place: Path) -> Path:
    """A phone's folder: article number and photo number in each name, one picture of something else."""
    for fabric in FABRICS:
        for number in range(1, 4):
            save_photo(place / f"{fabric}_{number}.jpg", cloth(fabric, number))
    save_photo(place / "cover.jpg", cloth("cover"))
    (place / "AB-1203_9.jpg").write_bytes(b"\xff\xd8\xff half a photo")
    return place


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A person with a studio that uses the tests' own encoder, which looks at colours."""
    (tmp_path / "面料 studio").mkdir()
    (tmp_path / "面料 studio" / "settings.toml").write_text('encoder = "dummy"\n', encoding="utf-8")
    return tmp_path


def test_a_flat_folder_with_article_numbers_becomes_a_library_and_a_folder_of_photos_a_report(home: Path) -> None:
    folder = flat_folder(home / "手机 photos")
    plan = as_json(home, "import-photos", folder, "--dry-run")
    assert (plan["photos"], [fabric["id"] for fabric in plan["fabrics"]]) == (9, list(FABRICS))
    assert [(conflict["code"], conflict["action"]) for conflict in plan["conflicts"]] == [("no_fabric", "skipped")]
    assert [item["reason"] for item in plan["unreadable"]] == ["truncated"]
    assert not (home / "面料 studio" / "fabrics").exists()

    said = command(home, "import-photos", folder, "--lang", "zh")
    assert "{article}_{n}" in said
    assert "已导入 3 种面料（3 种新的）的 9 张照片" in said

    (home / "资料.csv").write_text(
        "货号,名称,成分,克重(g/m2)\n"
        + "".join(f"{article},{name},100% silk,90\n" for article, name in FABRICS.items()),
        encoding="gb18030",
    )
    told = as_json(home, "import-photos", home / "资料.csv")
    assert [fabric["declared"]["fibre"] for fabric in told["fabrics"]] == ["100% silk"] * 3

    checked = as_json(home, "check")
    assert checked["counts"]["error"] == 0
    assert checked["photos"] == 9
    command(home, "build-bank")

    asked = home / "asked"
    for number, fabric in enumerate(FABRICS):
        save_photo(asked / "day 1" / f"IMG_{number}.png", cloth(fabric, 40 + number))
    (asked / "broken.jpg").write_bytes(b"\xff\xd8")
    for ending in ("csv", "xlsx", "json", "html"):
        done = as_json(home, "batch", asked, "--out", home / f"out.{ending}", "--lang", "zh", code=3)
        assert done["photos"] == 4
        assert done["errors"] == [{"photo": str(asked / "broken.jpg"), "reason": "truncated"}]
        assert done["by_fabric"] == dict.fromkeys(FABRICS, 1)
        assert done["resumed"] == (0 if ending == "csv" else 3)
    rows = list(csv.DictReader((home / "out.csv").read_text(encoding="utf-8-sig").splitlines()))
    assert [row["面料"] for row in rows if row["面料"]] == ["真丝缎", "棉布", "AB-1203"]
    assert {row["成分（填写）"] for row in rows if row["面料"]} == {"100% silk"}
    sheet = openpyxl.load_workbook(home / "out.xlsx").worksheets[0]
    assert sheet.max_row == 5
    page = (home / "out.html").read_text(encoding="utf-8")
    assert page.count("<figure>") == 3
    assert "真丝缎" in page
    assert json.loads((home / "out.json").read_text(encoding="utf-8"))["version"] == "v1"


def test_a_first_import_can_be_tried_before_there_is_a_studio_and_a_failed_one_leaves_none(home: Path) -> None:
    new = home / "新的 studio"
    folder = flat_folder(home / "手机 photos")
    tried = as_json(home, "--studio", new, "import-photos", folder, "--dry-run")
    assert tried["photos"] == 9
    (home / "样册.pdf").write_bytes(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
    refused = as_json(home, "--studio", new, "import-photos", home / "样册.pdf", code=3)
    assert refused["error"]["code"] == "list_damaged"
    assert not new.exists()
    assert as_json(home, "--studio", new, "import-photos", folder)["new_fabrics"] == 3
    assert (new / "fabrics" / "AB-1203").is_dir()


def test_a_library_with_faults_is_told_which_and_what_to_do(home: Path) -> None:
    library = home / "面料 studio" / "fabrics"
    save_photo(library / "silk" / "one.png", cloth("silk"))
    save_photo(library / "cotton" / "same.png", cloth("silk"))
    (library / "cotton" / "broken.jpg").write_bytes(b"")
    said = command(home, "check", "--lang", "zh", code=3)
    assert "fabrics/cotton/broken.jpg 用不了：文件是空的" in said
    assert "怎么办：" in said
    found = as_json(home, "check", code=3)
    assert {"two_fabrics", "unreadable", "few_photos"} <= {finding["code"] for finding in found["findings"]}
    assert all(finding["what"] and finding["do"] and finding["fix"] for finding in found["findings"])


@pytest.mark.skipif(os.name != "posix", reason="Ctrl+C is sent as a signal, which only POSIX has")
def test_a_batch_stopped_by_ctrl_c_goes_on_where_it_was(home: Path) -> None:
    flat_folder(home / "photos")
    command(home, "import-photos", home / "photos")
    command(home, "build-bank")
    asked = home / "asked"
    asked.mkdir()
    for number in range(40):
        Image.new("RGB", (900, 700), (number * 6, 255 - number * 6, 90)).save(asked / f"{number}.jpg", quality=90)
    words = ("--studio", home / "面料 studio", "batch", asked, "--out", home / "out.csv")
    running = subprocess.Popen(
        [sys.executable, "-u", "-m", "fabric_desktop", *map(str, words)],
        cwd=home,
        env=environment(home),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    journals = cache_dir(open_studio(home / "面料 studio")) / "batch"
    deadline = time.monotonic() + 60
    while sum(path.read_bytes().count(b"\n") for path in journals.glob("*.jsonl")) < 4:
        assert time.monotonic() < deadline
        assert running.poll() is None
        time.sleep(0.01)
    running.send_signal(signal.SIGINT)
    _, err = running.communicate(timeout=30)
    assert running.returncode == 130
    assert "goes on where it stopped" in err.decode("utf-8")
    assert not (home / "out.csv").exists()
    done = as_json(home, "batch", asked, "--out", home / "out.csv")
    assert done["photos"] == 40
    assert 3 <= done["resumed"] < 40
    assert as_json(home, "batch", asked, "--out", home / "out.csv", "--fresh")["resumed"] == 0


def test_a_batch_keeps_its_uncertain_photos_only_when_asked_to(home: Path) -> None:
    studio = open_studio(home / "面料 studio")
    save_setting(studio, "review_below", 1.0)
    photos = home / "few"
    for number in range(2):
        save_photo(photos / f"{number}.png", cloth("棉布", 70 + number))
    words = ("batch", photos, "--out", home / "few.csv")
    first = as_json(home, *words)
    assert (first["uncertain"], first["kept_for_review"]) == (2, 0)
    assert list_unlabeled(studio) == []
    assert as_json(home, *words, "--review")["kept_for_review"] == 2
    assert len(list_unlabeled(studio)) == 2
    assert as_json(home, *words, "--review")["kept_for_review"] == 0


@pytest.mark.parametrize(
    ("words", "code", "word"),
    [
        (("batch", "photos", "--out", "report.pdf"), 2, ".xlsx"),
        (("batch", "photos"), 2, "--out"),
        (("batch", "none", "--out", "o.csv"), 3, "no such folder"),
        (("import-photos", "none"), 3, "no such folder"),
        (("import-photos", "photos", "--pattern", "{colour}"), 3, "{colour}"),
    ],
)
def test_what_cannot_be_done_is_said_with_the_way_out(home: Path, words: tuple[str, ...], code: int, word: str) -> None:
    flat_folder(home / "photos")
    ended = subprocess.run(
        [sys.executable, "-m", "fabric_desktop", "--studio", str(home / "面料 studio"), *words],
        cwd=home,
        env=environment(home),
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    assert ended.returncode == code
    assert word in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.photos
@pytest.mark.slow
@pytest.mark.timeout(2 * _PATIENCE_S)
def test_real_swatches_under_made_up_article_numbers_name_real_photographs(tmp_path: Path, fabric_photos: Path) -> None:
    """The built-in encoder on real photographs: a flat folder becomes a library, garments become a report."""
    samples: dict[str, list[Path]] = {}
    for photo in sorted((fabric_photos / "micro_fabrics").rglob("*.jpg")):
        samples.setdefault(photo.stem.rpartition("_")[0], []).append(photo)
    flat, asked = tmp_path / "flat", tmp_path / "asked"
    flat.mkdir()
    asked.mkdir()
    for number, photos in enumerate(list(samples.values())[:12]):
        for place, photo in enumerate(photos[:4], start=1):
            shutil.copyfile(photo, flat / f"ZX-{3000 + number}_{place}.jpg")
        shutil.copyfile(photos[4], asked / f"query {3000 + number}.jpg")
    assert as_json(tmp_path, "import-photos", flat)["new_fabrics"] == 12
    command(tmp_path, "build-bank")
    done = as_json(tmp_path, "batch", asked, "--out", tmp_path / "out.json", "--method", "retrieval")
    results = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))["results"]
    right = [Path(r["photo"]).stem.split()[1] in r["candidates"][0]["id"] for r in results]
    assert sum(right) >= 10
    assert done["photos"] == 12
    garments = fabric_photos.parent / "garments"
    if garments.is_dir():
        report = as_json(tmp_path, "batch", garments, "--out", tmp_path / "garments.html", "--lang", "zh")
        assert report["photos"] == len(list(garments.glob("*.jpg")))
        assert (tmp_path / "garments.html").read_text(encoding="utf-8").count("<figure>") == report["photos"]
