"""Rules and visual side together: the weight that is chosen on some folds, measured on others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from fabric_desktop.attributes import measure_look
from fabric_desktop.classifier.ridge import fit_and_leave_out
from fabric_desktop.evidence import Sides
from fabric_desktop.imaging import open_photo
from fabric_desktop.loop.calibrating import best_alpha, first_of
from fabric_desktop.rules import load_mapping, load_rules, rules_from_references
from tests.benchmarks.recognition.methods import Split
from tests.benchmarks.recognition.photos import Photos, new_samples
from tests.benchmarks.recognition.rows import Row, Rows, interval

GIVEN = (0.0, 0.7, 1.0)
Looks = Mapping[int, Mapping[str, Any]]
"""Row -> the attributes measured on its photo."""


def fused(photos: Photos) -> Rows:
    """`auto` against given weights, with the shipped rules and with the known photos' own looks as rules."""
    mapping = load_mapping()
    rows = photos.named[np.isin(photos.kinds[photos.named], list(mapping))]
    splits = new_samples(photos.kinds, photos.samples, rows)
    if not splits:
        yield Row("fused", note="cannot be formed: the mapping names no two types of two samples each")
        return
    looks = {int(row): measure_look(open_photo(photos.photographs[row].path)).as_attrs() for row in rows}
    for source in ("shipped", "studio"):
        right: dict[str, dict[str, list[bool]]] = {}
        chosen = []
        for split in splits:
            known, asked = _said(photos, split, looks, mapping if source == "shipped" else None)
            alpha = best_alpha((sides, str(photos.kinds[row])) for row, sides in known.items())
            chosen.append(alpha)
            for row, sides in asked.items():
                for name, weight in (("auto", alpha), *((f"{given:g}", given) for given in GIVEN)):
                    own = right.setdefault(name, {}).setdefault(str(photos.samples[row]), [])
                    own.append(first_of(sides, weight) == photos.kinds[row])
        shares = {name: np.array([np.mean(own[sample]) for sample in sorted(own)]) for name, own in right.items()}
        for name, values in shares.items():
            note = f"{np.mean(chosen):.2f} on average" if name == "auto" else ""
            yield Row(f"fused, {source} rules, alpha {name}", "Top-1", None, interval(values), note=note)
        better = max("01", key=lambda name: shares[name].mean())
        half = 1.96 * shares[better].std(ddof=1) / np.sqrt(len(shares[better]))
        loss = interval(shares["auto"] - shares[better])
        yield Row("  auto less the better side", "Top-1", None, loss, -float(half), note="goal: its interval")


def _said(
    photos: Photos, split: Split, looks: Looks, mapping: Mapping[str, str] | None
) -> tuple[dict[int, Sides], dict[int, Sides]]:
    """Row -> what each side says: of the known rows without their sample, and of the asked ones. With a mapping by the
    shipped rules, else by those of the known looks."""
    names, labels = np.unique(photos.kinds[split.known], return_inverse=True)
    order = np.argsort(labels, kind="stable")
    known, labels = split.known[order], labels[order]
    pieces = np.unique(photos.samples[known], return_inverse=True)[1]
    classifier, unseen = fit_and_leave_out(photos.ours[known], labels, pieces, len(names))
    books: dict[int, Any] = {}

    def rules(row: int, away: int) -> dict[str, float]:
        """The rules' scores; `away` is the piece that must not speak, -1 for none."""
        if mapping is not None:
            book = books.setdefault(0, load_rules("fine").only({mapping[name] for name in names}))
            scores = {score.fabric_id: score.score for score in book.score(looks[row])}
            return {str(name): scores[mapping[name]] for name in names}
        if away not in books:
            references: dict[str, list[Mapping[str, Any]]] = {}
            for i in known[pieces != away].tolist():
                references.setdefault(str(photos.kinds[i]), []).append(looks[i])
            books[away] = rules_from_references(references)
        return {score.fabric_id: score.score for score in books[away].score(looks[row])}

    def sides(row: int, away: int, probabilities: np.ndarray) -> Sides:
        bank = {str(name): float(value) for name, value in zip(names, probabilities, strict=True)}
        return Sides(rules=rules(row, away), bank=bank)

    said, _ = classifier.ask(photos.ours[split.asked])
    told = zip(unseen.rows.tolist(), unseen.probabilities, strict=True)
    return (
        {int(known[i]): sides(int(known[i]), int(pieces[i]), own) for i, own in told},
        {row: sides(row, -1, said[n]) for n, row in enumerate(split.asked.tolist())},
    )
