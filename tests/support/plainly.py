"""The sandbox's clean records as facts, read in plain Python: the fold against truth without Spark.

Only what a clean world sends is understood; dirt is conform's, and is tested there.
"""

from __future__ import annotations

import gzip
import json
import sqlite3
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from jobs.identity import columns
from jobs.identity.shape import DatasetShape, shape_of
from jobs.identity.stream import fold_batches
from jobs.merge.components import components
from schemas import dialect as dialects
from schemas.contract import Register
from schemas.contract.effects import EffectOf, Verb
from schemas.dialect import Dialect
from schemas.procedures import BY_CODE, effects_on
from schemas.reading import Readings
from tests.support.facts import KEY
from tests.support.line import HANOI, at_day
from tests.support.truth import COMPARED, State, golden_row

Fact = dict[str, Any]
_MANY = 20_000


def facts(folder: Path, *, day: int) -> dict[Register, list[Fact]]:
    """Facts of a clean world until the evening of a day, with their components, by register."""
    found: dict[Register, list[Fact]] = defaultdict(list)
    for number, (dialect, procedure, row, told) in enumerate([*_extracts(folder), *_approved(folder, day)]):
        catalogued = BY_CODE[procedure]
        for effect_no, effect in enumerate(catalogued.effects):
            common = {**told, "effect_no": effect_no, "row_no": number, "procedure_code": procedure}
            common["is_baseline"] = catalogued.is_baseline
            found[catalogued.register] += _items(dialect, effect, row, common, catalogued.register)
    for rows in found.values():
        _join(rows)
    return found


def folded(register: Register, rows: list[Fact]) -> dict[str, State]:
    """Current golden state of every aggregate, in the form of truth; fails where a fact is held."""
    shape = shape_of(register)
    nouns = [dataset.noun for dataset in shape.datasets if dataset.noun in COMPARED]
    table = pa.Table.from_pylist(rows, schema=columns.input_schema(shape))
    state: dict[str, State] = defaultdict(lambda: {noun: {} for noun in nouns})
    for batch in fold_batches(shape, KEY, table.to_batches(max_chunksize=_MANY)):
        for row in batch.to_pylist():
            assert row["disposition"] != "held", (row["procedure_code"], row["codes"])
            dataset = shape.datasets[row["dataset"]] if row["kind"] == "version" else None
            if dataset is not None and dataset.noun in COMPARED and row["valid_to"] is None:
                state[row["aggregate_key"]][dataset.noun][row["row_key"]] = _golden(dataset, row)
    root = nouns[0]
    return {key: {**told, root: told[root].get("")} for key, told in state.items()}


def _golden(dataset: DatasetShape, row: Mapping[str, Any]) -> State:
    payload = {name: row[columns.payload(dataset, name)] for name in dataset.attributes}
    payload |= {dataset.contract.key.names[0]: row["aggregate_key"], "valid_from": row["valid_from"]}
    return golden_row(dataset.noun, payload)


def _extracts(folder: Path) -> Iterator[tuple[Dialect, str, Mapping[str, Any], Fact]]:
    dialect = dialects.load("baseline")
    for province in sorted((folder / "baseline").iterdir()):
        rows = [("persons", row) for row in pq.read_table(province / "persons.parquet").to_pylist()]
        for noun in ("parcels", "businesses"):
            lines = gzip.decompress((province / f"{noun}.ndjson.gz").read_bytes()).splitlines()
            rows += [(noun, json.loads(line)) for line in lines]
        for noun, row in rows:
            told = {"feed_id": f"{province.name}-baseline", "dossier_code": row["record_id"]}
            told |= {"version_order": 0, "decided_at": _midnight(date.fromisoformat(row["as_of_date"]))}
            yield dialect, f"baseline.{noun}", row, told


