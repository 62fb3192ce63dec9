"""`python -m fabric_desktop` is the command `fabric-desktop`."""

from __future__ import annotations

import sys

STOPPED = 130


def main() -> int:
    """Run the command line. Ctrl+C while the program is still being read, before anything could catch it, is told
    like any other."""
    try:
        from fabric_desktop.cli import main as run

        return run()
    except KeyboardInterrupt:
        # Python remembers an interrupt that has passed through `exec`, by which dataclasses are made, and would end the
        # process by the signal, whatever is returned here; the next one, of nothing at all, makes it forget.
        exec("")
        if sys.stderr is not None:
            sys.stderr.write("已停止，没有改动或丢失任何内容。 / Stopped. Nothing was changed or lost.\n")
        return STOPPED


if __name__ == "__main__":
    sys.exit(main())
