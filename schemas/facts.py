"""Columns that every change fact and every golden version has beside its dataset's own.

``FACT`` columns stand before the payload in ``core.<register>_<nouns>``, ``VERSION`` columns
before the payload in ``curated.<register>_<nouns>`` and in the registers' history.
"""

from __future__ import annotations

from dataclasses import dataclass

from schemas import types as t
from schemas.contract import Contract, DomainType, Kind

_TEXT = DomainType("technical_text", Kind.TEXT, "Technical text.")
_NUMBER = DomainType("technical_number", Kind.INTEGER, "Technical number.")
_INSTANT = t.Instant


@dataclass(frozen=True, slots=True)
class Column:
    """A technical column."""

    name: str
    domain: DomainType
    description: str
    nullable: bool = False


FACT: tuple[Column, ...] = (
    Column("batch_id", _NUMBER, "Conform batch that wrote the row."),
    Column("fact_id", _TEXT, "Digest of the row's place, the effect, the item and its content."),
    Column("submission_id", _TEXT, "Submission."),
    Column("submission_number", _NUMBER, "Landing order of the submission."),
    Column("object_no", _NUMBER, "Object within the submission."),
    Column("row_no", _NUMBER, "Row within the object."),
    Column("feed_id", _TEXT, "Feed."),
    Column("province_code", _TEXT, "Province that sent it."),
    Column("dossier_code", _TEXT, "Dossier."),
    Column("version_order", _NUMBER, "Source's sequence, else microseconds of the change instant."),
    Column("procedure_code", _TEXT, "Procedure."),
    Column("effect_no", _NUMBER, "Place of the effect among the procedure's effects."),
    Column("item_no", _NUMBER, "Place of the item in its group, from 0."),
    Column("verb", _TEXT, "begin, change, end, split, merge, correct, retract or confirm."),
    Column("role", _TEXT, "self, from or to."),
    Column("is_baseline", t.Flag, "Whether it comes from a baseline."),
    Column(
        "aggregate_key",
        _TEXT,
        "Key of the aggregate; '!' and a digest where the record has none.",
        nullable=True,
    ),
    Column("row_key", _TEXT, "Key of the row within the aggregate; empty for its root."),
    Column(
        "valid_from",
        _INSTANT,
        "True in the world from; absent for corrections and retracts.",
        nullable=True,
    ),
    Column("valid_precision", t.Precision, "Precision of valid_from.", nullable=True),
    Column("decided_at", _INSTANT, "Decision instant; a baseline's as-of instant."),
)

VERSION: tuple[Column, ...] = (
    Column("batch_id", _NUMBER, "Merge batch that wrote the row."),
    Column("operation", _TEXT, "assert or withdraw."),
    Column("version_digest", _TEXT, "Digest of the version: the payload, its validity and provenance."),
    Column("entity_id", _TEXT, "Permanent identifier of the aggregate."),
    Column("aggregate_key", _TEXT, "Key of the aggregate."),
    Column("row_key", _TEXT, "Key of the row within the aggregate."),
    Column("is_resolved", t.Flag, "Whether the aggregate has a usable key."),
    Column("valid_from", _INSTANT, "True in the world from."),
    Column("valid_precision", t.Precision, "Precision of valid_from."),
    Column(
        "valid_to",
        _INSTANT,
        "True in the world until, exclusive; absent while it holds.",
        nullable=True,
    ),
    Column("recorded_from", _INSTANT, "Known to us from (assert), or until (withdraw)."),
    Column("begun_by", _TEXT, "Fact that began the version."),
    Column("ended_by", _TEXT, "Fact that ended it.", nullable=True),
    Column(
        "sources", _TEXT, "Winning facts: their ids, a bar, and per attribute the place of its fact or '-'."
    ),
)

FACT_DISPOSITIONS = ("inserted", "updated", "unchanged", "outdated", "held")
"""What a merge may make of a fact; their numbers add up to the facts emitted."""
DISPOSITION: tuple[Column, ...] = (
    Column("batch_id", _NUMBER, "Merge batch that wrote the row."),
    Column("fact_id", _TEXT, "Fact."),
    Column("dataset", _TEXT, "Noun of the fact's dataset."),
    Column("disposition", _TEXT, "What became of the fact: " + ", ".join(FACT_DISPOSITIONS) + "."),
    Column(
        "previous",
        _TEXT,
        "Disposition before this batch; absent for a fact merged first.",
        nullable=True,
    ),
    Column("codes", _TEXT, "Reason codes joined by a comma; empty when there is none."),
    Column("entity_id", _TEXT, "Entity of the aggregate.", nullable=True),
    Column("aggregate_key", _TEXT, "Key of the aggregate."),
    Column("row_key", _TEXT, "Key of the row within the aggregate."),
    Column("verb", _TEXT, "Verb of the fact."),
    Column("submission_id", _TEXT, "Submission."),
    Column("object_no", _NUMBER, "Object within the submission."),
    Column("row_no", _NUMBER, "Row within the object."),
    Column("feed_id", _TEXT, "Feed."),
    Column("province_code", _TEXT, "Province that sent it."),
    Column("dossier_code", _TEXT, "Dossier."),
    Column("procedure_code", _TEXT, "Procedure."),
    Column("recorded_at", _INSTANT, "Recorded instant of the batch."),
)
"""Columns of ``curated.<register>_dispositions``, an append-only log: the newest row of a fact holds."""

ENTITY: tuple[Column, ...] = (
    Column("batch_id", _NUMBER, "Merge batch that minted it."),
    Column("aggregate_key", _TEXT, "Key of the aggregate."),
    Column("entity_id", _TEXT, "Permanent identifier."),
    Column("recorded_at", _INSTANT, "Recorded instant of the batch."),
)
"""Columns of ``curated.<register>_entities``: an entity is minted once and resolves for ever."""


def old_columns(contract: type[Contract]) -> tuple[str, ...]:
    """Columns ``old_<name>`` of a dataset's facts: the values a correction replaces."""
    return tuple(f"old_{field.name}" for field in contract.fields if field.correctable)
