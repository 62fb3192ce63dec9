"""What a fabric is called: its id, what people declared in fabric.toml, else what the rules know."""

from __future__ import annotations

import logging
import unicodedata
from collections.abc import Iterable, Mapping
from functools import cached_property, lru_cache

from fabric_desktop.encoders.zero_shot import says_something
from fabric_desktop.errors import BadInfo
from fabric_desktop.rules import find_structure, load_rules, load_structures
from fabric_desktop.rules.model import RuleFabric
from fabric_desktop.studio import FabricInfo, Studio, load_info

logger = logging.getLogger(__name__)


@lru_cache(maxsize=65536)
def folded(text: str) -> str:
    """Text for comparing names: composed, caseless, with spaces, hyphens and underscores as one."""
    text = unicodedata.normalize("NFKC", text).casefold().strip()
    return " ".join(text.replace("_", " ").replace("-", " ").split())


def _as_written(texts: Iterable[str]) -> dict[str, str]:
    """Folded text -> the first text that folds to it, without the spaces around it."""
    found: dict[str, str] = {}
    for text in texts:
        found.setdefault(folded(text), text.strip())
    return found


def _type_words(kinds: Mapping[str, RuleFabric]) -> dict[str, str]:
    """Folded word -> which of these (fabrics of the rules, then families) a declared type means by it: names before
    aliases."""
    found: dict[str, str] = {}
    for kind, rule in kinds.items():
        for name in (rule.id, rule.name_en, rule.name_zh):
            found.setdefault(folded(name), kind)
    for kind, rule in kinds.items():
        for name in rule.aliases:
            found.setdefault(folded(name), kind)
    return found


