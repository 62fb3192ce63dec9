"""Encoders by plain name: which there are, which can run here, which one a studio should use.

Imports nothing heavy, loads nothing until asked, and downloads nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from fabric_desktop import paths
from fabric_desktop.encoders import builtin, clip_graph, clip_int8, clip_source, dummy, graph, openclip
from fabric_desktop.encoders.base import Encoder
from fabric_desktop.encoders.clip_graph import GraphState
from fabric_desktop.encoders.weights import WEIGHTS_NAME, check_safetensors, find_in_cache, read_config
from fabric_desktop.errors import EncoderUnavailable
from fabric_desktop.jobs import JobContext
from fabric_desktop.studio import Studio, load_settings
from fabric_desktop.studio.files import read_json, write_json

_IMPORTED_NAME = "encoders.json"


@dataclass(frozen=True, slots=True)
class EncoderInfo:
    """One line of the list of encoders.

    `state`: ready, engine_missing, weights_missing, weights_damaged or config_missing; `installed` is state ready.
    `size_mb` of the weights; `texture_accuracy` is the published zero-shot Top-1 on DTD (47 textures) in percent;
    `note` is a code: fallback, recommended, default, openai, large, imported, int8. `graph` says of an OpenCLIP model
    in float32 that is ready whether ONNX Runtime runs it or torch, and why; None of others.
    """

    id: str
    title: str
    installed: bool
    state: str
    size_mb: int | None
    licence: str
    texture_accuracy: float | None
    note: str
    graph: GraphState | None = None


@dataclass(frozen=True, slots=True)
class _Offer:
    """An OpenCLIP model that the program offers. Accuracy: open_clip's docs/openclip_results.csv, DTD zero-shot."""

    name: str
    tag: str
    repository: str
    size_mb: int
    texture_accuracy: float
    note: str

    @property
    def id(self) -> str:
        return f"{openclip.PREFIX}{self.name}/{self.tag}"


_LICENCE = "MIT"  # of the LAION and OpenAI weights offered here, by their model cards

OFFERS: tuple[_Offer, ...] = (
    _Offer(
        "ViT-B-32-256", "datacomp_s34b_b86k", "laion/CLIP-ViT-B-32-256x256-DataComp-s34B-b86K", 606, 60.6, "recommended"
    ),
    _Offer("ViT-B-32", "laion2b_s34b_b79k", "laion/CLIP-ViT-B-32-laion2B-s34B-b79K", 605, 55.7, "default"),
    _Offer("ViT-B-32-quickgelu", "openai", "timm/vit_base_patch32_clip_224.openai", 605, 44.4, "openai"),
    _Offer("ViT-B-16", "datacomp_xl_s13b_b90k", "laion/CLIP-ViT-B-16-DataComp.XL-s13B-b90K", 599, 57.9, "large"),
    _Offer("ViT-L-14", "datacomp_xl_s13b_b90k", "laion/CLIP-ViT-L-14-DataComp.XL-s13B-b90K", 1711, 66.5, "large"),
    _Offer("ViT-L-14-quickgelu", "openai", "timm/vit_large_patch14_clip_224.openai", 1711, 55.4, "openai"),
)
"""In the order in which one already on this machine is preferred; sizes are the float32 safetensors'."""


def _imported() -> dict[str, str]:
    """Encoders that the person imported: id -> folder or weights file."""
    try:
        entries = read_json(paths.home() / _IMPORTED_NAME)
    except (OSError, ValueError):
        return {}
    if not isinstance(entries, dict):
        return {}
    return {key: value for key, value in entries.items() if isinstance(value, str)}


def _imported_weights(encoder_id: str) -> Path | None:
    """The weights file that the person imported for a registered model, if they did."""
    encoder_id = clip_int8.base_id(encoder_id)
    entry = _imported().get(openclip.canonical_id(encoder_id))
    return Path(entry) if entry is not None and encoder_id.startswith(openclip.PREFIX) else None


