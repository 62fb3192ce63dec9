"""The same cloth asked with a lasso: what lies beyond the line filled with its mean colour, or mirrored at the line."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw, ImageStat

from fabric_desktop.classifier.ridge import fit
from fabric_desktop.imaging import open_photo
from fabric_desktop.mirroring import continued
from tests.benchmarks.recognition.methods import Answers
from tests.benchmarks.recognition.photos import Photos, same_cloth
from tests.benchmarks.recognition.rows import Figure, Row, Rows, by_sample, interval, over

ASKED = 160


def lasso(photos: Photos) -> Rows:
    """Four references a cloth, and other photos of it asked through a line of 6 to 11 corners around the middle."""
    rows = photos.dense(6)
    if len(set(photos.samples[rows])) < 2:
        yield Row("a lasso", note="cannot be formed: no two samples with 6 photos in one collection")
        return
    split = next(same_cloth(photos.samples, rows, 4))
    known = split.known[np.argsort(photos.samples[split.known], kind="stable")]
    names, labels = np.unique(photos.samples[known], return_inverse=True)
    classifier = fit(photos.ours[known], labels, np.arange(len(known)), len(names))
    draw = np.random.default_rng(1400)
    asked = draw.permutation(split.asked)[:ASKED]
    truth = np.searchsorted(names, photos.samples[asked])
    found: dict[str, Answers] = {}
    covered = []
    pictures: dict[str, list[Image.Image]] = {"plain": [], "mirrored": []}
    for row in asked:
        picture = open_photo(photos.photographs[row].path).convert("RGB")
        mask = Image.new("L", picture.size, 0)
        ImageDraw.Draw(mask).polygon(_line(picture.size, draw), fill=255)
        mean = tuple(round(value) for value in ImageStat.Stat(picture, mask).mean)
        pictures["plain"].append(Image.composite(picture, Image.new("RGB", picture.size, mean), mask))
        pictures["mirrored"].append(continued(picture, mask))
        covered.append(float((np.asarray(mask) > 0).mean()))
    for name, ones in pictures.items():
        embeddings = photos.encoder.encode(ones).astype(np.float64)
        probabilities, closeness = classifier.ask(embeddings)
        right = probabilities[np.arange(len(asked)), truth]
        place = (probabilities > right[:, None]).sum(axis=1)
        found[name] = Answers(
            place, probabilities.max(axis=1), closeness, classifier.unknown_below, photos.samples[asked]
        )
    whole, _ = classifier.ask(photos.ours[asked])
    note = f"textbook: mean colour outside; the line holds {np.mean(covered):.2f} of its box"
    name = "a lasso, same cloth, 4 references"
    yield Row(name, "Top-1", *(over(by_sample([found[one]], 1)) for one in pictures), note=note)
    false_alarms = (interval((found[one].closeness < found[one].below).astype(float)) for one in pictures)
    yield Row(name, "false alarms", *false_alarms, note='known cloths called "not in your library"')
    yield Row("  the same without a line", "Top-1", None, Figure(float((whole.argmax(axis=1) == truth).mean())))


def _line(size: tuple[int, int], draw: np.random.Generator) -> list[tuple[float, float]]:
    """Corners around the middle of a picture, reaching its four sides."""
    corners = int(draw.integers(6, 12))
    turns, reach = np.sort(draw.uniform(0.0, 2.0 * np.pi, corners)), draw.uniform(0.62, 1.0, corners)
    points = np.stack([np.cos(turns) * reach, np.sin(turns) * reach], axis=1)
    points = (points - points.min(axis=0)) / np.ptp(points, axis=0)
    return [(float(x) * (size[0] - 1), float(y) * (size[1] - 1)) for x, y in points]
