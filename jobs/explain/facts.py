"""Facts as a story: what each asserts, where it comes from, and how its disposition moved."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from jobs.explain.rows import messages, object_key, place_of
from jobs.identity.shape import shape_of
from jobs.ops.submissions import Submission
from schemas.contract import Register
from schemas.core.landed import PLACE

Row = Mapping[str, Any]


def told(
    facts: Iterable[Row], dispositions: Iterable[Row], submissions: Mapping[str, Submission]
) -> dict[str, dict[str, Any]]:
    """Facts by id in the order of their decisions; of one that was emitted again the newest."""
    moves: dict[str, list[Row]] = {}
    for row in dispositions:
        moves.setdefault(row["fact_id"], []).append(row)
    newest = {fact["fact_id"]: fact for fact in sorted(facts, key=lambda fact: int(fact["batch_id"]))}
    names = ("decided_at", "dossier_code", "version_order", "effect_no", "item_no", "fact_id")
    order = sorted(newest.values(), key=lambda fact: tuple(fact[name] for name in names))
    return {fact["fact_id"]: _story(fact, moves.get(fact["fact_id"], []), submissions) for fact in order}


def _story(fact: Row, moves: Iterable[Row], submissions: Mapping[str, Submission]) -> dict[str, Any]:
    steps = [
        {
            "batch_id": move["batch_id"],
            "recorded_at": move["recorded_at"],
            "previous": move["previous"],
            "disposition": move["disposition"],
            "reasons": messages(code for code in move["codes"].split(",") if code),
        }
        for move in moves
    ]
    return {
        **{
            name: fact[name]
            for name in ("fact_id", "register", "dataset", "verb", "aggregate_key", "row_key")
        },
        "valid_from": fact["valid_from"],
        "valid_precision": fact["valid_precision"],
        "decided_at": fact["decided_at"],
        "source": {
            **{name: fact[name] for name in ("feed_id", *PLACE)},
            "object_key": object_key(submissions, place_of(fact)),
            "dossier_code": fact["dossier_code"],
            "procedure_code": fact["procedure_code"],
        },
        "values": asserted(fact),
        "disposition": steps[-1]["disposition"] if steps else "pending",
        "moves": steps,
    }


def asserted(fact: Row) -> dict[str, Any]:
    """Attributes that a fact asserts: of most verbs but ``begin`` only those that its procedure may set."""
    payload: dict[str, Any] = json.loads(fact["payload"])
    shape = shape_of(Register(fact["register"]))
    effect = shape.effects.get((fact["procedure_code"], fact["effect_no"]))
    allowed = effect.attributes if effect and fact["verb"] in ("change", "correct", "confirm") else ()
    names = shape.datasets[shape.index(fact["dataset"])].attributes
    return {name: payload[name] for name in names if name in payload and (not allowed or name in allowed)}