def load_encoder(encoder_id: str, *, threads: int | None = None, context: JobContext | None = None) -> Encoder:
    """The encoder of that id, loaded. `threads` defaults to all cores but one, so that a window keeps one.

    Ids: `builtin`, `dummy`, `openclip:<name>/<tag>`, `local-dir:<path>`. With a `context`, an OpenCLIP model that was
    not prepared yet (`prepare_encoder`) is prepared first, as a step of that job; without one torch runs it as it is.
    Raises EncoderUnavailable with the reason, Cancelled.
    """
    if encoder_id == builtin.ID:
        return builtin.BuiltinEncoder(threads=threads)
    if encoder_id == dummy.ID:
        return dummy.DummyEncoder()
    if encoder_id.startswith((openclip.PREFIX, openclip.LOCAL_PREFIX)):
        return openclip.OpenClipEncoder(
            encoder_id, threads=threads, weights=_imported_weights(encoder_id), context=context
        )
    raise EncoderUnavailable(encoder=encoder_id, reason="unknown_id", detail=encoder_id)


def load_for(studio: Studio, encoder_id: str, *, context: JobContext | None = None) -> Encoder:
    """`load_encoder`, for work in this studio: an int8 form that its photos did not unlock is refused, whatever the
    settings or the bank ask for. Raises EncoderUnavailable, Cancelled."""
    require_unlocked(studio, encoder_id)
    return load_encoder(encoder_id, context=context)


def require_unlocked(studio: Studio, encoder_id: str) -> None:
    """Raises EncoderUnavailable(int8_locked) for an int8 encoder that was not measured, or not good, in this studio."""
    if clip_int8.is_int8(encoder_id):
        base = fingerprint_of(clip_int8.base_id(encoder_id))
        if not clip_int8.unlocked(base, clip_int8.name_of(studio)):
            raise EncoderUnavailable(encoder=encoder_id, reason="int8_locked", detail=clip_int8.base_id(encoder_id))


def load_int8(encoder_id: str) -> Encoder:
    """The int8 form of an OpenCLIP encoder to be measured, locked or not. Raises EncoderUnavailable."""
    weights = _imported_weights(encoder_id)
    return openclip.OpenClipEncoder(encoder_id + clip_int8.SUFFIX, weights=weights, locked=False)


def prepare_encoder(encoder_id: str, context: JobContext, *, again: bool = False) -> GraphState | None:
    """Make what an encoder runs on, where it needs something made: the graph of an OpenCLIP model. Loads no model here.

    Returns the graph's state, None for an encoder that needs none. `again`: also where there is one, or it was
    refused for good. Raises EncoderUnavailable, Cancelled.
    """
    if not encoder_id.startswith((openclip.PREFIX, openclip.LOCAL_PREFIX)) or clip_int8.is_int8(encoder_id):
        return None
    source = clip_source.source_of(encoder_id, _imported_weights(encoder_id))
    fingerprint = clip_source.fingerprint_of_source(source)
    state = clip_graph.graph_state(fingerprint, thorough=True)
    if again or state.may_be_made:
        state = clip_graph.make_graph(source.id, fingerprint, source.weights, context)
    return state


def fingerprint_of(encoder_id: str) -> str:
    """The fingerprint that the encoder would have if loaded now; does not load it. Raises EncoderUnavailable."""
    if encoder_id == builtin.ID:
        return builtin.builtin_fingerprint()
    if encoder_id == dummy.ID:
        return dummy.dummy_fingerprint()
    return openclip.openclip_fingerprint(encoder_id, weights=_imported_weights(encoder_id))


def _offer_state(offer: _Offer) -> str:
    if not openclip.engine_installed():
        return "engine_missing"
    weights = _imported_weights(offer.id) or find_in_cache(offer.repository)
    if weights is None:
        return "weights_missing"
    return _state_of(offer.id, weights)


def _state_of(encoder_id: str, weights: Path) -> str:
    try:
        check_safetensors(weights, encoder_id)
    except EncoderUnavailable as error:
        return str(error.params["reason"])
    return "ready"


def _graph_of(encoder_id: str, state: str) -> GraphState | None:
    """The state of a ready model's graph, told without loading or hashing anything."""
    if state != "ready":
        return None
    fingerprint = clip_source.fingerprint_if_known(encoder_id, _imported_weights(encoder_id))
    return GraphState("missing") if fingerprint is None else clip_graph.graph_state(fingerprint)


