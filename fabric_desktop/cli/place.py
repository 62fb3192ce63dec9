"""Where a command works: its studio, and the encoder that fits it."""

from __future__ import annotations

import os
from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from fabric_desktop.encoders.runner_words import why_torch
from fabric_desktop.errors import EncoderUnavailable, NotAStudio
from fabric_desktop.studio import Studio, default_studio_path, open_studio

if TYPE_CHECKING:
    from fabric_desktop.cli.console import Console
    from fabric_desktop.encoders.base import Encoder
    from fabric_desktop.recognizer import Recognizer
    from fabric_desktop.studio import RulesSource


def studio_of(options: Namespace, *, needed: bool = True) -> Studio:
    """The studio that `--studio` names, else the default one. StudioMissing or NotAStudio when it is `needed`.

    Without `needed` a folder that is not there stands for an empty studio: rules need no folder at all.
    """
    chosen = options.studio or os.environ.get("FABRIC_STUDIO")
    path = Path(options.studio) if options.studio else default_studio_path()
    if needed or (chosen and options.command == "recognize"):
        return open_studio(path)
    try:
        return open_studio(path) if path.expanduser().is_dir() else Studio(path.expanduser())
    except NotAStudio:
        return Studio(path)


def prepare(encoder_id: str, console: Console) -> None:
    """Make what an encoder runs on, where that was not done yet, and say why where it could not be. An encoder that is
    not available is left to who loads it."""
    from fabric_desktop.encoders.registry import prepare_encoder

    with console.job() as context:
        try:
            state = prepare_encoder(encoder_id, context)
        except EncoderUnavailable:
            return
    if state is not None and state.word == "refused" and state.reason != "gpu":
        console.note(console.words("encoders.by_torch", id=encoder_id, why=why_torch(state, console.lang)))


def encoder_for(studio: Studio, console: Console, *, for_building: bool = False) -> Encoder:
    """The studio's encoder, loaded. Raises EncoderUnavailable."""
    from fabric_desktop.encoders.registry import choose_encoder_id, load_for

    encoder_id = choose_encoder_id(studio, for_building=for_building)
    prepare(encoder_id, console)
    encoder = load_for(studio, encoder_id)
    console.say("encoder", encoder=encoder.id, device=encoder.device)
    return encoder


def chosen_rules(options: Namespace, recognizer: Recognizer) -> RulesSource | None:
    """The rules that `--rules-source` names, where the method asks any. Raises RulesNeedReferences when they cannot be
    made: who asks for them by name is not answered by others."""
    source: RulesSource | None = options.rules_source
    if source is not None and options.method in ("fused", "rules"):
        recognizer.rule_book(source)
    return source
