"""What may be typed, in any sensible order, and what a person is told when it cannot be understood."""

from __future__ import annotations

from pathlib import Path

import pytest

from fabric_desktop.cli import main
from fabric_desktop.cli.language import lang_before_parsing, system_lang
from fabric_desktop.cli.parser import build_parser

COMMANDS = ("build-bank", "train-head", "make-eval-set", "evaluate", "recognize", "label", "encoders", "samples")


def parse(*words: str, lang: str = "en"):  # type: ignore[no-untyped-def]
    return build_parser(lang).parse_args(list(words))


@pytest.mark.parametrize(
    "words",
    [
        ("--studio", "面料 data", "--json", "--lang", "zh", "build-bank"),
        ("build-bank", "--studio", "面料 data", "--json", "--lang", "zh"),
        ("--json", "build-bank", "--lang=zh", "--studio=面料 data"),
    ],
)
def test_the_general_options_stand_before_or_after_the_command(words: tuple[str, ...]) -> None:
    options = parse(*words)
    assert (options.command, options.studio, options.json, options.lang) == ("build-bank", "面料 data", True, "zh")


@pytest.mark.parametrize("action", [("list",), ("use", "builtin"), ("import", "model")])
def test_the_general_options_stand_anywhere_around_an_encoders_action(action: tuple[str, ...]) -> None:
    for words in (
        ("--studio", "S", "--json", "encoders", *action),
        ("encoders", "--studio", "S", "--json", *action),
        ("encoders", *action, "--studio", "S", "--json"),
    ):
        options = parse(*words)
        assert (options.studio, options.json, options.action) == ("S", True, action[0])


def test_a_command_alone_takes_the_workflows_defaults() -> None:
    options = parse("make-eval-set")
    assert (options.split, options.output, options.seed) == (0.2, None, 42)
    options = parse("evaluate")
    assert (options.method, options.eval_set, options.alpha, options.top_k) == ("retrieval", None, None, None)
    options = parse("recognize", "a.jpg")
    assert (options.method, options.box, options.at, options.alpha, options.top_k) == ("fused", None, None, None, None)
    assert parse("encoders").action is None
    assert (options.studio, options.json, options.lang) == (None, False, None)


def test_several_photos_and_a_region_are_understood_in_either_order() -> None:
    for words in (
        ("a.jpg", "b c.PNG", "--box", "1", "2", "30", "40"),
        ("--box", "1", "2", "30", "40", "a.jpg", "b c.PNG"),
    ):
        options = parse("recognize", *words)
        assert options.photos == [Path("a.jpg"), Path("b c.PNG")]
        assert options.box == [1, 2, 30, 40]


def test_a_region_may_begin_outside_the_photo() -> None:
    assert parse("recognize", "a.jpg", "--box", "-5", "-6", "30", "40").box == [-5, -6, 30, 40]


@pytest.mark.parametrize(
    ("text", "value"), [("auto", "auto"), ("AUTO", "auto"), ("0", 0.0), ("1.0", 1.0), ("0.7", 0.7)]
)
def test_alpha_is_auto_or_a_share(text: str, value: object) -> None:
    assert parse("recognize", "a.jpg", "--alpha", text).alpha == value


