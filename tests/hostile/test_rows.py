"""Rows: each kind has its fate through every transport, its neighbours load, and nothing is lost."""

from __future__ import annotations

import pytest

from jobs.ledger.verify import verify
from tests.hostile.kinds import TRANSPORTS
from tests.hostile.lived import FEEDS, PAGE_FEEDS, TABLE_FEEDS, Lived, sent, wrong


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_every_row_has_its_fate(lived: Lived, transport: str) -> None:
    assert lived.told[FEEDS[transport]] is None
    assert wrong(lived, transport) == []


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_sixty_kinds_go_through_every_transport(transport: str) -> None:
    assert len({row.kind.name for row in sent(transport) if row.kind}) >= 60


def test_nothing_is_lost(lived: Lived) -> None:
    sealed = [lived.manifest(feed) for feed in (*FEEDS.values(), *TABLE_FEEDS.values(), *PAGE_FEEDS.values())]
    landed = sum(entry["rows"] for manifest in sealed for entry in manifest["objects"])
    assert sum(lived.line.rows()) == landed == sum(len(rows) for rows in lived.rows.values())
    told = verify(lived.line.settings)
    assert (told["verified"], told["first_difference"]) == (True, None)


def test_whoever_took_effect_is_in_the_register_and_nobody_else(lived: Lived) -> None:
    persons = {row[0] for row in lived.line.query("population", "select personal_id from persons")}
    rows = [row for core in lived.rows.values() for row in core.values()]
    assert persons == {row["personal_id"] for row in rows if row["disposition"] == "effective"}
