"""Fabrics by the cosine of their nearest reference: the one-call answer of the public API.

The bank and its encoder are loaded once. `recognizer` is the full answer.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from fabric_desktop.bank import Bank, index_path_of, load_bank
from fabric_desktop.errors import BankMismatch
from fabric_desktop.imaging import from_pil

if TYPE_CHECKING:
    from PIL.Image import Image

    from fabric_desktop.encoders.base import Encoder


class _Loaded:
    """The bank last asked for by `rank_by_retrieval`, kept until its file changes, and the encoder that made it."""

    def __init__(self) -> None:
        self._bank: tuple[tuple[object, ...], Bank] | None = None
        self._encoder: Encoder | None = None

    def bank(self, path: Path) -> Bank:
        stamp = _stamp(path)
        if self._bank is None or self._bank[0] != stamp:
            self._bank = (stamp, load_bank(path))
        return self._bank[1]

    def encoder(self, bank: Bank, path: Path) -> Encoder:
        from fabric_desktop.encoders.registry import load_encoder

        if self._encoder is None or self._encoder.id != bank.encoder_id:
            self._encoder = load_encoder(bank.encoder_id)
        if self._encoder.fingerprint != bank.fingerprint:
            raise BankMismatch(
                path=str(path), reason="other_encoder", expected=self._encoder.fingerprint, found=bank.fingerprint
            )
        return self._encoder


def _stamp(path: Path) -> tuple[object, ...]:
    try:
        states = [path.stat(), index_path_of(path).stat()]
    except OSError:
        return (path,)
    # A file moved into place within one tick of the clock has the same time, and may have the same size.
    return (path.resolve(), *((state.st_mtime_ns, state.st_size, state.st_ino) for state in states))


_loaded = _Loaded()


def rank_by_retrieval(
    patch_img: Image, topk: int = 5, bank_path: Path | str = "data/fabric_bank.npz"
) -> list[dict[str, Any]]:
    """Fabrics by the cosine of their nearest reference, best first: [{"id": "cotton", "score": 0.856}, ...].

    patch_img: a Pillow picture of any mode and size. topk: at least 1, else ValueError. The bank is loaded once and
    kept until its file changes, and so is the encoder that made it. Raises BankMissing, BankMismatch,
    EncoderUnavailable.
    """
    import numpy as np

    if topk < 1:
        raise ValueError(f"topk must be at least 1, not {topk}")
    path = Path(bank_path)
    bank = _loaded.bank(path)
    query = _loaded.encoder(bank, path).encode([from_pil(patch_img)])
    best = bank.best_by_fabric(query)[0]
    order = np.argsort(-best, kind="stable")[:topk]
    return [{"id": bank.fabric_ids[i], "score": float(best[i])} for i in order]
