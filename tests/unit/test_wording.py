"""Every trouble, remark and line has its words, in Chinese and in English, with the same things filled in."""

from __future__ import annotations

import ast
import inspect
import re
import string
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fabric_desktop import errors
from fabric_desktop.errors import BadRegion, BankMismatch, EvalSetDamaged, FabricError, TooFewSamples, UnreadableImage
from fabric_desktop.paths import resource
from fabric_desktop.wording import LANGS, explain, has, per_cent, remark, say, sure_per_cent

PACKAGE = Path(errors.__file__).parent
KINDS = {name: kind for name, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, FabricError)}
# Reasons that come out of a function rather than standing in the call.
COMPUTED_REASONS = {
    "unreadable_image": ("missing", "empty", "no_permission", "not_a_picture", "truncated", "too_large", "unreachable"),
    "save_failed": ("disk_full", "read_only", "no_permission", "name_too_long", "is_folder", "other"),
    "file_trouble": (
        *("unreachable", "missing", "no_permission", "disk_full", "read_only", "name_too_long", "is_folder", "other"),
    ),
    "too_few_samples": ("one_fabric",),
    "rules_damaged": (
        *("missing", "not_text", "not_toml", "unknown_key", "no_fabric", "same_id", "same_name", "no_weights"),
        *("unknown_attribute", "bad_weight", "no_weight", "not_a_table", "bad_list", "no_range", "missing_text"),
        *("not_a_pair", "bad_range", "bad_share", "unknown_color", "all_colors"),
    ),
    "eval_set_damaged": ("json", "image", "label", "coords"),
}
# Their reason is what a parser or the person's own file said, and has no code.
FREE_REASONS = {"settings_damaged", "bad_info"}
# Words that belong in a tooltip at most. "No embeddings collected" is the workflow's own name of a trouble.
JARGON = ("embedding", "logit", "cosine", "softmax", "tensor", "fingerprint", "余弦", "向量", "张量", "指纹")


def catalogue(lang: str) -> dict[str, str]:
    found: dict[str, str] = {}

    def walk(table: dict[str, Any], above: str) -> None:
        for key, value in table.items():
            code = f"{above}.{key}" if above else key
            if isinstance(value, dict):
                walk(value, code)
            else:
                found[code] = value

    walk(tomllib.loads(resource("messages", f"{lang}.toml").read_text(encoding="utf-8")), "")
    return found


def names_in(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name is not None}


def calls() -> Iterator[tuple[Path, ast.Call]]:
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                yield path, node


def name_of(call: ast.Call) -> str:
    if isinstance(call.func, ast.Attribute):
        return call.func.attr
    return call.func.id if isinstance(call.func, ast.Name) else ""


