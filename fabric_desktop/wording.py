"""The words of errors, jobs and commands in both languages, by stable code. Widgets have Qt's translations instead.

The texts are `resources/messages/<language>.toml`; a dotted code names a table and a key.
"""

from __future__ import annotations

import string
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

from fabric_desktop.errors import FabricError
from fabric_desktop.paths import resource

LANGS = ("zh", "en")
_LISTS = ("fabrics", "columns", "names")  # parameters of notices in which things stand one after another


@dataclass(frozen=True, slots=True)
class Explanation:
    """An error in words: what happened (and to which file), and what to do."""

    what: str
    do: str


@cache
def _catalogue(lang: str) -> dict[str, Any]:
    if lang not in LANGS:
        raise ValueError(f"lang must be one of {LANGS}, not {lang!r}")
    return tomllib.loads(resource("messages", f"{lang}.toml").read_text(encoding="utf-8"))


def has(code: str, lang: str = "en") -> bool:
    """Whether a text stands under this code."""
    return isinstance(_find(code, lang), str)


def _find(code: str, lang: str) -> object:
    node: object = _catalogue(lang)
    for part in code.split("."):
        if not isinstance(node, dict) or part not in node:
            return None
        node = node[part]
    return node


class _Lenient(string.Formatter):
    """Formats a template; a parameter nobody gave is left out rather than failing in front of the person."""

    def get_value(self, key: int | str, args: Any, kwargs: Any) -> Any:
        return kwargs.get(str(key), "")


def say(code: str, lang: str = "en", **params: object) -> str:
    """The text under `code` with its parameters filled in; KeyError for a code that does not exist."""
    template = _find(code, lang)
    if not isinstance(template, str):
        raise KeyError(f"no text {code!r} in language {lang!r}")
    return _Lenient().vformat(template, (), params)


def per_cent(share: float | None, lang: str = "en", *, digits: int = 0, signed: bool = False) -> str:
    """A share 0..1 as people write it: 95 % in English, 95% in Chinese; a dash where there is none."""
    if share is None:
        return "-"
    figure = f"{100 * share:{'+' if signed else ''}.{digits}f}"
    return f"{figure}{per_cent_sign(lang)}"


def per_cent_sign(lang: str = "en") -> str:
    """The sign as it follows a figure."""
    return "%" if lang == "zh" else " %"


def sure_per_cent(confidence: float, lang: str = "en") -> str:
    """A confidence 0..1 in whole per cent; only certainty itself is shown as 100."""
    value = round(confidence * 100)
    if value == 100 and confidence < 1.0:
        value = 99
    return f"{value}{per_cent_sign(lang)}"


def listed(parts: Iterable[str], lang: str = "en") -> str:
    """Things one after another."""
    return ("、" if lang == "zh" else ", ").join(parts)


def clauses(parts: Iterable[str], lang: str = "en") -> str:
    """Parts of one sentence."""
    return ("，" if lang == "zh" else ", ").join(parts)


def sentences(parts: Iterable[str], lang: str = "en") -> str:
    """Whole sentences one after another, empty ones left out: Chinese ones need no space between them."""
    return ("" if lang == "zh" else " ").join(part for part in parts if part)


def titled(title: str, text: str, lang: str = "en") -> str:
    """A text after what it is the text of."""
    return f"{title}{'：' if lang == 'zh' else ': '}{text}"


def size_in_words(count: int) -> str:
    """A file's size in bytes as people read it: bytes, KB, MB or GB."""
    if count < 1000:
        return f"{count} B"
    for unit, bytes_of_one in (("KB", 1e3), ("MB", 1e6)):
        if count < 1000 * bytes_of_one:
            return f"{count / bytes_of_one:.1f} {unit}"
    return f"{count / 1e9:.1f} GB"


def explain(error: FabricError, lang: str = "en") -> Explanation:
    """What happened and what to do.

    A `reason` parameter is itself a code under `reason` of the error's table; `what_when` and `do_when` hold the
    sentences that a reason changes.
    """
    params = dict(error.params)
    reason = params.get("reason")
    base = f"error.{error.code}"
    if isinstance(reason, str) and has(f"{base}.reason.{reason}", lang):
        params["reason"] = say(f"{base}.reason.{reason}", lang, **params)
    what, do = (
        f"{base}.{part}_when.{reason}" if has(f"{base}.{part}_when.{reason}", lang) else f"{base}.{part}"
        for part in ("what", "do")
    )
    return Explanation(say(what, lang, **params), say(do, lang, **params))


def remark(code: str, lang: str = "en", **params: object) -> str:
    """The text of a notice, by its code and parameters.

    An `error` among them is put into words as `{what}` and `{do}`; a `reason` is one of an unreadable picture's.
    """
    error, reason = params.get("error"), params.get("reason")
    if isinstance(error, FabricError):
        explanation = explain(error, lang)
        params |= {"what": explanation.what, "do": explanation.do}
    if isinstance(reason, str) and has(f"error.unreadable_image.reason.{reason}", lang):
        params["reason"] = say(f"error.unreadable_image.reason.{reason}", lang)
    for name in _LISTS:
        if isinstance(told := params.get(name), str):
            params[name] = listed(told.split(", "), lang)
    return say(f"notice.{code}", lang, **params)
