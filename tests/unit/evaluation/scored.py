"""Evaluation sets written by hand, and what an evaluation of them gives. Plain functions, no fixtures."""

from __future__ import annotations

import json
from typing import Any

from fabric_desktop.evaluation import Evaluation, evaluate
from fabric_desktop.jobs import JobContext
from fabric_desktop.studio import Studio
from tests.support import CountingEncoder


def score(studio: Studio, method: str = "retrieval", **options: Any) -> Evaluation:
    return evaluate(studio, CountingEncoder(), JobContext(), method=method, **options)  # type: ignore[arg-type]


def write(studio: Studio, *records: dict[str, Any]) -> None:
    lines = [json.dumps({"coords": [120, 120], **record}, ensure_ascii=False) for record in records]
    studio.eval_set_path.write_text("\n".join(lines), encoding="utf-8")


def codes(result: Evaluation) -> set[str]:
    return {notice.code for notice in result.notices}
