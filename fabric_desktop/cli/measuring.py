"""make-eval-set and evaluate: the commands that say how good recognition is here."""

from __future__ import annotations

import contextlib
import hashlib
from argparse import Namespace
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from fabric_desktop.cli.console import Console, Outcome, percent
from fabric_desktop.cli.place import encoder_for, studio_of
from fabric_desktop.errors import BankMismatch, BankMissing, EncoderUnavailable
from fabric_desktop.jobs import JobContext
from fabric_desktop.notices import Notice
from fabric_desktop.studio import Studio, StudioLock, load_settings
from fabric_desktop.wording import has, say, size_in_words

if TYPE_CHECKING:
    import numpy as np
    from PIL.Image import Image

    from fabric_desktop.encoders.base import Encoder
    from fabric_desktop.evaluation import EvalError, Evaluation

# From this share of right answers on, what is left to gain lies in labels rather than in missing references
# (the workflow's own mark for references alone).
_GOOD = 0.75
_CONFUSIONS_SHOWN = 5


def make_eval_set(options: Namespace, console: Console) -> Outcome:
    """Set some labelled patches aside to test with."""
    from fabric_desktop.evaluation import make_eval_set as make

    studio = studio_of(options)
    console.rule()
    console.say("make_eval_set.start", percent=f"{100 * options.split:g}%")
    console.rule()
    with StudioLock(studio, "make-eval-set"):
        report = make(studio, split=options.split, output=options.output, seed=options.seed)
    console.line()
    for fabric, total in report.totals.items():
        console.say("make_eval_set.fabric", fabric=fabric, total=total, test=report.classes.get(fabric, 0))
    console.line()
    console.rule()
    console.say("make_eval_set.saved", path=report.path)
    console.say("make_eval_set.samples", samples=report.samples)
    console.say("make_eval_set.classes", count=len(report.classes))
    console.say("size", size=size_in_words(report.bytes))
    console.rule()
    console.line()
    console.say("make_eval_set.examples")
    for example in report.examples:
        console.line(f"  {example}")
    if report.samples > len(report.examples):
        console.line("  ...")
    console.notices(report.warnings)
    console.say("make_eval_set.next")
    return Outcome({"samples": report.samples, "classes": report.classes, "path": str(report.path)})


def evaluate(options: Namespace, console: Console) -> Outcome:
    """Score one method on the evaluation set."""
    from fabric_desktop.evaluation import evaluate as score
    from fabric_desktop.evaluation import read_eval_set
    from fabric_desktop.rules import load_mapping

    studio = studio_of(options)
    settings = load_settings(studio)
    alpha = settings.alpha if options.alpha is None else options.alpha
    top_k = settings.top_k if options.top_k is None else options.top_k
    mapping = None if options.mapping is None else load_mapping(options.mapping)
    eval_set = options.eval_set or studio.eval_set_path
    records = read_eval_set(studio, eval_set)
    console.rule()
    console.say("evaluate.title", method=say(f"method.{options.method}", console.lang))
    console.rule()
    console.say("evaluate.set", path=eval_set)
    console.say("evaluate.top_k", top_k=top_k)
    encoder = _Remembering(encoder_for(studio, console))
    console.line()
    console.say("evaluate.processing", samples=len(records))
    with console.job() as context:
        report = score(
            studio,
            encoder,
            context,
            eval_set=eval_set,
            method=options.method,
            alpha=alpha,
            top_k=top_k,
            mapping=mapping,
            rules_source=options.rules_source,
        )
        hint = _fused_hint(studio, encoder, context, eval_set, report)
    for error in report.errors:
        console.say("evaluate.failed", image=error.image, line=error.line, reason=_reason(error, console.lang))
    _print_results(report, console)
    console.notices((*report.notices, *hint))
    console.say("evaluate.next_good" if (report.top1 or 0.0) >= _GOOD else "evaluate.next_bad")
    return Outcome(
        {
            "method": report.method,
            "alpha": report.alpha,
            "samples": report.samples,
            "processed": report.processed,
            "errors": [asdict(error) for error in report.errors],
            "top1": report.top1,
            "top3": report.top3,
            "top5": report.top5,
            "by_class": {fabric: asdict(figures) for fabric, figures in report.by_class.items()},
            "confusion": [
                {"true": true, "predicted": predicted, "count": count} for true, predicted, count in report.confusion
            ],
            "encoder": report.encoder,
            "grouped": report.grouped,
            "rules_source": report.rules_source,
        }
    )


