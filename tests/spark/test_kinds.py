"""What a kept mapping reads as another kind than the field's is unreadable, one value at a time."""

from __future__ import annotations

from typing import Any

import pytest
from pyspark.sql import functions as F

from jobs import session
from jobs.conform import readings
from jobs.conform.canonical import typed_header, typed_items
from jobs.settings import Settings
from schemas import dialect as dialects
from schemas.core.dossiers import Dossiers
from schemas.dialect import Dialect, header_domains, item_domains
from schemas.population.persons import Persons

pytestmark = pytest.mark.usefixtures("compiled")
SENT = {"1": "true", "2": "perhaps", "3": ""}


def read(name: str, header: dict[str, Any], person: dict[str, Any]) -> Dialect:
    """A dialect as one that a batch has kept is read; it is not asked whether it could be loaded."""
    code = {"path": "a", "parser": "text"}
    items = {"person": {"dataset": "population_persons", "personal_id": code, **person}}
    groups = {"persons": {"item": "person", "path": "p"}}
    return dialects.read(name, {"header": {"dossier_code": code, **header}, "items": items, "groups": groups})


def reading(parser: str, **more: Any) -> dict[str, Any]:
    return {"path": "x", "parser": parser, **more}


RIGHT = read(
    "right",
    {name: reading(parser) for name, parser in (("is_paid_online", "boolean"), ("sequence", "integer"))},
    {"birth_date": reading("date")},
)
HEADERS: list[tuple[dict[str, Any], dict[str, str], set[str]]] = [
    ({"is_paid_online": reading("text")}, {"is_paid_online": "H29.1"}, {"is_paid_online"}),
    ({"is_paid_online": reading("text")}, {"is_paid_online": "true"}, set()),
    ({"is_paid_online": reading("map", values=SENT)}, {"is_paid_online": "1"}, set()),
    ({"is_paid_online": reading("map", values=SENT)}, {"is_paid_online": "2"}, {"is_paid_online"}),
    ({"is_paid_online": reading("map", values=SENT)}, {"is_paid_online": "3"}, set()),
    ({"is_paid_online": reading("map", values=SENT)}, {"is_paid_online": "4"}, {"is_paid_online"}),
    ({"sequence": reading("instant")}, {"sequence": "2026-11-02T01:15:00Z"}, {"sequence"}),
    ({"sequence": [reading("text"), reading("date")]}, {"sequence": "x"}, {"sequence"}),
    ({"sequence": [reading("text"), reading("integer")]}, {"sequence1": "7"}, set()),
    ({"dossier_code": reading("integer")}, {"dossier_code": "7"}, set()),
]


@pytest.mark.parametrize(("header", "texts", "unread"), HEADERS)
def test_a_header_value_of_another_kind_is_unreadable(
    settings: Settings, header: dict[str, Any], texts: dict[str, str], unread: set[str]
) -> None:
    spark = session.connect(settings)
    variants = readings.of_headers([RIGHT, read("wrong", header, {})])
    names = [
        text for name, depth in readings.depths(variants).items() for text in readings.text_names(name, depth)
    ]
    row = {name: texts.get(name.removeprefix("_text_")) for name in names} | {"dialect": "wrong"}
    frame = spark.createDataFrame([row], ", ".join(f"{name} string" for name in row))
    typed = frame.withColumns(typed_header(variants, Dossiers))
    found = readings.unreadable(variants, header_domains(Dossiers), "dossiers")
    told = typed.select(*header, *[column.alias(code) for column, code in found]).collect()[0].asDict()
    assert {code for _, code in found if told[code]} == {f"dossiers.{name}:parse" for name in unread}
    assert all(told[name] is None for name in unread)


@pytest.mark.parametrize("parser", ["text", "integer", "boolean"])
def test_an_item_of_another_kind_is_unreadable_and_the_other_dialects_are_not(
    settings: Settings, parser: str
) -> None:
    spark = session.connect(settings)
    variants = readings.of_items([RIGHT, read("wrong", {}, {"birth_date": reading(parser)})], Persons)
    rows = [("right", "02/11/2026"), ("wrong", "02/11/2026"), ("wrong", "1"), ("wrong", None)]
    items = spark.createDataFrame(rows, "dialect string, text string").select(
        "dialect",
        F.lit("persons").alias("_group"),
        F.struct(
            F.lit("001090000011").alias("_text_personal_id"), F.col("text").alias("_text_birth_date")
        ).alias("_item"),
    )
    typed = typed_items(items, variants, item_domains(Persons), "persons")
    told = [(row.birth_date is None, row["_parse"]) for row in typed.select("birth_date", "_parse").collect()]
    assert told[0] == (False, "")
    assert told[1:3] == [(True, "persons.birth_date:parse")] * 2
    assert told[3] == (True, "")
