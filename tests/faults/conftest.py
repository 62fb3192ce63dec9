"""The window's fixtures, for the faults that a person meets at the window."""

from tests.ui.conftest import loop, make_window, person, person_with_bank, photo, runner, studio

__all__ = ["loop", "make_window", "person", "person_with_bank", "photo", "runner", "studio"]
