"""The steps of the tour as data: their pictures, the actions that do what they tell of. Their words are the page's."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from fabric_desktop.paths import resource


@dataclass(frozen=True, slots=True)
class Step:
    """One step: `name` is also its picture's; `actions` are offered as buttons."""

    name: str
    actions: tuple[str, ...]


STEPS: tuple[Step, ...] = (
    Step("look", ("open", "open_sample")),
    Step("answer", ("compare",)),
    Step("regions", ("box", "lasso")),
    Step("label", ("name_it",)),
    Step("queue", ("queue_panel",)),
    Step("swatches", ("import_page", "library_page")),
    Step("batch", ("recognise_folder",)),
    Step("retrain", ("retrain", "versions")),
    Step("encoders", ("encoders_page",)),
)

# Of the pictures together; with both languages, and small enough not to be noticed in a download.
MOST_BYTES = 2_500_000
ENDING = ".webp"


def picture_path(name: str, lang: str) -> Path:
    """A step's picture, made by `python -m fabric_desktop.app --tour resources/help`."""
    return resource("help", f"{name}-{lang}{ENDING}")
