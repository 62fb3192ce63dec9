"""One command for each tool of the workflow: reads the command line and says what came out.

Recognises nothing itself: the work is done by the rooms below, the same that the window uses.
"""

from fabric_desktop.cli.run import main

__all__ = ["main"]
