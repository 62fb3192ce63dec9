"""What a person has on disk becomes a library: seen before anything is copied, whole, and taken back whole."""

from __future__ import annotations

import json
import os
from pathlib import Path

import openpyxl
import pytest
from PIL import Image

from fabric_desktop.errors import (
    BadFabricId,
    LinkRefused,
    NoPhotos,
    NothingToImport,
    SaveFailed,
    StudioLocked,
    UnreadableImage,
)
from fabric_desktop.imaging import content_hash
from fabric_desktop.jobs import Cancelled, JobContext, Progress
from fabric_desktop.library import importing, linking
from fabric_desktop.library.importing import ImportChoices, ImportPlan, plan_import, run_import, undo_import
from fabric_desktop.library.sources import FolderSource, ListSource, NamesSource, preview_names, suggest_for
from fabric_desktop.studio import Studio, StudioLock, load_info, open_studio
from fabric_desktop.studio.changes import changes_dir, undo_change


def photo(path: Path, seed: int, side: int = 240) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (side, side), (seed * 37 % 256, seed * 91 % 256, seed * 13 % 256)).save(path)
    return path


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    return open_studio(tmp_path / "我的 studio", create=True)


def planned(studio: Studio, source: object, choices: ImportChoices | None = None) -> ImportPlan:
    return plan_import(source, studio, JobContext(), choices)  # type: ignore[arg-type]


def codes(plan: ImportPlan) -> list[tuple[str, str]]:
    return [(conflict.code, conflict.action) for conflict in plan.conflicts]


def library(studio: Studio) -> dict[str, list[str]]:
    return {fabric: [p.name for p in studio.reference_photos(fabric)] for fabric in studio.fabric_ids()}


def tree(root: Path) -> dict[str, bytes]:
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file() and ".trash" not in path.parts
    }


