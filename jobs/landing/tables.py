"""Rows of tables: a header names the columns, and each row below has a cell for each."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from typing import IO, Any

import pyarrow as pa
import pyarrow.parquet as pq

from jobs.landing.content import PART
from jobs.landing.forms import Unfit
from jobs.landing.records import LandedRow, row_of, unreadable
from jobs.landing.spreadsheet import Spreadsheet
from jobs.landing.workbooks import CellError, Workbook
from schemas.layout import DELIMITERS, Layout

_TWICE = "the header names a column twice"
OTHER_COLUMNS = "the row has another number of columns"
BATCH = 256
"""Rows of a Parquet file that are unpacked at a time, here and by whoever judges it."""


def csv_rows(stream: IO[bytes], layout: Layout) -> Iterator[LandedRow]:
    """Rows of a CSV file; an empty line is none, and keeps its number."""
    table = iter(Spreadsheet(stream, layout))
    header = _named(next(table, []))
    delimiter = layout.delimiter or DELIMITERS[0]
    is_good = _is_good(header)
    for number, cells in enumerate(table, 1):
        if cells and not is_good:
            yield unreadable(number, delimiter.join(cells).encode(), _TWICE)
        elif len(cells) == len(header):
            yield row_of(number, _nested(dict(zip(header, cells, strict=True))), None, layout)
        elif cells:
            yield unreadable(number, delimiter.join(cells).encode(), OTHER_COLUMNS)


def sheet_rows(stream: IO[bytes], layout: Layout) -> Iterator[LandedRow]:
    """Rows of a workbook's sheet, counted from the one below the header; a row without a value is none.

    Raises:
        Unfit: It is no workbook that can be read.
    """
    table = iter(Workbook(stream, layout))
    names = _named(["" if cell is None else str(cell) for cell in next(table, [])])
    for number, cells in enumerate(table, 1):
        if cells and (fault := _fault_of(names, cells)):
            yield unreadable(number, json.dumps(cells, ensure_ascii=False).encode(errors="replace"), fault)
        elif cells:
            padded = [*cells, *[None] * (len(names) - len(cells))]
            yield row_of(number, _nested(dict(zip(names, padded, strict=True))), None, layout)


def _named(header: Sequence[str]) -> list[str]:
    """Names of all columns; one that the header does not name is named by its place."""
    return [name or f"column {place}" for place, name in enumerate(header, 1)]


def _fault_of(names: Sequence[str], cells: Sequence[Any]) -> str | None:
    """Why a row of a sheet cannot be read."""
    if not _is_good(names):
        return _TWICE
    if len(cells) > len(names):
        return OTHER_COLUMNS
    is_error = any(isinstance(cell, CellError) for cell in cells)
    return "a cell shows an error of the spreadsheet" if is_error else None


def _is_good(header: Sequence[str]) -> bool:
    """Whether no column is named twice, as itself or as a group's, in whatever form of Unicode."""
    own = [unicodedata.normalize("NFC", name) for name in header]
    names = [*own, *{name.partition(".")[0] for name in own if "." in name}]
    return len(names) == len(set(names))


def _nested(cells: Mapping[str, Any]) -> dict[str, Any]:
    """Cells by name; ``Group.Field`` stands for the field of a group's only item."""
    record: dict[str, Any] = {}
    for name, value in cells.items():
        group, dot, field = name.partition(".")
        if dot:
            record.setdefault(group, [{}])[0][field] = value
        else:
            record[name] = value
    return record


def parquet_rows(stream: IO[bytes], layout: Layout) -> Iterator[LandedRow]:
    """Rows of a Parquet file, read in batches.

    Raises:
        Unfit: It names a column twice.
    """
    number = 0
    file = pq.ParquetFile(stream, buffer_size=PART, pre_buffer=False)
    require_distinct(file)
    for batch in file.iter_batches(batch_size=BATCH, use_threads=False):
        for item in batch.to_pylist():
            number += 1
            yield row_of(number, item, None, layout)


def require_distinct(file: pq.ParquetFile) -> None:
    """Refuses a file of which a row cannot be told by the names of its columns.

    Raises:
        Unfit: It names a column twice, or a field of one.
    """
    open_ = [pa.struct(file.schema_arrow)]
    while open_:
        kind = open_.pop()
        fields = [kind.field(place) for place in range(kind.num_fields)]
        names = {unicodedata.normalize("NFC", field.name) for field in fields}
        if pa.types.is_struct(kind) and len(names) < len(fields):
            raise Unfit("it names a column twice. Remedy: give each column a name of its own.")
        open_ += [field.type for field in fields]
