"""What a result wants to add about itself: a stable code and parameters; the words stand under `notice.<code>`."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Notice:
    """A remark that goes with a result, such as a lesser way that had to be taken."""

    code: str
    params: dict[str, object] = field(default_factory=dict)