class TestFolders:
    def test_a_folder_of_folders_becomes_a_library(self, studio: Studio, tmp_path: Path) -> None:
        root = tmp_path / "swatches"
        for number in range(3):
            photo(root / "棉 布" / f"front {number}.PNG", number)
            photo(root / "silk_satin" / "close up" / f"{number}.jpg", 10 + number)
        (root / "棉 布" / "README.txt").write_text("notes", encoding="utf-8")
        (root / "silk_satin" / "fabric.toml").write_text('# mine\nname_zh = "真丝缎"\nextra = 1\n', encoding="utf-8")
        plan = planned(studio, FolderSource(root))
        assert tree(studio.root) == {}
        assert [(fabric.id, fabric.new, fabric.photos) for fabric in plan.fabrics] == [
            ("silk_satin", True, 3),
            ("棉 布", True, 3),
        ]
        done = run_import(plan, studio, JobContext())
        assert library(studio) == {
            "silk_satin": ["0.jpg", "1.jpg", "2.jpg"],
            "棉 布": ["front 0.PNG", "front 1.PNG", "front 2.PNG"],
        }
        assert (done.photos, done.new_fabrics) == (6, 2)
        assert "# mine" in (studio.fabrics_dir / "silk_satin" / "fabric.toml").read_text(encoding="utf-8")
        assert not changes_dir(studio).exists()

    def test_the_deepest_folders_can_be_the_fabrics(self, studio: Studio, tmp_path: Path) -> None:
        photo(tmp_path / "in" / "mill A" / "denim" / "1.png", 1)
        photo(tmp_path / "in" / "mill B" / "twill" / "1.png", 2)
        plan = planned(studio, FolderSource(tmp_path / "in", level="leaf"))
        assert [fabric.id for fabric in plan.fabrics] == ["denim", "twill"]

    def test_a_studio_gives_its_library_with_its_records_and_not_its_patches(
        self, studio: Studio, tmp_path: Path
    ) -> None:
        other = open_studio(tmp_path / "other", create=True)
        cut = photo(other.fabrics_dir / "denim" / "cut.png", 1)
        cut.with_suffix(".json").write_text('{"swatch_id": "s1"}', encoding="utf-8")
        photo(other.labeled_dir / "denim" / "p.png", 2)
        run_import(planned(studio, FolderSource(other.root)), studio, JobContext())
        assert library(studio) == {"denim": ["cut.png"]}
        assert json.loads((studio.fabrics_dir / "denim" / "cut.json").read_text("utf-8")) == {"swatch_id": "s1"}

    def test_everything_doubtful_is_shown_before_anything_is_copied(self, studio: Studio, tmp_path: Path) -> None:
        root = tmp_path / "in"
        photo(studio.fabrics_dir / "cotton" / "a.png", 1)
        photo(studio.fabrics_dir / "linen" / "l.png", 2)
        (studio.fabrics_dir / "linen" / "fabric.toml").write_text('name_zh = "亚麻"', encoding="utf-8")
        photo(root / "Cotton" / "a.png", 1)  # this very picture
        photo(root / "Cotton" / "A.jpg", 3)  # a name that is taken but for its case
        photo(root / "Cotton" / "b.png", 4)
        photo(root / "Cotton" / "same.png", 4)
        photo(root / "亚麻" / "x.png", 5)  # the library's own name of linen
        photo(root / "wool" / "w.png", 2)  # a picture that stands under linen
        photo(root / "con" / "c.png", 6)  # no folder's name on Windows
        photo(root / "loose.png", 7)
        (root / "wool" / "broken.jpg").write_bytes(b"\xff\xd8\xff half")
        (root / "wool" / "notes.jpg").write_text("hello", encoding="utf-8")
        before = tree(studio.root)
        plan = planned(studio, FolderSource(root))
        assert tree(studio.root) == before
        assert sorted(codes(plan)) == [
            ("bad_id", "renamed"),
            ("known_photo", "skipped"),
            ("name_taken", "renamed"),
            ("no_fabric", "skipped"),
            ("same_letters", "merged"),
            ("same_name", "merged"),
            ("twice", "skipped"),
            ("two_fabrics", "added"),
        ]
        assert {(item.path.name, item.reason) for item in plan.unreadable} == {
            ("broken.jpg", "truncated"),
            ("notes.jpg", "not_a_picture"),
        }
        run_import(plan, studio, JobContext())
        assert library(studio) == {
            "cotton": ["A-2.jpg", "a.png", "b.png"],
            "fabric con": ["c.png"],
            "linen": ["l.png", "x.png"],
            "wool": ["w.png"],
        }

    def test_a_person_chooses_other_ids_and_leaves_photos_out(self, studio: Studio, tmp_path: Path) -> None:
        kept, left = photo(tmp_path / "in" / "abc" / "1.png", 1), photo(tmp_path / "in" / "abc" / "2.png", 2)
        choices = ImportChoices(ids={"abc": "denim"}, leave_out=frozenset({left}))
        plan = planned(studio, FolderSource(tmp_path / "in"), choices)
        assert [(p.source, p.fabric_id) for p in plan.photos] == [(kept, "denim")]
        with pytest.raises(BadFabricId):
            planned(studio, FolderSource(tmp_path / "in"), ImportChoices(ids={"abc": "a/b"}))

    @pytest.mark.parametrize("made", ["none", "file", "empty"])
    def test_a_folder_without_photos_says_so(self, studio: Studio, tmp_path: Path, made: str) -> None:
        place = tmp_path / "in"
        if made == "file":
            place.write_text("x", encoding="utf-8")
        elif made == "empty":
            (place / "sub").mkdir(parents=True)
        with pytest.raises(NoPhotos) as none:
            planned(studio, FolderSource(place))
        assert none.value.params["reason"] == {"none": "missing", "file": "not_a_folder", "empty": "empty"}[made]


class TestNames:
    def test_article_numbers_in_file_names_become_fabrics(self, studio: Studio, tmp_path: Path) -> None:
        root = tmp_path / "flat"
        for number in range(6):
            photo(root / f"AB-12{number // 3}_{number % 3}.png", number)
        photo(root / "cover.png", 50)
        assert suggest_for(root) == "{article}_{n}"
        assert preview_names(root, "{article}_{n}")[-1].fields is None
        plan = planned(studio, NamesSource(root, "{article}_{n}"))
        assert codes(plan) == [("no_fabric", "skipped")]
        run_import(plan, studio, JobContext())
        assert library(studio) == {
            "AB-120": ["AB-120_0.png", "AB-120_1.png", "AB-120_2.png"],
            "AB-121": ["AB-121_0.png", "AB-121_1.png", "AB-121_2.png"],
        }
        assert load_info(studio, "AB-120").article == "AB-120"


