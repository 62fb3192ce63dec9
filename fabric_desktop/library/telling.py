"""What an import would do, in words, for the window and the commands alike. Decides nothing."""

from __future__ import annotations

from collections.abc import Mapping

from fabric_desktop.library.sources import Conflict
from fabric_desktop.wording import has, say


def conflict_text(conflict: Conflict, lang: str, *, short: bool = False) -> str:
    """What the person should see before anything is copied; `short` leaves files their names only."""
    params = dict(conflict.params)
    field = params.get("field")
    if isinstance(field, str) and has(f"declared.{field}", lang):
        params["field"] = say(f"declared.{field}", lang)
    subject = conflict.subject
    if short:
        subject = name_only(subject)
        params = {key: name_only(value) if isinstance(value, str) else value for key, value in params.items()}
    return say(f"import_conflict.{conflict.code}", lang, subject=subject, **params)


def declared_text(declared: Mapping[str, str], lang: str) -> str:
    """Declared data in a line: each field's word, then what it says."""
    return "  ·  ".join(f"{say(f'declared.{field}', lang)} {text}" for field, text in declared.items())


def name_only(text: str) -> str:
    """The name of a file, of its path."""
    return text.replace("\\", "/").rsplit("/", 1)[-1]
