"""Rows of spreadsheets and tables: one poisoned extract of a person each, among good ones."""

from __future__ import annotations

import csv
import datetime as dt
import decimal
import io
from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from tests.hostile.kinds import FILES, FOLDER, OWN, Fate, RowKind, effective, quarantined, unreadable

_ID, _NAME = "NguoiDan.SoDinhDanh", "NguoiDan.HoVaTen"
_BORN, _SEX = "NguoiDan.NgaySinh", "NguoiDan.GioiTinh"
AN = "Nguyễn Thị An"


def extract(number: int, serial: int) -> dict[str, Any]:
    """A good record, whose person has an id made of the serial."""
    return {
        "record_id": f"BL01H{number:04d}",
        "as_of_date": "2026-07-31",
        _ID: f"001301{serial:06d}",
        _NAME: AN,
        _BORN: "20/10/2001",
        _SEX: "2",
    }


def line(record: dict[str, Any]) -> str:
    """The record as a line of CSV."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(record.values())
    return text.getvalue().removesuffix("\n")


def _cells(**changes: Any) -> Callable[[dict[str, Any]], str]:
    """The line with other cells; ``id``, ``name``, ``born`` stand for the person's columns."""
    return lambda record: line(_changed(record, changes))


def _changed(record: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    names = {"id": _ID, "name": _NAME, "born": _BORN, "sex": _SEX}
    new = {names.get(name, name): value for name, value in changes.items()}
    return record | {name: value(record[name]) if callable(value) else value for name, value in new.items()}


def nested(record: dict[str, Any]) -> dict[str, Any]:
    """The record as a table's row: its person is an item of a list."""
    person = {name.partition(".")[2]: value for name, value in record.items() if "." in name}
    return {name: value for name, value in record.items() if "." not in name} | {"NguoiDan": [person]}


def _typed(**changes: Any) -> Callable[[dict[str, Any]], bytes]:
    """A table of one row with other values, whose types the table takes on."""
    return lambda record: tabled(nested(_changed(record, changes)))


def tabled(row: dict[str, Any]) -> bytes:
    """A Parquet file of one row."""
    file = io.BytesIO()
    pq.write_table(pa.Table.from_pylist([row]), file)
    return file.getvalue()


def _row(name: str, text: Callable[[dict[str, Any]], str | bytes], fate: Fate) -> RowKind:
    return RowKind(name, text, fate, FILES)


def _typed_row(name: str, text: Callable[[dict[str, Any]], bytes], fate: Fate) -> RowKind:
    return RowKind(name, text, fate, (FOLDER,))


CSV = (
    _row("CSV row with a column too few", lambda r: line(r).rpartition(",")[0], unreadable()),
    _row("CSV row with a column too many", lambda r: line(r) + ",x", unreadable()),
    _row("CSV row with semicolons", lambda r: line(r).replace(",", ";"), unreadable()),
    _row("CSV cell with a line break", _cells(name="Nguyễn\nThị\r\nAn"), effective(full_name=AN)),
    _row("CSV cell with a comma", _cells(name="Nguyễn, Thị An"),
         effective(full_name="Nguyễn, Thị An")),
    _row("CSV cell with quotes", _cells(name='Nguyễn "Thị" An'), quarantined("persons.full_name:pattern")),
    _row("CSV cell with a formula", _cells(name="=1+1"), quarantined("POP-013", "persons.full_name:pattern")),
    _row("CSV cell of 10 MB", _cells(name="x" * 10_000_000), unreadable()),
    _row("CSV cell with NUL", _cells(name="Nguyễn\x00An"), quarantined("persons.full_name:parse")),
    _row("CSV cell with RTL override", _cells(name="Nguyễn \u202enA"),
         quarantined("persons.full_name:parse")),
    _row("CSV row after a BOM in the middle", lambda r: "\ufeff" + line(r),
         effective(personal_id=OWN)),
    _row("CSV row that ends in CR LF", lambda r: line(r) + "\r", effective(personal_id=OWN)),
    _row("CSV row of empty cells", lambda r: "," * (len(r) - 1),
         quarantined("dossiers.dossier_code:required")),
    _row("CSV: leading zeros lost", _cells(id=lambda own: own.lstrip("0")),
         quarantined("POP-001", "POP-003", "persons.personal_id:pattern")),
    _row("CSV: id in exponents", _cells(id="1,30E+09"),
         quarantined("POP-001", "POP-002", "persons.personal_id:pattern")),
    _row("CSV: 31/02", _cells(born="31/02/2001"), quarantined("persons.birth_date:parse")),
    _row("CSV: date of a spreadsheet", _cells(born="37184"),
         quarantined("persons.birth_date:parse", "persons.birth_precision:parse")),
    _row("CSV: zero-width letters in an id", _cells(id=lambda own: f"{own[:5]}\u200b{own[5:]}"),
         effective(personal_id=OWN)),
)  # fmt: skip
PARQUET = (
    _typed_row("Parquet: id as integer", _typed(id=int),
         quarantined("POP-001", "POP-003", "persons.personal_id:pattern")),
    _typed_row("Parquet: id as bytes", _typed(id=str.encode),
         quarantined("POP-001", "POP-002", "POP-003", "persons.personal_id:length",
                     "persons.personal_id:pattern")),
    _typed_row("Parquet: date as date", _typed(born=dt.date(2001, 10, 20)),
         effective(birth_date="2001-10-20")),
    _typed_row("Parquet: date as instant", _typed(born=dt.datetime(2001, 10, 20, tzinfo=dt.UTC)),
         quarantined("persons.birth_date:parse", "persons.birth_precision:parse")),
    _typed_row("Parquet: NaN for a sex", _typed(sex=float("nan")), unreadable()),
    _typed_row("Parquet: decimal for a sex", _typed(sex=decimal.Decimal("2.0")),
         quarantined("persons.sex:parse")),
    _typed_row("Parquet: integer for a sex", _typed(sex=2), effective(personal_id=OWN)),
    _typed_row("Parquet: a struct for a name", _typed(name={"ho": "Nguyễn"}),
         quarantined("POP-013", "persons.full_name:pattern")),
    _typed_row("Parquet: a part missing", lambda r: tabled({"record_id": r["record_id"]}),
         quarantined("DOS-904")),
    _typed_row("Parquet: a column more", lambda r: tabled(nested(r) | {"province_code": "79"}),
         effective(province_code="01")),
    _typed_row("Parquet: a value of 10 MB", _typed(name="x" * 10_000_000), unreadable()),
)  # fmt: skip
