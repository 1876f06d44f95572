"""Files of a release."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import frictionless
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from jobs.release import datasets, files
from schemas.contract import Contract, Kind
from schemas.derive import sample
from schemas.open.dossier_counts import DossierCounts
from schemas.open.enterprises import Enterprises
from schemas.registry import OPEN

BODY = {"is_generated": False, "periods": ["2026-10"]}


def made(contract: type[Contract], table: pa.Table) -> dict[str, bytes]:
    data = files.data_files(contract, table)
    return files.whole(
        contract, data, version="2026.11.1", created="2026-11-02T16:30:00Z", body=BODY, changelog="# x\n"
    )


@pytest.mark.parametrize("contract", OPEN, ids=lambda contract: contract.table())
def test_the_same_rows_give_the_same_bytes(contract: type[Contract]) -> None:
    rows = [sample.valid(contract)]
    assert made(contract, datasets.table(contract, rows)) == made(contract, datasets.table(contract, rows))


@pytest.mark.parametrize("contract", OPEN, ids=lambda contract: contract.table())
def test_checksums_name_every_file(contract: type[Contract]) -> None:
    found = made(contract, datasets.table(contract, [sample.valid(contract)]))
    stated = dict(line.split("  ")[::-1] for line in found[files.SUMS].decode().splitlines())
    assert stated == {name: files.sha256(data) for name, data in found.items() if name != files.SUMS}


HIDDEN = {
    "area_code": "VN",
    "is_suppressed": "true",
    **dict.fromkeys(name for name in DossierCounts.names() if name.endswith("_count")),
    "province_count": "34",
}


@pytest.mark.parametrize("contract", OPEN, ids=lambda contract: contract.table())
def test_the_package_is_valid_and_a_changed_file_makes_it_invalid(
    contract: type[Contract], tmp_path: Path
) -> None:
    rows = [sample.valid(contract)]
    if contract is DossierCounts:
        rows.append(sample.over(contract, HIDDEN))
    for name, data in made(contract, datasets.table(contract, rows)).items():
        (tmp_path / name).write_bytes(data)
    package = str(tmp_path / "datapackage.json")
    assert frictionless.validate(package).valid
    for name in (f"{contract.table()}.csv", f"{contract.table()}.parquet"):
        whole = (tmp_path / name).read_bytes()
        (tmp_path / name).write_bytes(whole + b"x")
        assert not frictionless.validate(package).valid, name
        (tmp_path / name).write_bytes(whole)


@pytest.mark.parametrize("first", files.FORMULA)
def test_a_formula_is_neutralised_in_csv_and_whole_in_parquet(first: str) -> None:
    row = sample.over(Enterprises, {"name": f"{first}1+1"})
    found = made(Enterprises, datasets.table(Enterprises, [row]))
    cells = next(csv.DictReader(io.StringIO(found["business_enterprises.csv"].decode(), newline="")))
    assert cells["name"] == f"'{first}1+1"
    kept = pq.read_table(pa.BufferReader(found["business_enterprises.parquet"])).to_pylist()
    assert kept[0]["name"] == f"{first}1+1"


@pytest.mark.parametrize(("value", "text"), [(None, ""), (True, "true"), (False, "false"), (0, "0")])
def test_cells(value: object, text: str) -> None:
    assert files.cell(Kind.INTEGER, value) == text


def test_the_order_of_rows_is_that_of_the_key() -> None:
    rows = [sample.over(Enterprises, {"tax_code": code}) for code in ("0300588569", "0100109106")]
    assert datasets.table(Enterprises, rows).column("tax_code").to_pylist() == ["0100109106", "0300588569"]


@pytest.mark.parametrize("contract", OPEN, ids=lambda contract: contract.table())
def test_the_package_describes_every_column_in_both_languages(contract: type[Contract]) -> None:
    found = made(contract, datasets.table(contract, [sample.valid(contract)]))
    described = json.loads(found["datapackage.json"])["resources"][0]["schema"]["fields"]
    assert [field["name"] for field in described] == list(contract.names())
    assert all(field["title"] != field["description"] for field in described)
    text = found["DICTIONARY.md"].decode()
    assert all(f"`{name}`" in text for name in contract.names())
