"""Build hook: puts resources/ inside the wheel, as fabric_desktop/_resources.

An editable install gets no copy: there the program reads the checkout's own resources/.
"""

from __future__ import annotations

from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class ResourcesHook(BuildHookInterface):  # type: ignore[type-arg]  # the base is generic from some releases on
    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "standard":
            build_data["force_include"]["resources"] = "fabric_desktop/_resources"
