"""Identifiers whose validity is known from elsewhere, against the contracts' checks."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from schemas.business.businesses import Businesses
from schemas.derive import python, sample
from schemas.population.persons import Persons

DATA = Path(__file__).parents[1] / "data"
WRONG = ("invalid", "placeholder", "cmnd_9", "suspect_lost_zeros")


def vectors(name: str) -> list[dict[str, str]]:
    with (DATA / f"{name}_vectors.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("vector", vectors("mst"), ids=lambda vector: vector["value"])
def test_tax_codes(vector: dict[str, str]) -> None:
    row = sample.valid(Businesses) | {"tax_code": vector["value"]}
    broken = set(python.violations(Businesses, row)) & {"tax_code:pattern", "BUS-001"}
    suffix = vector["value"].endswith("-000")
    assert bool(broken) is (vector["expected"] == "invalid" and not suffix), broken
    if suffix:
        assert python.violations(Businesses, row)


@pytest.mark.parametrize("vector", vectors("personal_id"), ids=lambda vector: vector["note"])
def test_personal_ids(vector: dict[str, str]) -> None:
    row = dict.fromkeys(Persons.names()) | {"personal_id": vector["value"].strip()}
    broken = python.violations(Persons, row)
    if vector["expected"] in {"valid", "valid_after_trim"}:
        assert broken == []
    elif vector["expected"] in WRONG:
        assert broken


def test_an_id_with_a_year_to_come_contradicts_every_birth_date_of_today() -> None:
    for value in ("012345678901", "001230000001"):
        row = sample.valid(Persons) | {"personal_id": value, "sex": None}
        assert python.violations(Persons, row) == ["POP-003"]
