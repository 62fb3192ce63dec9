"""The window's fixtures, for the faults that a person meets at the window."""

from tests.ui.conftest import furnished, loop, make_window, person, person_with_bank, photo, runner, studio

__all__ = ["furnished", "loop", "make_window", "person", "person_with_bank", "photo", "runner", "studio"]
