"""Two records, each right alone, that make a golden row wrong."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from jobs.identity.golden_rules import broken
from jobs.identity.model import Fact, Segment
from jobs.identity.shape import RegisterShape, shape_of
from schemas.contract import REGISTERS, Register, Rule
from schemas.derive import sample
from tests.support.facts import fact, folded

OLD = "001000000001"
JOINT = [
    pytest.param(shape_of(register), place, rule, places, id=rule.code)
    for register in REGISTERS
    for place, dataset in enumerate(shape_of(register).datasets)
    for rule, places in dataset.joint_rules
]


class Rows:
    """Payload of records by their number."""

    def __init__(self, shape: RegisterShape, rows: list[Mapping[str, object]]) -> None:
        self.shape = shape
        self.rows = rows

    def value(self, dataset: int, attribute: int, row: int) -> object:
        return self.rows[row].get(self.shape.datasets[dataset].attributes[attribute])

    def code(self, dataset: int, attribute: int, row: int) -> int:
        return -1 if self.value(dataset, attribute, row) is None else 0

    old_value, old_code = value, code


@pytest.mark.parametrize(("shape", "place", "rule", "places"), JOINT)
def test_a_rule_holds_where_two_records_meet(
    shape: RegisterShape, place: int, rule: Rule, places: tuple[int, ...]
) -> None:
    dataset = shape.datasets[place]
    for example in sample.failing(dataset.contract, rule):
        key = (str(example[dataset.contract.key.names[0]]), place, "")
        alone = [0 if example[name] is not None else -1 for name in dataset.attributes]
        moved = next(one for one in places if alone[one] == 0)
        name = dataset.attributes[moved]
        other = {**sample.valid(dataset.contract), name: example[name]}
        mixed = [1 if one == moved else row for one, row in enumerate(alone)]
        values = Rows(shape, [example, other])
        assert broken(shape, values, key, [segment(alone)]) == ()
        assert broken(shape, values, key, [segment(mixed)]) == (rule.code,)


def segment(rows: list[int]) -> Segment:
    begun = Fact(
        row=0,
        fact_id="f",
        dataset=0,
        verb="begin",
        role="self",
        dossier=("01-dossiers", "D"),
        version_order=1,
        procedure="p",
        effect_no=0,
        item_no=0,
        landed=(1, 1, 1),
        is_baseline=False,
        aggregate="a",
        row_key="",
        valid_from=0,
        precision="day",
        decided_at=0,
    )
    return Segment(0, "day", begun, rows)


def test_a_death_that_makes_a_life_too_long_is_held() -> None:
    """The form of the death has no birth date, so that conform could not see it."""
    born = {"full_name": "Nguyễn Văn An", "birth_date": "1900-02-01", "birth_precision": "day", "sex": "male"}
    died = {"full_name": "Nguyễn Văn An", "sex": "male", "death_date": "2026-11-01"}
    state = folded(
        Register.POPULATION,
        [
            fact("1.001193", 0, OLD, born, dossier="D1", valid="1900-02-01", decided="2026-06-01"),
            fact("1.000656", 0, OLD, died, dossier="D2", valid="2026-11-01"),
        ],
    )
    assert state.dispositions() == {"D1v1e0i0": ("inserted", ""), "D2v1e0i0": ("held", "POP-007")}
    assert [row[0] for row in state.history("persons", "death_date")] == [None]
