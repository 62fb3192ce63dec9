"""Reads the values of options: alpha, top-k, split, whole numbers. A bad one is wrong usage, said in words."""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable
from pathlib import Path
from typing import Literal, TypeVar

from fabric_desktop.wording import say

T = TypeVar("T")
# As `batch.exporting.FORMATS`, which is not read for the sake of a command line.
REPORT_ENDINGS = (".csv", ".xlsx", ".json", ".html", ".htm")


def alpha(text: str) -> float | Literal["auto"]:
    """`auto`, or a number in 0..1."""
    if text.strip().lower() == "auto":
        return "auto"
    value = float(text)
    if not 0.0 <= value <= 1.0:
        raise ValueError(text)
    return value


def top_k(text: str) -> int:
    """A whole number of at least 1."""
    value = int(text)
    if value < 1:
        raise ValueError(text)
    return value


def split(text: str) -> float:
    """A share between 0 and 1, both excluded."""
    value = float(text)
    if not math.isfinite(value) or not 0.0 < value < 1.0:
        raise ValueError(text)
    return value


def seed(text: str) -> int:
    """A whole number of at least 0 that fits 32 bits, as numpy's generators take it."""
    value = int(text)
    if not 0 <= value < 2**32:
        raise ValueError(text)
    return value


def in_words(read: Callable[[str], T], lang: str) -> Callable[[str], T]:
    """`read` as a type for argparse whose refusal is the text `cli.bad_value.<name of read>`."""

    def checked(text: str) -> T:
        try:
            return read(text)
        except ValueError as error:
            message = say(f"cli.bad_value.{read.__name__}", lang, value=text)
            raise argparse.ArgumentTypeError(message) from error

    return checked


def pixel(text: str) -> int:
    """A whole number of pixels."""
    return int(text)


def report_file(text: str) -> Path:
    """A file whose ending says how a batch is written: .csv, .xlsx, .json, .html or .htm."""
    path = Path(text)
    if path.suffix.lower() not in REPORT_ENDINGS:
        raise ValueError(text)
    return path
