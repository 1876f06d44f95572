"""The same dossiers in the words of every system give the same header and the same lines, in one pass."""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import closing
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pytest
from pyspark.sql import functions as F

from infra.sandbox.build import build
from infra.sandbox.systems import SYSTEMS
from jobs import session
from jobs.conform import readings
from jobs.conform.canonical import canonical, typed_header
from jobs.conform.sent import GROUPS, Said
from jobs.landing.decoding import canonical_json
from jobs.landing.shaping import shaped
from jobs.settings import Settings
from schemas import dialect as dialects
from schemas.contract import Contract
from schemas.core.dossiers import Dossiers
from schemas.core.landed import UNTOLD
from schemas.dialect import Dialect
from schemas.registry import ROWS

pytestmark = pytest.mark.usefixtures("compiled")
OWN = "dvcqg"
TOLD_OTHERWISE = {
    "opencps": {"return_method", "time_limit", "time_limit_unit", "supplements"},
    "lgsp_en": {"attachments"},
    "epar": {"applicant_name", "channel", "days_late", "is_deleted"},
    "td": {"time_limit", "time_limit_unit", "is_migrated", "portal_state"},
    "hoso2025": {"representative_name", "time_limit", "time_limit_unit", "attachments", "portal_state"},
}
"""Header columns that a system tells and our own feed does not, or tells in another way."""
COMPARED = [name for name in Dossiers.names() if name not in {"register_name", "disposition", "is_step_back"}]


def landed(
    raws: Sequence[str], records: Sequence[Mapping[str, Any]], dialect: Dialect, used: Sequence[Dialect]
) -> pa.Table:
    """Rows of one object, numbered from 1."""
    own = {
        "submission_id": dialect.name,
        "object_no": 1,
        "submission_number": 1,
        "feed_id": "f",
        "province_code": "01",
        "received_at": datetime(2026, 11, 5, 16, 30, tzinfo=UTC),
        "content_digest": "d",
        "dialect": dialect.name,
    }
    told = {name: [value] * len(raws) for name, value in own.items()}
    told |= {"row_no": [*range(1, len(raws) + 1)], "raw": [*raws]}
    told |= {name: pa.nulls(len(raws), pa.string()) for name in ("procedure", "error", "_fields")}
    return pa.table(told | Said.by(used).columns(records, dialect))


@pytest.fixture(scope="module")
def told(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> dict[int, dict[str, Any]]:
    """Every version of a small world, by its number and the dialect that it was told in."""
    folder = tmp_path_factory.mktemp("world")
    build(folder, seed="words", scale=0.02, profile="typical", days=3)
    with closing(sqlite3.connect(folder / "world.sqlite")) as database:
        items = [json.loads(body) for (body,) in database.execute("select body from items limit 600")]
    known = {name: dialects.load(name) for name in (OWN, *SYSTEMS)}
    tables = []
    for name, dialect in known.items():
        sent = [item if name == OWN else SYSTEMS[name](item) for item in items]
        records = [shaped(json.loads(canonical_json(one)), dialect.shapings) for one in sent]
        tables.append(landed([canonical_json(one) for one in sent], records, dialect, [*known.values()]))
    spark = session.connect(settings)
    frame = canonical(spark.createDataFrame(pa.concat_tables(tables)), [*known.values()])
    plain = frame.select(
        *COMPARED, "dialect", "_parse", "error", *[F.to_json(F.col(g)).alias(g) for g in GROUPS]
    )
    found: dict[int, dict[str, Any]] = defaultdict(dict)
    for row in plain.collect():
        found[row.row_no][row.dialect] = row.asDict()
    return found


@pytest.mark.parametrize("contract", ROWS)
def test_every_column_that_a_sender_may_tell_is_typed(settings: Settings, contract: type[Contract]) -> None:
    session.connect(settings)
    entry = {"path": "x", "parser": "text"}
    told = {name: entry for name in contract.names() if name not in UNTOLD}
    person = {"dataset": "population_persons", "full_name": entry}
    form = {"items": {"person": person}, "groups": {"persons": {"item": "person", "path": "y"}}}
    parts = form if contract is Dossiers else {}
    read = dialects.read("all", {**parts, "dialect": {"rows": contract.info.noun}, "header": told})
    assert typed_header(readings.of_headers([read]), contract).keys() == told.keys()


@pytest.mark.parametrize("system", SYSTEMS)
def test_the_header_is_the_same(system: str, told: dict[int, dict[str, Any]]) -> None:
    known = dialects.load(system).header.keys() & dialects.load(OWN).header.keys()
    alike = sorted(known - TOLD_OTHERWISE[system] - {"result_text"})
    assert {"dossier_code", "status", "procedure_code", "finished_at", "applicant_id"} <= {*alike}
    for versions in told.values():
        own, other = versions[OWN], versions[system]
        if not own["_parse"] and not other["_parse"]:
            assert {name: other[name] for name in alike} == {name: own[name] for name in alike}


def codes(versions: dict[str, Any], dialect: str) -> set[str]:
    return {*(versions[dialect]["_parse"] or "").split(",")} - {""}


@pytest.mark.parametrize("system", SYSTEMS)
def test_what_one_cannot_read_the_other_cannot(system: str, told: dict[int, dict[str, Any]]) -> None:
    """What is outside a list here cannot be read where codes are mapped: words for a status, a procedure."""
    mapped = {"dossiers.status:parse", "dossiers.procedure_code:parse"}
    for versions in told.values():
        assert versions[system]["error"] is None
        assert codes(versions, system) - mapped == codes(versions, OWN)


def lines(text: str | None) -> list[dict[str, str]]:
    """Lines without what is empty, which a numbered column cannot tell from what is missing."""
    kept = [{key: value for key, value in line.items() if value} for line in json.loads(text or "[]")]
    return [line for line in kept if line]


@pytest.mark.parametrize("system", SYSTEMS)
def test_the_lines_are_the_same(system: str, told: dict[int, dict[str, Any]]) -> None:
    seen = 0
    for versions in told.values():
        own, other = versions[OWN], versions[system]
        for group in GROUPS:
            assert lines(other[group]) == lines(own[group])
            seen += bool(lines(own[group]))
    assert seen > 300
