"""What people declared about a fabric: fabric.toml. Never filled from a picture."""

from __future__ import annotations

from dataclasses import dataclass, fields

from fabric_desktop.errors import BadInfo
from fabric_desktop.parsing import read_toml, shown
from fabric_desktop.studio.files import write_text
from fabric_desktop.studio.layout import Studio

INFO_NAME = "fabric.toml"


@dataclass(frozen=True, slots=True)
class FabricInfo:
    """Declared data of one fabric. Empty text means that nobody said."""

    id: str
    name_zh: str = ""
    name_en: str = ""
    aliases: tuple[str, ...] = ()
    notes: str = ""
    type: str = ""
    structure: str = ""
    fibre: str = ""
    weight: str = ""
    width: str = ""
    finish: str = ""
    care: str = ""
    supplier: str = ""
    article: str = ""

    def declared(self) -> dict[str, str]:
        """The fields a spec sheet has, those that are filled, in its order."""
        order = ("article", "fibre", "structure", "weight", "width", "finish", "care", "supplier")
        return {name: text for name in order if (text := getattr(self, name))}


def load_info(studio: Studio, fabric_id: str) -> FabricInfo:
    """The fabric's declared data; a fabric without a fabric.toml has an empty one.

    Raises BadInfo(path, reason) for a file that is no TOML or whose value has another type than text (numbers are
    taken as text; `aliases` is a list of texts). Unknown keys are left alone.
    """
    path = studio.fabrics_dir / fabric_id / INFO_NAME
    try:
        values = read_toml(path)
    except (FileNotFoundError, NotADirectoryError):
        return FabricInfo(id=fabric_id)
    except (OSError, ValueError) as error:
        raise BadInfo(path=str(path), reason=str(error)) from error
    texts: dict[str, str] = {}
    for field in fields(FabricInfo):
        value = values.get(field.name)
        if field.name in ("id", "aliases") or value is None:
            continue
        if isinstance(value, bool) or not isinstance(value, (str, int, float)):
            raise BadInfo(path=str(path), reason=f"{field.name} = {shown(value)}")
        try:
            texts[field.name] = str(value)
        except ValueError as error:
            raise BadInfo(path=str(path), reason=f"{field.name} = {shown(value)}") from error
    aliases = values.get("aliases", [])
    if not isinstance(aliases, list) or not all(isinstance(alias, str) for alias in aliases):
        raise BadInfo(path=str(path), reason=f"aliases = {shown(aliases)}")
    return FabricInfo(id=fabric_id, aliases=tuple(aliases), **texts)


def save_info(studio: Studio, info: FabricInfo) -> None:
    """Write a fabric's declared data; empty fields are left out, comments and unknown keys stay. Raises SaveFailed."""
    write_text(studio.fabrics_dir / info.id / INFO_NAME, info_text(studio, info))


def info_text(studio: Studio, info: FabricInfo) -> str:
    """What `save_info` would write over the fabric.toml that is there. Raises BadInfo when that one is damaged."""
    import tomlkit

    load_info(studio, info.id)
    path = studio.fabrics_dir / info.id / INFO_NAME
    document = tomlkit.parse(path.read_text(encoding="utf-8-sig")) if path.exists() else tomlkit.document()
    for field in fields(FabricInfo):
        if field.name == "id":
            continue
        value = getattr(info, field.name)
        if value:
            document[field.name] = list(value) if field.name == "aliases" else value
        else:
            document.pop(field.name, None)
    return tomlkit.dumps(document)
