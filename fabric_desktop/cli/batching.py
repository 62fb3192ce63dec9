"""batch: a whole folder recognised and written to one file."""

from __future__ import annotations

import os
from argparse import Namespace

from fabric_desktop.cli.console import Console, Outcome
from fabric_desktop.cli.place import chosen_rules, prepare, studio_of
from fabric_desktop.jobs import Cancelled
from fabric_desktop.studio import StudioLock, load_settings
from fabric_desktop.wording import say, size_in_words

PERSON_CAN_HELP = 3


def batch(options: Namespace, console: Console) -> Outcome:
    """Recognise every photo of a folder and write the results by the ending of `--out`.

    A run that was stopped goes on where it was, unless `--fresh` is given. Photos that cannot be used stand in the
    file with the reason, and the exit code says so.
    """
    from fabric_desktop.batch.exporting import export_batch
    from fabric_desktop.batch.offering import keep_photos, uncertain
    from fabric_desktop.batch.run import BatchOptions, recognise_folder
    from fabric_desktop.recognizer import Recognizer

    studio = studio_of(options, needed=bool(options.studio or os.environ.get("FABRIC_STUDIO")))
    recognizer = Recognizer(studio)
    how = BatchOptions(options.method, options.alpha, options.top_k, chosen_rules(options, recognizer))
    if options.method != "rules":
        prepare(recognizer.encoder_id, console)
    console.say("batch.start", folder=options.folder, out=options.out)
    try:
        with console.job() as context:
            report = recognise_folder(recognizer, options.folder, context, how, resume=not options.fresh)
            size = export_batch(report, options.out, studio, console.lang, context)
    except Cancelled:
        console.trouble(console.words("batch.goes_on"))
        raise
    failed = [result for result in report.results if result.error]
    for result in failed:
        reason = say(f"error.unreadable_image.reason.{result.error}", console.lang)
        console.trouble(console.words("batch.failed", photo=result.photo, reason=reason))
    console.line()
    console.rule()
    console.say("batch.saved", path=options.out)
    console.say("batch.photos", count=len(report.results), resumed=report.resumed)
    for word, count in report.counts().items():
        console.say("batch.word", word=say(f"batch.word.{word}", console.lang), count=count)
    console.say("batch.fabrics", count=len(report.by_fabric()))
    console.say("size", size=size_in_words(size))
    console.rule()
    console.notices(report.notices)
    if report.far_from_library:
        console.note(console.words("batch.far"))
    doubtful = uncertain(report.results, load_settings(studio).review_below)
    kept = None
    if options.review:
        with StudioLock(studio, "batch"), console.job() as context:
            kept = keep_photos(studio, doubtful, context, report.encoder)
        for item in kept.skipped:
            reason = say(f"error.unreadable_image.reason.{item.reason}", console.lang)
            console.trouble(console.words("batch.failed", photo=item.path, reason=reason))
        console.say("batch.kept", count=kept.kept, known=kept.known)
    elif doubtful:
        console.say("batch.uncertain", count=len(doubtful))
    console.say("batch.next")
    value = {
        "folder": str(options.folder),
        "out": str(options.out),
        "bytes": size,
        "photos": len(report.results),
        "resumed": report.resumed,
        "words": report.counts(),
        "by_fabric": report.by_fabric(),
        "method": report.method,
        "alpha": report.alpha,
        "encoder": report.encoder,
        "version": report.version,
        "uncertain": len(doubtful),
        "kept_for_review": 0 if kept is None else kept.kept,
        "errors": [{"photo": str(result.photo), "reason": result.error} for result in failed],
    }
    return Outcome(value, PERSON_CAN_HELP if failed else 0)
