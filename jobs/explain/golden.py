"""Golden rows as a story: each value with its source, the rule that let it win, and what lost."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from jobs.identity.results import winners
from jobs.identity.shape import shape_of
from schemas.contract import Register, Survivorship

Row = Mapping[str, Any]
Facts = Mapping[str, Mapping[str, Any]]

RULES: Mapping[str, str] = {
    "only": "the only value that was asserted",
    "agreed": "every source says the same",
    "latest": "the later decision wins",
    "first": "the earlier decision wins",
    "precise": "the more precise date wins",
    "tie": "decided at one instant: the order of the dossiers' codes decides",
    "change": "set by a later change",
    "correct": "set by a correction of what was on record",
    "confirm": "the newest answer about id, name and date of birth as they stand",
    "split": "carried over by the split of a parcel",
    "merge": "carried over by the merge of parcels",
}
"""Why a value stands."""
LOST: Mapping[str, str] = {
    "only": "not taken over",
    "agreed": "not taken over",
    "latest": "an earlier decision",
    "first": "a later decision",
    "precise": "less precise",
    "tie": "decided at the same instant, where the order of the dossiers' codes decides",
    "change": "replaced by a change",
    "correct": "corrected",
    "confirm": "a newer answer stands",
    "split": "not carried over",
    "merge": "not carried over",
    "held": "its fact is held",
    "outdated": "its fact was overtaken",
    "pending": "not merged yet",
}
"""Why a value does not stand: by the rule of what does, or by its own fact's disposition."""


def golden(versions: Iterable[Row], facts: Facts) -> list[dict[str, Any]]:
    """Rows that stand asserted: those in force first, and of an ended row its last version."""
    newest: dict[str, Row] = {}
    for row in versions:
        newest[row["version_digest"]] = row
    last: dict[tuple[str, str, str, str], Row] = {}
    for row in newest.values():
        key = (row["register"], row["aggregate_key"], row["dataset"], row["row_key"])
        if row["operation"] == "assert" and _order(row) >= _order(last.get(key)):
            last[key] = row
    return [
        _row(last[key], facts)
        for key in sorted(last, key=lambda key: (last[key]["valid_to"] is not None, key))
    ]


def _order(row: Row | None) -> tuple[bool, Any]:
    """Open rows after ended ones, then by when they began."""
    return (False, 0.0) if row is None else (row["valid_to"] is None, row["valid_from"].timestamp())


def _row(version: Row, facts: Facts) -> dict[str, Any]:
    shape = shape_of(Register(version["register"]))
    dataset = shape.datasets[shape.index(version["dataset"])]
    payload: dict[str, Any] = json.loads(version["payload"])
    chosen = winners(version["sources"], dataset.attributes)
    names = ("register", "dataset", "aggregate_key", "row_key", "entity_id", "is_resolved")
    return {
        **{name: version[name] for name in names},
        "valid_from": version["valid_from"],
        "valid_to": version["valid_to"],
        "recorded_from": version["recorded_from"],
        "batch_id": version["batch_id"],
        "attributes": [
            _attribute(version, name, payload.get(name), chosen[name], facts)
            for name in dataset.attributes
            if name in chosen
        ],
    }


def _attribute(version: Row, name: str, value: Any, winner: str, facts: Facts) -> dict[str, Any]:
    rivals = [fact for fact in _asserters(version, name, facts) if fact["fact_id"] != winner]
    rule = _rule(version, name, facts.get(winner), rivals, facts)
    return {
        "name": name,
        "value": value,
        "fact_id": winner,
        "source": facts[winner]["source"] if winner in facts else None,
        "rule": rule,
        "why": RULES[rule],
        "also_said_by": [one["source"] for one in rivals if one["values"][name] == value],
        "lost": [_loser(one, name, rule) for one in rivals if one["values"][name] != value],
    }


def _asserters(version: Row, name: str, facts: Facts) -> Iterator[Mapping[str, Any]]:
    """Facts that assert an attribute of the row."""
    for fact in facts.values():
        same = all(
            fact[part] == version[part] for part in ("register", "dataset", "aggregate_key", "row_key")
        )
        if same and name in fact["values"]:
            yield fact


def _rule(
    version: Row,
    name: str,
    winner: Mapping[str, Any] | None,
    rivals: Iterable[Mapping[str, Any]],
    facts: Facts,
) -> str:
    """Name of the reason in ``RULES``."""
    if winner is None or winner["aggregate_key"] != version["aggregate_key"]:
        begun = facts.get(version["begun_by"])
        return str(begun["verb"]) if begun and begun["verb"] in ("split", "merge") else "only"
    if winner["verb"] in ("change", "correct", "confirm"):
        return str(winner["verb"])
    heard = [one for one in rivals if one["verb"] == "begin" and _stands(one)]
    if all(one["values"][name] == winner["values"].get(name) for one in heard):
        return "agreed" if heard else "only"
    differing = [one for one in heard if one["values"][name] != winner["values"].get(name)]
    shape = shape_of(Register(version["register"]))
    contract = shape.datasets[shape.index(version["dataset"])].contract
    rule = contract.field(name).survivorship
    if rule is not Survivorship.PRECISE and all(
        one["decided_at"] == winner["decided_at"] for one in differing
    ):
        return "tie"
    return rule.value


def _loser(fact: Mapping[str, Any], name: str, rule: str) -> dict[str, Any]:
    """A value that did not win: because its fact does not stand, else by the rule of the winner."""
    stands = _stands(fact)
    because = rule if stands else str(fact["disposition"])
    return {
        "value": fact["values"][name],
        "fact_id": fact["fact_id"],
        "source": fact["source"],
        "because": because,
        "why": LOST[because],
        "reasons": [] if stands else fact["moves"][-1]["reasons"] if fact["moves"] else [],
    }


def _stands(fact: Mapping[str, Any]) -> bool:
    return fact["disposition"] not in ("held", "outdated", "pending")
