"""Whose work the program is made of: the packages that are installed for it, and what it ships. Nothing is fetched."""

from __future__ import annotations

import contextlib
import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

from fabric_desktop import __version__, paths

PROGRAM = "fabric-desktop"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_LICENCE_FILE = re.compile(r"(licen[cs]e|copying|notice|authors)", re.IGNORECASE)
_TEST_EXTRAS = ("test",)
# What a package is imported as, where that is not its own name.
_MODULES = {"pyside6-essentials": "PySide6", "pillow": "PIL", "scikit-learn": "sklearn", "open-clip-torch": "open_clip"}
_LONGEST_NAME = 60
_LONGEST_TEXT = 200_000


@dataclass(frozen=True, slots=True)
class Work:
    """One piece of work by somebody: its version, its licence's name, where it comes from, the licence's text.

    `kind`: "program", "contained" (shipped with it) or "package" (installed beside it). `note` is the code of a
    sentence about it (`licence_note.<note>`), or empty.
    """

    name: str
    version: str
    licence: str
    kind: str
    text: str = ""
    note: str = ""


def base_requirements() -> tuple[str, ...]:
    """The packages that the program itself needs, by name, without any extra."""
    return tuple(dict.fromkeys(_name_of(line) for line in _requirements() if "extra" not in line.partition(";")[2]))


def is_installed(name: str) -> bool:
    """Whether a package is here: by its metadata, or, where an interrupted pip took those away, by its modules."""
    with contextlib.suppress(metadata.PackageNotFoundError):
        metadata.version(name)
        return True
    return find_spec(_MODULES.get(_key(name), _key(name).replace("-", "_"))) is not None


def _requirements() -> list[str]:
    """This program's requirements as the checkout, or the installed package, writes them."""
    root = paths.checkout_root()
    if root is None:
        return list(metadata.requires(PROGRAM) or ())
    with (root / "pyproject.toml").open("rb") as stream:
        project = tomllib.load(stream)["project"]
    lines = list(project["dependencies"])
    for extra, wanted in project.get("optional-dependencies", {}).items():
        lines += [f"{line}; extra == '{extra}'" for line in wanted]
    return lines


def _name_of(requirement: str) -> str:
    found = _NAME.match(requirement.strip())
    return found.group(0) if found is not None else requirement


def _key(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def installed_packages() -> list[Work]:
    """The packages installed here that the program uses, with those that they use, sorted by name.

    The CLIP engine's are among them once it is installed; what only the tests need is not.
    """
    waiting = [
        _name_of(line)
        for line in _requirements()
        if not any(f"'{extra}'" in line for extra in _TEST_EXTRAS)
        and not any(f'"{extra}"' in line for extra in _TEST_EXTRAS)
    ]
    needed = {_key(name) for name in base_requirements()}
    found: dict[str, Work] = {}
    seen: set[str] = set()
    while waiting:
        name = waiting.pop()
        if _key(name) in seen:
            continue
        seen.add(_key(name))
        try:
            package = metadata.distribution(name)
        except metadata.PackageNotFoundError:
            if _key(name) in needed and is_installed(name):
                found[_key(name)] = Work(name, "", "", "package")
            continue
        found[_key(name)] = Work(package.metadata["Name"], package.version, licence_of(package), "package")
        # Requirements for another system name packages that are not installed here, and are passed over above.
        waiting += [_name_of(line) for line in package.requires or () if "extra" not in line.partition(";")[2]]
    return sorted(found.values(), key=lambda work: _key(work.name))


def licence_of(package: metadata.Distribution) -> str:
    """The name of a package's licence by its metadata: the expression, else the classifiers, else the old field."""
    expression = _field(package, "License-Expression")
    if expression:
        return expression
    classifiers = [str(line) for line in package.metadata.get_all("Classifier") or []]
    names = [line.rpartition(" :: ")[2] for line in classifiers if line.startswith("License ::")]
    names = [name for name in names if name != "OSI Approved"]
    if names:
        return ", ".join(dict.fromkeys(names))
    first = _field(package, "License").partition("\n")[0].strip()
    return first[:_LONGEST_NAME] if first and first != "UNKNOWN" else ""


def _field(package: metadata.Distribution, name: str) -> str:
    values = package.metadata.get_all(name) or [""]
    return str(values[0]).strip()


def licence_text(name: str) -> str:
    """The texts that an installed package brings along; empty where it brings none."""
    try:
        package = metadata.distribution(name)
    except metadata.PackageNotFoundError:
        return ""
    texts = []
    for file in package.files or ():
        if _LICENCE_FILE.search(file.name) and not file.name.endswith((".py", ".pyc")):
            texts.append(_read(Path(str(package.locate_file(file)))))
    return "\n\n".join(dict.fromkeys(text for text in texts if text))[:_LONGEST_TEXT]


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""


def contained() -> list[Work]:
    """The program and what it ships: the built-in encoder's weights, icons, and its own data."""
    own = _first_of(_licence_places("LICENSE"))
    apache = _first_of(_licence_places("Apache-2.0.txt"))
    weights = _read(paths.resource("encoders", "LICENSE-efficientnet-lite0.txt"))
    return [
        Work("Fabric Desktop", __version__, "MIT", "program", own),
        Work(
            "EfficientNet-Lite0",
            "0.1.0",
            "Apache-2.0",
            "contained",
            "\n\n".join(filter(None, (weights, apache))),
            "weights",
        ),
        Work("Icons", __version__, "MIT", "contained", own, "icons"),
        Work("Colour words and rules", __version__, "MIT", "contained", own, "data"),
        Work("Drawn samples", __version__, "MIT", "contained", own, "samples"),
    ]


def _licence_places(name: str) -> Iterator[Path]:
    root = paths.checkout_root()
    if root is not None:
        yield root / name
        yield root / "LICENSES" / name
        return
    try:
        package = metadata.distribution(PROGRAM)
    except metadata.PackageNotFoundError:
        return
    for file in package.files or ():
        if file.name == name:
            yield Path(str(package.locate_file(file)))


def _first_of(places: Iterable[Path]) -> str:
    return next((text for place in places if (text := _read(place))), "")


def all_works() -> list[Work]:
    """The program, what it ships, and the packages it uses."""
    return [*contained(), *installed_packages()]
