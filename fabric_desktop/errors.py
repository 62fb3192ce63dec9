"""The errors a person can put right: each a stable code and parameters, never a translated sentence.

The sentences stand in resources/messages and are looked up by `wording.explain`. Anything that is not a
`FabricError` (and not a ValueError for a programming mistake) is a bug of ours.
"""

from __future__ import annotations

from typing import ClassVar, TypeVar


class FabricError(Exception):
    """Base of the errors that say what happened, to which file, and what to do.

    Parameters are keyword-only and kept in `params` (str or int values, or a path as str).
    """

    code: ClassVar[str] = "unknown"

    def __init__(self, **params: object) -> None:
        self.params: dict[str, object] = {name: value for name, value in params.items() if value is not None}
        super().__init__(f"{self.code}: " + ", ".join(f"{name}={value}" for name, value in self.params.items()))

    def __reduce__(self) -> tuple[object, ...]:
        return (_remade, (type(self), self.params))


def _remade(kind: type[FabricError], params: dict[str, object]) -> FabricError:
    return kind(**params)


_Error = TypeVar("_Error", bound=FabricError)


def to_keep(error: _Error) -> _Error:
    """The same error without the way it took, to be kept with a result: the frames it came through hold whole
    photographs, and one that is raised again has more of them each time."""
    found: BaseException | None = error
    while found is not None:
        found.__traceback__ = None
        found = found.__cause__ or found.__context__
    return error


class UnreadableImage(FabricError):
    """A picture that cannot be used: path, reason (missing, empty, not_a_picture, truncated, too_large, ...)."""

    code = "unreadable_image"


class BadRegion(FabricError):
    """A region with no pixel inside the photograph: box, width, height."""

    code = "bad_region"


class NoEmbeddingsCollected(FabricError):
    """A reference library without one usable photo: path, skipped (count of unusable photos)."""

    code = "no_embeddings"


class TooFewSamples(FabricError):
    """Too few labelled patches, or a single fabric, to train a head: found, needed, fabrics."""

    code = "too_few_samples"


class EncoderUnavailable(FabricError):
    """An encoder that cannot run here: encoder, reason, detail."""

    code = "encoder_unavailable"


class BankMissing(FabricError):
    """No reference bank has been built: path."""

    code = "bank_missing"


class BankMismatch(FabricError):
    """A bank that must not be compared with: path, reason (no_index, other_encoder, damaged), expected, found."""

    code = "bank_mismatch"


class HeadMissing(FabricError):
    """No head is in use: path."""

    code = "head_missing"


class HeadMismatch(FabricError):
    """A head that cannot be used with the encoder at work: path, reason (other_encoder, damaged, unknown_fabrics,
    merged_since)."""

    code = "head_mismatch"


class NoLabels(FabricError):
    """No labelled patch to work with: path."""

    code = "no_labels"


class EvalSetMissing(FabricError):
    """No evaluation set: path."""

    code = "eval_set_missing"


class EvalSetDamaged(FabricError):
    """A line of an evaluation set that cannot be used: path, line, reason."""

    code = "eval_set_damaged"


class RulesDamaged(FabricError):
    """A rules file that cannot be used: path, where, reason."""

    code = "rules_damaged"


class RulesNeedReferences(FabricError):
    """Rules from the studio's own references that cannot be made: reason (no_bank, not_measured, too_few), found (how
    many fabrics have enough), fabrics and references (how many are needed)."""

    code = "rules_need_references"


class MappingDamaged(FabricError):
    """A file that should say which fabric of the rules each label is: path, reason (missing, not_text, not_pairs)."""

    code = "mapping_damaged"


class StudioMissing(FabricError):
    """A studio folder that is not there: path."""

    code = "studio_missing"


class NotAStudio(FabricError):
    """A path that is a file, or a folder that cannot be a studio: path."""

    code = "not_a_studio"


class StudioReadOnly(FabricError):
    """A studio that cannot be written to: path."""

    code = "studio_read_only"


class StudioLocked(FabricError):
    """A studio that another window or command is changing: path, owner, reason (opened_read_only: only looked at)."""

    code = "studio_locked"


class SaveFailed(FabricError):
    """A file that could not be written; the old one is still whole: path, reason."""

    code = "save_failed"


class FileTrouble(FabricError):
    """A file or folder that the system would not give: path, reason (unreachable, missing, no_permission, ...)."""

    code = "file_trouble"


class BadFabricId(FabricError):
    """A fabric id that cannot be a folder name everywhere: fabric, reason."""

    code = "bad_fabric_id"


class SettingsDamaged(FabricError):
    """A settings file that cannot be read: path, reason."""

    code = "settings_damaged"


class BadInfo(FabricError):
    """A fabric.toml that cannot be read: path, reason."""

    code = "bad_info"


class VersionMissing(FabricError):
    """A model version that is not there or not whole: version, path."""

    code = "version_missing"


class VersionInUse(FabricError):
    """A model version that cannot go because it is in use: version, path."""

    code = "version_in_use"


class ShareRefused(FabricError):
    """A shared file that is not taken in: path, reason, entry (the file in it that is at fault)."""

    code = "share_refused"


class ChangeBlocked(FabricError):
    """A change that would find a file gone, in the way, or changed since: path, reason (missing, taken, changed)."""

    code = "change_blocked"


class FabricMissing(FabricError):
    """A fabric that the library does not hold: fabric."""

    code = "fabric_missing"


class FabricExists(FabricError):
    """A new id that another fabric has already: fabric."""

    code = "fabric_exists"


class BadPattern(FabricError):
    """A pattern for file names that cannot be used: pattern, reason (no_fabric, unknown, twice, touching), name."""

    code = "bad_pattern"


class ListDamaged(FabricError):
    """A list of photos that cannot be used: path, reason (missing, not_text, no_header, empty, ...), detail."""

    code = "list_damaged"


class NoPhotos(FabricError):
    """A folder without one picture: path, reason (missing, not_a_folder, empty)."""

    code = "no_photos"


class NothingToImport(FabricError):
    """An import of which no photo is left to be taken in: path, unreadable (count), known (count)."""

    code = "nothing_to_import"


class LinkRefused(FabricError):
    """A photo that cannot be linked into the library: path, reason (other_drive, not_supported)."""

    code = "link_refused"


class DownloadFailed(FabricError):
    """Weights that could not be fetched: encoder, reason, detail."""

    code = "download_failed"


class EngineFailed(FabricError):
    """The CLIP engine could not be installed: reason, detail."""

    code = "engine_failed"
