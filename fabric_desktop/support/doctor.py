"""The doctor: looks at everything the program stands on and says what is right, what is wrong, and what to do.

Looks and tells. It changes nothing, fetches nothing, and opens no photograph.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from pathlib import Path

from fabric_desktop.errors import FabricError
from fabric_desktop.jobs import JobContext
from fabric_desktop.studio import Studio
from fabric_desktop.support import machine, studio_health
from fabric_desktop.support.findings import Finding

logger = logging.getLogger(__name__)

Look = Callable[[], Iterator[Finding]]


def examine(path: Path, context: JobContext, *, asked_for: bool = False) -> list[Finding]:
    """Look at this computer and at the studio in a folder.

    asked_for: the person named the folder, so that its absence is a fault. A check that fails itself is a fault and
    stops no other. Progress is `job.doctor`, a step a check. Raises Cancelled.
    """
    studio, opening = studio_health.opened(path, asked_for=asked_for)
    looks: list[tuple[str, Look]] = [
        ("python", machine.python),
        ("packages", machine.packages),
        ("qt", machine.window),
        ("engine", machine.engine),
        ("clip", machine.clip),
        ("network", machine.network),
        ("disk", lambda: machine.disk(studio)),
        ("home", machine.permissions),
        ("studio", lambda: iter([opening])),
    ]
    if studio is not None:
        looks += [(name, _of_studio(look, studio)) for name, look in _STUDIO_LOOKS]
    found: list[Finding] = []
    for number, (name, look) in enumerate(looks):
        context.progress(number, len(looks), "job.doctor")
        try:
            # One by one, so that what was found before a check failed is told.
            for finding in look():
                found.append(finding)
        except FabricError as error:
            # One damaged file stops several checks; it is told once.
            if not any(str(error) == str(finding.error) for finding in found):
                found.append(Finding(name, "fault", "error", error=error))
        except Exception as error:
            logger.warning("the check %s failed", name, exc_info=error)
            params = {"check": name, "reason": f"{type(error).__name__}: {error}"}
            found.append(Finding("doctor", "fault", "crashed", params))
    context.progress(len(looks), len(looks), "job.doctor")
    return found


_STUDIO_LOOKS: tuple[tuple[str, Callable[[Studio], Iterator[Finding]]], ...] = (
    ("writable", studio_health.writable),
    ("settings", studio_health.settings),
    ("model", studio_health.model),
    ("changes", studio_health.changes),
    ("lock", studio_health.lock),
)


def _of_studio(look: Callable[[Studio], Iterator[Finding]], studio: Studio) -> Look:
    return lambda: look(studio)
