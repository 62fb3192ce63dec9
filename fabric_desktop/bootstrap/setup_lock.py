"""One set-up at a time in a checkout: a lock that the system itself drops when its holder dies.

Not for locking a studio, which is done with filelock once packages are there.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

if sys.platform == "win32":
    import msvcrt

    def _try_lock(handle: int) -> bool:
        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True
else:
    import errno
    import fcntl

    def _try_lock(handle: int) -> bool:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno in {errno.EWOULDBLOCK, errno.EACCES, errno.EINTR}:
                return False
            if error.errno in {errno.ENOLCK, errno.ENOTSUP, errno.ENOSYS}:
                # Some network file systems have no locks; going without one beats not starting at all there.
                return True
            raise
        return True


@contextmanager
def setup_lock(path: Path, on_wait: Callable[[], None], poll_s: float = 0.2) -> Iterator[int]:
    """Holds the lock at `path`, waiting as long as another holds it; `on_wait` is called once if it comes to that.

    Yields the handle. A child process that inherits it keeps the lock after its parent was killed, so that a pip left
    behind is not joined by a second one. Raises OSError where `path` cannot be written.
    """
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        if not _try_lock(handle):
            on_wait()
            while not _try_lock(handle):
                time.sleep(poll_s)
        yield handle
    finally:
        # Closing drops the lock; the file stays, since removing it would let two holders in.
        os.close(handle)