WRONG = [
    ((), "COMMAND"),
    (("bake-bank",), "bake-bank"),
    (("build-bank", "--fast"), "--fast"),
    (("build-bank", "extra"), "extra"),
    (("--stu=x", "build-bank"), "--stu=x"),
    (("recognize",), "PHOTO"),
    (("recognize", "a.jpg", "--alpha", "1.5"), "1.5"),
    (("recognize", "a.jpg", "--alpha", "-0.1"), "-0.1"),
    (("recognize", "a.jpg", "--alpha", "nan"), "nan"),
    (("recognize", "a.jpg", "--alpha", "half"), "half"),
    (("recognize", "a.jpg", "--alpha"), "--alpha"),
    (("recognize", "a.jpg", "--top-k", "0"), "0"),
    (("recognize", "a.jpg", "--top-k", "2.5"), "2.5"),
    (("recognize", "a.jpg", "--box", "1", "2", "3"), "--box"),
    (("recognize", "a.jpg", "--box", "1", "2", "3", "x"), "x"),
    (("recognize", "a.jpg", "--box", "1", "2", "0", "5"), "0"),
    (("recognize", "a.jpg", "--box", "1", "2", "5", "-5"), "-5"),
    (("recognize", "a.jpg", "--at", "1"), "--at"),
    (("recognize", "a.jpg", "--at", "1", "2", "--box", "1", "2", "3", "4"), "--at"),
    (("recognize", "a.jpg", "--method", "magic"), "magic"),
    (("recognize", "a.jpg", "--lang", "fr"), "fr"),
    (("make-eval-set", "--split", "0"), "0"),
    (("make-eval-set", "--split", "1"), "1"),
    (("make-eval-set", "--split", "nan"), "nan"),
    (("make-eval-set", "--split", "a fifth"), "a fifth"),
    (("make-eval-set", "--seed", "-1"), "-1"),
    (("evaluate", "--top-k", "-3"), "-3"),
    (("evaluate", "--method", "textbook"), "textbook"),
    (("evaluate", "--rules-source", "mine"), "mine"),
    (("label", "a.jpg"), "--as"),
    (("label", "--as", "denim"), "PHOTO"),
    (("encoders", "use"), "ID"),
    (("samples",), "DIR"),
]


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize(("words", "named"), WRONG)
def test_wrong_usage_names_what_is_wrong_and_where_help_is(
    words: tuple[str, ...], named: str, lang: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8" if lang == "zh" else "C.UTF-8")
    assert main(list(words)) == 2
    out, err = capsys.readouterr()
    assert out == ""
    last = err.strip().splitlines()[-1]
    assert named in last
    assert "--help" in last
    assert "Traceback" not in err
    if lang == "zh":
        assert any("\u4e00" <= letter <= "\u9fff" for letter in last)
        assert "argument" not in last


@pytest.mark.parametrize(
    ("words", "meant"),
    [(("recognise", "x.jpg"), "recognize"), (("bild-bank",), "build-bank"), (("frobnicate",), "")],
)
@pytest.mark.parametrize(("lang", "asked"), [("en", "Is {} meant?"), ("zh", "是不是 {}？")])
def test_a_misspelt_command_is_asked_back(
    words: tuple[str, ...], meant: str, lang: str, asked: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--lang", lang, *words]) == 2
    last = capsys.readouterr().err.strip().splitlines()[-1]
    if meant:
        assert asked.format(meant) in last
    else:
        assert asked.split("{}")[0] not in last


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_help_is_there_for_every_command_in_both_languages(lang: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--lang", lang, "--help"]) == 0
    text = capsys.readouterr().out
    for command in COMMANDS:
        assert command in text
        assert main([command, "--help", "--lang", lang]) == 0
        about = capsys.readouterr().out
        assert ("用法" in about) == (lang == "zh")
        assert ("usage" in about) == (lang == "en")
    for action in ("list", "use", "import"):
        assert main(["encoders", action, "--help", f"--lang={lang}"]) == 0


def test_the_version_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    from fabric_desktop import __version__

    assert main(["--version"]) == 0
    assert capsys.readouterr().out.strip() == f"fabric-desktop {__version__}"


@pytest.mark.parametrize(
    ("variables", "lang"),
    [
        ({"LC_ALL": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "zh_TW.Big5"}, "zh"),
        ({"LC_MESSAGES": "en_GB.UTF-8", "LANG": "zh_CN.UTF-8"}, "en"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
        ({"LANG": "Chinese (Simplified)_China.936"}, "zh"),
    ],
)
def test_a_chinese_system_is_spoken_to_in_chinese(
    variables: dict[str, str], lang: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(variable, raising=False)
    for variable, value in variables.items():
        monkeypatch.setenv(variable, value)
    assert system_lang() == lang


def test_a_language_asked_for_holds_for_usage_errors_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "en_US.UTF-8")
    assert lang_before_parsing(["recognize", "--lang", "zh"]) == "zh"
    assert lang_before_parsing(["--lang=zh", "recognize"]) == "zh"
    assert lang_before_parsing(["recognize", "--lang"]) == "en"
    assert lang_before_parsing(["recognize", "--lang", "fr"]) == "en"
    assert lang_before_parsing([]) == "en"
