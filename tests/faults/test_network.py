"""The network is used when somebody asks for it, encrypted and checked, and at no other time.

What a hub on this machine can do wrong is tried in tests/unit/encoders/test_download.py.
"""

from __future__ import annotations

import ast
import os
import shutil
import socket
import ssl
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import fabric_desktop
from fabric_desktop.cli import main
from fabric_desktop.encoders import openclip
from fabric_desktop.encoders.download import download_weights, partial_bytes
from fabric_desktop.encoders.fetch import Failed, require_tls
from fabric_desktop.encoders.registry import OFFERS
from fabric_desktop.encoders.weights import find_in_cache
from fabric_desktop.errors import DownloadFailed
from fabric_desktop.jobs import JobContext
from fabric_desktop.wording import LANGS, explain
from tests.conftest import MAY_CONNECT_HERE, NetworkRefused
from tests.faults.scene import make_scene
from tests.unit.encoders.hub import COMMIT, Hub, ask_online, tiny_safetensors

PACKAGE = Path(fabric_desktop.__file__).parent
OFFER = OFFERS[0]
# The rooms that may speak to another machine: what a person asks to be fetched, and setting the program up.
SPEAKERS = {"encoders/fetch.py", "encoders/engine.py", "bootstrap"}
NETWORK_MODULES = {"socket", "ssl", "http", "urllib", "requests", "httpx", "aiohttp", "ftplib", "smtplib", "xmlrpc"}


class _Ear:
    """Hears every address that this process looks up or connects to."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.on = False
        sys.addaudithook(self._listen)

    def _listen(self, event: str, args: tuple[Any, ...]) -> None:
        if self.on and event in ("socket.connect", "socket.getaddrinfo", "socket.sendto", "socket.gethostbyname"):
            self.heard.append(f"{event} {args[1:]!r}" if event != "socket.getaddrinfo" else f"{event} {args[0]!r}")


_EAR = _Ear()


@pytest.fixture
def ear() -> Iterator[_Ear]:
    _EAR.heard.clear()
    _EAR.on = True
    yield _EAR
    _EAR.on = False


def test_no_command_asks_another_machine_for_anything(
    tmp_path: Path, ear: _Ear, capsys: pytest.CaptureFixture[str]
) -> None:
    scene = make_scene(tmp_path)
    photo = str(scene.studio.reference_photos("棉布")[0])
    where = ["--studio", str(scene.studio.root)]
    for command in (
        ["build-bank"],
        ["train-head"],
        ["make-eval-set"],
        ["evaluate"],
        ["recognize", photo],
        ["label", photo, "--as", "棉布"],
        ["encoders", "list"],
        ["encoders", "use", "builtin"],
        ["check"],
    ):
        assert main([*command, *where]) in (0, 3), command
    assert "Traceback" not in capsys.readouterr().err
    assert ear.heard == []


def test_only_what_fetches_and_sets_up_knows_how_to_reach_the_network() -> None:
    found = set()
    for path in PACKAGE.rglob("*.py"):
        name = path.relative_to(PACKAGE).as_posix()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            modules = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                modules = [node.module or ""]
            # Taking an address apart asks nobody for anything.
            modules = [module for module in modules if module != "urllib.parse"]
            if any(module.split(".")[0] in NETWORK_MODULES or "QtNetwork" in module for module in modules):
                found.add(name)
    assert {name for name in found if not name.startswith(tuple(SPEAKERS))} == set()


def test_these_tests_cannot_reach_another_machine_nor_this_one() -> None:
    with pytest.raises(NetworkRefused):
        socket.getaddrinfo("example.org", 80)
    for address in ("192.0.2.1", *(() if MAY_CONNECT_HERE else ("127.0.0.1",))):
        with pytest.raises(NetworkRefused), socket.socket() as plug:
            plug.connect((address, 80))
    for name in ("http_proxy", "https_proxy"):
        assert os.environ[name].endswith("127.0.0.1:9")  # what a child process asks ends here
    assert os.environ["HF_HUB_OFFLINE"] == "1"


@pytest.mark.loopback
def test_a_test_that_says_so_may_reach_this_machine_alone() -> None:
    hub = Hub(tiny_safetensors(1000))
    try:
        with urllib.request.urlopen(f"{hub.url}/api/models/a/b", timeout=5) as answer:
            assert answer.status == 200
        with pytest.raises(NetworkRefused), socket.socket() as plug:
            plug.connect(("192.0.2.1", 80))
    finally:
        hub.close()


@pytest.mark.parametrize(
    ("url", "may"),
    [
        ("https://huggingface.co/a", True),
        ("http://huggingface.co/a", False),
        ("http://127.0.0.1:8000/a", True),
        ("http://127.0.0.1.evil.example/a", False),
        ("http://user@localhost:1/a", True),
        ("http://localhost@evil.example/a", False),
        ("HTTP://evil.example/a", False),
    ],
)
def test_plain_http_is_for_this_machine_alone(url: str, may: bool) -> None:
    if may:
        require_tls(url)
    else:
        with pytest.raises(Failed, match="insecure"):
            require_tls(url)


@pytest.fixture
def online(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache, and a person who asked for weights."""
    pytest.importorskip("huggingface_hub", reason="the clip extra is not installed")
    ask_online(monkeypatch, tmp_path / "hf")
    monkeypatch.setattr(openclip, "engine_installed", lambda: True)
    return tmp_path


def refused(endpoint: str) -> str:
    """The reason with which a download is refused; nothing is left of it."""
    with pytest.raises(DownloadFailed) as caught:
        download_weights(OFFER.id, JobContext(), endpoint=endpoint)
    assert find_in_cache(OFFER.repository) is None
    assert partial_bytes(OFFER.repository) == 0
    for lang in LANGS:
        assert explain(caught.value, lang).do
    return str(caught.value.params["reason"])


def test_a_hub_that_leads_to_plain_http_is_refused(online: Path) -> None:
    hub = Hub(tiny_safetensors(100_000))
    handler: Any = hub.server.RequestHandlerClass

    def lead_away(self: Any, *, body: bool) -> None:
        self.send_response(302)
        self.send_header("Location", f"http://weights.example{self.path}")
        # As a hub says what the file is, before a server of its own gives it.
        self.send_header("X-Linked-Etag", f'"{hub.sha256}"')
        self.send_header("X-Linked-Size", str(len(hub.content)))
        self.send_header("X-Repo-Commit", COMMIT)
        self.send_header("Content-Length", "0")
        self.end_headers()

    handler._answer = lead_away
    try:
        assert refused(hub.url) == "insecure"
    finally:
        hub.close()


def test_a_plain_http_mirror_is_refused(online: Path) -> None:
    assert refused("http://mirror.example") == "insecure"


@pytest.mark.skipif(shutil.which("openssl") is None, reason="needs openssl to make a certificate")
def test_a_hub_that_cannot_prove_who_it_is_is_refused(online: Path) -> None:
    key, certificate = online / "key.pem", online / "certificate.pem"
    subject = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", *subject]
    subprocess.run([*made, "-keyout", str(key), "-out", str(certificate)], check=True, capture_output=True)
    hub = Hub(tiny_safetensors(100_000))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    hub.server.socket = context.wrap_socket(hub.server.socket, server_side=True)
    hub.server.handle_error = lambda *_: None  # type: ignore[method-assign]  # the refused handshake
    try:
        assert refused(hub.url.replace("http:", "https:")) == "untrusted"
        assert hub.asked == []
    finally:
        hub.close()
