"""What runs an OpenCLIP model and why, in words: the same in the window and in the commands. Decides nothing."""

from __future__ import annotations

from fabric_desktop.encoders.clip_graph import GraphState
from fabric_desktop.wording import say


def why_torch(state: GraphState, lang: str) -> str:
    """Why there is no graph to run."""
    return say(f"encoder_runner.reason.{state.reason or 'missing'}", lang, detail=state.detail)


def runs_on(state: GraphState, lang: str) -> str:
    """What runs the model, with the reason where it is torch."""
    if state.word == "ready":
        return say("encoder_runner.onnxruntime", lang)
    if state.word == "missing":
        return say("encoder_runner.waits", lang)
    if state.reason == "gpu":
        return say("encoder_runner.gpu", lang)
    return say("encoder_runner.torch", lang, why=why_torch(state, lang))
