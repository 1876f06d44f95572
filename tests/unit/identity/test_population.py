"""Persons and residences: survivorship, corrections, contradictions, deaths."""

from __future__ import annotations

from itertools import pairwise, permutations

from schemas import holds
from schemas.contract import Register
from tests.support.facts import State, fact, folded, retract

AN = "001190000001"


def person(
    name: str = "Nguyễn Thị An",
    birth: str = "1990-05-17",
    precision: str = "day",
    sex: str | None = "female",
):
    return {"full_name": name, "birth_date": birth, "birth_precision": precision, "sex": sex}


def residence(commune: str = "00004") -> dict[str, object]:
    return {"residence_kind": "permanent", "commune_code": commune, "address_text": "Số 1"}


def birth(dossier: str = "D1", *, decided: str = "1990-06-01", **more: object) -> list[dict[str, object]]:
    return [
        fact(
            "1.001193",
            0,
            AN,
            person(**more),
            dossier=dossier,
            valid=more.get("birth", "1990-05-17"),
            decided=decided,
        ),
        fact(
            "1.001193",
            1,
            AN,
            residence(),
            row_key="permanent",
            dossier=dossier,
            valid="1990-06-01",
            decided=decided,
        ),
    ]


def correction(
    dossier: str,
    payload: dict[str, object],
    old: dict[str, object],
    decided: str,
    valid: str | None = None,
):
    return fact("1.004859", 0, AN, payload, old=old, dossier=dossier, valid=valid, decided=decided)


def people(*facts: list[dict[str, object]]) -> State:
    return folded(Register.POPULATION, [row for rows in facts for row in rows])


def test_death_ends_the_residence() -> None:
    death = [
        fact(
            "1.000656",
            0,
            AN,
            {**person(), "death_date": "2026-11-01"},
            dossier="D3",
            valid="2026-11-01",
        ),
        fact("1.000656", 1, AN, residence(), row_key="permanent", dossier="D3", valid="2026-11-01"),
    ]
    state = people(birth(), death)
    assert state.history("residences", "commune_code") == [("00004", "1990-06-01", "2026-11-01")]
    assert [row[0] is None for row in state.history("persons", "death_date")] == [True, False]
    moves = [
        fact(
            "1.004222",
            0,
            AN,
            residence("00008"),
            row_key="permanent",
            dossier="D9",
            valid="2026-11-02",
        )
    ]
    assert people(birth(), death, moves).dispositions()["D9v1e0i0"][0] == "held"


def test_a_correction_takes_the_valid_instant_of_what_it_corrects() -> None:
    state = people(
        birth(),
        [
            correction(
                "D5",
                {"full_name": "Nguyễn Thị Ân"},
                {"old_full_name": "Nguyễn Thị An"},
                "2026-11-03",
            )
        ],
    )
    assert state.history("persons", "full_name") == [("Nguyễn Thị Ân", "1990-05-17", None)]
    assert state.dispositions()["D5v1e0i0"] == ("updated", "")


def test_a_correction_of_a_corrected_value_follows_it() -> None:
    """Two provinces know the person, one by the year alone: the corrections must not stand between them."""
    vague = birth("D2", decided="2000-06-01", birth="1990-01-01", precision="year")
    names = ("Nguyễn Thị An", "Nguyễn Thị Ân", "Nguyễn Thị Ánh", "Nguyễn Thị Anh")
    chain = [
        correction(f"C{day}", {"full_name": new}, {"old_full_name": old}, f"2026-11-0{day}")
        for day, (old, new) in enumerate(pairwise(names), 1)
    ]
    for order in permutations([birth("D1"), vague, chain[:1], chain[1:2], chain[2:]]):
        state = people(*order)
        assert [row[0] for row in state.history("persons", "full_name")] == ["Nguyễn Thị Anh"]
        assert {state.dispositions()[f"C{day}v1e0i0"][0] for day in (1, 2, 3)} == {"updated"}


def test_a_correction_without_an_old_value_corrects_the_last() -> None:
    dies = fact("1.000656", 0, AN, {"death_date": "2026-11-01"}, dossier="D3", valid="2026-11-01")
    fix = correction("D5", {"full_name": "Nguyễn Thị Ân"}, {}, "2026-11-03")
    state = people(birth(), [dies], [fix])
    assert {row[0] for row in state.history("persons", "full_name")} == {"Nguyễn Thị Ân"}


