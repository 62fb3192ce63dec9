"""What the person changed in a studio, and nothing else: a sparse settings.toml over the defaults below."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from typing import Any, Literal

from fabric_desktop.errors import SettingsDamaged
from fabric_desktop.parsing import read_toml, shown
from fabric_desktop.studio.files import write_text
from fabric_desktop.studio.layout import Studio

Alpha = float | Literal["auto"]
RulesSource = Literal["fine", "coarse", "studio"]
RULES_SOURCES: tuple[RulesSource, ...] = ("fine", "coarse", "studio")


@dataclass(frozen=True, slots=True)
class Settings:
    """Settings of a studio. `alpha` is "auto" or 0..1; `top_k` is at least 1; None means the program chooses.
    `rules_source`: the shipped rules ("fine" or "coarse") or ranges set from the studio's own references ("studio").

    `mirror` is where weights are fetched from in place of Hugging Face (an http address; HF_ENDPOINT goes before it).
    A region whose first candidate's confidence is under `review_below` (0..1) is kept for review, at most
    `review_per_photo` of one photograph. From `nudge_at` labels since the last training on, retraining is suggested.
    """

    encoder: str | None = None
    lang: str | None = None
    alpha: Alpha = "auto"
    top_k: int = 5
    theme: str = "system"
    review_below: float = 0.5
    review_per_photo: int = 4
    nudge_at: int = 20
    mirror: str | None = None
    rules_source: RulesSource = "fine"


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def _is_whole(value: object, least: int, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


_CHECKS: dict[str, Callable[[Any], bool]] = {
    "encoder": lambda value: isinstance(value, str) and bool(value),
    "lang": lambda value: value in ("zh", "en"),
    "alpha": lambda value: value == "auto" or (_is_number(value) and 0 <= value <= 1),
    "top_k": lambda value: _is_whole(value, 1, 100),
    "rules_source": lambda value: value in RULES_SOURCES,
    "theme": lambda value: value in ("system", "light", "dark"),
    "review_below": lambda value: _is_number(value) and 0 <= value <= 1,
    "review_per_photo": lambda value: _is_whole(value, 0, 1000),
    "nudge_at": lambda value: _is_whole(value, 1, 100_000),
    "mirror": lambda value: isinstance(value, str) and re.fullmatch(r"https?://[^\s/]+\S*", value) is not None,
}


def is_allowed(key: str, value: Any) -> bool:
    """Whether a setting may have this value; the default always may. False for an unknown key."""
    defaults = {field.name: field.default for field in fields(Settings)}
    return key in defaults and (value == defaults[key] or _CHECKS[key](value))


def load_settings(studio: Studio) -> Settings:
    """The studio's settings; an absent file means the defaults.

    Raises SettingsDamaged(path, reason) for a file that is no TOML, an unknown value or a wrong type. Keys this
    version does not know are left alone.
    """
    try:
        values = read_toml(studio.settings_path)
    except FileNotFoundError:
        return Settings()
    except (OSError, ValueError) as error:
        raise SettingsDamaged(path=str(studio.settings_path), reason=str(error)) from error
    known = {name: value for name, value in values.items() if name in _CHECKS}
    for name, value in known.items():
        if not _CHECKS[name](value):
            raise SettingsDamaged(path=str(studio.settings_path), reason=f"{name} = {shown(value)}")
    return replace(Settings(), **known)


def save_setting(studio: Studio, key: str, value: Any) -> None:
    """Write one setting; a value equal to the default is taken out again. Comments and unknown keys stay.

    Raises ValueError for an unknown key or a value out of range, SettingsDamaged, SaveFailed.
    """
    import tomlkit

    defaults = {field.name: field.default for field in fields(Settings)}
    if not is_allowed(key, value):
        raise ValueError(f"no setting {key} = {value!r}")
    load_settings(studio)
    document = tomlkit.document()
    if studio.settings_path.exists():
        document = tomlkit.parse(studio.settings_path.read_text(encoding="utf-8-sig"))
    if value == defaults[key]:
        document.pop(key, None)
    else:
        document[key] = value
    write_text(studio.settings_path, tomlkit.dumps(document))
