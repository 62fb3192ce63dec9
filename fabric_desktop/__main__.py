"""`python -m fabric_desktop` is the command `fabric-desktop`."""

import sys

from fabric_desktop.cli import main

if __name__ == "__main__":
    sys.exit(main())
