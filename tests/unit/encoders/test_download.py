"""Weights fetched from a hub on this machine: resumed, checked, stopped at once, and every failure has its way out."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from fabric_desktop.early import OFFLINE_BY_US
from fabric_desktop.encoders import download, openclip, registry
from fabric_desktop.encoders.download import download_weights, last_failure, partial_bytes, repository_of
from fabric_desktop.encoders.fetch import PART_ENDING
from fabric_desktop.encoders.registry import OFFERS, list_encoders
from fabric_desktop.encoders.states import EncoderState, encoder_states
from fabric_desktop.encoders.weights import find_in_cache
from fabric_desktop.errors import DownloadFailed, EncoderUnavailable
from fabric_desktop.jobs import Cancelled, JobContext, Progress
from fabric_desktop.wording import LANGS, explain, say
from tests.unit.encoders.hub import Hub, Trouble, ask_online, tiny_safetensors

pytest.importorskip("huggingface_hub", reason="the clip extra is not installed")

OFFER = OFFERS[0]
SIZE = 3_000_000


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    """A hub that holds the recommended weights, and an empty cache, as on a machine that is online."""
    ask_online(monkeypatch, tmp_path / "缓存 hf")
    monkeypatch.setattr(openclip, "engine_installed", lambda: True)
    made = Hub(tiny_safetensors(SIZE))
    yield made
    made.close()


def fetch(hub: Hub, on_progress: Callable[[Progress], None] | None = None) -> Path:
    return download_weights(OFFER.id, JobContext(on_progress), endpoint=hub.url)


def failure(hub: Hub) -> str:
    with pytest.raises(DownloadFailed) as failed:
        fetch(hub)
    return str(failed.value.params["reason"])


def state() -> EncoderState:
    return next(entry for entry in encoder_states() if entry.info.id == OFFER.id)


def test_weights_arrive_whole_where_every_program_looks_for_them(hub: Hub) -> None:
    assert (state().state, state().way_out) == ("missing", "download")
    seen: list[Progress] = []
    path = fetch(hub, seen.append)
    assert path.read_bytes() == hub.content
    assert find_in_cache(OFFER.repository) is not None
    assert next(info for info in list_encoders() if info.id == OFFER.id).installed
    assert (state().state, state().way_out) == ("ready", "use")
    assert [progress.code for progress in seen][0] == "job.download_begin"
    assert seen[-1].code == "job.download_check"
    assert seen[-1].total == SIZE // 1_000_000
    assert not list(path.parents[2].rglob(f"*{PART_ENDING}"))


def test_nothing_of_the_persons_is_sent_along(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    fetch(hub)
    assert not any("authorization" in {name.lower() for name in headers} for headers in hub.headers)


def test_what_is_there_is_not_fetched_again(hub: Hub) -> None:
    fetch(hub)
    sent = hub.sent
    fetch(hub)
    assert hub.sent == sent


def test_a_connection_that_breaks_off_is_taken_up_where_it_broke(hub: Hub) -> None:
    hub.trouble = Trouble(cut_after=1_000_000, cuts=2)
    assert fetch(hub).read_bytes() == hub.content
    assert len(hub.gets()) == 3
    assert hub.sent < 1.2 * len(hub.content)


def test_a_server_that_falls_silent_is_not_waited_for_and_the_rest_is_asked_for_again(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_DOWNLOAD_TIMEOUT", "1")  # seconds without a byte; ten when nobody says otherwise
    hub.trouble = Trouble(silent_after=1_000_000, cuts=1, silence_s=100)
    assert fetch(hub).read_bytes() == hub.content
    assert hub.waited_out == 0
    assert len(hub.gets()) == 2
    assert hub.gets()[1].startswith("bytes=")


def test_a_slow_server_is_waited_for(hub: Hub) -> None:
    hub.trouble = Trouble(pause_s=0.002)
    assert fetch(hub).read_bytes() == hub.content
    assert len(hub.gets()) == 1


def test_a_cancel_takes_effect_at_once_and_the_next_try_goes_on(hub: Hub) -> None:
    hub.trouble = Trouble(pause_s=0.02)

    def stop(progress: Progress) -> None:
        if progress.code.startswith("job.download") and partial_bytes(OFFER.repository) > 50_000:
            context.cancel()

    context = JobContext(stop)
    with pytest.raises(Cancelled):
        download_weights(OFFER.id, context, endpoint=hub.url)
    have = partial_bytes(OFFER.repository)
    # The rest would have taken the server many seconds.
    assert 50_000 < have < len(hub.content) / 2
    assert (state().state, state().way_out, state().have) == ("partial", "resume", have)
    hub.trouble = Trouble()
    assert fetch(hub).read_bytes() == hub.content
    assert hub.gets()[-1] == f"bytes={have}-"


def test_a_server_that_cannot_go_on_begins_again(hub: Hub) -> None:
    hub.trouble = Trouble(cut_after=1_000_000, cuts=1, no_range=True)
    assert fetch(hub).read_bytes() == hub.content


def test_a_server_that_hangs_up_again_and_again_is_given_up_and_what_arrived_is_kept(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub.trouble = Trouble(cut_after=0)
    assert failure(hub) in ("cut_off", "network")
    assert (state().state, state().way_out) == ("failed", "retry")
    hub.trouble = Trouble()
    fetch(hub)
    assert state().state == "ready"
    assert last_failure(OFFER.id) is None


@pytest.mark.parametrize(
    ("trouble", "reason"),
    [
        (Trouble(body=bytes(len(tiny_safetensors(SIZE)))), "wrong_hash"),
        (Trouble(says_hash="0" * 64), "wrong_hash"),
        (Trouble(says_size=SIZE * 2), "wrong_size"),
        (Trouble(bare=True), "no_checksum"),
        (Trouble(status=404), "not_found"),
        (Trouble(status=403), "refused"),
        (Trouble(status=401), "refused"),
    ],
    ids=["other bytes", "other hash", "other length", "no hash", "404", "403", "401"],
)
def test_weights_that_are_not_what_was_published_never_reach_the_cache(hub: Hub, trouble: Trouble, reason: str) -> None:
    hub.trouble = trouble
    assert failure(hub) == reason
    assert find_in_cache(OFFER.repository) is None
    assert partial_bytes(OFFER.repository) == 0
    seen = state()
    assert (seen.state, seen.way_out, seen.others) == ("failed", "retry", ("import",))
    assert seen.error is not None
    for lang in LANGS:
        assert explain(seen.error, lang).do
        assert say(f"encoder_way_out.{seen.way_out}", lang)
        assert say(f"encoder_state.{seen.state}", lang)


def test_a_mirror_that_leaves_the_header_out_is_asked_for_the_hash_otherwise(hub: Hub) -> None:
    hub.trouble = Trouble(bare=True, api=True)
    assert fetch(hub).read_bytes() == hub.content
    hub.trouble.body = bytes(len(hub.content))
    assert find_in_cache(OFFER.repository) is not None


def test_a_server_that_is_not_there_is_a_matter_of_the_network(hub: Hub) -> None:
    hub.close()
    assert failure(hub) == "network"
    assert "mirror" in explain(last_failure(OFFER.id) or pytest.fail("kept"), "en").do


def test_offline_set_by_the_person_is_honoured(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(OFFLINE_BY_US)
    assert failure(hub) == "offline"
    assert hub.asked == []
    monkeypatch.delenv("HF_HUB_OFFLINE")
    monkeypatch.setenv("TRANSFORMERS_OFFLINE", "1")
    assert failure(hub) == "offline"


def test_the_persons_own_endpoint_goes_before_the_mirror(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", hub.url)
    assert download_weights(OFFER.id, JobContext(), endpoint="http://127.0.0.1:9").read_bytes() == hub.content


def test_a_full_disk_is_told_before_the_first_byte(hub: Hub) -> None:
    hub.trouble = Trouble(says_size=10**15)
    assert failure(hub) == "disk_full"
    assert hub.gets() == []


def test_two_downloads_of_one_file_do_not_write_over_each_other(hub: Hub) -> None:
    from filelock import FileLock

    hub.trouble = Trouble(pause_s=0.02)
    blobs = find_blobs()
    blobs.mkdir(parents=True)
    with FileLock(blobs / f"{hub.sha256}{PART_ENDING}.lock"):
        assert failure(hub) == "busy"


def find_blobs() -> Path:
    return Path(os.environ["HF_HOME"]) / "hub" / f"models--{OFFER.repository.replace('/', '--')}" / "blobs"


def test_the_fetching_process_ends_with_the_program_that_started_it(hub: Hub) -> None:
    hub.trouble = Trouble(pause_s=0.05)
    environment = os.environ | {"HF_ENDPOINT": hub.url, "PYTHONPATH": os.getcwd()}
    environment.pop("HF_HUB_OFFLINE")
    child = subprocess.Popen(
        [sys.executable, "-m", "fabric_desktop.encoders.fetch", OFFER.repository, "open_clip_model.safetensors"],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert child.stdin is not None
    assert child.stdout is not None
    assert b"begin" in child.stdout.readline()
    child.stdin.close()
    assert child.wait(10) != 0
    child.stdout.close()


def test_a_process_that_cannot_even_start_says_what_it_said(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(download, "WEIGHTS_NAME", "--no-such-option")
    with pytest.raises(DownloadFailed) as failed:
        fetch(hub)
    assert failed.value.params["reason"] == "other"
    assert failed.value.params["detail"]


def test_without_the_engine_there_is_nothing_to_fetch_with(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(openclip, "engine_installed", lambda: False)
    with pytest.raises(EncoderUnavailable):
        fetch(hub)
    assert (state().state, state().way_out) == ("missing", "install_engine")


def test_an_encoder_that_is_published_nowhere_is_taken_from_a_file(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(openclip, "published_repository", lambda encoder_id: "")
    with pytest.raises(DownloadFailed) as failed:
        repository_of("openclip:Mine/own")
    assert failed.value.params["reason"] == "not_offered"


def test_damaged_weights_offer_fetching_again_and_a_lost_import_offers_importing(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = fetch(hub)
    path.resolve().write_bytes(hub.content[:1000])
    assert (state().state, state().way_out) == ("failed", "download")
    monkeypatch.setattr(registry, "_imported", lambda: {"local-dir:/gone": "/gone"})
    lost = next(entry for entry in encoder_states() if entry.info.id == "local-dir:/gone")
    assert (lost.state, lost.way_out) == ("failed", "import")
