"""What a batch found out about each photo, in a form that is kept, filtered and exported. No model, no pictures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from fabric_desktop.notices import Notice
from fabric_desktop.recognition import Kind, Method, Recognition, confidence_word

Word = Literal["sure", "likely", "unsure", "unknown", "failed", "nothing"]
WORDS: tuple[Word, ...] = ("sure", "likely", "unsure", "unknown", "failed", "nothing")
# Types and structures that are kept of an answer: one is shown, the others go into JSON.
KINDS_KEPT = 3
# Words of answers that a person should look at.
UNCERTAIN: frozenset[Word] = frozenset({"unsure", "unknown"})


@dataclass(frozen=True, slots=True)
class NamedFabric:
    """A candidate as it is kept: the values of `recognizer.Candidate`, and the nearest reference (relative to the
    studio) with its similarity, where there is one."""

    id: str
    score: float
    confidence: float
    rules: float | None = None
    retrieval: float | None = None
    head: float | None = None
    nearest: str = ""
    similarity: float | None = None


@dataclass(frozen=True, slots=True)
class PhotoResult:
    """One photo of a batch. `candidates` best first; none when it could not be read, and `error` is the reason code.

    `unknown` is the reason code why it is taken for a cloth that the library does not hold, or empty. `colors` are
    (name code, hex, share 0..1), largest first. `types` and `structures` are (id, confidence), most probable first, of
    what people declared for the fabrics it may be (`names.FabricNames.type_names`). `alpha` and `calibrated` as in
    `recognizer.Recognition`. `resumed`: it was known from an earlier run.
    """

    photo: Path
    content_hash: str = ""
    size: tuple[int, int] = (0, 0)
    candidates: tuple[NamedFabric, ...] = ()
    unknown: str = ""
    colors: tuple[tuple[str, str, float], ...] = ()
    error: str = ""
    alpha: float = 0.0
    calibrated: bool = False
    types: tuple[tuple[str, float], ...] = ()
    structures: tuple[tuple[str, float], ...] = ()
    resumed: bool = False

    @property
    def first(self) -> NamedFabric | None:
        return self.candidates[0] if self.candidates else None

    @property
    def word(self) -> Word:
        """How sure the answer is, in a word: that of the window and the commands, or failed, or nothing."""
        if self.error:
            return "failed"
        if self.first is None:
            return "nothing"
        if self.unknown:
            return "unknown"
        word = confidence_word(self.first.confidence)
        return "sure" if word == "sure" else "likely" if word == "likely" else "unsure"


@dataclass(frozen=True, slots=True)
class BatchReport:
    """A folder's results in its order, and what they were made with. `seconds` is the time this run took; `total` is
    how many photos there are when a run that is not finished found only some (0: these are all)."""

    folder: Path
    results: tuple[PhotoResult, ...]
    method: Method
    alpha: float
    encoder: str
    version: str
    calibrated: bool
    seconds: float
    notices: tuple[Notice, ...] = field(default=())
    total: int = 0

    @property
    def finished(self) -> bool:
        """Whether these are the results of all photos."""
        return len(self.results) >= self.total

    @property
    def resumed(self) -> int:
        return sum(result.resumed for result in self.results)

    def counts(self) -> dict[Word, int]:
        """How many photos have each word; words that none has are left out."""
        return {word: count for word in WORDS if (count := sum(result.word == word for result in self.results))}

    @property
    def far_from_library(self) -> bool:
        """Whether at least half of the photos that could be used show cloth unlike anything in the library."""
        unknown = sum(bool(result.unknown) for result in self.results)
        return unknown > 0 and 2 * unknown >= sum(not result.error for result in self.results)

    def by_fabric(self) -> dict[str, int]:
        """How many photos name each fabric first, most first; unknown ones are not counted."""
        found: dict[str, int] = {}
        for result in self.results:
            if result.first is not None and not result.unknown:
                found[result.first.id] = found.get(result.first.id, 0) + 1
        return dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))


def kept(photo: Path, digest: str, size: tuple[int, int], recognition: Recognition) -> PhotoResult:
    """A recognition as a batch keeps it."""
    candidates = tuple(
        NamedFabric(
            id=candidate.id,
            score=candidate.score,
            confidence=candidate.confidence,
            rules=candidate.rules,
            retrieval=candidate.retrieval,
            head=candidate.head,
            nearest=candidate.nearest[0].photo if candidate.nearest else "",
            similarity=candidate.nearest[0].similarity if candidate.nearest else None,
        )
        for candidate in recognition.candidates
    )
    colors = tuple((color.name, color.hex, float(share)) for color, share in recognition.look.named_shares())
    unknown = recognition.unknown.code if recognition.unknown is not None else ""
    return PhotoResult(
        photo=photo,
        content_hash=digest,
        size=size,
        candidates=candidates,
        unknown=unknown,
        colors=colors,
        alpha=recognition.alpha,
        calibrated=recognition.calibrated,
        types=_most_probable(recognition.types),
        structures=_most_probable(recognition.structures),
    )


def _most_probable(kinds: Sequence[Kind]) -> tuple[tuple[str, float], ...]:
    return tuple((kind.id, kind.confidence) for kind in kinds[:KINDS_KEPT])


def as_json(result: PhotoResult) -> dict[str, Any]:
    """A result as plain values, without the photo's path."""
    return {
        "hash": result.content_hash,
        "size": list(result.size),
        "candidates": [
            {
                name: value
                for name in NamedFabric.__dataclass_fields__
                if (value := getattr(candidate, name)) not in (None, "")
            }
            for candidate in result.candidates
        ],
        "unknown": result.unknown,
        "colors": [list(color) for color in result.colors],
        "alpha": result.alpha,
        "calibrated": result.calibrated,
        "types": [list(kind) for kind in result.types],
        "structures": [list(kind) for kind in result.structures],
    }


def from_json(photo: Path, value: dict[str, Any]) -> PhotoResult:
    """A result from `as_json`'s values. KeyError, TypeError or ValueError for anything else."""
    numbers = ("score", "confidence", "rules", "retrieval", "head", "similarity")
    candidates = []
    for entry in value["candidates"]:
        fields = {name: float(entry[name]) for name in numbers if name in entry}
        candidates.append(NamedFabric(id=str(entry["id"]), nearest=str(entry.get("nearest", "")), **fields))
    return PhotoResult(
        photo=photo,
        content_hash=str(value["hash"]),
        size=(int(value["size"][0]), int(value["size"][1])),
        candidates=tuple(candidates),
        unknown=str(value["unknown"]),
        colors=tuple((str(name), str(code), float(share)) for name, code, share in value["colors"]),
        alpha=float(value["alpha"]),
        calibrated=bool(value["calibrated"]),
        types=_kinds(value["types"]),
        structures=_kinds(value["structures"]),
    )


def _kinds(value: list[list[Any]]) -> tuple[tuple[str, float], ...]:
    return tuple((str(kind), float(confidence)) for kind, confidence in value)
