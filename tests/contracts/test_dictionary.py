"""The committed dictionary says what the contracts say."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from schemas import dialect as dialects
from schemas.contract import Release
from schemas.derive import asset, datasets, mappings
from schemas.registry import CONTRACTS

DICTIONARY = Path(__file__).parents[2] / "docs" / "dictionary.md"


def test_the_dictionary_is_current() -> None:
    assert DICTIONARY.read_text(encoding="utf-8") == datasets.markdown(CONTRACTS), "run make dictionary"


def test_every_column_and_rule_is_in_both_forms() -> None:
    told = {one["dataset"]: one for one in json.loads(datasets.as_json(CONTRACTS))}
    text = datasets.markdown(CONTRACTS)
    assert len(told) == len(CONTRACTS)
    for contract in CONTRACTS:
        one = told[contract.dataset()]
        assert [column["name"] for column in one["columns"]] == list(contract.names())
        assert [rule["code"] for rule in one["rules"]] == [rule.code for rule in contract.rules]
        assert f"## {contract.dataset()}\n" in text
        assert one["title_vi"] != one["title_en"]


def test_a_pattern_with_a_bar_stays_in_its_cell() -> None:
    for line in datasets.markdown(CONTRACTS).splitlines():
        if line.startswith("| `"):
            assert len(line.replace("\\|", "").split("|")) == 8, line


def test_assets_are_named_like_their_datasets_and_say_who_may_see_them() -> None:
    assets = [asset.asset(contract) for contract in CONTRACTS]
    assert len({one.name for one in assets}) == len(assets)
    assert len({one.uri for one in assets}) == len(assets)
    for contract, one in zip(CONTRACTS, assets, strict=True):
        assert one.uri == f"s3://lake/{one.group}/{contract.table()}"
        assert one.extra["owner"] == contract.info.owner
        assert (one.extra["privacy"] in {"PUBLIC", "INTERNAL"}) or contract.info.release is not Release.OPEN
    assert asset.asset(CONTRACTS[2], "curated").name == CONTRACTS[2].dataset("curated")


@pytest.mark.parametrize("name", dialects.names())
def test_the_page_of_a_dialect_is_current(name: str) -> None:
    path = DICTIONARY.parent / "dialects" / f"{name}.md"
    assert path.read_text(encoding="utf-8") == mappings.page(dialects.load(name)), "run make dictionary"