class TestLists:
    def make(self, tmp_path: Path) -> Path:
        for name, seed in (("a.png", 1), ("b.png", 2), ("sub/c.png", 3), ("other.png", 4)):
            photo(tmp_path / "list" / name, seed)
        book = openpyxl.Workbook()
        sheet = book.active
        sheet.append(["图片", "货号", "名称", "成分", "克重(g/m2)", "别名"])
        sheet.append(["a.png;b.png", "A-1", "棉布", "100% 棉", 120, "布一、布二"])
        sheet.append(["C", "A-2", "Linen", "亚麻 100%", None, None])
        sheet.append(["none.jpg", "A-2", None, "亚麻 50%", None, None])
        sheet.append([None, None, None, None, 5, None])
        book.save(tmp_path / "list" / "清单.xlsx")
        return tmp_path / "list" / "清单.xlsx"

    def test_an_excel_list_becomes_photos_and_data_sheets(self, studio: Studio, tmp_path: Path) -> None:
        plan = planned(studio, ListSource(self.make(tmp_path)))
        assert sorted(codes(plan)) == [("list_disagrees", "kept"), ("no_file", "skipped")]
        assert {notice.code for notice in plan.warnings} >= {"import_filled_down", "import_not_listed"}
        run_import(plan, studio, JobContext())
        assert library(studio) == {"A-1": ["a.png", "b.png"], "A-2": ["c.png"]}
        info = load_info(studio, "A-1")
        assert (info.article, info.name_zh, info.fibre, info.weight) == ("A-1", "棉布", "100% 棉", "120 g/m2")
        assert info.aliases == ("布一", "布二")
        assert load_info(studio, "A-2").name_en == "Linen"

    def test_declared_data_are_kept_unless_the_person_wants_them_replaced(self, studio: Studio, tmp_path: Path) -> None:
        photo(studio.fabrics_dir / "A-1" / "own.png", 99)
        (studio.fabrics_dir / "A-1" / "fabric.toml").write_text('# by hand\nfibre = "50% cotton"\n', encoding="utf-8")
        source = ListSource(self.make(tmp_path))
        plan = planned(studio, source)
        assert ("declared_differs", "kept") in codes(plan)
        replaced = planned(studio, source, ImportChoices(declared="replace"))
        done = run_import(plan, studio, JobContext())
        assert load_info(studio, "A-1").fibre == "50% cotton"
        assert load_info(studio, "A-1").name_zh == "棉布"
        undo_import(studio, done)
        run_import(replaced, studio, JobContext())
        assert load_info(studio, "A-1").fibre == "100% 棉"
        assert "# by hand" in (studio.fabrics_dir / "A-1" / "fabric.toml").read_text(encoding="utf-8")

    def test_a_list_without_files_finds_the_photos_named_after_its_articles(
        self, studio: Studio, tmp_path: Path
    ) -> None:
        for number in range(4):
            photo(tmp_path / "photos" / f"A-{number // 2}_{number}.png", number)
        (tmp_path / "data.csv").write_text("货号,成分\nA-0,棉\nA-1,麻\n", encoding="gbk")
        run_import(planned(studio, ListSource(tmp_path / "data.csv", tmp_path / "photos")), studio, JobContext())
        assert {fabric: len(photos) for fabric, photos in library(studio).items()} == {"A-0": 2, "A-1": 2}
        assert load_info(studio, "A-1").fibre == "麻"


