"""What the doctor says of one thing it looked at. No check is made here."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Literal

from fabric_desktop.errors import FabricError
from fabric_desktop.wording import Explanation, explain, has, say

Status = Literal["ok", "warning", "fault"]
STATUSES: tuple[Status, ...] = ("ok", "warning", "fault")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at: `check` names it, `outcome` what was found there.

    The words stand under `doctor.<check>.<outcome>` (and the way out under `doctor_do.<check>.<outcome>`), unless an
    `error` has words of its own.
    """

    check: str
    status: Status
    outcome: str
    params: dict[str, Any] = field(default_factory=dict)
    error: FabricError | None = None

    def words(self, lang: str) -> Explanation:
        """What was found, and what to do where something is not right (else empty)."""
        if self.error is not None:
            return explain(self.error, lang)
        do = f"doctor_do.{self.check}.{self.outcome}"
        params = {name: _spoken(value, lang) for name, value in self.params.items()}
        what = say(f"doctor.{self.check}.{self.outcome}", lang, **params)
        return Explanation(what, say(do, lang, **params) if has(do, lang) else "")


def _spoken(value: object, lang: str) -> object:
    """A parameter that is itself a pair of (Chinese, English) words, in one language."""
    if isinstance(value, tuple) and len(value) == 2:
        return value[0] if lang == "zh" else value[1]
    return value


def worst(findings: Iterable[Finding]) -> Status:
    """The worst status there is; "ok" of nothing."""
    return max((finding.status for finding in findings), key=STATUSES.index, default="ok")


def as_json(findings: Iterable[Finding], lang: str) -> dict[str, object]:
    """The doctor's answer for programs."""
    listed = list(findings)
    return {
        "status": worst(listed),
        "checks": [
            {
                "check": finding.check,
                "status": finding.status,
                "outcome": finding.error.code if finding.error is not None else finding.outcome,
                "what": finding.words(lang).what,
                "do": finding.words(lang).do,
            }
            for finding in listed
        ],
    }
