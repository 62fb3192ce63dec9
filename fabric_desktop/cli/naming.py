"""recognize and label: what fabric a photo shows, and keeping what the person says it is."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fabric_desktop.cli.console import Console, Outcome
from fabric_desktop.cli.place import chosen_rules, prepare, studio_of
from fabric_desktop.errors import BadRegion, UnreadableImage
from fabric_desktop.imaging import Box, clip_box, cut_patch, open_photo, square_around
from fabric_desktop.studio import Studio, StudioLock, own_id
from fabric_desktop.wording import listed, per_cent, say, sure_per_cent

if TYPE_CHECKING:
    from PIL.Image import Image

    from fabric_desktop.attributes import Look
    from fabric_desktop.recognition import Candidate, Kind, Recognition

PERSON_CAN_HELP = 3
_NOTHING_SAID = "-"
_REASONS_SHOWN = 2
_KIND_FABRICS = 3


def recognize(options: Namespace, console: Console) -> Outcome:
    """Name the fabric of each photo. One that cannot be used does not stop the others; the exit code says so.

    Under `--json` such photos stand in `errors` beside `results`, which is there only if there are any.
    """
    from fabric_desktop.recognizer import Recognizer

    studio = studio_of(options, needed=False)
    recognizer = Recognizer(studio)
    rules = chosen_rules(options, recognizer)
    if options.method != "rules":
        prepare(recognizer.encoder_id, console)
    results: list[dict[str, Any]] = []
    failed: list[dict[str, Any]] = []
    said: set[str] = set()
    for photo in options.photos:
        try:
            image = open_photo(photo)
            box = _region(options, image)
        except (UnreadableImage, BadRegion) as error:
            failed.append({"photo": str(photo), **console.explain(error)})
            continue
        recognition = recognizer.recognize(
            cut_patch(image, box),
            method=options.method,
            alpha=options.alpha,
            top_k=options.top_k,
            lang=console.lang,
            rules_source=rules,
        )
        results.append(_as_json(photo, box, recognition))
        _print_recognition(photo, box, image, recognition, console)
        # A lack that concerns the studio is said once, not with every photo.
        new = tuple(notice for notice in recognition.notices if notice.code not in said)
        said |= {notice.code for notice in new}
        console.notices(new)
        console.line()
    if failed and len(options.photos) > 1:
        console.trouble(console.words("recognize.failed_some", failed=len(failed), total=len(options.photos)))
    value: dict[str, Any] = {"results": results} | ({"errors": failed} if failed else {})
    return Outcome(value, PERSON_CAN_HELP if failed else 0)


def _region(options: Namespace, image: Image) -> Box:
    """The region asked for, in original pixels. BadRegion when it, or the point, lies outside the photo."""
    width, height = image.size
    if options.box is not None:
        return clip_box(Box(*options.box), image.size)
    if getattr(options, "at", None) is not None:
        x, y = options.at
        return square_around(x, y, image.size)
    return Box(0, 0, width, height)


def _as_json(photo: Path, box: Box, recognition: Recognition) -> dict[str, Any]:
    unknown = recognition.unknown
    return {
        "photo": str(photo),
        "box": box.as_list(),
        "method": recognition.method,
        "alpha": recognition.alpha,
        "rules_source": recognition.rules_source,
        "encoder": recognition.encoder,
        "calibrated": recognition.calibrated,
        "unknown": None if unknown is None else {"code": unknown.code, **unknown.params},
        "candidates": [
            {
                "id": candidate.id,
                "name": candidate.name,
                "score": candidate.score,
                "rules": candidate.rules,
                "retrieval": candidate.retrieval,
                "head": candidate.head,
                "text": candidate.text,
                "confidence": candidate.confidence,
                "nearest": [{"photo": near.photo, "similarity": near.similarity} for near in candidate.nearest],
                "reasons": [reason.code for reason in candidate.reasons],
                "contradictions": [reason.code for reason in candidate.contradictions],
            }
            for candidate in recognition.candidates
        ],
        "types": [_kind_json(kind) for kind in recognition.types],
        "structures": [_kind_json(kind) for kind in recognition.structures],
        # As the rules take it: {"visual": look} is an argument of `recommend_fabrics_localized`.
        "look": recognition.look.as_attrs()["visual"],
    }


def _kind_json(kind: Kind) -> dict[str, Any]:
    return {"id": kind.id, "name": kind.name, "confidence": kind.confidence, "fabrics": list(kind.fabrics)}


def _print_kinds(recognition: Recognition, console: Console) -> None:
    """The declared type and structure, where likelier than not; nothing of a cloth that is not in the library."""
    from fabric_desktop.recognition import worth_saying

    if recognition.unknown is not None:
        return
    for code, kinds in (("type", recognition.types), ("structure", recognition.structures)):
        kind = worth_saying(kinds)
        if kind is not None:
            name = kind.name if kind.name == kind.other_name else f"{kind.name} {kind.other_name}"
            fabrics, share = ", ".join(kind.fabrics[:_KIND_FABRICS]), sure_per_cent(kind.confidence, console.lang)
            console.say(f"recognize.{code}", name=name, confidence=share, fabrics=fabrics)


def _print_recognition(photo: Path, box: Box, image: Image, recognition: Recognition, console: Console) -> None:
    from fabric_desktop.recognition import confidence_word

    width, height = image.size
    if box == Box(0, 0, width, height):
        console.say("recognize.whole", photo=photo, width=width, height=height)
    else:
        console.say("recognize.region", photo=photo, box=" ".join(map(str, box.as_list())))
    for place, candidate in enumerate(recognition.candidates, start=1):
        _print_candidate(place, candidate, confidence_word(candidate.confidence), console)
    _print_kinds(recognition, console)
    if not recognition.candidates:
        console.say("recognize.nothing")
    _print_look(recognition.look, console)
    if recognition.method == "fused":
        console.say("recognize.method", alpha=f"{recognition.alpha:g}", encoder=recognition.encoder)
    else:
        method = say(f"method.{recognition.method}", console.lang)
        console.say("recognize.method_alone", method=method, encoder=recognition.encoder)
    if recognition.rules_source != "fine" and recognition.method in ("fused", "rules"):
        console.say("recognize.rules_source", source=say(f"rules_source.{recognition.rules_source}", console.lang))
    if not recognition.calibrated:
        console.say("recognize.uncalibrated")
    if any(candidate.text is not None for candidate in recognition.candidates):
        console.say("recognize.text_unmeasured")
    if recognition.unknown is not None:
        console.say("recognize.unknown")
    elif recognition.candidates and confidence_word(recognition.candidates[0].confidence) == "unsure":
        console.say("recognize.unsure")


def _print_candidate(place: int, candidate: Candidate, word: str, console: Console) -> None:
    both = [candidate.name] if candidate.name == candidate.other_name else [candidate.name, candidate.other_name]
    confidence = sure_per_cent(candidate.confidence, console.lang)
    if place == 1:
        # How sure the program is of its answer; the others are what it is not.
        confidence += " " + say(f"confidence.{word}", console.lang)
    console.say(
        "recognize.candidate",
        place=place,
        id=candidate.id,
        name=" ".join(both),
        score=f"{candidate.score:.3f}",
        confidence=confidence,
    )
    parts = {"rules": candidate.rules, "retrieval": candidate.retrieval, "head": candidate.head}
    shown = {side: _NOTHING_SAID if value is None else f"{value:.3f}" for side, value in parts.items()}
    console.say("recognize.parts", **shown)
    if candidate.text is not None:
        console.say("recognize.text_part", text=f"{candidate.text:.3f}")
    for match in candidate.nearest[:1]:
        console.say("recognize.nearest", photo=match.photo, similarity=f"{match.similarity:.3f}")
    if place == 1:
        for against in candidate.contradictions[:1]:
            console.say("recognize.contradiction", reason=console.notice_text(against))
        for reason in [one for one in candidate.reasons if one not in candidate.contradictions[:1]][:_REASONS_SHOWN]:
            console.line("      " + console.notice_text(reason))


def _print_look(look: Look, console: Console) -> None:
    """The measured look in plain words: colours with their shares, sheen, texture, direction."""
    from fabric_desktop.attributes import direction_level, sheen_level, texture_level

    lang = console.lang
    colors = [
        f"{color.name_zh if lang == 'zh' else color.name_en} {per_cent(share, lang)}"
        for color, share in look.named_shares()
    ]
    console.say(
        "recognize.look",
        colors=listed(colors, lang),
        sheen=say(f"look.sheen_{sheen_level(look.sheen)}", lang),
        texture=say(f"look.texture_{texture_level(look.texture_complexity)}", lang),
        direction=say(f"look.direction_{direction_level(look.directionality)}", lang),
    )


def label(options: Namespace, console: Console) -> Outcome:
    """Keep a photo, or a region of it, as a labelled patch. A whole patch that waits for review moves to its fabric, as
    it does in the window."""
    from fabric_desktop.attributes import measure_look
    from fabric_desktop.head import MIN_SAMPLES
    from fabric_desktop.labels import PatchOrigin, count_by_fabric, save_patch

    studio = studio_of(options)
    fabric = own_id(studio, options.fabric)
    image = open_photo(options.photo)
    box = _region(options, image)
    waits = options.box is None and options.photo.resolve().parent == studio.unlabeled_dir.resolve()
    with StudioLock(studio, "label"):
        new = fabric not in {*studio.fabric_ids(), *studio.labeled_ids()}
        if waits:
            path = _accepted(studio, options.photo, fabric, options.swatch)
        else:
            patch = cut_patch(image, box)
            origin = PatchOrigin(photo=options.photo, box=box, swatch_id=options.swatch)
            path = save_patch(studio, patch, fabric, origin, look=measure_look(patch))
    counts = count_by_fabric(studio)
    total = sum(counts.values())
    console.say("label.saved", path=path)
    console.say("label.fabric", fabric=fabric, count=counts[fabric])
    if new:
        console.say("label.new", fabric=fabric)
    console.say("label.region", box=" ".join(map(str, box.as_list())), photo=options.photo)
    if total >= MIN_SAMPLES and len(counts) > 1:
        console.say("label.next_train", total=total)
    else:
        console.say("label.next_more", missing=max(0, MIN_SAMPLES - total))
    return Outcome({"photo": str(options.photo), "box": box.as_list(), "fabric": fabric, "path": str(path)})


def _accepted(studio: Studio, waiting: Path, fabric: str, swatch: str | None) -> Path:
    """Move a patch that waits for review to the labelled ones of its fabric, and write down its piece of cloth."""
    from fabric_desktop.library.patches import accept
    from fabric_desktop.library.places import record_of
    from fabric_desktop.studio.files import read_json, write_json
    from fabric_desktop.studio.steps import Move

    patch = studio.unlabeled_dir / waiting.name
    done = accept(studio, [patch], fabric)
    places = {step.source: step.target for step in done.steps if isinstance(step, Move)}
    path = studio.root / places[studio.relative(patch)]
    if swatch is not None:
        record = record_of(path)
        known = read_json(record) if record is not None else {}
        write_json(path.with_suffix(".json"), {**known, "swatch_id": swatch})
    return path