def texts_of(node: ast.expr | None) -> list[str]:
    """The literal texts an argument can be: one, or both of `a if ... else b`."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return [node.value]
    if isinstance(node, ast.IfExp):
        return texts_of(node.body) + texts_of(node.orelse)
    return []


def codes_in_code() -> dict[str, str]:
    """Every text code that stands as a literal in the package, with the file it stands in."""
    found: dict[str, str] = {}
    for path, call in calls():
        name, first = name_of(call), call.args[0] if call.args else None
        prefix = ""
        if name in ("say", "words") and isinstance(call.func, ast.Attribute) and path.parent.name == "cli":
            prefix = "cli."
        elif name == "Notice":
            prefix = "notice."
        elif name == "progress" and len(call.args) > 2:
            first = call.args[2]
        elif name != "say":
            continue
        for text in texts_of(first):
            found[prefix + text] = path.name
    return found


def reasons_in_code() -> list[tuple[str, str]]:
    found = [(code, reason) for code, reasons in COMPUTED_REASONS.items() for reason in reasons]
    for _, call in calls():
        if name_of(call) in KINDS:
            code = KINDS[name_of(call)].code
            for keyword in call.keywords:
                if keyword.arg == "reason" and code not in FREE_REASONS:
                    found += [(code, reason) for reason in texts_of(keyword.value)]
    return sorted(set(found))


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.__name__)
def test_every_trouble_says_what_happened_and_what_to_do(kind: type[FabricError], lang: str) -> None:
    explanation = explain(kind(path="P"), lang)
    assert explanation.what.strip()
    assert explanation.do.strip()


def test_both_languages_have_the_same_texts() -> None:
    assert set(catalogue("zh")) == set(catalogue("en"))


def test_both_languages_fill_in_the_same_things_so_that_no_file_name_is_lost_in_one() -> None:
    zh, en = catalogue("zh"), catalogue("en")
    different = {code: (zh[code], en[code]) for code in en if code in zh and names_in(zh[code]) != names_in(en[code])}
    assert different == {}


def test_no_text_is_empty_or_left_in_the_other_language() -> None:
    assert [code for code, text in catalogue("en").items() if not text.strip()] == []
    chinese = [code for code, text in catalogue("en").items() if any("\u4e00" <= letter <= "\u9fff" for letter in text)]
    assert chinese == []
    # A line that only fills things in reads the same in both.
    english = [
        code
        for code, text in catalogue("zh").items()
        if any(letter.isascii() and letter.isalpha() for letter in re.sub(r"\{.*?\}", "", text))
        and not any("\u4e00" <= letter <= "\u9fff" for letter in text)
    ]
    assert english == []


@pytest.mark.parametrize("lang", LANGS)
def test_no_jargon_reaches_the_person(lang: str) -> None:
    spoken = {
        code: text.replace("No embeddings collected", "").replace("safetensors", "")
        for code, text in catalogue(lang).items()
    }
    assert {code: text for code, text in spoken.items() if any(word in text.lower() for word in JARGON)} == {}


def test_every_code_that_the_program_uses_has_its_words() -> None:
    known = catalogue("en")
    assert {code: place for code, place in codes_in_code().items() if code not in known} == {}


@pytest.mark.parametrize(("code", "reason"), reasons_in_code())
@pytest.mark.parametrize("lang", LANGS)
def test_every_reason_has_its_words(code: str, reason: str, lang: str) -> None:
    base = f"error.{code}"
    assert (
        has(f"{base}.reason.{reason}", lang)
        or has(f"{base}.what_when.{reason}", lang)
        or "{reason}" not in say(f"{base}.what", lang, reason="{reason}")
    )


def test_the_workflows_own_names_of_its_troubles_can_be_searched_for_in_both_languages() -> None:
    for lang in LANGS:
        assert "No embeddings collected" in explain(errors.NoEmbeddingsCollected(path="fabrics", skipped=0), lang).what
        for reason in (None, "one_fabric"):
            few = explain(TooFewSamples(found=7, needed=20, fabrics=1, reason=reason), lang)
            assert "Too few samples to train" in few.what
            assert "7" in few.what


def test_a_trouble_names_the_file_and_the_reason() -> None:
    en = explain(UnreadableImage(path="fabrics/真丝缎/ref 1.JPG", reason="truncated"), "en")
    assert en.what == "The photo fabrics/真丝缎/ref 1.JPG cannot be used: the picture is damaged or cut off."
    assert "copy the photo again" in en.do.lower()
    zh = explain(UnreadableImage(path="fabrics/真丝缎/ref 1.JPG", reason="truncated"), "zh")
    assert zh.what == "照片 fabrics/真丝缎/ref 1.JPG 用不了：图片已损坏或不完整。"


def test_a_reason_changes_the_advice() -> None:
    plain = explain(UnreadableImage(path="a.jpg", reason="a_new_reason"))
    assert "a_new_reason" in plain.what
    assert plain.do == say("error.unreadable_image.do")
    assert explain(UnreadableImage(path="a.jpg", reason="missing")).do == say("error.unreadable_image.do_when.missing")


def test_a_reason_can_change_the_whole_sentence() -> None:
    point = explain(BadRegion(reason="point", x=900, y=20, width=640, height=480))
    assert point.what == "The point 900 20 is not on the photo, which is 640 x 480 px."


def test_a_damaged_line_of_an_evaluation_set_is_named() -> None:
    assert "line 12" in explain(EvalSetDamaged(path="eval_set.jsonl", line=12, reason="coords"), "en").what
    assert "第 12 行" in explain(EvalSetDamaged(path="eval_set.jsonl", line=12, reason="coords"), "zh").what
    assert "line" not in explain(EvalSetDamaged(path="eval_set.jsonl", line=0, reason="empty"), "en").what


def test_a_path_with_braces_in_it_is_shown_as_it_is() -> None:
    path = "C:/面料 {2025}/{0}/ref{}.jpg"
    for lang in LANGS:
        assert path in explain(UnreadableImage(path=path, reason="missing"), lang).what
        assert path in explain(errors.EncoderUnavailable(encoder="x", reason="weights_damaged", detail=path), lang).what


def test_a_forgotten_parameter_never_fails_in_front_of_the_person() -> None:
    for lang in LANGS:
        for code in catalogue(lang):
            say(code, lang)


def test_a_remark_about_a_failed_comparison_is_in_the_persons_language() -> None:
    error = BankMismatch(path="fabric_bank.npz", reason="other_encoder")
    assert explain(error, "zh").what in remark("visual_failed", "zh", error=error, what="English words")
    assert explain(error, "en").what in remark("visual_failed", "en", error=error, what="中文")


def test_a_remark_about_a_skipped_patch_says_why() -> None:
    assert "the file is empty" in remark("patch_skipped", "en", path="a.png", reason="empty")
    assert "文件是空的" in remark("patch_skipped", "zh", path="a.png", reason="empty")


def test_every_reason_of_the_rules_has_its_words() -> None:
    from fabric_desktop.rules import REASON_CODES

    for code in REASON_CODES:
        for lang in LANGS:
            assert remark(code, lang, color="blue", value=0.5, low=0.1, high=0.3)


def test_a_code_without_words_is_a_mistake_of_ours_and_is_found_in_tests() -> None:
    with pytest.raises(KeyError):
        say("error.no_such_thing.what")
    with pytest.raises(KeyError):
        say("error.unreadable_image")
    with pytest.raises(ValueError, match="lang"):
        say("confidence.sure", "fr")


def test_per_cents_are_written_in_one_way_a_language() -> None:
    assert [per_cent(0.954, lang) for lang in ("en", "zh")] == ["95 %", "95%"]
    assert per_cent(0.9544, "zh", digits=1) == "95.4%"
    assert per_cent(-0.021, "en", digits=1, signed=True) == "-2.1 %"
    assert per_cent(None, "zh") == "-"


def test_only_what_is_certain_is_shown_as_such() -> None:
    assert [sure_per_cent(share) for share in (1.0, 0.999, 0.006, 0.001, 0.0)] == ["100 %", "99 %", "1 %", "0 %", "0 %"]
    assert sure_per_cent(0.999, "zh") == "99%"


@pytest.mark.parametrize("lang", LANGS)
def test_no_text_writes_a_per_cent_or_names_the_first_answers_in_another_way(lang: str) -> None:
    """The lines of evaluate and train-head are the workflow's own, which others read."""
    for code, text in catalogue(lang).items():
        if not code.startswith(("cli.help", "cli.evaluate")):
            assert not re.search(r"[0-9}] %" if lang == "zh" else r"[0-9]%", text), code
            assert not re.search(r"Top-[0-9{]|前 ?[0-9{k}]+ ?名", text), code
