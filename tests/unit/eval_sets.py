"""Evaluation sets written by hand, as another program might. A plain function, no fixture."""

from __future__ import annotations

import json
from pathlib import Path

from fabric_desktop.studio import Studio


def write(studio: Studio, *lines: object) -> Path:
    """The set of the studio, a line each: text as it is, anything else as JSON."""
    text = "\n".join(line if isinstance(line, str) else json.dumps(line, ensure_ascii=False) for line in lines)
    studio.eval_set_path.write_text(text + "\n", encoding="utf-8")
    return studio.eval_set_path
