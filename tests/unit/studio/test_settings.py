"""Settings hold what the person changed and nothing else, and a damaged file is never written over."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fabric_desktop.errors import SaveFailed, SettingsDamaged
from fabric_desktop.studio import Settings, Studio, load_settings, save_setting


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    return Studio(tmp_path)


def test_without_a_file_the_defaults_hold_and_none_is_written(studio: Studio) -> None:
    assert load_settings(studio) == Settings()
    assert not studio.settings_path.exists()


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("encoder", "openclip:ViT-B-32/laion2b_s34b_b79k"),
        ("lang", "zh"),
        ("alpha", 0.25),
        ("alpha", 0),
        ("top_k", 7),
        ("theme", "dark"),
    ],
)
def test_a_change_is_kept_and_only_that(studio: Studio, key: str, value: Any) -> None:
    save_setting(studio, key, value)
    assert getattr(load_settings(studio), key) == value
    assert studio.settings_path.read_text(encoding="utf-8").count("=") == 1


def test_going_back_to_the_default_takes_the_line_out_again(studio: Studio) -> None:
    save_setting(studio, "top_k", 9)
    save_setting(studio, "lang", "zh")
    save_setting(studio, "top_k", 5)
    save_setting(studio, "lang", None)
    assert studio.settings_path.read_text(encoding="utf-8").strip() == ""


WRITTEN = """# 我的设置
lang = "zh"   # for the shop

# more candidates
top_k = 8
someday = "a key of a later version"

[window]
# their table
x = 1
"""


def test_comments_and_keys_of_other_versions_survive_a_change(studio: Studio) -> None:
    studio.settings_path.write_text(WRITTEN, encoding="utf-8")
    save_setting(studio, "top_k", 3)
    assert studio.settings_path.read_text(encoding="utf-8") == WRITTEN.replace("top_k = 8", "top_k = 3")
    save_setting(studio, "theme", "dark")
    text = studio.settings_path.read_text(encoding="utf-8")
    assert load_settings(studio).theme == "dark"
    assert text.index("theme") < text.index("[window]")
    assert all(line in text for line in WRITTEN.replace("top_k = 8", "top_k = 3").splitlines())


def test_a_file_from_windows_notepad_is_read(studio: Studio) -> None:
    studio.settings_path.write_bytes(b"\xef\xbb\xbf" + b'lang = "zh"\r\ntop_k = 6\r\n')
    assert load_settings(studio) == Settings(lang="zh", top_k=6)
    save_setting(studio, "top_k", 7)
    assert load_settings(studio) == Settings(lang="zh", top_k=7)


@pytest.mark.parametrize(
    "text",
    [
        "lang = ",
        'lang = "de"',
        "lang = 1",
        "top_k = 0",
        "top_k = true",
        "top_k = 5.5",
        'top_k = "5"',
        "alpha = 1.5",
        "alpha = nan",
        "alpha = true",
        'alpha = "most"',
        'theme = "pink"',
        'encoder = ""',
        "encoder = []",
        "x = " + "[" * 100_000,
        "\x00",
    ],
)
def test_a_damaged_file_is_named_and_never_written_over(studio: Studio, text: str) -> None:
    studio.settings_path.write_text(text, encoding="utf-8")
    for attempt in (lambda: load_settings(studio), lambda: save_setting(studio, "lang", "zh")):
        with pytest.raises(SettingsDamaged) as caught:
            attempt()
        assert caught.value.params["path"] == str(studio.settings_path)
    assert studio.settings_path.read_text(encoding="utf-8") == text


def test_bytes_that_are_no_text_are_named(studio: Studio) -> None:
    studio.settings_path.write_bytes('lang = "中"'.encode("gbk"))
    with pytest.raises(SettingsDamaged):
        load_settings(studio)
    studio.settings_path.unlink()
    studio.settings_path.mkdir()
    with pytest.raises(SettingsDamaged):
        load_settings(studio)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("colour", "red"),
        ("alpha", 2),
        ("alpha", float("nan")),
        ("top_k", 0),
        ("top_k", True),
        ("theme", "pink"),
        ("lang", "de"),
        ("encoder", ""),
    ],
)
def test_a_value_out_of_range_is_never_written(studio: Studio, key: str, value: Any) -> None:
    with pytest.raises(ValueError, match="no setting"):
        save_setting(studio, key, value)
    assert not studio.settings_path.exists()


def test_a_failed_save_leaves_the_settings_as_they_were(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    save_setting(studio, "lang", "zh")

    def fail(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", fail)
    with pytest.raises(SaveFailed):
        save_setting(studio, "lang", "en")
    assert load_settings(studio) == Settings(lang="zh")


@settings(max_examples=150, deadline=None, derandomize=True)
@given(
    text=st.text(max_size=60)
    | st.from_regex(r"(lang|alpha|top_k|theme|encoder) = [-0-9a-z\"\[\]{}., ]{0,12}", fullmatch=True)
)
def test_any_text_gives_settings_or_a_word(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    studio = Studio(tmp_path_factory.getbasetemp())
    studio.settings_path.write_bytes(text.encode("utf-8", "surrogatepass"))
    try:
        found = load_settings(studio)
    except SettingsDamaged:
        return
    assert found.top_k >= 1
    assert found.alpha == "auto" or 0 <= found.alpha <= 1
