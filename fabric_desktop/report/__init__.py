"""The progress of a studio: its figures, its charts, and the printable page. Changes nothing but the page it writes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from fabric_desktop.jobs import JobContext
from fabric_desktop.report.page import report_page
from fabric_desktop.report.progress import StudioProgress, gather_progress
from fabric_desktop.studio import Studio
from fabric_desktop.studio.files import write_text
from fabric_desktop.wording import LANGS

if TYPE_CHECKING:
    from fabric_desktop.encoders.base import Encoder

__all__ = ["StudioProgress", "gather_progress", "report_page", "write_report"]


def write_report(
    studio: Studio, encoder: Encoder | None, target: Path, context: JobContext, *, langs: Sequence[str] = LANGS
) -> StudioProgress:
    """Gather the figures and write the page. Raises SaveFailed, Cancelled; an older page is then whole."""
    progress = gather_progress(studio, encoder, context)
    write_text(target, report_page(studio, progress, context, now=datetime.now().astimezone(), langs=langs))
    return progress
