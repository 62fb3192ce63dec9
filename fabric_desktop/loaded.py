"""What a recognizer works with: encoder, model, names, rules and what is fitted on them; loaded at first use and again
when their files change. Ranks nothing."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from fabric_desktop.attributes import Look
from fabric_desktop.bank import Bank
from fabric_desktop.encoders import zero_shot
from fabric_desktop.errors import EncoderUnavailable, RulesNeedReferences
from fabric_desktop.fitted import FittedBank, fit_on
from fabric_desktop.jobs import JobContext
from fabric_desktop.model import Model, load_model, stamp
from fabric_desktop.names import FabricNames
from fabric_desktop.rules import RuleBook, RuleScore, load_rules, rules_from_numbers
from fabric_desktop.studio import RulesSource, Studio, Version
from fabric_desktop.textbook import textbook_bank

if TYPE_CHECKING:
    from fabric_desktop.encoders.base import Encoder

# A range says how far a fabric's photos lie apart, which takes three of them, and is worth asking with a second fabric
# to tell it from. Fabrics with fewer photos join in, by the spread that all have in common.
RULES_FABRICS, RULES_REFERENCES = 2, 3


class Loaded:
    """The parts of one studio's recognition. Not thread-safe: one thread owns it."""

    def __init__(self, studio: Studio, encoder: Encoder | None, pinned: Version | None) -> None:
        self.studio = studio
        self._pinned = pinned
        self._encoder = encoder
        self._model: Model | None = None
        self._model_stamp: tuple[object, ...] = ()
        self._steady: bool | None = None  # inside `steady`: whether the files have been looked at
        self._names: FabricNames | None = None
        self._textbook: tuple[Bank, Bank] | None = None
        self._fitted: FittedBank | None = None
        self._texts: tuple[tuple[tuple[str, str], ...], zero_shot.TextEmbeddings] | None = None
        self._studio_rules: tuple[Bank, RuleBook] | None = None
        self._rule_scores: tuple[RuleBook, Look, Sequence[RuleScore]] | None = None

    @property
    def encoder(self) -> Encoder:
        """The encoder, loaded at first use. Raises EncoderUnavailable."""
        if self._encoder is None:
            from fabric_desktop.encoders.registry import choose_encoder_id, load_for

            self._encoder = load_for(self.studio, choose_encoder_id(self.studio))
        return self._encoder

    @property
    def encoder_id(self) -> str:
        """The id of the encoder in use, without loading it."""
        if self._encoder is not None:
            return self._encoder.id
        from fabric_desktop.encoders.registry import choose_encoder_id

        return choose_encoder_id(self.studio)

    @property
    def device(self) -> str:
        """The device of the encoder; empty until it has been loaded."""
        return self._encoder.device if self._encoder is not None else ""

    @property
    def names(self) -> FabricNames:
        if self._names is None:
            self._names = FabricNames(self.studio)
        return self._names

    def forget_names(self) -> None:
        """Read the names again: fabrics were added or renamed."""
        self._names = None

    @property
    def model(self) -> Model:
        """Bank and head in use, loaded again when their files have changed. Raises EncoderUnavailable."""
        if self._steady and self._model is not None:
            return self._model
        mark = stamp(self.studio)
        if self._model is None or mark != self._model_stamp:
            self._model = load_model(self.studio, self.encoder.fingerprint, self._pinned, dim=self.encoder.dim)
            self._model_stamp = mark
            self._names = None
        if self._steady is False:
            self._steady = True
        return self._model

    @contextlib.contextmanager
    def steady(self) -> Iterator[None]:
        """Inside, the model's files are looked at once: an answer is of one model, and costs one look."""
        before, self._steady = self._steady, False
        try:
            yield
        finally:
            self._steady = before

    @property
    def bank(self) -> Bank:
        """The bank in use. Raises its error where there is none, and EncoderUnavailable."""
        model = self.model
        if model.bank is None:
            assert model.bank_error is not None
            raise model.bank_error
        return model.bank

    def textbook_bank(self, context: JobContext) -> Bank:
        """The bank of `method="textbook"`, made at first use. Raises BankMissing, BankMismatch, Cancelled."""
        bank = self.bank
        if self._textbook is None or self._textbook[0] is not bank:
            self._textbook = (bank, textbook_bank(self.studio, bank, self.encoder, context))
        return self._textbook[1]

    def fitted(self, bank: Bank) -> FittedBank:
        """A bank with the classifier on its references; that on the whole bank is fitted once."""
        if self._fitted is None or self._fitted.bank is not bank:
            fitted = fit_on(bank)
            if not self._is_whole(bank):
                return fitted  # of one evaluation query, whose own photo was taken out
            self._fitted = fitted
        return self._fitted

    @property
    def speaks(self) -> bool:
        """Whether the encoder knows words too. Raises EncoderUnavailable."""
        return zero_shot.speaks(self.encoder)

    def texts(self, fabrics: Mapping[str, str]) -> zero_shot.TextEmbeddings:
        """Embeddings of fabrics (id -> English name) by their names, kept for the next patch. The first time takes
        seconds. Raises EncoderUnavailable, also for an encoder that knows no words."""
        encoder, key = self.encoder, tuple(fabrics.items())
        if not isinstance(encoder, zero_shot.TextEncoder):
            raise EncoderUnavailable(encoder=encoder.id, reason="no_words")
        if self._texts is None or self._texts[0] != key:
            self._texts = (key, zero_shot.text_embeddings(encoder, fabrics))
        return self._texts[1]

    def rule_book(self, source: RulesSource, without: frozenset[str] = frozenset()) -> RuleBook:
        """The rules of a source. "studio": ranges set from the looks of the bank's references, made once a bank, less
        the references of photographs in `without` (content hashes).

        Raises RulesNeedReferences (no_bank, not_measured, too_few) where the bank's references give no ranges.
        """
        if source != "studio":
            return load_rules(source)
        bank = self._measured_bank().without(without)
        if self._studio_rules is None or self._studio_rules[0] is not bank:
            book = self._rules_of(bank)
            if not self._is_whole(bank):
                return book
            self._studio_rules = (bank, book)
        return self._studio_rules[1]

    def rule_scores(self, book: RuleBook, look: Look) -> Sequence[RuleScore]:
        """All fabrics of a book with their fit to a look, best first; those of the last look are kept."""
        kept = self._rule_scores
        if kept is None or kept[0] is not book or kept[1] is not look:
            kept = self._rule_scores = (book, look, book.score(look.as_attrs()))
        return kept[2]

    def _measured_bank(self) -> Bank:
        """The bank in use, if ranges can be set from its references."""
        try:
            bank = self.model.bank
        except EncoderUnavailable:
            bank = None
        if bank is None:
            raise RulesNeedReferences(reason="no_bank")
        if bank.looks is None:
            raise RulesNeedReferences(reason="not_measured")
        counts = Counter(row.fabric_id for row in bank.rows)
        found = sum(count >= RULES_REFERENCES for count in counts.values())
        if found < RULES_FABRICS:
            raise RulesNeedReferences(reason="too_few", found=found, fabrics=RULES_FABRICS, references=RULES_REFERENCES)
        return bank

    def _rules_of(self, bank: Bank) -> RuleBook:
        assert bank.looks is not None
        if not bank.rows:
            return RuleBook((), {}, "studio")  # all were cut from the photograph that is asked about
        values = {fabric: bank.looks[bank.fabric_index == place] for place, fabric in enumerate(bank.fabric_ids)}
        return rules_from_numbers(values, {fabric: self.names.both(fabric) for fabric in values})

    def _is_whole(self, bank: Bank) -> bool:
        return self._model is not None and bank is self._model.bank
