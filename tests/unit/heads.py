"""The training that the tests of the head ask for. A plain function, no fixture."""

from __future__ import annotations

from fabric_desktop.head import TrainReport, train_head
from fabric_desktop.jobs import JobContext
from fabric_desktop.studio import Studio
from tests.support import CountingEncoder


def train(studio: Studio, encoder: CountingEncoder | None = None, context: JobContext | None = None) -> TrainReport:
    return train_head(studio, encoder or CountingEncoder(), context or JobContext())
