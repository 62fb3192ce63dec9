"""How well rules, retrieval, head and all of them together name an evaluation set; two models compared."""

from fabric_desktop.eval_set import EvalRecord, EvalSetReport, held_out_patches, make_eval_set, read_eval_set
from fabric_desktop.evaluation.measure import (
    Answer,
    Answers,
    EvalError,
    Evaluation,
    FabricScore,
    answer_records,
    evaluate,
)

__all__ = [
    "Answer",
    "Answers",
    "EvalError",
    "EvalRecord",
    "EvalSetReport",
    "Evaluation",
    "FabricScore",
    "answer_records",
    "evaluate",
    "held_out_patches",
    "make_eval_set",
    "read_eval_set",
]