class FabricNames:
    """Names of a studio's fabrics and of the rules' fabrics in both languages, and search by any of them.

    Read once; make a new one after names changed.
    """

    def __init__(self, studio: Studio) -> None:
        self._rules = {rule.id: rule for rule in load_rules("fine").fabrics}
        self._by_name: dict[str, str] = {}
        for rule in self._rules.values():
            for name in (rule.id, rule.name_en, rule.name_zh, *rule.aliases):
                self._by_name.setdefault(folded(name), rule.id)
        self._rule_of: dict[str, str | None] = {}
        # A family may have the id of a fabric, such as knit.
        self._families = {f"family:{family.id}": family for family in load_rules("coarse").fabrics}
        self._types = _type_words({**self._rules, **self._families})
        self._infos: dict[str, FabricInfo] = {}
        for fabric in sorted({*studio.fabric_ids(), *studio.labeled_ids()}):
            try:
                self._infos[fabric] = load_info(studio, fabric)
            except BadInfo as error:
                # The name falls back to the id; `fabric-desktop check` and the library page show the file's fault.
                logger.warning("%s", error)
                self._infos[fabric] = FabricInfo(id=fabric)
        self._written_types = _as_written(info.type for info in self._infos.values())
        self._written_structures = _as_written(info.structure for info in self._infos.values())

    @property
    def studio_ids(self) -> list[str]:
        """The studio's own fabrics (references or labels), sorted by id."""
        return list(self._infos)

    def info(self, fabric_id: str) -> FabricInfo:
        return self._infos.get(fabric_id) or FabricInfo(id=fabric_id)

    def rule_for(self, fabric_id: str) -> str | None:
        """The rules' fabric that this one is, by id, by declared type, or by a name or alias in either language."""
        if fabric_id not in self._rule_of:
            self._rule_of[fabric_id] = self._find_rule(fabric_id)
        return self._rule_of[fabric_id]

    def _find_rule(self, fabric_id: str) -> str | None:
        if fabric_id in self._rules:
            return fabric_id
        info = self.info(fabric_id)
        for name in (fabric_id, info.type, info.name_en, info.name_zh, *info.aliases):
            if name and folded(name) in self._by_name:
                return self._by_name[folded(name)]
        return None

    def english(self, fabric_id: str) -> str | None:
        """Words by which an English caption may know the fabric: what the rules call it, else its declared English name
        or type, else an id that is words. None where there are none, as for an article number."""
        rule = self._rule(fabric_id)
        if rule is not None:
            return rule.name_en
        info = self.info(fabric_id)
        kind = self.declared_type(fabric_id)
        names = [info.name_en, self.type_names(kind)[1] if kind is not None else ""]
        if not any(letter.isdigit() for letter in fabric_id):
            names.append(folded(fabric_id))
        return next((name for name in names if says_something(name)), None)

    def declared_type(self, fabric_id: str) -> str | None:
        """What people declared this fabric to be: the id of a fabric or family of the rules where they know the word,
        else the word itself, folded. None where nobody said."""
        word = folded(self.info(fabric_id).type)
        return self._types.get(word, word) or None

    @cached_property
    def declared_types(self) -> dict[str, str]:
        """The studio's fabrics of which people declared a type, with it."""
        return {fabric: kind for fabric in self._infos if (kind := self.declared_type(fabric)) is not None}

    @cached_property
    def declared_structures(self) -> dict[str, str]:
        """The studio's fabrics of which people declared a structure, with it."""
        return {fabric: kind for fabric in self._infos if (kind := self.declared_structure(fabric)) is not None}

    def type_names(self, kind: str) -> tuple[str, str]:
        """The Chinese and the English name of a declared type; a word that the rules do not know is its own name, as it
        was written."""
        known = self._rules.get(kind) or self._families.get(kind)
        if known is not None:
            return known.name_zh, known.name_en
        written = self._written_types.get(kind, kind)
        return written, written

    def declared_structure(self, fabric_id: str) -> str | None:
        """The structure that people declared: its id where the word is known, else the text, folded. None where nobody
        said."""
        text = self.info(fabric_id).structure
        known = find_structure(text)
        return known.id if known is not None else folded(text) or None

    def structure_names(self, kind: str) -> tuple[str, str]:
        """The Chinese and the English name of a declared structure, else the text as it was written."""
        known = next((structure for structure in load_structures() if structure.id == kind), None)
        if known is not None:
            return known.name_zh, known.name_en
        written = self._written_structures.get(kind, kind)
        return written, written

    def _rule(self, fabric_id: str) -> RuleFabric | None:
        rule_id = self.rule_for(fabric_id)
        return None if rule_id is None else self._rules[rule_id]

    def both(self, fabric_id: str) -> tuple[str, str]:
        """The Chinese and the English name. A language in which nobody named the fabric has its id."""
        info = self.info(fabric_id)
        zh, en = info.name_zh, info.name_en
        rule = self._rules.get(fabric_id)
        if not (zh or en) and rule is None:
            found = self._by_name.get(folded(fabric_id))
            rule = self._rules[found] if found is not None else None
        if rule is not None:
            zh, en = zh or rule.name_zh, en or rule.name_en
        return zh or fabric_id, en or fabric_id

    def name(self, fabric_id: str, lang: str) -> str:
        """The name in one language."""
        zh, en = self.both(fabric_id)
        return zh if lang == "zh" else en

    def display(self, fabric_id: str, lang: str) -> str:
        """The name as one line: in Chinese with the English one behind it where they differ."""
        zh, en = self.both(fabric_id)
        if lang == "en" or zh == en:
            return en if lang == "en" else zh
        return f"{zh} {en}"

    def notes(self, fabric_id: str, lang: str) -> str:
        """What people noted about the fabric, else what the rules say to look for."""
        own = self.info(fabric_id).notes
        rule = self._rule(fabric_id)
        if own or rule is None:
            return own
        return rule.notes_zh if lang == "zh" else rule.notes_en

    def search(self, text: str) -> list[str]:
        """Ids whose id, name in either language or alias holds `text`: the studio's own first, then by how early."""
        wanted = folded(text)
        found: list[tuple[bool, int, str]] = []
        for fabric in sorted({*self._infos, *self._rules}):
            info, rule = self.info(fabric), self._rules.get(fabric)
            names = [fabric, *self.both(fabric), *info.aliases, info.article, *(rule.aliases if rule else ())]
            places = [place for name in names if name and (place := folded(name).find(wanted)) >= 0]
            if places:
                found.append((fabric not in self._infos, min(places), fabric))
        return [fabric for _, _, fabric in sorted(found)]
