"""Receipts without what was erased: what is left adds up, and nothing else hides in the difference."""

from __future__ import annotations

from typing import Any

from jobs.lake import evidence
from jobs.lake.evidence import Part
from jobs.ledger.core import parts_kept
from jobs.purge.receipts import without
from schemas.derive import python as oracle

DIGESTS = {name: oracle.digest_of([f"{number:032x}"]) for number, name in enumerate("abc", 7)}


def part(table: str, values: tuple[str, ...], *names: str) -> Part:
    return Part(table, 5, values, len(names), oracle.digest_of(DIGESTS[name] for name in names))


def count(disposition: str, *names: str) -> dict[str, Any]:
    told = {"submission_id": "s", "register": "land", "disposition": disposition, "rows": len(names)}
    return told | {"digest": oracle.digest_of(DIGESTS[name] for name in names)}


def conform(dossiers: Part, *counts: dict[str, Any]) -> dict[str, Any]:
    facts = part("core.land_rights", ("s",), "c")
    return {
        "batch_id": 5,
        "evidence": evidence.told([dossiers, facts]),
        "counts": list(counts),
        "facts": {"land_rights": 1},
        "gate": [],
    }


WHOLE = conform(part("core.dossiers", ("s",), "a", "b"), count("effective", "a"), count("no_effect", "b"))


def test_what_is_left_is_what_the_data_hold() -> None:
    gone = {
        "evidence": evidence.told(
            [part("core.dossiers", ("s",), "a"), part("core.land_rights", ("s",), "c")]
        ),
        "counts": [count("effective", "a")],
    }
    left = without(None, WHOLE, gone)
    assert list(parts_kept(5, left["evidence"], [part("core.dossiers", ("s",), "b")])) == []
    assert left["counts"] == [count("no_effect", "b")]
    assert (left["facts"], left["gate"]) == ({}, [])


def test_another_row_that_vanished_is_still_missed() -> None:
    gone = {"evidence": evidence.told([part("core.dossiers", ("s",), "a")]), "counts": []}
    left = without(None, WHOLE, gone)
    found = [part("core.dossiers", ("s",), "a"), part("core.land_rights", ("s",), "c")]
    assert [one.what for one in parts_kept(5, left["evidence"], found)] == ["digest of rows"]


def test_a_merge_batch() -> None:
    log = "curated.land_dispositions"
    whole = {
        "batch_id": 5,
        "evidence": evidence.told(
            [
                part("curated.land_rights", ("assert",), "a", "b"),
                Part(log, 5, (None, "inserted"), 2, oracle.digest_of([DIGESTS["a"], DIGESTS["b"]])),
                Part(log, 5, ("inserted", "outdated"), 1, DIGESTS["c"]),
            ]
        ),
        "decisions": {"rows": 1, "digest": DIGESTS["c"]},
        "loaded": {},
    }
    gone = {
        "evidence": evidence.told(
            [part("curated.land_rights", ("assert",), "a"), Part(log, 5, (None, "inserted"), 1, DIGESTS["a"])]
        ),
        "decisions": {"rows": 1, "digest": DIGESTS["c"]},
    }
    left = without("land", whole, gone)
    assert (left["emitted"], left["inserted"]) == (1, 1)
    assert left["moved"] == {"inserted": -1, "outdated": 1}
    assert left["assertions"]["rights"] == {"assert": 1, "withdraw": 0}
    assert left["decisions"] == {"rows": 0, "digest": oracle.digest_of(())}
