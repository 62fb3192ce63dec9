"""Get CLIP's weights: starts the fetching, tells how far it is, stops it at once, remembers why it failed.

Only when a person asked for it. The fetching itself is `fetch`, in a process of its own.
"""

from __future__ import annotations

import logging
import os
import queue
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from fabric_desktop import paths
from fabric_desktop.early import environment_for_download
from fabric_desktop.encoders import child, openclip
from fabric_desktop.encoders.fetch import PART_ENDING
from fabric_desktop.encoders.registry import OFFERS
from fabric_desktop.encoders.weights import WEIGHTS_NAME, check_safetensors, hub_cache
from fabric_desktop.errors import DownloadFailed, EncoderUnavailable, SaveFailed
from fabric_desktop.jobs import JobContext, clock
from fabric_desktop.studio.files import read_json, write_json

logger = logging.getLogger(__name__)

MEGABYTE = 1_000_000
_ATTEMPTS_NAME = "downloads.json"
_FETCH = "fabric_desktop.encoders.fetch"
# Seconds over which the pace is measured that says how long the rest will take.
_PACE_S = 10.0


def repository_of(encoder_id: str) -> str:
    """The Hugging Face repository (`owner/name`) of an encoder's weights. DownloadFailed(not_offered) where none is
    known; EncoderUnavailable for an id that open_clip does not know, or without the engine."""
    encoder_id = openclip.canonical_id(encoder_id)
    offer = next((offer for offer in OFFERS if offer.id == encoder_id), None)
    repository = offer.repository if offer is not None else openclip.published_repository(encoder_id)
    if not repository:
        raise DownloadFailed(encoder=encoder_id, reason="not_offered")
    return repository


def download_weights(encoder_id: str, context: JobContext, endpoint: str | None = None) -> Path:
    """Fetch an encoder's weights into the Hugging Face cache and return their path; what had arrived before is kept.

    `endpoint` is the address of a mirror (the setting `mirror`); HF_ENDPOINT in the environment goes before it, and
    HF_HUB_OFFLINE or TRANSFORMERS_OFFLINE set by the person forbid the download. Progress is `job.download` in whole
    megabytes, with `left` (as `2:05`) once the pace is known. A cancel takes effect at once and loses nothing.

    Raises DownloadFailed (the reason is kept and shown as the encoder's state until the next try), EncoderUnavailable
    (engine_missing), Cancelled.
    """
    if not openclip.engine_installed():
        raise EncoderUnavailable(encoder=encoder_id, reason="engine_missing", detail="huggingface_hub")
    repository = repository_of(encoder_id)
    context.progress(0, 0, "job.download_begin", encoder=encoder_id)
    try:
        path = _fetched(encoder_id, repository, context, endpoint)
        check_safetensors(path, encoder_id)
    except DownloadFailed as error:
        _remember(encoder_id, {"reason": error.params["reason"], "detail": error.params.get("detail", "")})
        raise
    _remember(encoder_id, None)
    return path


def _fetched(encoder_id: str, repository: str, context: JobContext, endpoint: str | None) -> Path:
    with child.running(_FETCH, [repository, WEIGHTS_NAME], _environment(endpoint)) as (messages, errors):
        pace = _Pace()
        while True:
            context.check_cancelled()
            try:
                message = messages.get(timeout=child.POLL_S)
            except queue.Empty:
                continue
            if message is None:
                raise DownloadFailed(encoder=encoder_id, reason="other", detail=child.last_line(errors))
            event = message.get("event")
            if event == "done":
                return Path(str(message["path"]))
            if event == "failed":
                reason, detail = str(message["reason"]), str(message.get("detail", ""))
                raise DownloadFailed(encoder=encoder_id, reason=reason, detail=detail)
            _show(context, encoder_id, message, pace)


def _show(context: JobContext, encoder_id: str, message: dict[str, Any], pace: _Pace) -> None:
    total = int(message.get("total", 0))
    if message["event"] == "checking":
        context.progress(total // MEGABYTE, total // MEGABYTE, "job.download_check", encoder=encoder_id)
        return
    done = int(message.get("done", 0))
    left = pace.left(done, total)
    params = {"encoder": encoder_id} | ({} if left is None else {"left": left})
    code = "job.download" if left is None else "job.download_left"
    context.progress(done // MEGABYTE, total // MEGABYTE, code, **params)


class _Pace:
    """How long the rest takes, by what arrived in the last seconds."""

    def __init__(self) -> None:
        self._marks: list[tuple[float, int]] = []

    def left(self, done: int, total: int) -> str | None:
        """The time left as clocks show it, or None while nobody can tell."""
        now = time.monotonic()
        self._marks = [mark for mark in self._marks if now - mark[0] <= _PACE_S] + [(now, done)]
        (began, before), seconds = self._marks[0], now - self._marks[0][0]
        if seconds < 1 or done <= before:
            return None
        return clock(round((total - done) * (now - began) / (done - before)))


def _environment(endpoint: str | None) -> dict[str, str]:
    return environment_for_download(os.environ, endpoint) | {
        "HF_HUB_DISABLE_PROGRESS_BARS": "1",
        # Plain HTTP: it goes on from any byte, and every mirror speaks it.
        "HF_HUB_DISABLE_XET": "1",
    }


def partial_bytes(repository: str) -> int:
    """Bytes of a repository's weights that have arrived, of a download that was cut off; 0 where there is none."""
    folder = hub_cache() / f"models--{repository.replace('/', '--')}" / "blobs"
    if not folder.is_dir():
        return 0
    return max((path.stat().st_size for path in folder.glob(f"*{PART_ENDING}")), default=0)


def last_failure(encoder_id: str) -> DownloadFailed | None:
    """Why the last try to fetch an encoder's weights failed; None when it did not, or there was none."""
    entry = _attempts().get(openclip.canonical_id(encoder_id))
    if not isinstance(entry, dict) or not isinstance(entry.get("reason"), str):
        return None
    return DownloadFailed(encoder=encoder_id, reason=entry["reason"], detail=str(entry.get("detail", "")))


def _attempts() -> dict[str, Any]:
    try:
        value = read_json(paths.home() / _ATTEMPTS_NAME)
    except (OSError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}


def _remember(encoder_id: str, failure: dict[str, object] | None) -> None:
    attempts = _attempts()
    attempts.pop(openclip.canonical_id(encoder_id), None)
    if failure is not None:
        when = datetime.now(UTC).isoformat(timespec="seconds")
        attempts[openclip.canonical_id(encoder_id)] = failure | {"when": when}
    try:
        write_json(paths.home() / _ATTEMPTS_NAME, attempts)
    except SaveFailed as error:
        logger.warning("the outcome of a download is not kept: %s", error)
