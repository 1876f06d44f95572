"""Answers of the population database on golden persons: they stand while the values stand that were asked."""

from __future__ import annotations

from itertools import permutations

from schemas import holds
from schemas.contract import Register
from schemas.procedures import VERIFICATION
from tests.support.facts import State, fact, folded, instant
from tests.unit.identity.test_population import AN, birth, correction, person

Rows = list[dict[str, object]]
LATER = "Nguyễn Thị Ân"
DENIED = ("updated", holds.NOT_CONFIRMED.code)


def answer(
    dossier: str, at: str, name: str = "Nguyễn Thị An", *, says: bool = True, version: int = 1, **more: str
) -> Rows:
    asked = {name: value for name, value in person(name, **more).items() if name != "sex"}
    said = {"confirmed_at" if says else "not_confirmed_at": instant(at)}
    feed = {"feed": "00-population", "version": version}
    return [fact(VERIFICATION, 0, AN, asked | said, dossier=dossier, valid=at, precision="instant", **feed)]


def renamed(decided: str = "2026-11-03") -> Rows:
    return [correction("C1", {"full_name": LATER}, {"old_full_name": "Nguyễn Thị An"}, decided)]


def people(*facts: Rows) -> State:
    return folded(Register.POPULATION, [row for rows in facts for row in rows])


def stands(state: State) -> tuple[object, ...]:
    (row,) = state.history("persons", "full_name", "confirmed_at", "not_confirmed_at")
    return row[:3]


def test_a_confirmation_stands_on_the_row_and_changes_nothing_else() -> None:
    state = people(birth(), answer("X1", "2026-11-05"))
    assert stands(state) == ("Nguyễn Thị An", instant("2026-11-05"), None)
    assert state.dispositions()["X1v1e0i0"] == ("updated", "")
    names = ("full_name", "birth_date", "birth_precision", "sex", "old_id_number")
    assert state.history("persons", *names) == people(birth()).history("persons", *names)


def test_a_denial_stands_with_a_note() -> None:
    state = people(birth(), answer("X1", "2026-11-05", says=False))
    assert stands(state) == ("Nguyễn Thị An", None, instant("2026-11-05"))
    assert state.dispositions()["X1v1e0i0"] == DENIED


def test_it_falls_away_when_the_name_is_corrected_whatever_comes_first() -> None:
    for order in permutations([birth(), answer("X1", "2026-11-05"), renamed("2026-11-08")]):
        state = people(*order)
        assert stands(state) == (LATER, None, None)
        assert state.dispositions()["X1v1e0i0"] == ("outdated", "")


def test_an_answer_about_the_new_name_stands() -> None:
    state = people(birth(), answer("X1", "2026-11-05"), renamed(), answer("X2", "2026-11-09", LATER))
    assert stands(state) == (LATER, instant("2026-11-09"), None)
    told = state.dispositions()
    assert (told["X1v1e0i0"], told["X2v1e0i0"]) == (("outdated", ""), ("updated", ""))


def test_it_holds_again_when_the_correction_is_gone() -> None:
    both = (birth(), answer("X1", "2026-11-05"))
    assert stands(people(*both, renamed())) == (LATER, None, None)
    assert stands(people(*both)) == ("Nguyễn Thị An", instant("2026-11-05"), None)


def test_a_birth_date_known_better_is_no_longer_what_was_asked() -> None:
    vague = birth("D2", decided="2000-06-01", birth="1990-01-01", precision="year")
    asked = answer("X1", "2026-11-05", birth="1990-01-01", precision="year")
    assert stands(people(vague, asked))[1] == instant("2026-11-05")
    assert stands(people(vague, asked, birth("D1")))[1] is None


def test_the_newest_answer_about_the_same_values_stands() -> None:
    first, second = answer("X1", "2026-11-05", says=False), answer("X1", "2026-12-05", version=2)
    for order in permutations([birth(), first, second]):
        state = people(*order)
        assert stands(state) == ("Nguyễn Thị An", instant("2026-12-05"), None)
        assert state.dispositions()["X1v1e0i0"][0] == "outdated"
    other = answer("X2", "2026-12-07", says=False)
    state = people(birth(), second, other)
    assert stands(state) == ("Nguyễn Thị An", None, instant("2026-12-07"))
    assert (state.dispositions()["X2v1e0i0"], state.dispositions()["X1v2e0i0"][0]) == (DENIED, "outdated")


def test_it_stands_on_after_a_death() -> None:
    death = fact(
        "1.000656", 0, AN, {**person(), "death_date": "2026-11-10"}, dossier="D3", valid="2026-11-10"
    )
    state = people(birth(), answer("X1", "2026-11-05"), [death])
    assert [row[0] for row in state.history("persons", "confirmed_at")] == [instant("2026-11-05")] * 2


def test_a_baseline_that_came_later_takes_no_answer_away() -> None:
    base = fact("baseline.persons", 0, AN, person(), dossier="BL1", valid="1990-05-17", decided="2026-12-01")
    state = people([base], answer("X1", "2026-11-05"))
    assert stands(state)[1] == instant("2026-11-05")


def test_nobody_is_there_because_of_an_answer() -> None:
    state = people(answer("X1", "2026-11-05"))
    assert state.history("persons", "full_name") == []
    assert state.dispositions() == {"X1v1e0i0": ("outdated", "")}
    assert [row for row in state.rows if row["kind"] == "entity"] == []
