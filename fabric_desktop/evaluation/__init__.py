"""Evaluation sets, and how well rules, retrieval, head and all of them together name what is in them."""

from fabric_desktop.eval_set import (
    EvalRecord,
    EvalSetReport,
    held_out_patches,
    make_eval_set,
    read_eval_set,
)
from fabric_desktop.evaluation.measure import EvalError, Evaluation, FabricScore, evaluate

__all__ = [
    "EvalError",
    "EvalRecord",
    "EvalSetReport",
    "Evaluation",
    "FabricScore",
    "evaluate",
    "held_out_patches",
    "make_eval_set",
    "read_eval_set",
]
