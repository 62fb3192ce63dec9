"""The process that fetches one weights file from a Hugging Face hub: `python -m fabric_desktop.encoders.fetch`.

A process of its own, because huggingface_hub reads its variables when it is imported, and because ending a process is
a cancel that always works. Speaks JSON, a line each, on standard output; ends when its standard input closes. Not for
anything else: `download` starts it and tells the person.
"""

from __future__ import annotations

import argparse
import contextlib
import errno
import hashlib
import re
import shutil
import sys
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from fabric_desktop.encoders.child import end_with_parent, tell

PART_ENDING = ".fabric-desktop.part"
_SHA256 = re.compile(r"[0-9a-f]{64}")
_TELL_EVERY_S = 0.25
_SPARE_BYTES = 50_000_000
_BLOCK = 1 << 18


@dataclass(frozen=True, slots=True)
class Wanted:
    """A file as the hub describes it: where it is, its etag (the cache's name for it), SHA-256 and length."""

    url: str
    etag: str
    sha256: str
    size: int


class Failed(Exception):
    """It cannot be fetched: a reason code of DownloadFailed, and what the library said."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.detail = detail


def main(arguments: Sequence[str] | None = None) -> int:
    """Fetch, check, put into the cache. Exit code 0 when the file is in the cache and whole."""
    parser = argparse.ArgumentParser()
    parser.add_argument("repository")
    parser.add_argument("filename")
    options = parser.parse_args(arguments)
    end_with_parent()
    try:
        path = fetch(options.repository, options.filename)
    except Failed as failure:
        tell(event="failed", reason=failure.reason, detail=failure.detail)
        return 1
    except Exception as error:  # whatever a library raises must reach the person as a reason
        reason, detail = reason_for(error)
        tell(event="failed", reason=reason, detail=detail)
        return 1
    tell(event="done", path=str(path))
    return 0


def fetch(repository: str, filename: str) -> Path:
    """The file in the Hugging Face cache, fetched if it is not there; goes on where an earlier try was cut off.

    Its SHA-256 is compared with the hub's before it is put in place. Raises Failed, or what huggingface_hub raises.
    """
    from huggingface_hub import hf_hub_download
    from huggingface_hub.constants import HF_HUB_CACHE
    from huggingface_hub.file_download import repo_folder_name

    _refuse_plain_http()
    wanted = describe(repository, filename)
    folder = Path(HF_HUB_CACHE) / repo_folder_name(repo_id=repository, repo_type="model")
    blob = folder / "blobs" / wanted.etag
    part = blob.with_name(blob.name + PART_ENDING)
    if not blob.exists():
        blob.parent.mkdir(parents=True, exist_ok=True)
        with _alone(part):
            _receive(wanted, part)
            _check(wanted, part)
            part.replace(blob)
    else:
        _check(wanted, blob)
    # Finds the blob, and makes the names under which every program looks for it.
    return Path(hf_hub_download(repository, filename, token=False))


def _refuse_plain_http() -> None:
    """From now on every request, those of redirects too, goes to an encrypted address or to this machine.

    What the hub says of a file's hash is worth nothing if anybody on the way can say otherwise.
    """
    hub: Any = import_module("huggingface_hub.utils")  # its annotations leave out what it documents
    session = hub.get_session()
    if hasattr(session, "event_hooks"):  # httpx, since huggingface_hub 1.0
        session.event_hooks["request"].append(lambda request: require_tls(str(request.url)))
    else:
        session.hooks["response"].append(lambda response, *_, **__: require_tls(response.url))


def require_tls(url: str) -> None:
    """Raise Failed(insecure) for a plain http address of another machine."""
    parts = urlsplit(url)
    if parts.scheme == "http" and parts.hostname not in ("localhost", "127.0.0.1", "::1"):
        raise Failed("insecure", url[:200])


def describe(repository: str, filename: str) -> Wanted:
    """What the hub says of a file. Failed(no_checksum) for a server that does not say enough to check it."""
    from huggingface_hub import HfApi, get_hf_file_metadata, hf_hub_url

    said = get_hf_file_metadata(hf_hub_url(repository, filename), token=False)
    if not said.etag or not said.commit_hash or not said.size:
        raise Failed("no_checksum")
    digest = said.etag if _SHA256.fullmatch(said.etag) else ""
    if not digest:
        # Some mirrors leave the header out and still answer for the repository.
        files = HfApi(token=False).model_info(repository, files_metadata=True).siblings or []
        entry: Any = next((file for file in files if file.rfilename == filename), None)
        lfs = getattr(entry, "lfs", None)
        digest = str((lfs.get("sha256") if isinstance(lfs, dict) else getattr(lfs, "sha256", "")) or "")
    if not _SHA256.fullmatch(digest):
        raise Failed("no_checksum")
    return Wanted(said.location, said.etag, digest, said.size)


@contextlib.contextmanager
def _alone(part: Path) -> Iterator[None]:
    """Two fetches of one file would write over each other's."""
    from filelock import FileLock, Timeout

    lock = FileLock(part.with_name(part.name + ".lock"), timeout=0)
    try:
        lock.acquire()
    except Timeout as error:
        raise Failed("busy") from error
    try:
        yield
    finally:
        lock.release()