def _imported_info(encoder_id: str, place: str) -> EncoderInfo:
    folder = Path(place)
    local = encoder_id.startswith(openclip.LOCAL_PREFIX)
    weights = folder / WEIGHTS_NAME if local else folder
    state = "ready" if openclip.engine_installed() else "engine_missing"
    if state == "ready":
        state = _state_of(encoder_id, weights)
    size = round(weights.stat().st_size / 1e6) if weights.is_file() else None
    title = folder.name if local else encoder_id.removeprefix(openclip.PREFIX)
    return EncoderInfo(
        encoder_id, title, state == "ready", state, size, "", None, "imported", _graph_of(encoder_id, state)
    )


def list_encoders() -> list[EncoderInfo]:
    """Every encoder a person may choose: the built-in one, the offered OpenCLIP models, and what they imported."""
    graph_file = graph.graph_path()
    state = "ready" if graph_file.is_file() else "weights_missing"
    size = round(graph_file.stat().st_size / 1e6) if graph_file.is_file() else None
    found = [
        EncoderInfo(builtin.ID, "EfficientNet-Lite0", state == "ready", state, size, "Apache-2.0", None, "fallback")
    ]
    for offer in OFFERS:
        state = _offer_state(offer)
        title = f"OpenCLIP {offer.name} {offer.tag}"
        found.append(
            EncoderInfo(
                offer.id,
                title,
                state == "ready",
                state,
                offer.size_mb,
                _LICENCE,
                offer.texture_accuracy,
                offer.note,
                _graph_of(offer.id, state),
            )
        )
    listed = {info.id for info in found}
    found += [_imported_info(key, place) for key, place in sorted(_imported().items()) if key not in listed]
    return [entry for info in found for entry in (info, *_int8_of(info))]


def _int8_of(info: EncoderInfo) -> list[EncoderInfo]:
    """The int8 form of an encoder, where it was unlocked."""
    if info.graph is None or info.graph.word != "ready":
        return []
    base = clip_source.fingerprint_if_known(info.id, _imported_weights(info.id))
    record = clip_int8.read_record(base) if base is not None else None
    if base is None or record is None or not clip_int8.unlocked(base):
        return []
    # What was published, and what was checked against torch, is the float32 form.
    return [
        replace(
            info,
            id=info.id + clip_int8.SUFFIX,
            title=f"{info.title}, int8",
            size_mb=round(record.size / 1e6),
            texture_accuracy=None,
            note="int8",
            graph=None,
        )
    ]


def import_encoder(path: Path, *, model: str | None = None) -> str:
    """Remembers a model that the person has, and returns its encoder id.

    `path` is a folder with open_clip_config.json and open_clip_model.safetensors, or a bare .safetensors file. A bare
    file says nothing of its preprocessing or of QuickGELU, so it must come with `model` as `<name>/<tag>`, the
    published weights it is a copy of. Raises EncoderUnavailable with the reason; nothing is remembered then.
    """
    path = path.expanduser().resolve()
    if path.is_dir():
        encoder_id = f"{openclip.LOCAL_PREFIX}{path}"
        read_config(path, encoder_id)
        check_safetensors(path / WEIGHTS_NAME, encoder_id)
    else:
        check_safetensors(path, str(path))
        if model is None or "/" not in model:
            raise EncoderUnavailable(encoder=str(path), reason="no_way_of_preprocessing", detail=str(path))
        encoder_id = openclip.canonical_id(openclip.PREFIX + model.removeprefix(openclip.PREFIX))
    write_json(paths.home() / _IMPORTED_NAME, _imported() | {encoder_id: str(path)})
    return encoder_id


def choose_encoder_id(studio: Studio, *, for_building: bool = False) -> str:
    """The encoder for a studio: what its bank was built with, else the settings' one, else an OpenCLIP model whose
    weights are on this machine, else the built-in one.

    `for_building` puts the settings' one first: that is how a person moves a studio to another encoder.
    """
    built, chosen = _built_with(studio), load_settings(studio).encoder
    for encoder_id in (chosen, built) if for_building else (built, chosen):
        if encoder_id:
            return openclip.canonical_id(encoder_id)
    for offer in OFFERS:
        if _offer_state(offer) == "ready":
            return offer.id
    return builtin.ID


def _built_with(studio: Studio) -> str | None:
    """The `encoder` field of the bank's index; None without a bank, or where a damaged index does not say."""
    try:
        index: Any = read_json(studio.bank_index_path)
    except (OSError, ValueError):
        return None
    encoder_id = index.get("encoder") if isinstance(index, dict) else None
    return encoder_id if isinstance(encoder_id, str) and encoder_id else None