class TestDoing:
    def source(self, tmp_path: Path, count: int = 3) -> FolderSource:
        for number in range(count):
            photo(tmp_path / "in" / "denim" / f"{number}.png", number)
        return FolderSource(tmp_path / "in")

    def test_taking_back_puts_the_photos_into_the_trash_and_leaves_the_rest_as_it_was(
        self, studio: Studio, tmp_path: Path
    ) -> None:
        photo(studio.fabrics_dir / "denim" / "own.png", 77)
        (studio.fabrics_dir / "denim" / "fabric.toml").write_text('fibre = "x"', encoding="utf-8")
        (tmp_path / "l.csv").write_text(
            "file,fabric,weight\nin/denim/0.png,denim,300\nin/denim/1.png,new,20\n", encoding="utf-8"
        )
        self.source(tmp_path)
        before = tree(studio.root)
        done = run_import(planned(studio, ListSource(tmp_path / "l.csv")), studio, JobContext())
        after = tree(studio.root)
        assert set(after) - set(before) == {"fabrics/denim/0.png", "fabrics/new/1.png", "fabrics/new/fabric.toml"}
        undone = undo_import(studio, done)
        assert tree(studio.root) == before
        assert not (studio.fabrics_dir / "new").exists()
        assert len(list((studio.root / ".trash").rglob("*.png"))) == 2
        undo_change(studio, undone)
        assert tree(studio.root) == after

    def test_taking_back_spares_what_a_person_did_since(self, studio: Studio, tmp_path: Path) -> None:
        done = run_import(planned(studio, self.source(tmp_path)), studio, JobContext())
        (studio.fabrics_dir / "denim" / "1.png").unlink()
        photo(studio.fabrics_dir / "denim" / "mine.png", 50)
        undo_import(studio, done)
        assert library(studio) == {"denim": ["mine.png"]}

    def test_cancelling_leaves_nothing_behind(self, studio: Studio, tmp_path: Path) -> None:
        plan = planned(studio, self.source(tmp_path))

        def stop(progress: Progress) -> None:
            if progress.done == 2:
                context.cancel()

        context = JobContext(stop)
        with pytest.raises(Cancelled):
            run_import(plan, studio, context)
        assert tree(studio.root) == {}

    def test_a_photo_that_changed_since_the_plan_is_not_taken_in(self, studio: Studio, tmp_path: Path) -> None:
        plan = planned(studio, self.source(tmp_path))
        photo(tmp_path / "in" / "denim" / "1.png", 200)
        with pytest.raises(UnreadableImage) as changed:
            run_import(plan, studio, JobContext())
        assert changed.value.params["reason"] == "changed"
        assert tree(studio.root) == {}

    def test_a_disk_that_is_too_full_is_told_before_the_first_copy(
        self, studio: Studio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        plan = planned(studio, self.source(tmp_path))
        usage = type("Usage", (), {"free": plan.bytes})
        monkeypatch.setattr(importing.shutil, "disk_usage", lambda path: usage)
        with pytest.raises(SaveFailed) as failed:
            run_import(plan, studio, JobContext())
        assert failed.value.params["reason"] == "disk_full"

    def test_importing_again_finds_nothing_new(self, studio: Studio, tmp_path: Path) -> None:
        source = self.source(tmp_path)
        run_import(planned(studio, source), studio, JobContext())
        again = planned(studio, source)
        assert codes(again) == [("known_photo", "skipped")] * 3
        with pytest.raises(NothingToImport) as nothing:
            run_import(again, studio, JobContext())
        assert nothing.value.params["known"] == 3

    def test_planning_again_with_other_choices_opens_nothing_twice(
        self, studio: Studio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        seen: dict[Path, object] = {}
        source = self.source(tmp_path)
        plan_import(source, studio, JobContext(), None, seen)  # type: ignore[arg-type]

        def opened(path: Path, side: int) -> None:
            pytest.fail(f"{path} was opened again")

        monkeypatch.setattr("fabric_desktop.library.import_plan.glance", opened)
        choices = ImportChoices(ids={"denim": "jean"})
        plan = plan_import(source, studio, JobContext(), choices, seen)  # type: ignore[arg-type]
        assert {p.fabric_id for p in plan.photos} == {"jean"}

    def test_importing_needs_the_studio_for_itself(self, studio: Studio) -> None:
        with StudioLock(studio), pytest.raises(StudioLocked):
            StudioLock(studio).acquire()


class TestLinks:
    def test_a_linked_photo_takes_no_room_and_outlives_its_original(self, studio: Studio, tmp_path: Path) -> None:
        original = photo(tmp_path / "in" / "denim" / "0.png", 1)
        plan = planned(studio, FolderSource(tmp_path / "in"))
        assert plan.link_refusal is None
        done = run_import(plan, studio, JobContext(), mode="link")
        (reference,) = studio.reference_photos("denim")
        assert os.path.samefile(reference, original)
        assert studio.relative(reference) == "fabrics/denim/0.png"
        digest = content_hash(original)
        original.unlink()
        assert content_hash(reference) == digest
        undo_import(studio, done)
        assert library(studio) == {}

    def test_taking_a_link_back_leaves_the_original(self, studio: Studio, tmp_path: Path) -> None:
        original = photo(tmp_path / "in" / "denim" / "0.png", 1)
        done = run_import(planned(studio, FolderSource(tmp_path / "in")), studio, JobContext(), mode="link")
        undo_import(studio, done)
        assert original.is_file()

    @pytest.mark.parametrize(("number", "reason"), [(18, "other_drive"), (1, "not_supported")])
    def test_a_drive_without_links_is_refused_with_the_reason_and_nothing_is_left(
        self, studio: Studio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, reason: str
    ) -> None:
        photo(tmp_path / "in" / "denim" / "0.png", 1)
        plan = planned(studio, FolderSource(tmp_path / "in"))

        def refuses(source: Path, target: Path) -> None:
            raise OSError(number, os.strerror(number))

        monkeypatch.setattr(linking.os, "link", refuses)
        with pytest.raises(LinkRefused) as refused:
            run_import(plan, studio, JobContext(), mode="link")
        assert refused.value.params["reason"] == reason
        assert tree(studio.root) == {}
