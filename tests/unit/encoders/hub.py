"""A Hugging Face hub on this machine: enough of its protocol to be fetched from, and its troubles."""

from __future__ import annotations

import hashlib
import json
import random
import struct
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from fabric_desktop.early import OFFLINE_BY_US

COMMIT = "0123456789abcdef0123456789abcdef01234567"


def tiny_safetensors(size: int) -> bytes:
    """A whole safetensors file with one tensor of `size` bytes."""
    header = json.dumps({"w": {"dtype": "U8", "shape": [size], "data_offsets": [0, size]}}).encode("ascii")
    return struct.pack("<Q", len(header)) + header + random.Random(size).randbytes(size)


def ask_online(monkeypatch: pytest.MonkeyPatch, cache: Path) -> None:
    """An empty cache of the hub at `cache`, as on a machine that is online. The process itself stays offline, as the
    program does; a download is what the person asked for."""
    monkeypatch.setenv("HF_HOME", str(cache))
    monkeypatch.delenv("HF_HUB_CACHE", raising=False)
    monkeypatch.delenv("HF_ENDPOINT", raising=False)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv(OFFLINE_BY_US, "1")


@dataclass
class Trouble:
    """What the hub does wrong. `cut_after`: bytes of a body after which it hangs up, `cuts` times. `pause_s`: between
    blocks of 4 KB. `status`: of every answer. `says_size`, `says_hash`: instead of the true ones. `bare`: no header
    that only a hub sends. `no_range`: ranges are ignored. `body`: other bytes than were published.
    `silent_after`: bytes of a body after which nothing more comes for `silence_s`, `cuts` times."""

    cut_after: int | None = None
    cuts: int = 1_000_000
    pause_s: float = 0.0
    status: int = 200
    says_size: int | None = None
    says_hash: str | None = None
    bare: bool = False
    api: bool = False
    no_range: bool = False
    body: bytes | None = None
    silent_after: int | None = None
    silence_s: float = 30.0


@dataclass
class Hub:
    """The server, what it holds, and what it was asked."""

    content: bytes
    trouble: Trouble = field(default_factory=Trouble)
    asked: list[tuple[str, str, str]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    sent: int = 0
    waited_out: int = 0  # silences that nobody hung up on
    closing: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        hub = self

        class Handler(_Handler):
            owner = hub

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True)
        self.thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_address[1]}"

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()

    def gets(self) -> list[str]:
        """The ranges of the bodies that were asked for; empty: from the beginning."""
        return [span for method, path, span in self.asked if method == "GET" and "/resolve/" in path]

    def close(self) -> None:
        self.closing.set()
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


class _Handler(BaseHTTPRequestHandler):
    owner: Hub
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: Any) -> None:
        """The test says what happened."""

    def do_HEAD(self) -> None:
        self._answer(body=False)

    def do_GET(self) -> None:
        self._answer(body=True)

    def _answer(self, *, body: bool) -> None:
        hub, trouble = self.owner, self.owner.trouble
        hub.asked.append((self.command, self.path, self.headers.get("Range", "")))
        hub.headers.append(dict(self.headers))
        if trouble.status != 200:
            self._plain(trouble.status, b"no")
            return
        if self.path.startswith("/api/models/"):
            sibling = {"rfilename": "open_clip_model.safetensors", "size": len(hub.content)}
            if trouble.api:
                sibling["lfs"] = {"sha256": hub.sha256, "size": len(hub.content), "pointerSize": 134}  # type: ignore[assignment]
            owner_and_name = "/".join(self.path.split("/")[3:5])
            self._plain(200, json.dumps({"id": owner_and_name, "sha": COMMIT, "siblings": [sibling]}).encode("ascii"))
            return
        content = hub.content if trouble.body is None else trouble.body
        start = 0
        if self.headers.get("Range") and not trouble.no_range:
            start = int(self.headers["Range"].removeprefix("bytes=").partition("-")[0])
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(content) - start))
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        self.send_header("Accept-Ranges", "bytes")
        digest = trouble.says_hash or hub.sha256
        if trouble.bare:
            self.send_header("ETag", '"weak-1"')
        else:
            self.send_header("ETag", f'"{digest}"')
            self.send_header("X-Linked-Etag", f'"{digest}"')
            self.send_header("X-Linked-Size", str(trouble.says_size or len(hub.content)))
        self.send_header("X-Repo-Commit", COMMIT)
        self.end_headers()
        if body:
            self._send(content[start:])

    def _plain(self, status: int, data: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(data)

    def _send(self, data: bytes) -> None:
        trouble = self.owner.trouble
        stop = trouble.cut_after if trouble.cut_after is not None else trouble.silent_after
        cut = stop if trouble.cuts > 0 else None
        end = len(data) if cut is None else min(cut, len(data))
        try:
            for place in range(0, end, 4096):
                block = data[place : min(place + 4096, end)]
                self.wfile.write(block)
                self.owner.sent += len(block)
                if trouble.pause_s:
                    time.sleep(trouble.pause_s)
        except OSError:
            self.close_connection = True
            return
        if end < len(data):
            trouble.cuts -= 1
            if trouble.silent_after is not None:
                self.owner.waited_out += not self.owner.closing.wait(trouble.silence_s)
            self.close_connection = True
