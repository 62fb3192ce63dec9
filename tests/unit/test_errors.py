"""Errors carry a stable code and parameters across threads and processes."""

from __future__ import annotations

import inspect
import pickle

import pytest

from fabric_desktop import errors
from fabric_desktop.errors import FabricError, TooFewSamples, UnreadableImage

KINDS = [kind for _, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, FabricError)]


def test_two_errors_never_share_a_code_or_one_would_be_explained_as_the_other() -> None:
    codes = [kind.code for kind in KINDS]
    assert len(set(codes)) == len(codes)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_an_error_keeps_its_parameters_when_another_thread_or_process_hands_it_on(kind: type[FabricError]) -> None:
    error = kind(path="照片/a b.jpg", reason="damaged", line=3)
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is kind
    assert again.params == {"path": "照片/a b.jpg", "reason": "damaged", "line": 3}


def test_a_parameter_that_is_not_known_is_left_out_rather_than_shown_as_none() -> None:
    error = UnreadableImage(path="a.jpg", reason="too_large", megapixels=None)
    assert error.params == {"path": "a.jpg", "reason": "too_large"}


def test_the_log_line_of_an_error_names_its_code_and_parameters() -> None:
    assert str(TooFewSamples(found=3, needed=20)) == "too_few_samples: found=3, needed=20"
