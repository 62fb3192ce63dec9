"""Draws the gallery as `python main.py --gallery` does and prints every text that is cut off in one of its pictures.

Run by the test, once for each scale of the screen: `python -m tests.ui.gallery_texts DIR`.
"""

from __future__ import annotations

import sys
from pathlib import Path

from PySide6.QtWidgets import QWidget


def main() -> int:
    from fabric_desktop import app
    from fabric_desktop.ui import gallery
    from tests.ui.fitting import cut_texts

    draw = gallery.save

    def save(widget: QWidget, path: Path) -> None:
        for text in cut_texts(widget, lambda: draw(widget, path)):
            sys.stdout.write(f"{path.stem}: {text}\n")

    gallery.save = save
    return app.main(["--gallery", *sys.argv[1:]])


if __name__ == "__main__":
    sys.exit(main())