def _receive(wanted: Wanted, part: Path) -> None:
    from huggingface_hub import constants
    from huggingface_hub.file_download import http_get

    # It hands over 10 MB at a time by itself: on a slow line minutes without a sign, and lost where the line breaks.
    constants.DOWNLOAD_CHUNK_SIZE = _BLOCK
    have = part.stat().st_size if part.exists() else 0
    if have > wanted.size:
        part.unlink()
        have = 0
    if shutil.disk_usage(part.parent).free < wanted.size - have + _SPARE_BYTES:
        raise Failed("disk_full")
    tell(event="begin", total=wanted.size, done=have)
    ended = threading.Event()
    teller = threading.Thread(target=_tell_size, args=(part, wanted.size, ended), daemon=True)
    teller.start()
    try:
        # Unbuffered: whatever has arrived is kept, however this ends.
        with part.open("ab", buffering=0) as stream:
            http_get(wanted.url, stream, resume_size=have, expected_size=wanted.size)
    except OSError as error:
        if "Consistency check failed" not in str(error):
            raise
        part.unlink(missing_ok=True)
        raise Failed("wrong_size") from error
    finally:
        ended.set()
        teller.join()


def _tell_size(part: Path, total: int, ended: threading.Event) -> None:
    while not ended.wait(_TELL_EVERY_S):
        with contextlib.suppress(OSError):
            tell(event="progress", done=min(part.stat().st_size, total), total=total)


def _check(wanted: Wanted, path: Path) -> None:
    """Failed, and the file thrown away, unless it is what the hub published."""
    tell(event="checking", total=wanted.size)
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    if digest != wanted.sha256:
        path.unlink()
        raise Failed("wrong_hash")


def reason_for(error: BaseException) -> tuple[str, str]:
    """The reason code of DownloadFailed behind what huggingface_hub or its HTTP library raised, and a detail.

    Classes are told by name: they have moved between versions of both libraries.
    """
    kinds = {kind.__name__ for kind in type(error).__mro__}
    status = getattr(getattr(error, "response", None), "status_code", None)
    detail = " ".join(str(error).split())[:300] or type(error).__name__
    if "OfflineModeIsEnabled" in kinds:
        return "offline", detail
    if "certificate verify failed" in detail.lower():
        return "untrusted", detail
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)):
        return "disk_full", detail
    if isinstance(error, PermissionError) or (isinstance(error, OSError) and error.errno == errno.EROFS):
        return "no_permission", error.filename or detail
    if "GatedRepoError" in kinds or status in (401, 403):
        return "refused", f"HTTP {status}"
    if kinds & {"RepositoryNotFoundError", "EntryNotFoundError", "RevisionNotFoundError"} or status == 404:
        return "not_found", f"HTTP {status}"
    if kinds & {"RemoteProtocolError", "ReadError", "ReadTimeout", "ChunkedEncodingError"}:
        return "cut_off", detail
    if status is not None:
        return "network", f"HTTP {status}"
    if kinds & {"TransportError", "RequestException", "LocalEntryNotFoundError", "ConnectionError", "TimeoutException"}:
        return "network", detail
    return "other", f"{type(error).__name__}: {detail}"


if __name__ == "__main__":
    sys.exit(main())
