"""The folder of work: its layout, its files, its lock, its settings and its model versions."""

from fabric_desktop.studio.info import FabricInfo, load_info, save_info
from fabric_desktop.studio.layout import Studio, check_fabric_id, default_studio_path, open_studio, own_id, same_id
from fabric_desktop.studio.lock import StudioLock
from fabric_desktop.studio.settings import RULES_SOURCES, RulesSource, Settings, load_settings, save_setting
from fabric_desktop.studio.versions import (
    NewPart,
    Version,
    create_version,
    current_version,
    discard_version,
    draft_version,
    list_versions,
    load_version,
    publish_version,
    use_version,
)

__all__ = [
    "FabricInfo",
    "NewPart",
    "RULES_SOURCES",
    "RulesSource",
    "Settings",
    "Studio",
    "StudioLock",
    "Version",
    "check_fabric_id",
    "own_id",
    "same_id",
    "create_version",
    "current_version",
    "default_studio_path",
    "discard_version",
    "draft_version",
    "list_versions",
    "load_info",
    "load_settings",
    "load_version",
    "open_studio",
    "publish_version",
    "save_info",
    "save_setting",
    "use_version",
]