def _approved(folder: Path, day: int) -> Iterator[tuple[Dialect, str, Mapping[str, Any], Fact]]:
    """The newest approved version of each dossier that changes a register and is not withdrawn."""
    query = "select province, body from items where updated_at <= ? order by province, updated_at, id"
    newest: dict[tuple[str, str], dict[str, Any]] = {}
    with closing(sqlite3.connect(folder / "world.sqlite")) as database:
        for province, body in database.execute(query, (at_day(day).isoformat(),)):
            item = json.loads(body)
            if item["TrangThaiHoSo"] in {"9", "10"}:
                newest[province, item["MaHoSo"]] = item
    dialect = dialects.load("dvcqg")
    for (province, code), item in newest.items():
        if item["withdrawn_at"] is None and "form" in item:
            decided = datetime.strptime(f"{item['NgayKetThucXuLy']}+0700", "%Y%m%d%H%M%S%z")
            told = {"feed_id": f"{province}-dossiers", "dossier_code": code}
            told |= {"version_order": item["sequence"], "decided_at": decided.astimezone(UTC)}
            yield dialect, item["MaTTHC"], item, told


def _items(
    dialect: Dialect, effect: EffectOf, row: Mapping[str, Any], common: Fact, register: Register
) -> Iterator[Fact]:
    group = dialect.groups[effect.group]
    node: Any = row
    for step in group.path.split("."):
        node = (node or {}).get(step)
    shape = shape_of(register)
    place = shape.index(effect.dataset.info.noun)
    dataset = shape.datasets[place]
    for item_no, item in enumerate(node or []):
        values = {name: _read(readings, item) for name, readings in group.fields.items()}
        values |= effect.constants
        key = effect.dataset.key
        names = (*dataset.attributes, *(old for old in dataset.old_of if old))
        yield {
            **common,
            **{columns.payload(dataset, name): values.get(name) for name in names},
            **dict.fromkeys(("submission_id", "province_code"), common["feed_id"]),
            **_valid(effect, values, common["decided_at"]),
            "fact_id": f"{common['row_no']:08d}.{common['effect_no']}.{item_no}",
            "dataset": place,
            "verb": effect.verb.value,
            "role": effect.role.value,
            "submission_number": 1,
            "object_no": 1,
            "item_no": item_no,
            "aggregate_key": values[key.names[0]],
            "row_key": ":".join(str(values[name]) for name in key.row_names),
        }


def _valid(effect: EffectOf, values: Mapping[str, Any], decided: datetime) -> Fact:
    if effect.verb is Verb.CORRECT:
        begins = {one.valid_from for _, _, one in effects_on(effect.dataset) if one.verb is Verb.BEGIN}
        dates = [values.get(name) for name in effect.attributes if name in begins]
        return {"valid_from": _midnight(dates[0]) if dates and dates[0] else None, "valid_precision": "day"}
    day = values.get(effect.valid_from) if effect.valid_from else None
    if day is None:
        return {"valid_from": decided, "valid_precision": "instant"}
    precision = values["birth_precision"] if effect.valid_from == "birth_date" else "day"
    return {"valid_from": _midnight(day), "valid_precision": precision}


def _read(readings: Readings, item: Mapping[str, Any]) -> Any:
    (one,) = readings
    text = item.get(one.path)
    if text is None:
        return None
    if one.parser == "map":
        return one.values[text] or None
    return _PARSERS.get(one.parser, str)(text)


def _date(text: str) -> date:
    day, month, year = map(int, text.split("/")) if "/" in text else (1, 1, int(text))
    return date(year, month, day)


_PARSERS: Mapping[str, Callable[[str], Any]] = {
    "date": _date,
    "date_precision": lambda text: "day" if "/" in text else "year",
    "integer": int,
    "decimal": lambda text: Decimal(text.replace(",", ".")),
    "boolean": lambda text: text == "Y",
    "parcel_scheme": lambda text: "sheet" if "." in text else "geohash",
}


def _midnight(day: date) -> datetime:
    return datetime.combine(day, datetime.min.time(), HANOI).astimezone(UTC)


def _join(rows: list[Fact]) -> None:
    """Gives each fact its component, and sorts by it."""
    links: dict[tuple[str, str], set[str]] = defaultdict(set)
    for row in rows:
        if not row["is_baseline"]:
            links[row["feed_id"], row["dossier_code"]].add(row["aggregate_key"])
    names = components([sorted(keys) for keys in links.values() if len(keys) > 1])
    for row in rows:
        row["component"] = names.get(row["aggregate_key"], row["aggregate_key"])
    rows.sort(key=lambda row: (row["component"], row["fact_id"]))
