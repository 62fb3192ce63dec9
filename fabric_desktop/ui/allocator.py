"""How the C library keeps memory for later, so that a day's work does not leave holes in it. Linux with glibc alone;
elsewhere nothing is done. Not about what the program holds itself."""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Callable

# The parameters' numbers are those of glibc's malloc.h.
_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8
_LARGE = 24 * 2**20
_TOP = 16 * 2**20
_ARENAS = 2


def keep_memory_together() -> None:
    """Give large blocks back as soon as they are free, and let the threads share what small ones lie in.

    Left to itself, glibc takes every block as large as one that was freed before from the same pieces as small ones,
    which then hold whole photographs' worth of it in place; and every short-lived thread gets pieces of its own.
    """
    adjust = _function("mallopt")
    if adjust is not None:
        adjust(_MMAP_THRESHOLD, _LARGE)
        adjust(_TRIM_THRESHOLD, _TOP)
        adjust(_ARENA_MAX, _ARENAS)


def give_back_memory() -> None:
    """Return to the system what the allocator keeps of memory that is not in use: after a model was loaded or a large
    photo opened, tens of megabytes."""
    trim = _function("malloc_trim")
    if trim is not None:
        trim(0)


def _function(name: str) -> Callable[..., object] | None:
    return getattr(ctypes.CDLL(None), name, None) if sys.platform == "linux" else None