def test_a_correction_that_arrives_before_what_it_corrects_is_held_until_then() -> None:
    fix = correction("D5", {"full_name": "Nguyễn Thị Ân"}, {"old_full_name": "Nguyễn Thị An"}, "2026-11-03")
    assert people([fix]).dispositions()["D5v1e0i0"] == ("held", holds.CORRECTS_NOTHING.code)
    assert people([fix], birth()).dispositions()["D5v1e0i0"][0] == "updated"


def test_a_correction_of_a_value_that_nobody_asserted_is_held() -> None:
    fix = correction("D5", {"full_name": "Nguyễn Thị Ân"}, {"old_full_name": "Nguyễn Thị Hoa"}, "2026-11-03")
    assert people(birth(), [fix]).dispositions()["D5v1e0i0"] == (
        "held",
        holds.OLD_VALUE_DIFFERS.code,
    )


def test_a_corrected_birth_date_moves_the_beginning() -> None:
    fix = correction(
        "D5",
        {"birth_date": "1990-05-18", "birth_precision": "day"},
        {"old_birth_date": "1990-05-17"},
        "2026-11-03",
        valid="1990-05-18",
    )
    assert [row[1:] for row in people(birth(), [fix]).history("persons", "full_name")] == [
        ("1990-05-18", None)
    ]


def test_two_sources_win_opposite_attributes() -> None:
    exact_old = birth("D1", decided="1990-06-01", name="Nguyễn Thị An")
    vague_new = birth("D2", decided="2000-06-01", name="Nguyễn Thị Ân", birth="1990-01-01", precision="year")
    state = people(exact_old, vague_new)
    assert state.history("persons", "full_name", "birth_date")[0][0] == "Nguyễn Thị Ân"
    assert str(state.history("persons", "full_name", "birth_date")[0][1]) == "1990-05-17"
    # The vaguer date begins earlier in the year, so the exact record is the second assertion.
    assert [state.dispositions()[f"D{i}v1e0i0"][0] for i in (2, 1)] == ["inserted", "updated"]
    assert state.decisions() == [("merge", "")]


def test_an_equal_id_with_a_contradiction_is_held_and_never_merges() -> None:
    other = birth("D2", decided="2000-06-01", name="Trần Văn Bình", birth="1985-01-01", sex="male")
    state = people(birth(), other)
    held = state.dispositions()["D2v1e0i0"]
    later = state.dispositions()["D1v1e0i0"]
    # The record with the earlier valid instant stands; the other is held with every contradiction.
    assert {held[0], later[0]} == {"inserted", "held"}
    codes = held[1] or later[1]
    expected = [holds.CONTRADICTION_NAME, holds.CONTRADICTION_BIRTH, holds.CONTRADICTION_SEX]
    assert codes == ",".join(rule.code for rule in expected)
    assert ("apart", codes) in state.decisions()


def test_a_later_version_replaces_the_facts_of_the_earlier() -> None:
    first = birth()
    second = [{**row, "version_order": 2, "fact_id": f"second{i}@9"} for i, row in enumerate(first)]
    state = people(first, second)
    assert state.counts() == {"outdated": 2, "inserted": 2}


def test_the_same_assertion_from_another_province_changes_nothing() -> None:
    again = [{**row, "feed_id": "79-dossiers", "fact_id": f"again{i}@9"} for i, row in enumerate(birth())]
    state = people(birth(), again)
    assert state.counts() == {"inserted": 2, "unchanged": 2}


def test_a_dossier_is_held_as_a_whole() -> None:
    """A residence of an unknown person holds the other fact of the dossier too."""
    moves = [
        fact(
            "1.004222",
            0,
            AN,
            residence("00008"),
            row_key="permanent",
            dossier="D9",
            valid="2026-11-02",
            item=0,
        ),
        fact(
            "1.004222",
            0,
            "001190000002",
            residence("00008"),
            row_key="permanent",
            dossier="D9",
            valid="2026-11-02",
            item=1,
        ),
    ]
    state = people(birth(), moves)
    assert sorted(state.dispositions()[f"D9v1e0i{i}"][1] for i in (0, 1)) == sorted(
        [
            holds.PARENT_MISSING.code,
            holds.DOSSIER_HELD_WITH.code,
        ]
    )


def test_withdrawing_a_birth_leaves_nobody() -> None:
    gone = retract("1.001193", AN, dossier="D1", version=2, decided="2026-11-04")
    assert people(birth(), [gone]).history("persons", "full_name") == []
