"""improve: retrain, compare with the model in use, and deploy what is better."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from fabric_desktop.cli.console import Console, Outcome, display_width
from fabric_desktop.cli.place import encoder_for, studio_of
from fabric_desktop.studio import Studio, StudioLock
from fabric_desktop.wording import per_cent, say

if TYPE_CHECKING:
    from fabric_desktop.loop import Change, Improvement, ModelScores, SideBySide

_SHOWN = 10
_LABEL_WIDTH = 24


def improve(options: Namespace, console: Console) -> Outcome:
    """Make a new model of everything labelled so far, show it beside the one in use, and deploy it where that is
    advised (`--deploy auto`), never, or always."""
    from fabric_desktop.encoders.registry import load_encoder
    from fabric_desktop.labels import count_by_fabric
    from fabric_desktop.loop import deploy
    from fabric_desktop.loop import improve as renew

    studio = studio_of(options)
    counts = count_by_fabric(studio)
    console.say("improve.start", samples=sum(counts.values()), fabrics=len(counts))
    with StudioLock(studio, "improve"):
        encoder = encoder_for(studio, console)
        with console.job() as context:
            result = renew(studio, encoder, context, encoder_of=load_encoder, note=options.note or "")
        changed = result.old is None or result.new.name != result.old.name
        deployed = changed and (options.deploy == "always" or (options.deploy == "auto" and result.advice == "deploy"))
        if deployed:
            deploy(studio, result.new.name)
    _print(studio, result, changed=changed, console=console)
    _print_outcome(result, changed=changed, deployed=deployed, console=console)
    return Outcome(_as_json(studio, result, deployed=deployed, console=console))


def _print(studio: Studio, result: Improvement, *, changed: bool, console: Console) -> None:
    if result.training is not None:
        console.say("improve.trained", samples=len(result.training.training), held_out=result.training.held_out)
    calibration = result.calibration
    if calibration is not None:
        console.say(
            "improve.calibrated",
            before=per_cent(calibration.before, console.lang, digits=1),
            after=per_cent(calibration.after, console.lang, digits=1),
            answers=calibration.answers,
            swatches=calibration.swatches,
            temperature=f"{calibration.temperature:.2f}",
        )
    console.line()
    console.rule()
    if changed:
        print_side_by_side(studio, result, console)
    if result.suspicious:
        console.line()
        console.say("improve.suspicious", count=len(result.suspicious))
        _print_some([studio.relative(path) for path in result.suspicious], console)
    console.rule()
    console.notices(result.notices)
    console.say(
        "improve.advice",
        advice=say(f"advice_word.{result.advice}", console.lang),
        reason=say(f"advice_reason.{result.reason}", console.lang),
    )


def print_side_by_side(studio: Studio, result: Improvement | SideBySide, console: Console) -> None:
    """Two models on the same patches: figures, what got better and worse, how sure that is."""
    old, new, comparison = result.old_scores, result.new_scores, result.comparison
    if new is None:
        console.say("improve.not_compared")
    elif old is None:
        console.say("improve.alone", patches=new.patches)
    else:
        console.say("improve.patches", patches=new.patches, swatches=new.swatches)
    if new is not None:
        _print_figures(old, new, console)
    if comparison is not None:
        console.say(
            "improve.difference",
            difference=per_cent(comparison.difference, console.lang, digits=1, signed=True),
            low=per_cent(comparison.low, console.lang, digits=1, signed=True),
            high=per_cent(comparison.high, console.lang, digits=1, signed=True),
            p=f"{comparison.p_value:.3f}",
        )
    crossed = result.cross_checked
    if crossed is not None:
        console.say(
            "improve.cross_checked",
            patches=crossed.patches,
            old=per_cent(crossed.old, console.lang, digits=2),
            new=per_cent(crossed.new, console.lang, digits=2),
            p=f"{crossed.p_value:.3f}",
        )
    for code, changes in (("improve.better", result.better), ("improve.worse", result.worse)):
        if changes:
            console.say(code, count=len(changes))
            _print_some([_change(studio, change, console) for change in changes], console, indent=False)


def _print_figures(old: ModelScores | None, new: ModelScores, console: Console) -> None:
    def line(label: str, before: float | None, after: float | None) -> None:
        row(label, *(per_cent(value, console.lang, digits=2) for value in (before, after)))

    def row(label: str, before: str, after: str) -> None:
        # Chinese characters take two columns, so the format itself cannot align them.
        padding = " " * max(0, _LABEL_WIDTH - display_width(label))
        console.say("improve.head", label=label + padding, old=before, new=after)

    row("", old.version if old is not None else "-", new.version)
    for place in ("top1", "top3", "top5"):
        line(say(f"figure.{place}", console.lang), getattr(old, place, None), getattr(new, place))
    line(console.words("improve.calibration"), getattr(old, "calibration_error", None), new.calibration_error)
    console.say("improve.fabrics")
    for fabric, own in new.fabrics.items():
        before = old.fabrics.get(fabric) if old is not None else None
        line(f"  {fabric} ({own.samples})", before.top1 if before is not None else None, own.top1)


def _change(studio: Studio, change: Change, console: Console) -> str:
    nothing = console.words("improve.none")
    return console.words(
        "improve.change",
        path=studio.relative(change.image),
        label=change.label,
        old=change.old or nothing,
        new=change.new or nothing,
    )


def _print_some(lines: Sequence[str], console: Console, *, indent: bool = True) -> None:
    for text in lines[:_SHOWN]:
        console.line(console.words("improve.path", path=text) if indent else text)
    if len(lines) > _SHOWN:
        console.say("improve.and_more", count=len(lines) - _SHOWN)


def _print_outcome(result: Improvement, *, changed: bool, deployed: bool, console: Console) -> None:
    old = result.old.name if result.old is not None else console.words("improve.none")
    if not changed:
        console.say("improve.unchanged", version=result.new.name)
    elif deployed:
        console.say("improve.deployed", version=result.new.name)
        if result.old is not None:
            console.say("improve.next_deployed", version=result.old.name)
    else:
        console.say("improve.kept", old=old, version=result.new.name)
        console.say("improve.next_kept", version=result.new.name)


def side_by_side_as_json(studio: Studio, result: Improvement | SideBySide) -> dict[str, Any]:
    """Two models on the same patches, as plain values."""
    return {
        "old_scores": _plain(result.old_scores),
        "new_scores": _plain(result.new_scores),
        "comparison": _plain(result.comparison),
        "cross_checked": _plain(result.cross_checked),
        "better": [_change_as_json(studio, change) for change in result.better],
        "worse": [_change_as_json(studio, change) for change in result.worse],
    }


def _plain(value: Any) -> dict[str, Any] | None:
    if value is None:
        return None
    plain = asdict(value)
    for name in ("gained", "lost"):
        if name in plain:
            plain[name] = len(plain[name])
    return plain


def _change_as_json(studio: Studio, change: Change) -> dict[str, Any]:
    return {"image": studio.relative(change.image), "label": change.label, "old": change.old, "new": change.new}


def _as_json(studio: Studio, result: Improvement, *, deployed: bool, console: Console) -> dict[str, Any]:
    training = result.training
    return {
        "old": result.old.name if result.old is not None else None,
        "new": result.new.name,
        "advice": result.advice,
        "reason": result.reason,
        "deployed": deployed,
        "in_use": result.new.name if deployed else result.old.name if result.old is not None else None,
        **side_by_side_as_json(studio, result),
        "suspicious": [studio.relative(path) for path in result.suspicious],
        "samples": len(training.training) if training is not None else 0,
        "held_out": training.held_out if training is not None else 0,
        "grouped": result.grouped,
        "calibration": _plain(result.calibration),
        "warnings": [console.notice_text(notice) for notice in result.notices],
    }
