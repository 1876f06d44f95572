"""``lienthong db`` as a data engineer types it."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner

from jobs.cli import db
from jobs.cli.call import Call
from jobs.errors import IntegrityFault, UsageFault
from jobs.settings import Settings
from tests.support.databases import scratch


@pytest.fixture
def land(settings: Settings) -> Iterator[tuple[Call, sa.Engine]]:
    with scratch(settings, "db_command") as engine:
        url = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
        yield Call({"LIENTHONG_HOME": str(settings.home), "LIENTHONG_LAND_URL": url}), engine


def typed(call: Call, *words: str) -> str:
    result = CliRunner().invoke(db.app, words, obj=call)
    if result.exception is not None:
        raise result.exception
    return result.stdout


def test_a_life_of_a_database(land: tuple[Call, sa.Engine]) -> None:
    call, engine = land
    assert json.loads(typed(call, "upgrade", "land", "--json")) == {"land": "upgraded"}
    assert json.loads(typed(call, "upgrade", "land", "--json")) == {"land": "current"}
    assert json.loads(typed(call, "check", "land", "--json")) == {"land": []}
    assert "nothing to write" in typed(call, "revision", "land", "Nothing")
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP VIEW v_rights")
    with pytest.raises(
        IntegrityFault, match=r"land: .* column v_rights\.entity_id: missing.* Remedy: lienthong db"
    ):
        typed(call, "check", "land")
    assert "land        upgraded" in typed(call, "upgrade", "land")
    assert json.loads(typed(call, "check", "land", "--json")) == {"land": []}
    assert typed(call, "downgrade", "land", "base") == "land        base\n"
    assert "land        upgraded" in typed(call, "upgrade", "land")
    assert json.loads(typed(call, "check", "land", "--json")) == {"land": []}


def test_an_unknown_database_is_named_with_the_known_ones(land: tuple[Call, sa.Engine]) -> None:
    with pytest.raises(UsageFault, match="name one of population, land, business, ops"):
        typed(land[0], "upgrade", "sea")
