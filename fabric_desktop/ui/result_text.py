"""A recognition as plain text or as JSON for the clipboard."""

from __future__ import annotations

import json

from fabric_desktop.recognition import Recognition, confidence_word
from fabric_desktop.ui.candidate_row import percent
from fabric_desktop.ui.look_view import look_words
from fabric_desktop.wording import say


def as_text(answer: Recognition, lang: str) -> str:
    """Candidates by rank with word and per cent, then colours and look: lines a person would write."""
    lines = []
    for place, candidate in enumerate(answer.candidates, start=1):
        other = f" ({candidate.other_name})" if candidate.other_name != candidate.name else ""
        word = say(f"confidence.{confidence_word(candidate.confidence)}", lang)
        lines.append(f"{place}. {candidate.name}{other}  {word} {percent(candidate.confidence)} %")
    colors = ", ".join(
        f"{color.name_zh if lang == 'zh' else color.name_en} {round(share * 100)} %"
        for color, share in answer.look.named_shares()
    )
    return "\n".join([*lines, colors, look_words(answer.look, lang)])


def as_json(answer: Recognition, box: list[int], photo: str | None) -> str:
    """The answer for other programs: photograph, region (x, y, width, height in its pixels), candidates and look."""
    record = {
        "photo": photo,
        "box": box,
        "encoder": answer.encoder,
        "alpha": round(answer.alpha, 4),
        "in_library": answer.unknown is None,
        "candidates": [
            {
                "id": item.id,
                "name": item.name,
                "score": round(item.score, 4),
                "confidence": round(item.confidence, 4),
                "nearest": [{"photo": match.photo, "similarity": round(match.similarity, 4)} for match in item.nearest],
            }
            for item in answer.candidates
        ],
        "features": answer.look.as_attrs(),
    }
    return json.dumps(record, ensure_ascii=False, indent=2)
