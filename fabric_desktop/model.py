"""What predicts in a studio: the version in use, or the bank at its root where no version has been made yet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fabric_desktop.bank import Bank, load_bank
from fabric_desktop.errors import BankMismatch, BankMissing, FileTrouble, HeadMismatch, VersionMissing
from fabric_desktop.head import Head, load_head
from fabric_desktop.present_names import bank_as_named, head_as_named
from fabric_desktop.studio import Studio, Version, current_version
from fabric_desktop.studio.renames import renames_path
from fabric_desktop.studio.versions import ALPHA_RULES

CALIBRATION = "calibration"
# Beyond these a temperature says that something else is wrong, and the confidence stays as it is.
COLDEST, HOTTEST = 0.25, 4.0


@dataclass(frozen=True, slots=True)
class Model:
    """Bank and head that fit one encoder. Where one of them cannot be used, it is None and the error says why."""

    bank: Bank | None
    head: Head | None
    version: Version | None
    bank_error: BankMissing | BankMismatch | VersionMissing | None = None
    head_error: HeadMismatch | VersionMissing | None = None

    @property
    def facts(self) -> dict[str, Any]:
        """What the manifest says of the version's parts."""
        parts = self.version.manifest.get("parts", {}) if self.version is not None else {}
        return parts if isinstance(parts, dict) else {}

    @property
    def alpha(self) -> float | None:
        """The alpha that measured best for this version, if it was measured; it holds for `alpha_rules` alone."""
        value = self.version.manifest.get("alpha") if self.version is not None else None
        return float(value) if isinstance(value, (int, float)) and 0 <= value <= 1 else None

    @property
    def alpha_rules(self) -> str | None:
        """The source of the rules that `alpha` was measured with; None where the manifest does not say."""
        value = self.version.manifest.get(ALPHA_RULES) if self.version is not None else None
        return value if isinstance(value, str) else None

    @property
    def temperature(self) -> float:
        """The temperature of the confidence shown, fitted when this version's head was trained and carried along with
        it by a build of the bank; 1 where it was not fitted."""
        entry = self.version.manifest.get(CALIBRATION) if self.version is not None else None
        value = entry.get("temperature") if isinstance(entry, dict) else None
        return float(value) if isinstance(value, (int, float)) and COLDEST <= value <= HOTTEST else 1.0


def stamp(studio: Studio) -> tuple[object, ...]:
    """Changes whenever what predicts may have changed; costs four looks at the file system."""
    marks: list[object] = []
    for path in (studio.current_path, studio.bank_path, studio.bank_index_path, renames_path(studio.models_dir)):
        try:
            status = path.stat()
            marks.append((status.st_mtime_ns, status.st_size, status.st_ino))
        except OSError:
            marks.append(None)
    return tuple(marks)


def load_model(studio: Studio, fingerprint: str, version: Version | None = None, *, dim: int | None = None) -> Model:
    """Load what predicts, for an encoder of this fingerprint: a given version, else the one in use.

    dim: length of the encoder's embeddings; a bank or head of another length is damaged, whatever it says of itself.
    Never raises a FabricError: what cannot be used is None with its error beside it, so that a damaged part does not
    take the others with it.
    """
    try:
        version = version or current_version(studio)
    except VersionMissing as error:
        bank, bank_error = _bank_at(studio, None, fingerprint, dim)
        return Model(bank, None, None, bank_error, error)
    bank, bank_error = _bank_at(studio, version, fingerprint, dim)
    head: Head | None = None
    head_error: HeadMismatch | None = None
    if version is not None and "head" in version.manifest.get("parts", {}):
        if version.manifest.get("fingerprint") != fingerprint:
            head_error = HeadMismatch(
                path=str(version.path), reason="other_encoder", encoder=str(version.manifest.get("encoder", "?"))
            )
        else:
            try:
                head = head_as_named(load_head(version), version)
                if dim is not None and head.weights.shape[1] != dim:
                    raise HeadMismatch(path=str(version.path), reason="damaged")
                _require_known(studio, version, head, bank)
            except HeadMismatch as error:
                head, head_error = None, error
    return Model(bank, head, version, bank_error, head_error)


def _require_known(studio: Studio, version: Version, head: Head, bank: Bank | None) -> None:
    """Raise HeadMismatch for a head that names fabrics of which nothing is left here: it would go on naming them.

    A model that was taken in from elsewhere brings its fabrics along.
    """
    if "imported_from" in version.manifest:
        return
    try:
        known = {*studio.fabric_ids(), *studio.labeled_ids(), *(bank.fabric_ids if bank is not None else ())}
    except FileTrouble:
        return  # the studio does not answer, which says nothing of the head
    strangers = sorted(set(head.fabric_ids) - known)
    if strangers:
        raise HeadMismatch(path=str(version.path), reason="unknown_fabrics", fabrics=", ".join(strangers[:3]))


def _bank_at(
    studio: Studio, version: Version | None, fingerprint: str, dim: int | None
) -> tuple[Bank | None, BankMissing | BankMismatch | None]:
    inside = version is not None and "bank" in version.manifest.get("parts", {})
    path = version.path / "bank.npz" if version is not None and inside else studio.bank_path
    try:
        bank = load_bank(path, fingerprint)
        if dim is not None and bank.embeddings.shape[1] != dim:
            raise BankMismatch(path=str(path), reason="damaged")
        return (bank_as_named(bank, version) if version is not None and inside else bank), None
    except (BankMissing, BankMismatch) as error:
        return None, error
