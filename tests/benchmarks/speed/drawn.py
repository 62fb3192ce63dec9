"""Photos, libraries and banks to measure with, drawn at random and the same every time. Never used for accuracy."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fabric_desktop.bank import Bank


def random_bank(references: int, fabrics: int, dim: int, *, seed: int = 0, fingerprint: str = "speed") -> Bank:
    """A bank of so many references, spread evenly over the fabrics: a point for each fabric and noise about it."""
    import numpy as np

    from fabric_desktop.bank import Bank, ReferenceRow

    draw = np.random.default_rng(seed)
    index = np.sort(np.arange(references) % fabrics)
    centres = draw.standard_normal((fabrics, dim), dtype=np.float32)
    embeddings = draw.standard_normal((references, dim), dtype=np.float32)
    for start in range(0, references, 8192):
        part = embeddings[start : start + 8192]
        part *= 0.7
        part += centres[index[start : start + 8192]]
        part /= np.linalg.norm(part, axis=1, keepdims=True)
    rows = tuple(
        ReferenceRow(
            f"fabric {fabric:05}", f"fabrics/fabric {fabric:05}/{row}.jpg", f"{row:064x}", f"{row:064x}", f"{row:x}"
        )
        for row, fabric in enumerate(index.tolist())
    )
    return Bank(embeddings, rows, fingerprint, "dummy")
