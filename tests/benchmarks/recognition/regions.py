"""The same cloth asked through a region: a lasso, filled with its mean colour or mirrored at its line, and a box that
shows it from nearer than its references do."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageStat

from fabric_desktop.classifier.nearest import NearestClassifier
from fabric_desktop.classifier.ridge import BankClassifier, fit
from fabric_desktop.imaging import open_photo
from fabric_desktop.mirroring import continued
from tests.benchmarks.recognition.methods import Answers, Split
from tests.benchmarks.recognition.photos import Photos, same_cloth
from tests.benchmarks.recognition.rows import Figure, Row, Rows, by_sample, interval, over

ASKED = 160
LARGE = 300  # pixels of the shorter side, of which a part is still a picture
SIDES = (1.0, 0.75, 0.5, 0.25)


def regions(photos: Photos) -> Rows:
    """Four references a cloth, whole photographs; parts of other photographs of it are asked."""
    yield from _lasso(photos)
    yield from _from_nearer(photos)


def _lasso(photos: Photos) -> Rows:
    """A line of 6 to 11 corners around the middle."""
    rows = photos.dense(6)
    if len(set(photos.samples[rows])) < 2:
        yield Row("a lasso", note="cannot be formed: no two samples with 6 photos in one collection")
        return
    split, draw = next(same_cloth(photos.samples, rows, 4)), np.random.default_rng(1400)
    asked = draw.permutation(split.asked)[:ASKED]
    plain, mirrored, covered = [], [], []
    for row in asked:
        picture = open_photo(photos.photographs[row].path).convert("RGB")
        mask = Image.new("L", picture.size, 0)
        ImageDraw.Draw(mask).polygon(_line(picture.size, draw), fill=255)
        mean = tuple(round(value) for value in ImageStat.Stat(picture, mask).mean)
        plain.append(Image.composite(picture, Image.new("RGB", picture.size, mean), mask))
        mirrored.append(continued(picture, mask))
        covered.append(float((np.asarray(mask) > 0).mean()))
    library = _library(photos, split)
    found = [_answers(photos, library, asked, pictures) for pictures in (plain, mirrored)]
    name, note = "a lasso, same cloth, 4 references", f"the line holds {np.mean(covered):.2f} of its box"
    yield Row(name, "Top-1", *(_right(one) for one in found), note=f"textbook: mean colour outside; {note}")
    yield Row(name, "called unknown", *(_unknown(one) for one in found))


def _from_nearer(photos: Photos) -> Rows:
    """The middle of a photograph, by the share of its shorter side that is asked."""
    name = "a box, same cloth, 4 references"
    large = np.array([min(Image.open(photo.path).size) >= LARGE for photo in photos.photographs])
    names, counts = np.unique(photos.samples[large], return_counts=True)
    rows = np.flatnonzero(large & np.isin(photos.samples, names[counts >= 6]))
    if len(set(photos.samples[rows])) < 2:
        yield Row(name, note=f"cannot be formed: no two samples with 6 photos of {LARGE} pixels")
        return
    split = next(same_cloth(photos.samples, rows, 4))
    library, asked = _library(photos, split), np.random.default_rng(1500).permutation(split.asked)[:ASKED]
    for side in SIDES:
        pictures = [_middle(open_photo(photos.photographs[row].path), side) for row in asked]
        found = _answers(photos, library, asked, pictures)
        note = f"{len(set(photos.samples[asked]))} samples of photos of {LARGE} pixels and more"
        yield Row(f"  {name}", f"{side:.2f} side, Top-1", None, _right(found), note=note)
        yield Row(f"  {name}", "called unknown", None, _unknown(found))


def _middle(picture: Image.Image, share: float) -> Image.Image:
    side = round(min(picture.size) * share)
    left, top = (picture.width - side) // 2, (picture.height - side) // 2
    return picture.crop((left, top, left + side, top + side))


Library = tuple[np.ndarray, BankClassifier | NearestClassifier]
"""The names of the samples, and the classifier on their references."""


def _library(photos: Photos, split: Split) -> Library:
    known = split.known[np.argsort(photos.samples[split.known], kind="stable")]
    names, labels = np.unique(photos.samples[known], return_inverse=True)
    return names, fit(photos.ours[known], labels, np.arange(len(known)), len(names))


def _answers(photos: Photos, library: Library, asked: np.ndarray, pictures: Sequence[Image.Image]) -> Answers:
    names, classifier = library
    probabilities, closeness = classifier.ask(photos.encoder.encode(pictures).astype(np.float64))
    right = probabilities[np.arange(len(asked)), np.searchsorted(names, photos.samples[asked])]
    place = (probabilities > right[:, None]).sum(axis=1)
    return Answers(place, probabilities.max(axis=1), closeness, classifier.unknown_below, photos.samples[asked])


def _right(answers: Answers) -> Figure:
    return over(by_sample([answers], 1))


def _unknown(answers: Answers) -> Figure:
    return interval((answers.closeness < answers.below).astype(float))


def _line(size: tuple[int, int], draw: np.random.Generator) -> list[tuple[float, float]]:
    """Corners around the middle of a picture, reaching its four sides."""
    corners = int(draw.integers(6, 12))
    turns, reach = np.sort(draw.uniform(0.0, 2.0 * np.pi, corners)), draw.uniform(0.62, 1.0, corners)
    points = np.stack([np.cos(turns) * reach, np.sin(turns) * reach], axis=1)
    points = (points - points.min(axis=0)) / np.ptp(points, axis=0)
    return [(float(x) * (size[0] - 1), float(y) * (size[1] - 1)) for x, y in points]
