"""Which rule let a golden value win, and why the others lost."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from jobs.explain.golden import golden
from jobs.identity.shape import shape_of
from schemas.contract import Register
from tests.support.facts import instant

PERSON, PARCEL, CHILD = "001090000001", "w7dxt6k195pu", "w7dxt6k195pv"


def fact(
    fact_id: str,
    values: Mapping[str, object],
    *,
    verb: str = "begin",
    disposition: str = "inserted",
    dataset: str = "persons",
    aggregate: str = PERSON,
    row_key: str = "",
    decided: str = "2026-11-02",
) -> dict[str, Any]:
    return {
        "fact_id": fact_id,
        "decided_at": instant(decided),
        "register": "population" if dataset == "persons" else "land",
        "dataset": dataset,
        "aggregate_key": aggregate,
        "row_key": row_key,
        "verb": verb,
        "disposition": disposition,
        "values": dict(values),
        "source": {"dossier_code": f"dossier of {fact_id}"},
        "moves": [{"reasons": [{"code": "POP-901"}]}] if disposition == "held" else [],
    }


def version(
    winners: Mapping[str, str],
    values: Mapping[str, object],
    *,
    dataset: str = "persons",
    aggregate: str = PERSON,
    row_key: str = "",
    begun_by: str = "a",
    digest: str = "d1",
    ended: str | None = None,
    operation: str = "assert",
) -> dict[str, Any]:
    register = Register.POPULATION if dataset == "persons" else Register.LAND
    shape = shape_of(register)
    names = shape.datasets[shape.index(dataset)].attributes
    ids = sorted(set(winners.values()))
    places = "".join(str(ids.index(winners[name])) if name in winners else "-" for name in names)
    return {
        "register": register.value,
        "dataset": dataset,
        "batch_id": 2,
        "operation": operation,
        "version_digest": digest,
        "entity_id": "e",
        "aggregate_key": aggregate,
        "row_key": row_key,
        "is_resolved": True,
        "valid_from": instant("2026-11-01"),
        "valid_to": instant(ended) if ended else None,
        "recorded_from": instant("2026-11-02"),
        "begun_by": begun_by,
        "sources": f"{','.join(ids)}|{places}",
        "payload": json.dumps(values),
    }


def story(
    facts: list[dict[str, Any]], winners: Mapping[str, str], values: Mapping[str, object], **more: Any
) -> dict[str, Any]:
    [row] = golden([version(winners, values, **more)], {one["fact_id"]: one for one in facts})
    return row["attributes"][0]


def test_the_first_decision_keeps_a_value_that_a_later_record_repeats_from_memory() -> None:
    later = fact("b", {"sex": "female"}, disposition="updated", decided="2026-11-03")
    told = story([fact("a", {"sex": "male"}), later], {"sex": "a"}, {"sex": "male"})
    assert (told["rule"], told["value"]) == ("first", "male")
    assert [(one["value"], one["because"], one["why"]) for one in told["lost"]] == [
        ("female", "first", "a later decision")
    ]


def test_of_decisions_at_one_instant_the_order_of_codes_is_told() -> None:
    facts = [fact("a", {"full_name": "Lê Văn An"}), fact("b", {"full_name": "Vũ Bình"})]
    told = story(facts, {"full_name": "b"}, {"full_name": "Vũ Bình"})
    assert (told["rule"], [one["because"] for one in told["lost"]]) == ("tie", ["tie"])


def test_a_held_fact_is_no_rival_but_it_is_told_why_it_lost() -> None:
    facts = [fact("a", {"full_name": "Lê Văn An"}), fact("b", {"full_name": "Vũ Bình"}, disposition="held")]
    told = story(facts, {"full_name": "a"}, {"full_name": "Lê Văn An"})
    assert told["rule"] == "only"
    assert [(one["because"], one["reasons"][0]["code"]) for one in told["lost"]] == [("held", "POP-901")]


def test_sources_that_agree_are_named() -> None:
    facts = [fact("a", {"full_name": "Lê Văn An"}), fact("b", {"full_name": "Lê Văn An"})]
    told = story(facts, {"full_name": "a"}, {"full_name": "Lê Văn An"})
    assert (told["rule"], told["lost"]) == ("agreed", [])
    assert told["also_said_by"] == [{"dossier_code": "dossier of b"}]


def test_a_change_says_so_and_what_it_replaced() -> None:
    changed = fact("b", {"death_date": "2026-11-02"}, verb="change", disposition="updated")
    facts = [fact("a", {"death_date": "2026-11-01"}), changed]
    told = story(facts, {"death_date": "b"}, {"death_date": "2026-11-02"})
    assert (told["rule"], told["lost"][0]["why"]) == ("change", "replaced by a change")


def test_an_answer_says_so_and_what_it_overtook() -> None:
    answers = [
        fact("a", {"confirmed_at": "1"}, verb="confirm", disposition="outdated"),
        fact("b", {"confirmed_at": "2"}, verb="confirm", disposition="updated"),
    ]
    told = story(answers, {"confirmed_at": "b"}, {"confirmed_at": "2"})
    assert (told["rule"], [one["because"] for one in told["lost"]]) == ("confirm", ["outdated"])


def test_a_version_from_before_the_last_columns_is_told() -> None:
    old = version({"full_name": "a"}, {"full_name": "Lê Văn An"})
    ids, _, places = old["sources"].partition("|")
    (row,) = golden([old | {"sources": f"{ids}|{places[:-2]}"}], {"a": fact("a", {"full_name": "Lê Văn An"})})
    assert [one["name"] for one in row["attributes"]] == ["full_name"]


def test_a_right_carried_to_a_new_parcel_names_the_split() -> None:
    right = {"dataset": "rights", "row_key": f"personal_id:{PERSON}"}
    facts = [
        fact("a", {"holder_name": "Lê Văn An"}, aggregate=PARCEL, **right),
        fact("s", {}, verb="split", dataset="parcels", aggregate=CHILD),
    ]
    values = {"holder_name": "Lê Văn An"}
    told = story(facts, {"holder_name": "a"}, values, aggregate=CHILD, begun_by="s", **right)
    assert (told["rule"], told["source"]) == ("split", {"dossier_code": "dossier of a"})


def test_only_what_stands_is_told_and_what_is_in_force_comes_first() -> None:
    facts = {"a": fact("a", {"full_name": "Lê Văn An"})}
    won, values = {"full_name": "a"}, {"full_name": "Lê Văn An"}
    rows = [
        version(won, values, digest="d1", ended="2026-11-02"),
        version(won, values, digest="d2"),
        version(won, values, digest="d3", aggregate="001090000002", ended="2026-11-03"),
        version(won, values, digest="d4", aggregate="001090000003"),
        version(won, values, digest="d4", aggregate="001090000003", operation="withdraw"),
    ]
    told = golden(rows, facts)
    assert [(one["aggregate_key"], one["valid_to"]) for one in told] == [
        (PERSON, None),
        ("001090000002", instant("2026-11-03")),
    ]
