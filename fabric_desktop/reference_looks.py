"""The looks of a bank's references, from which a studio's own rules are made: measured in a build, kept in the index.

What rules make of them is for `rules.studio`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from fabric_desktop.embeddings import Embedded, decode_ahead
from fabric_desktop.jobs import JobContext

if TYPE_CHECKING:
    import numpy as np
    from PIL.Image import Image


class ReferenceLooks:
    """The numbers of references' looks by content hash, as they come to be known in a build."""

    def __init__(self, known: dict[str, np.ndarray]) -> None:
        self._known = known

    def measure(self, digest: str, image: Image) -> None:
        """Measure a picture that has been opened."""
        import numpy as np

        from fabric_desktop.attributes import measure_look
        from fabric_desktop.rules import look_numbers

        if digest not in self._known:
            self._known[digest] = np.array(look_numbers(measure_look(image)), np.float32)

    def complete(self, embedded: Sequence[Embedded], context: JobContext) -> None:
        """Open those that are reused from a bank made before looks were kept: once, and never again."""
        lacking = [item.path for item in embedded if item.content_hash not in self._known]
        for number, (path, loaded) in enumerate(decode_ahead(lacking, (), context)):
            context.progress(number, len(lacking), "job.measure_references", photo=path.name)
            if isinstance(loaded, tuple) and loaded[1] is not None:
                self.measure(loaded[0], loaded[1])

    def of(self, embedded: Sequence[Embedded]) -> np.ndarray | None:
        """(n, 18) of these pictures; None where one has gone away before it could be measured."""
        import numpy as np

        rows = [self._known[item.content_hash] for item in embedded if item.content_hash in self._known]
        return np.stack(rows) if len(rows) == len(embedded) else None


def look_heading() -> str:
    """What the numbers of a kept look are, and how they were measured."""
    from fabric_desktop.attributes.look import LOOK_MEASURE
    from fabric_desktop.rules import ATTRIBUTES

    return f"{LOOK_MEASURE}: {' '.join(ATTRIBUTES)}"


def look_text(look: np.ndarray) -> str:
    """A look (18,) as the index keeps it: as exact as it was measured."""
    return " ".join(f"{number:.4f}" for number in look)


def read_look(text: object) -> list[float]:
    """A look that `look_text` wrote. ValueError for anything but as many numbers from 0 to 1 as rules speak about."""
    from fabric_desktop.rules import ATTRIBUTES

    numbers = [float(number) for number in str(text).split()]
    if len(numbers) != len(ATTRIBUTES) or not all(0.0 <= number <= 1.0 for number in numbers):
        raise ValueError(f"not a look: {text!r}")
    return numbers