def _print_results(report: Evaluation, console: Console) -> None:
    console.line()
    console.rule()
    console.say("evaluate.results")
    console.rule()
    console.say("evaluate.total", samples=report.samples)
    console.say("evaluate.processed", processed=report.processed)
    console.say("evaluate.errors", errors=len(report.errors))
    if report.method == "fused":
        console.say("evaluate.alpha", alpha=f"{report.alpha:g}")
    if report.method in ("fused", "rules"):
        console.say("evaluate.rules_source", source=say(f"rules_source.{report.rules_source}", console.lang))
    console.line()
    shares = {1: report.top1, 3: report.top3, 5: report.top5, report.top_k: report.top_k_hits}
    for place, share in sorted(shares.items()):
        if share is not None:
            right = round(share * report.processed)
            console.say("evaluate.top", k=place, percent=percent(share), right=right, samples=report.processed)
    if report.by_class:
        console.line()
        console.say("evaluate.by_fabric")
    for fabric, figures in report.by_class.items():
        console.say("evaluate.fabric", fabric=fabric, percent=percent(figures.top1), samples=figures.samples)
    if report.confusion:
        console.say("evaluate.confused")
    for true, predicted, count in report.confusion[:_CONFUSIONS_SHOWN]:
        console.say("evaluate.confusion", true=true, predicted=predicted or "?", count=count)
    console.rule()


def _reason(error: EvalError, lang: str) -> str:
    code = f"error.unreadable_image.reason.{error.reason}"
    return say(code, lang) if has(code, lang) else say("cli.evaluate.outside", lang)


def _fused_hint(
    studio: Studio, encoder: Encoder, context: JobContext, eval_set: Path, report: Evaluation
) -> tuple[Notice, ...]:
    """The workflow's fourth trouble: fusing made it worse. Measured on the same patches, by the references alone."""
    from fabric_desktop.evaluation import evaluate as score

    if report.method != "fused" or report.top1 is None or report.top1 >= 1.0:
        return ()
    # Without a usable bank there are no references to compare with, and the report has said so.
    with contextlib.suppress(BankMissing, BankMismatch, EncoderUnavailable):
        alone = score(studio, encoder, context, eval_set=eval_set, method="retrieval")
        if alone.top1 is not None and alone.top1 > report.top1:
            figures: dict[str, object] = {"fused": percent(report.top1), "retrieval": percent(alone.top1)}
            return (Notice("fused_below_retrieval", figures),)
    return ()


class _Remembering:
    """An encoder that encodes a picture once, however often an evaluation comes back to it."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self._known: dict[tuple[tuple[int, int], bytes], np.ndarray] = {}
        self.id = encoder.id
        self.fingerprint = encoder.fingerprint
        self.dim = encoder.dim
        self.device = encoder.device
        self.device_reason = encoder.device_reason

    def encode(self, images: Sequence[Image]) -> np.ndarray:
        """Embeddings (n, dim), as the encoder gives them."""
        import numpy as np

        keys = [(image.size, hashlib.blake2b(image.tobytes()).digest()) for image in images]
        for key, image in zip(keys, images, strict=True):
            if key not in self._known:
                self._known[key] = self._encoder.encode([image])[0]
        return np.stack([self._known[key] for key in keys]) if keys else self._encoder.encode([])

    def __getattr__(self, name: str) -> object:
        # An encoder that knows words keeps knowing them, and one that does not has no such attributes.
        if name not in ("text_fingerprint", "text_tower"):
            raise AttributeError(name)
        return getattr(self._encoder, name)

    def encode_textbook(self, images: Sequence[Image]) -> np.ndarray:
        """Textbook embeddings, as the encoder gives them."""
        return self._encoder.encode_textbook(images)
