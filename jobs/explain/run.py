"""The explain verb: finds what a key names and tells its whole way."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from pyspark.sql import functions as F

from jobs import ops
from jobs.errors import UsageFault
from jobs.explain import documents
from jobs.explain import facts as factual
from jobs.explain import rows as landing
from jobs.explain.golden import golden
from jobs.explain.lake import Aggregate, Lake, Row, databases_rows, together
from jobs.ops import decisions, submissions
from jobs.ops.submissions import Submission
from jobs.settings import Settings
from schemas.contract import Register
from schemas.ops import releases
from schemas.registry import root
from schemas.zone import HANOI

_ENTITY = re.compile("[0-9a-f]{32}")
Dossier = tuple[str, str]
"""Feed and dossier code."""


@dataclass(frozen=True, slots=True)
class _Found:
    """What a key names."""

    is_dossier: bool
    dossiers: frozenset[Dossier]
    aggregates: frozenset[Aggregate]
    rows: Sequence[Row]
    findings: Sequence[Row]


def explain(settings: Settings, *, key: str) -> dict[str, Any]:
    """The whole way of a record: landed rows, corrections, facts, decisions, golden values, databases.

    Args:
        settings: Names the stores.
        key: A dossier code, the id of a document, a personal id, a tax code, a parcel id or an entity id.

    Returns:
        Of a document as ``jobs.explain.documents`` tells it; else ``kind`` of the key, ``rows``,
        ``corrections``, ``facts``, ``decisions``, ``golden``, ``databases``, ``releases``; instants in UTC.

    Raises:
        UsageFault: Nothing known has that key.
    """
    lake, engine = Lake(settings), ops.engine(settings)
    if (told_of := documents.explained(lake, engine, key)) is not None:
        return told_of
    found = _find(lake, key)
    known = {one.submission_id: one for one in submissions.listed(engine)}
    facts, versions = _facts(lake, found, known)
    rows, findings = _received(lake, found)
    told = landing.landed(rows, findings, lake.conforms, known, submissions.retractions(engine))
    standing = golden(versions, facts)
    return {
        "key": key,
        "kind": "dossier" if found.is_dossier else _kind(found.aggregates),
        "rows": told,
        "corrections": landing.corrections_of(engine, told, findings),
        "facts": [fact for fact in facts.values() if _is_shown(fact, found)],
        "decisions": _decisions(engine, facts, versions),
        "golden": standing,
        "databases": databases_rows(settings, found.aggregates),
        "releases": _releases(engine, told),
    }


def _received(lake: Lake, found: _Found) -> tuple[list[Row], list[Row]]:
    """Rows and findings of the dossiers that the key touches."""
    rows, findings = found.rows, found.findings
    if not found.is_dossier:
        mine = F.col("dossier_code").isin(*sorted({code for _, code in found.dossiers}))
        rows, findings = together(lambda: lake.rows(mine), lambda: lake.findings(mine))
    return _of_dossiers(rows, found.dossiers), _of_dossiers(findings, found.dossiers)


def _kind(aggregates: Iterable[Aggregate]) -> str:
    """person, parcel or business; several where one key names more than one."""
    registers = sorted({register for register, _ in aggregates})
    return ", ".join(str(root(Register(register)).info.aggregate) for register in registers)


def _find(lake: Lake, key: str) -> _Found:
    """What a key names; an entity id is resolved to its aggregate first.

    Raises:
        UsageFault: It names nothing.
    """
    of_entity = lake.entities(F.col("entity_id") == key) if _ENTITY.fullmatch(key) else []
    names = [key, *(row["aggregate_key"] for row in of_entity)]
    is_dossier = F.col("dossier_code") == key
    facts, rows, findings = together(
        lambda: lake.facts(is_dossier | F.col("aggregate_key").isin(*names)),
        lambda: lake.rows(is_dossier),
        lambda: lake.findings(is_dossier),
    )
    if not (facts or rows or findings):
        raise UsageFault(
            "Nothing that was received has this key.",
            "give the code of a dossier, the id of a document, person, parcel or entity, or a tax code.",
        )
    mine = {(row["feed_id"], row["dossier_code"]) for row in (*rows, *findings)}
    every = {(fact["feed_id"], fact["dossier_code"]) for fact in facts}
    aggregates = {(fact["register"], fact["aggregate_key"]) for fact in facts if fact["aggregate_key"]}
    return _Found(bool(mine), frozenset(mine or every), frozenset(aggregates), rows, findings)


def _facts(
    lake: Lake, found: _Found, known: Mapping[str, Submission]
) -> tuple[dict[str, dict[str, Any]], list[Row]]:
    """Facts by id and golden versions of everything that the key touches."""
    keys = sorted({name for _, name in found.aggregates})
    codes = sorted({code for _, code in found.dossiers})
    on_these = F.col("aggregate_key").isin(*keys)
    touched = on_these | F.col("dossier_code").isin(*codes)
    facts, moves, versions = together(
        lambda: lake.facts(touched), lambda: lake.dispositions(touched), lambda: lake.versions(on_these)
    )
    versions = [row for row in versions if (row["register"], row["aggregate_key"]) in found.aggregates]
    lacking = sorted(_named(versions) - {fact["fact_id"] for fact in facts})
    if lacking:
        named = F.col("fact_id").isin(*lacking)
        more, their_moves = together(lambda: lake.facts(named), lambda: lake.dispositions(named))
        facts, moves = [*facts, *more], [*moves, *their_moves]
    return factual.told(facts, moves, known), versions


def _named(versions: Iterable[Row]) -> set[str]:
    """Facts that versions name: of their values, of their begin and of their end."""
    named = {fact for row in versions for fact in row["sources"].partition("|")[0].split(",")}
    named |= {row[part] for row in versions for part in ("begun_by", "ended_by") if row[part]}
    return named - {""}


def _is_shown(fact: Mapping[str, Any], found: _Found) -> bool:
    """Whether a fact belongs to the answer itself and is not only the source of a carried value."""
    on_these = (fact["register"], fact["aggregate_key"]) in found.aggregates
    own = (fact["source"]["feed_id"], fact["source"]["dossier_code"]) in found.dossiers
    return on_these or (own and (found.is_dossier or fact["aggregate_key"] is None))


def _of_dossiers(rows: Iterable[Row], dossiers: frozenset[Dossier]) -> list[Row]:
    return [row for row in rows if (row["feed_id"], row["dossier_code"]) in dossiers]


def _decisions(
    engine: sa.Engine, facts: Mapping[str, Mapping[str, Any]], versions: Iterable[Row]
) -> list[dict[str, Any]]:
    """Identity decisions in which a fact or an entity takes part, with the places of both records."""
    entities = {row["entity_id"] for row in versions}
    told = []
    for row in decisions.about(engine, sorted({*facts, *entities})):
        sides = {
            side: facts[row[side]]["source"] if row[side] in facts else None
            for side in ("left_ref", "right_ref")
        }
        told.append(
            {
                **{
                    name: row[name]
                    for name in ("register", "entity_id", "verdict", "decided_by", "batch_id", "at")
                },
                "record": sides["left_ref"],
                "against": sides["right_ref"],
                "reasons": landing.messages(row["evidence"].get("codes", ())),
                "evidence": json.loads(json.dumps(row["evidence"], default=str)),
            }
        )
    return told


def _releases(engine: sa.Engine, rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Published releases made after the record's month had ended: they count it and name no one."""
    instants = [row["accepted_at"] or row["received_at"] for row in rows]
    if not instants:
        return []
    since = _month_end(min(instants))
    query = sa.select(releases).where(releases.c.state == "published", releases.c.built_at >= since)
    with engine.connect() as connection:
        found = connection.execute(query.order_by(releases.c.built_at)).mappings()
        return [
            {"release_id": one["release_id"], "version": one["version"], "built_at": one["built_at"]}
            for one in found
        ]


def _month_end(instant: datetime) -> datetime:
    """When the month of an instant ends, in Viet Nam.

    >>> _month_end(datetime.fromisoformat("2026-12-31T18:00:00+00:00")).isoformat()
    '2027-02-01T00:00:00+07:00'
    """
    local = instant.astimezone(HANOI)
    first = local.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return (first + timedelta(days=32)).replace(day=1)
