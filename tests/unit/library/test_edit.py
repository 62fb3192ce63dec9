"""Renaming, merging, adding, removing: everything that names a fabric follows, and everything can be taken back."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from fabric_desktop.bank import reference_record
from fabric_desktop.errors import BadFabricId, BadInfo, FabricExists, FabricMissing, UnreadableImage
from fabric_desktop.eval_set import read_eval_set
from fabric_desktop.imaging import Box, content_hash, cut_patch, open_photo
from fabric_desktop.labels import PatchOrigin, list_labeled, save_patch
from fabric_desktop.library.edit import declare, merge_fabrics, remove_fabric, rename_fabric
from fabric_desktop.library.references import (
    add_reference_patch,
    add_references,
    list_trash,
    remove_references,
    replace_reference,
    restore,
)
from fabric_desktop.studio import FabricInfo, Studio, StudioLock, load_info, open_studio
from fabric_desktop.studio.changes import pending_changes, undo_change

ROOT = Path(__file__).resolve().parents[3]


def photo(path: Path, seed: int) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (64, 48), (seed * 37 % 256, seed * 91 % 256, seed * 13 % 256)).save(path)
    return path


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    """Two fabrics with references, data sheets, labelled patches and an evaluation set that names them every way."""
    studio = open_studio(tmp_path / "data", create=True)
    for seed, fabric in enumerate(("mian", "棉布")):
        for number in range(2):
            photo(studio.fabrics_dir / fabric / f"ref {number}.png", 10 * seed + number)
            photo(studio.labeled_dir / fabric / f"p{number}.png", 100 + 10 * seed + number)
    photo(studio.fabrics_dir / "棉布" / "same.png", 0)  # the very picture that mian has
    (studio.labeled_dir / "棉布" / "p0.json").write_text(
        json.dumps({"source_photo": "fabrics/棉布/ref 0.png", "swatch_id": "s"}, ensure_ascii=False), encoding="utf-8"
    )
    (studio.labeled_dir / "mian" / "p1.json").write_text('{"source_photo": "fabrics/棉布/ref 1.png"}', encoding="utf-8")
    (studio.fabrics_dir / "棉布" / "fabric.toml").write_text(
        '# by hand\nname_zh = "棉"\nname_en = "Calico"\nfibre = "100% cotton"\nnotes = "soft"\n', encoding="utf-8"
    )
    (studio.fabrics_dir / "mian" / "fabric.toml").write_text('# mine\nname_zh = "棉布面料"\nnotes = "crisp"\n', "utf-8")
    (studio.fabrics_dir / "棉布" / "README.txt").write_text("photos of 2024", encoding="utf-8")
    lines = [
        {"image": "data/patches/labeled/棉布/p0.png", "coords": [1, 2], "label": "棉布", "extra": 1},
        {"image": "patches\\labeled\\棉布\\p1.png", "coords": [1, 2], "label": "棉布"},
        {"image": str(studio.labeled_dir / "mian" / "p0.png"), "coords": [1, 2], "label": "mian"},
        {"image": "data/fabrics/棉布/ref 0.png", "coords": [1, 2], "label": "other"},
    ]
    text = "\n".join(json.dumps(line, ensure_ascii=False) for line in lines) + "\n\nnot json\n"
    studio.eval_set_path.write_text(text, encoding="utf-8")
    return studio


def tree(studio: Studio) -> dict[str, bytes]:
    return {
        path.relative_to(studio.root).as_posix(): path.read_bytes()
        for path in sorted(studio.root.rglob("*"))
        if path.is_file() and not path.name.startswith(".studio")
    }


def without_trash(studio: Studio) -> dict[str, bytes]:
    return {path: data for path, data in tree(studio).items() if not path.startswith(".trash")}


def eval_lines(studio: Studio) -> list[dict[str, object]]:
    return [json.loads(line) for line in studio.eval_set_path.read_text(encoding="utf-8").splitlines()[:4]]


class TestRename:
    def test_references_labels_records_and_evaluation_follow_a_new_id(self, studio: Studio) -> None:
        before = tree(studio)
        done = rename_fabric(studio, "棉布", "calico")
        assert studio.fabric_ids() == studio.labeled_ids() == ["calico", "mian"]
        assert [patch.fabric_id for patch in list_labeled(studio)] == ["calico", "calico", "mian", "mian"]
        assert reference_record(studio.labeled_dir / "calico" / "p0.png")["source_photo"] == "fabrics/calico/ref 0.png"
        assert reference_record(studio.labeled_dir / "mian" / "p1.png")["source_photo"] == "fabrics/calico/ref 1.png"
        assert [(line["label"], Path(str(line["image"])).parts[-2]) for line in eval_lines(studio)] == [
            ("calico", "calico"),
            ("calico", "calico"),
            ("mian", "mian"),
            ("other", "calico"),
        ]
        assert eval_lines(studio)[0]["extra"] == 1
        assert studio.eval_set_path.read_text(encoding="utf-8").endswith("\n\nnot json\n")
        for line in eval_lines(studio)[1:2]:
            assert "patches/labeled/calico/p1.png" in str(line["image"])
        assert load_info(studio, "calico").name_en == "Calico"
        assert (done.fabrics, done.labels, done.eval_set) == ({"calico", "棉布"}, {"calico", "棉布", "mian"}, True)
        undo_change(studio, done)
        assert tree(studio) == before

    def test_an_entry_still_finds_its_picture_after_the_rename(self, studio: Studio) -> None:
        rename_fabric(studio, "棉布", "calico")
        studio.eval_set_path.write_text(
            "\n".join(studio.eval_set_path.read_text(encoding="utf-8").splitlines()[:4]), encoding="utf-8"
        )
        assert all(record.image.is_file() for record in read_eval_set(studio))

    def test_a_taken_missing_or_impossible_id_is_refused(self, studio: Studio) -> None:
        before = tree(studio)
        for wrong, error in (("MIAN", FabricExists), ("棉布", FabricExists), ("a/b", BadFabricId)):
            with pytest.raises(error):
                rename_fabric(studio, "棉布", wrong)
        with pytest.raises(FabricMissing):
            rename_fabric(studio, "none", "new")
        assert tree(studio) == before

    def test_an_id_can_change_its_case(self, studio: Studio) -> None:
        rename_fabric(studio, "mian", "Mian")
        assert studio.fabric_ids() == ["Mian", "棉布"]

    def test_a_fabric_that_has_only_labels_can_be_renamed(self, studio: Studio) -> None:
        photo(studio.labeled_dir / "silk" / "p.png", 3)
        rename_fabric(studio, "silk", "真丝")
        assert set(studio.labeled_ids()) == {"mian", "棉布", "真丝"}
        assert "真丝" not in studio.fabric_ids()


class TestMerge:
    def test_two_fabrics_become_one_with_everything_that_names_them(self, studio: Studio) -> None:
        before = tree(studio)
        done = merge_fabrics(studio, "棉布", "mian")
        assert studio.fabric_ids() == studio.labeled_ids() == ["mian"]
        names = {path.name for path in studio.reference_photos("mian")}
        assert names == {"ref 0.png", "ref 1.png", "ref 0-2.png", "ref 1-2.png"}
        assert (studio.fabrics_dir / "mian" / "README.txt").is_file()
        assert len(list_labeled(studio)) == 4
        info = load_info(studio, "mian")
        assert (info.name_zh, info.name_en, info.fibre) == ("棉布面料", "Calico", "100% cotton")
        assert set(info.aliases) == {"棉布", "棉"}
        assert info.notes == "crisp\nsoft"
        assert "# mine" in (studio.fabrics_dir / "mian" / "fabric.toml").read_text(encoding="utf-8")
        assert [line["label"] for line in eval_lines(studio)] == ["mian", "mian", "mian", "other"]
        assert reference_record(studio.labeled_dir / "mian" / "p0-2.png")["source_photo"] == "fabrics/mian/ref 0-2.png"
        lines = studio.eval_set_path.read_text(encoding="utf-8").splitlines()
        studio.eval_set_path.write_text("\n".join(lines[:4]), encoding="utf-8")
        assert all(record.image.is_file() for record in read_eval_set(studio))
        studio.eval_set_path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        undo_change(studio, done)
        assert tree(studio) == before

    def test_a_picture_both_have_goes_to_the_trash_and_not_away(self, studio: Studio) -> None:
        digest = content_hash(studio.fabrics_dir / "棉布" / "same.png")
        merge_fabrics(studio, "棉布", "mian")
        assert [(item.fabric_id, item.name) for item in list_trash(studio)] == [("棉布", "same.png")]
        assert sum(content_hash(path) == digest for path in studio.reference_photos("mian")) == 1

    def test_a_fabric_without_references_can_be_merged(self, studio: Studio) -> None:
        photo(studio.labeled_dir / "silk" / "p.png", 3)
        merge_fabrics(studio, "silk", "mian")
        assert "silk" not in studio.labeled_ids()
        assert len(list_labeled(studio)) == 5

    def test_a_damaged_data_sheet_stops_the_merge_before_it_begins(self, studio: Studio) -> None:
        (studio.fabrics_dir / "棉布" / "fabric.toml").write_text("name_zh = ", encoding="utf-8")
        before = tree(studio)
        with pytest.raises(BadInfo):
            merge_fabrics(studio, "棉布", "mian")
        assert tree(studio) == before

    def test_a_real_kill_in_the_middle_is_completed_at_the_next_start(self, studio: Studio) -> None:
        code = (
            "import os, sys\n"
            "from fabric_desktop.studio import Studio, StudioLock, changes\n"
            "from fabric_desktop.library.edit import merge_fabrics\n"
            "from pathlib import Path\n"
            "real, seen = changes._do, []\n"
            "def do(studio, step):\n"
            "    seen.append(step)\n"
            "    if len(seen) == 5: os.kill(os.getpid(), 9)\n"
            "    real(studio, step)\n"
            "changes._do = do\n"
            "with StudioLock(Studio(Path(sys.argv[1]))):\n"
            "    merge_fabrics(Studio(Path(sys.argv[1])), '棉布', 'mian')\n"
        )
        environment = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"}
        done = subprocess.run([sys.executable, "-c", code, str(studio.root)], env=environment, check=False)
        assert done.returncode == -signal.SIGKILL
        assert len(pending_changes(studio)) == 1
        with StudioLock(studio) as lock:
            assert [item.kind for item in lock.recovered] == ["merge"]
        assert studio.fabric_ids() == studio.labeled_ids() == ["mian"]
        assert len(studio.reference_photos("mian")) == 4
        assert [line["label"] for line in eval_lines(studio)] == ["mian", "mian", "mian", "other"]


class TestReferences:
    def test_photos_are_added_under_free_names_and_doubles_passed_over(self, studio: Studio, tmp_path: Path) -> None:
        new, known = photo(tmp_path / "out" / "REF 0.png", 50), photo(tmp_path / "out" / "again.png", 1)
        before = tree(studio)
        done = add_references(studio, "mian", [new, known])
        assert [path.name for path in studio.reference_photos("mian")] == ["REF 0-2.png", "ref 0.png", "ref 1.png"]
        assert done.params == {"fabric": "mian", "count": 1, "known": 1}
        undo_change(studio, done)
        assert without_trash(studio) == before
        assert new.is_file()

    def test_a_photo_that_cannot_be_read_adds_nothing(self, studio: Studio, tmp_path: Path) -> None:
        broken = tmp_path / "broken.jpg"
        broken.write_bytes(b"\xff\xd8\xff")
        before = tree(studio)
        with pytest.raises(UnreadableImage):
            add_references(studio, "new", [photo(tmp_path / "a.png", 60), broken])
        assert tree(studio) == before
        assert studio.fabric_ids() == ["mian", "棉布"]

    def test_a_region_of_a_photograph_becomes_a_reference_that_knows_its_source(
        self, studio: Studio, tmp_path: Path
    ) -> None:
        garment = photo(tmp_path / "garment.jpg", 70)
        box = Box(4, 4, 20, 20)
        patch = cut_patch(open_photo(garment), box)
        done = add_reference_patch(studio, "denim", patch, PatchOrigin(photo=garment, box=box, swatch_id="jeans 1"))
        (reference,) = studio.reference_photos("denim")
        assert studio.relative(reference) == done.params["path"]
        record = reference_record(reference)
        assert (record["source_hash"], record["box"], record["swatch_id"]) == (
            content_hash(garment),
            [4, 4, 20, 20],
            "jeans 1",
        )
        assert open_photo(reference).tobytes() == patch.tobytes()
        undo_change(studio, done)
        assert "denim" not in studio.fabric_ids()

    def test_removed_references_lie_in_the_trash_and_come_back_with_their_records(self, studio: Studio) -> None:
        target = studio.fabrics_dir / "mian" / "ref 0.png"
        target.with_suffix(".json").write_text('{"swatch_id": "x"}', encoding="utf-8")
        before = tree(studio)
        remove_references(studio, [target])
        assert [path.name for path in studio.reference_photos("mian")] == ["ref 1.png"]
        (item,) = list_trash(studio)
        assert (item.fabric_id, item.name) == ("mian", "ref 0.png")
        restore(studio, [item.path])
        assert tree(studio) == before
        assert list_trash(studio) == []

    def test_a_reference_comes_back_beside_one_that_took_its_name(self, studio: Studio) -> None:
        remove_references(studio, [studio.fabrics_dir / "mian" / "ref 0.png"])
        photo(studio.fabrics_dir / "mian" / "ref 0.png", 80)
        restore(studio, [list_trash(studio)[0].path])
        assert [path.name for path in studio.reference_photos("mian")] == ["ref 0-2.png", "ref 0.png", "ref 1.png"]

    def test_only_references_of_this_studio_are_removed(self, studio: Studio, tmp_path: Path) -> None:
        for wrong in (photo(tmp_path / "x.png", 1), studio.labeled_dir / "mian" / "p0.png", studio.root / "none.png"):
            with pytest.raises(UnreadableImage):
                remove_references(studio, [wrong])
            assert not list_trash(studio)

    def test_a_replaced_reference_keeps_its_name_and_the_old_one(self, studio: Studio, tmp_path: Path) -> None:
        before = tree(studio)
        better = photo(tmp_path / "better.JPG", 90)
        done = replace_reference(studio, studio.fabrics_dir / "mian" / "ref 0.png", better)
        assert [path.name for path in studio.reference_photos("mian")] == ["ref 0.jpg", "ref 1.png"]
        assert content_hash(studio.fabrics_dir / "mian" / "ref 0.jpg") == content_hash(better)
        assert len(list_trash(studio)) == 1
        undo_change(studio, done)
        assert without_trash(studio) == before

    def test_a_removed_fabric_comes_back_whole(self, studio: Studio) -> None:
        before = tree(studio)
        remove_fabric(studio, "棉布")
        assert studio.fabric_ids() == ["mian"]
        restore(studio, [trashed.path for trashed in list_trash(studio)])
        assert tree(studio) == before
        with pytest.raises(FabricMissing):
            remove_fabric(studio, "none")

    def test_restoring_a_fabric_never_writes_over_a_new_one(self, studio: Studio) -> None:
        remove_fabric(studio, "棉布")
        new = photo(studio.fabrics_dir / "棉布" / list_trash(studio)[0].name, 5)
        bytes_before = new.read_bytes()
        restore(studio, [trashed.path for trashed in list_trash(studio)])
        assert len(studio.reference_photos("棉布")) == 4
        assert new.read_bytes() == bytes_before


class TestDeclare:
    def test_declared_data_can_be_taken_back_and_keep_a_persons_comments(self, studio: Studio) -> None:
        before = tree(studio)
        done = declare(studio, FabricInfo(id="mian", name_zh="棉", weight="120 g/m2"))
        assert load_info(studio, "mian").weight == "120 g/m2"
        assert "# mine" in (studio.fabrics_dir / "mian" / "fabric.toml").read_text(encoding="utf-8")
        undo_change(studio, done)
        assert tree(studio) == before

    def test_a_new_fabric_begins_with_its_data(self, studio: Studio) -> None:
        done = declare(studio, FabricInfo(id=" 亚麻 ", fibre="100% linen"))
        assert load_info(studio, "亚麻").fibre == "100% linen"
        undo_change(studio, done)
        assert "亚麻" not in studio.fabric_ids()

    def test_a_damaged_sheet_is_not_written_over(self, studio: Studio) -> None:
        (studio.fabrics_dir / "mian" / "fabric.toml").write_text("half = ", encoding="utf-8")
        with pytest.raises(BadInfo):
            declare(studio, FabricInfo(id="mian", fibre="x"))


def test_saving_a_label_and_renaming_its_fabric_keeps_the_record(studio: Studio, tmp_path: Path) -> None:
    garment = photo(tmp_path / "garment.jpg", 7)
    path = save_patch(studio, open_photo(garment), "mian", PatchOrigin(photo=garment, box=Box(0, 0, 64, 48)))
    rename_fabric(studio, "mian", "cotton")
    moved = studio.labeled_dir / "cotton" / path.name
    assert reference_record(moved)["source_hash"] == content_hash(garment)
