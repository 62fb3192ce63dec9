"""A recognition as plain text or as JSON for the clipboard."""

from __future__ import annotations

import json

from fabric_desktop.imaging import Box
from fabric_desktop.names import FabricNames
from fabric_desktop.recognition import Kind, Recognition, confidence_word, worth_saying
from fabric_desktop.ui.look_view import look_words
from fabric_desktop.wording import listed, per_cent, remark, say, sure_per_cent

# Share of a photograph's shorter side below which a region shows its cloth from much nearer than a whole photograph: at
# 0.75 it hardly matters, at 0.5 one known cloth in four is called unknown, at 0.25 four in five
# (`python -m tests.benchmarks.recognition --only regions`).
NEARER = 0.6
_UNBROKEN = 28  # letters
_HINTED = 6  # fabrics named in the hint on a type


def as_text(answer: Recognition, lang: str) -> str:
    """Candidates by rank with word and per cent, then colours and look: lines a person would write."""
    lines = []
    for place, candidate in enumerate(answer.candidates, start=1):
        other = f" ({candidate.other_name})" if candidate.other_name != candidate.name else ""
        word = say(f"confidence.{confidence_word(candidate.confidence)}", lang)
        lines.append(f"{place}. {candidate.name}{other}  {word} {sure_per_cent(candidate.confidence, lang)}")
    colors = listed(
        (
            f"{color.name_zh if lang == 'zh' else color.name_en} {per_cent(share, lang)}"
            for color, share in answer.look.named_shares()
        ),
        lang,
    )
    said = [kinds_line(answer, lang), contradiction_line(answer, lang)]
    if not answer.calibrated:
        said.append(say("answer.uncalibrated", lang))
    return "\n".join([*lines, *filter(None, said), colors, look_words(answer.look, lang)])


def kinds_line(answer: Recognition, lang: str) -> str:
    """The declared type and structure that are likelier than not, in one line; nothing where nobody declared any, or
    where the cloth is not in the library."""
    if answer.unknown is not None:
        return ""
    said: list[str] = []
    for code, kinds in (("type", answer.types), ("structure", answer.structures)):
        kind = worth_saying(kinds)
        if kind is not None:
            code = "also" if said else code
            words = say(f"answer.{code}", lang, name=kind.name, percent=sure_per_cent(kind.confidence, lang))
            # What fits in a line is not broken within.
            said.append(words.replace(" ", "\N{NO-BREAK SPACE}") if len(words) <= _UNBROKEN else words)
    return "  · ".join(said)


def kinds_hint(answer: Recognition, names: FabricNames | None, lang: str) -> str:
    """Which fabrics a type or structure was added up over, the most probable first."""
    lines = []
    for kind in filter(None, map(worth_saying, (answer.types, answer.structures))):
        fabrics = [fabric if names is None else names.name(fabric, lang) for fabric in kind.fabrics[:_HINTED]]
        more = "…" if len(kind.fabrics) > _HINTED else ""
        lines.append(say("answer.declared", lang, name=kind.name, fabrics=listed(fabrics, lang) + more))
    return "\n".join(lines)


def contradiction_line(answer: Recognition, lang: str) -> str:
    """What the rules hold most strongly against the first candidate, if anything does."""
    if answer.unknown is not None or not answer.candidates or not answer.candidates[0].contradictions:
        return ""
    against = answer.candidates[0].contradictions[0]
    return say("answer.contradiction", lang, reason=remark(against.code, lang, **against.params))


def nearer_line(answer: Recognition, box: Box, photo: tuple[int, int], lang: str) -> str:
    """What may help where a cloth is not in the library and the region shows it from much nearer than a photograph of
    the size (width, height) of this one does: references mostly are whole photographs."""
    if answer.unknown is None or max(box.width, box.height) >= NEARER * min(photo):
        return ""
    return say("answer.nearer", lang)


def _kind(kind: Kind) -> dict[str, object]:
    share = round(kind.confidence, 4)
    return {"id": kind.id, "name": kind.name, "confidence": share, "fabrics": list(kind.fabrics)}


def as_json(answer: Recognition, box: list[int], photo: str | None) -> str:
    """The answer for other programs: photograph, region (x, y, width, height in its pixels), candidates and look."""
    record = {
        "photo": photo,
        "box": box,
        "encoder": answer.encoder,
        "alpha": round(answer.alpha, 4),
        "rules_source": answer.rules_source,
        "calibrated": answer.calibrated,
        "in_library": answer.unknown is None,
        "types": [_kind(kind) for kind in answer.types],
        "structures": [_kind(kind) for kind in answer.structures],
        "candidates": [
            {
                "id": item.id,
                "name": item.name,
                "score": round(item.score, 4),
                "confidence": round(item.confidence, 4),
                "rules": item.rules,
                "retrieval": item.retrieval,
                "head": item.head,
                "text": item.text,
                "contradictions": [against.code for against in item.contradictions],
                "nearest": [{"photo": match.photo, "similarity": round(match.similarity, 4)} for match in item.nearest],
            }
            for item in answer.candidates
        ],
        "features": answer.look.as_attrs(),
    }
    return json.dumps(record, ensure_ascii=False, indent=2)
