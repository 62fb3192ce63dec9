"""The loop that makes recognition better: what to label next, retrain, compare, deploy, roll back.

Changes no label and puts nothing in use unless it is told to.
"""

from fabric_desktop.loop.advice import Advice, Reason
from fabric_desktop.loop.answering import Change, SideBySide
from fabric_desktop.loop.deploying import delete_version, deploy, read_notes, restore_version, write_note
from fabric_desktop.loop.improving import Improvement, compare_encoders, improve
from fabric_desktop.loop.scores import ModelScores, stored_scores

__all__ = [
    "Advice",
    "Change",
    "Improvement",
    "ModelScores",
    "Reason",
    "SideBySide",
    "compare_encoders",
    "delete_version",
    "deploy",
    "improve",
    "read_notes",
    "restore_version",
    "stored_scores",
    "write_note",
]
