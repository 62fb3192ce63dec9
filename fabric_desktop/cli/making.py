"""build-bank, train-head and samples: the commands that make what recognition works with."""

from __future__ import annotations

from argparse import Namespace
from typing import TYPE_CHECKING

from fabric_desktop.cli.console import Console, Outcome, percent
from fabric_desktop.cli.place import encoder_for, studio_of
from fabric_desktop.studio import StudioLock, open_studio
from fabric_desktop.wording import say, size_in_words

if TYPE_CHECKING:
    from fabric_desktop.jobs import Progress


def build_bank(options: Namespace, console: Console) -> Outcome:
    """Embed the reference library and put it in use."""
    from fabric_desktop.bank import build_bank as build

    studio = studio_of(options)
    console.say("build_bank.start", path=studio.fabrics_dir)

    def processed(progress: Progress) -> None:
        console.say("build_bank.photo", done=progress.done, total=progress.total, **progress.params)

    with StudioLock(studio, "build-bank"):
        encoder = encoder_for(studio, console, for_building=True)
        console.line()
        with console.job(processed) as context:
            report = build(studio, encoder, context)
    for fabric, count in report.per_fabric.items():
        console.say("build_bank.fabric", fabric=fabric, count=count, dim=report.dim)
    skipped = [{"path": studio.relative(item.path), "reason": item.reason} for item in report.skipped]
    for item in skipped:
        reason = say(f"error.unreadable_image.reason.{item['reason']}", console.lang)
        console.say("build_bank.skipped", path=item["path"], reason=reason)
    console.line()
    console.rule()
    console.say("build_bank.saved", path=report.path)
    console.say("build_bank.fabrics", count=report.fabrics)
    console.say("build_bank.images", count=report.images, reused=report.reused)
    if skipped:
        console.say("build_bank.skipped_total", count=len(skipped))
    console.say("size", size=size_in_words(report.bytes))
    console.say("version", version=report.version)
    console.rule()
    console.notices(report.warnings)
    console.say("build_bank.next")
    return Outcome(
        {
            "fabrics": report.fabrics,
            "images": report.images,
            "skipped": skipped,
            "reused": report.reused,
            "encoder": report.encoder,
            "dim": report.dim,
            "path": str(report.path),
            "bytes": report.bytes,
        }
    )


def train_head(options: Namespace, console: Console) -> Outcome:
    """Train a head on the labelled patches and put it in use."""
    from fabric_desktop.head import train_head as train
    from fabric_desktop.labels import count_by_fabric

    studio = studio_of(options)
    counts = count_by_fabric(studio)
    console.rule()
    console.say("train_head.distribution")
    for fabric, count in counts.items():
        console.say("train_head.fabric", fabric=fabric, count=count)
    console.say("train_head.total", samples=sum(counts.values()), fabrics=len(counts))
    console.rule()
    with StudioLock(studio, "train-head"):
        encoder = encoder_for(studio, console)
        console.say("train_head.training")
        with console.job() as context:
            report = train(studio, encoder, context)
    console.line()
    console.rule()
    console.say("train_head.saved", path=report.path)
    console.say("train_head.in_use", version=report.version)
    console.say("train_head.samples", samples=report.samples, fabrics=len(report.classes))
    console.say("train_head.train_accuracy", percent=percent(report.train_accuracy))
    if report.cv_accuracy is not None:
        console.say("train_head.cv_accuracy", percent=percent(report.cv_accuracy), samples=report.cv_samples)
    else:
        console.say("train_head.no_cv")
    console.say("train_head.copy", path=studio.pickle_path, size=size_in_words(report.bytes))
    console.rule()
    console.notices(report.warnings)
    if report.train_accuracy <= 0.8:
        console.note(console.words("train_head.low", percent=percent(report.train_accuracy)))
    console.say("train_head.next")
    return Outcome(
        {
            "samples": report.samples,
            "classes": report.classes,
            "train_accuracy": report.train_accuracy,
            "cv_accuracy": report.cv_accuracy,
            "version": report.version,
            "path": str(report.path),
            "warnings": [console.notice_text(notice) for notice in report.warnings],
        }
    )


def samples(options: Namespace, console: Console) -> Outcome:
    """Draw the sample studio into a folder of its own, or what is missing of it."""
    from fabric_desktop.samples import create_sample_studio

    studio = open_studio(options.folder, create=True)
    with StudioLock(studio, "samples"), console.job() as context:
        create_sample_studio(studio.root, context)
    fabrics = studio.fabric_ids()
    images = sum(len(studio.reference_photos(fabric)) for fabric in fabrics)
    console.say("samples.saved", path=studio.root)
    console.say("samples.fabrics", count=len(fabrics))
    console.say("samples.images", count=images)
    # Quoted where a shell would take it for two words.
    console.say("samples.next", path=f'"{studio.root}"' if " " in str(studio.root) else studio.root)
    return Outcome({"path": str(studio.root), "fabrics": len(fabrics), "images": images})
