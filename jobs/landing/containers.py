"""Whether a file can be taken, and how it is written: its container alone, never a row in it.

``python -m jobs.landing.containers ASKED < file`` is the program of ``probe.told``.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import os
import sys
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from typing import IO, Any, cast

import pyarrow as pa
import pyarrow.parquet as pq

from jobs.landing import archives, charsets, edxml, probe
from jobs.landing.content import PART, Data, View, opened, parts_of, size_of
from jobs.landing.forms import IN_PARTS, STATE, Unfit, most_plain_bytes, plain
from jobs.landing.records import LandedRow
from jobs.landing.rows import MAX_PAGE_BYTES, READERS
from jobs.landing.spreadsheet import Spreadsheet, delimiter_of
from jobs.landing.tables import BATCH, OTHER_COLUMNS, require_distinct
from jobs.landing.workbooks import RESAVE, Workbook
from schemas.forms import ARCHIVE, MESSAGE, TABLES
from schemas.layout import ENCODINGS, Layout

_FEW_ROWS = 1_000_000
_TELL = f"save it as UTF-8, or state encoding {STATE}."
Opener = Callable[[], IO[bytes]]


@dataclass(frozen=True, slots=True)
class Judged:
    """What was found of a file."""

    refusal: str | None = None
    """Why it cannot be taken, with the remedy; never its name, which may be a person's."""
    layout: Mapping[str, Any] = field(default_factory=dict)
    """What its rows are read by and its layout did not say."""
    rows: int | None = None
    """How many it has, where they had to be read."""
    members: list[tuple[str, int]] = field(default_factory=list)
    """Of an archive: each file with the number of its last row, in the order in which they are read."""


def judged(data: Data, form: str, layout: Layout) -> Judged:
    """What is found of a file; a bad row inside a good one is conform's.

    Args:
        data: The file.
        form: Its format, one of ``schemas.forms``.
        layout: How such files are laid out, as far as that is stated.

    Raises:
        Unreachable: It could not be looked into; that is not the file's fault.
    """
    if form == MESSAGE:
        return Judged(refusal=edxml.refusal_of(opened(data), size_of(data)))
    try:
        if form in (*TABLES, ARCHIVE):
            return Judged(**probe.told(__spec__.name, {"form": form, "layout": layout.told()}, data))
        return _text(partial(opened, data), size_of(data), form, layout)
    except Unfit as fault:
        return Judged(refusal=str(fault))


def _text(read: Opener, size: int, form: str, layout: Layout) -> Judged:
    """What is found of a text, packed or not.

    Raises:
        Unfit: It cannot be taken.
    """
    if plain(form) != form:
        size = _plain_size(read, size)
        read = partial(_unpacked, read)
    match plain(form):
        case "json" if size > MAX_PAGE_BYTES:
            raise Unfit(f"a page of more than {MAX_PAGE_BYTES} bytes. Remedy: send it as NDJSON.")
        case "csv":
            return Judged(layout=_csv(read, layout))
        case "xml":
            return Judged(rows=sum(1 for _ in READERS["xml"](read(), layout)))
    return Judged()


def _unpacked(read: Opener) -> IO[bytes]:
    return cast("IO[bytes]", gzip.GzipFile(fileobj=read()))


def _plain_size(read: Opener, packed: int) -> int:
    """Bytes when unpacked."""
    size, most = 0, most_plain_bytes(packed)
    try:
        for part in parts_of(_unpacked(read)):
            size += len(part)
            if size > most:
                raise Unfit(f"more than {most} bytes when unpacked. {IN_PARTS}")
    except (OSError, EOFError, zlib.error) as error:
        name = type(error).__name__
        raise Unfit(f"the gzip stream is broken ({name}). Remedy: send the file again.") from error
    return size


def _csv(read: Opener, layout: Layout) -> dict[str, str]:
    """Encoding and delimiter of a CSV file, as far as they are not stated; all of it is read by them."""
    encoding = _encoding(read, layout.encoding)
    whole = replace(layout, encoding=encoding)
    delimiter = layout.delimiter or delimiter_of(read, whole)
    if delimiter is None:
        raise Unfit(
            "more than one of , ; | and tab parts its first row, and the rows do not tell which is meant."
            f" Remedy: state delimiter {STATE}."
        )
    watched = charsets.Watched(read()) if encoding in charsets.OF_ONE_BYTE else None
    table = Spreadsheet(cast("IO[bytes]", watched or read()), replace(whole, delimiter=delimiter))
    try:
        _require_header(table, layout)
    except csv.Error as error:
        raise Unfit(
            f"line {table.line}: {error}. Remedy: close every quote, keep rows short, send it again."
        ) from error
    except UnicodeError as error:
        raise Unfit(_other_encoding(read, encoding, is_stated=layout.encoding is not None)) from error
    if watched is not None and watched.is_utf8:
        raise Unfit(_contradicted(encoding, charsets.UTF_8))
    found = {"encoding": encoding, "delimiter": delimiter}
    return {name: value for name, value in found.items() if getattr(layout, name) is None}


def _encoding(read: Opener, stated: str | None) -> str:
    """What a CSV file is to be read by: what is stated, which nothing may contradict, else what is proven.

    Raises:
        Unfit: It cannot be read by that.
    """
    proven = charsets.proven(read())
    if proven is not None and proven not in ENCODINGS:
        raise Unfit(f"it is {proven}. Remedy: save it as UTF-8.")
    if stated is None and proven in charsets.UNMARKED:
        raise Unfit(f"bytes 0, as in UTF-16 without a mark. Remedy: save it as UTF-8, or {_state(proven)}.")
    if stated is not None and proven not in (None, stated):
        raise Unfit(_contradicted(stated, proven))
    if stated in charsets.UNMARKED and proven is None and read().read(1):
        raise Unfit(f"no bytes 0 where {stated} has them. Remedy: {_TELL}")
    return stated or proven or charsets.UTF_8


def _state(encoding: str | None) -> str:
    return f'state encoding = "{encoding}" {STATE}'


def _contradicted(stated: str, proven: str | None) -> str:
    return f"it is {proven}, and {stated} is stated. Remedy: save it as {stated}, or {_state(proven)}."


def _require_header(table: Spreadsheet, layout: Layout) -> None:
    """Reads all of a CSV file; its header may not be missing, nor have bytes 0."""
    rows = iter(table)
    header = next(rows, None)
    if header is None and layout.header_row > 1:
        raise Unfit(
            f"no row {layout.header_row}, where the header should be. Remedy: state header_row {STATE}."
        )
    if header is not None and any("\0" in cell for cell in header):
        raise Unfit("bytes 0 in its header. Remedy: save it as UTF-8.")
    for _ in rows:
        pass


def _other_encoding(read: Opener, encoding: str, *, is_stated: bool) -> str:
    place = charsets.not_utf8(read())
    if encoding != charsets.UTF_8:
        is_utf8 = place is None and encoding in charsets.OF_ONE_BYTE
        remedy = f"{_state(charsets.UTF_8)}." if is_utf8 else _TELL
        return f"not {encoding} to its end{', but UTF-8' if is_utf8 else ''}. Remedy: {remedy}"
    looks = "" if is_stated else f"; {charsets.evidence(read())}"
    return f"not UTF-8 at byte {place}{looks}. Remedy: {_TELL}"


def _apart(read: Opener, size: int, form: str, layout: Layout) -> Judged:
    """What is found of what only a library reads, in a process of its own.

    Raises:
        Unfit: It cannot be taken.
    """
    if form == ARCHIVE:
        return _archive(read, layout)
    if form == "parquet":
        _require_good_table(read(), size)
        return Judged()
    return _workbook(read, layout)


def _workbook(read: Opener, layout: Layout) -> Judged:
    """What is found of a workbook, all of whose rows are read."""
    rows = others = 0
    try:
        Workbook(read(), layout).require_values()
        for row in READERS["xlsx"](read(), layout):
            rows, others = rows + 1, others + (row.error == OTHER_COLUMNS)
    except (Unfit, MemoryError):
        raise
    # Bytes alone decide what the library meets, and it has faults of many kinds.
    except Exception as error:
        raise Unfit(f"not a workbook, or a broken one ({type(error).__name__}). {RESAVE}") from error
    if rows and rows == others:
        raise Unfit(
            f"row {layout.header_row} names fewer columns than any row below has, as a title does."
            f" Remedy: state header_row {STATE}."
        )
    return Judged(rows=rows)


def _archive(read: Opener, layout: Layout) -> Judged:
    """What is found of an archive and of each of its files, all of whose rows are read."""
    layouts: dict[str, dict[str, Any]] = {}
    ends: list[tuple[str, int]] = []
    rows = 0
    for number, member in enumerate(archives.members(read()), 1):
        try:
            look = _apart if member.form in TABLES else _text
            found = look(member.opened, member.info.file_size, member.form, layout)
            count, last = _counted(READERS[member.form](member.opened(), replace(layout, **found.layout)))
        except Unfit as fault:
            raise Unfit(f"file {number} of the archive, by name: {fault}") from fault
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError) as error:
            why = f"broken ({type(error).__name__}). Remedy: send the archive again."
            raise Unfit(f"file {number} of the archive, by name: {why}") from error
        rows += count
        ends.append((member.name, (ends[-1][1] if ends else 0) + last))
        layouts |= {member.name: dict(found.layout)} if found.layout else {}
    return Judged(layout={"members": layouts} if layouts else {}, rows=rows, members=ends)


def _counted(rows: Iterator[LandedRow]) -> tuple[int, int]:
    """How many rows there are, and the number of the last."""
    count = last = 0
    for row in rows:
        count, last = count + 1, row.row_no
    return count, last


def _require_good_table(stream: IO[bytes], size: int) -> None:
    most_rows, most_bytes, found = max(_FEW_ROWS, size), most_plain_bytes(size), 0
    try:
        file = pq.ParquetFile(stream, pre_buffer=False, buffer_size=PART)
        require_distinct(file)
        is_long = file.metadata.num_rows > most_rows
        for batch in () if is_long else file.iter_batches(batch_size=BATCH, use_threads=False):
            found += batch.nbytes
            if found > most_bytes:
                break
    except (Unfit, MemoryError):
        raise
    except (pa.ArrowException, OSError, ValueError) as error:
        raise Unfit("not a Parquet file, or a broken one. Remedy: send the file again.") from error
    if is_long:
        raise Unfit(f"more than {most_rows} rows in {size} bytes. Remedy: send what it holds, in parts.")
    if found > most_bytes:
        raise Unfit(f"more than {most_bytes} bytes when unpacked. {IN_PARTS}")


def _input() -> IO[bytes]:
    return cast("IO[bytes]", io.BufferedReader(View(0, os.fstat(0).st_size), PART))


def _found(form: str, layout: Layout) -> Judged:
    """What is found of the file at the input."""
    try:
        return _apart(_input, os.fstat(0).st_size, form, layout)
    except Unfit as fault:
        return Judged(refusal=str(fault))
    except MemoryError:
        raise
    # Bytes alone decide what its libraries meet; a fault that none of them names is the file's all the same.
    except Exception as error:  # noqa: BLE001
        return Judged(refusal=f"broken ({type(error).__name__}). Remedy: send the file again.")


def main() -> None:
    """Judges the file at the input."""
    asked = json.loads(sys.argv[1])
    probe.write(lambda: asdict(_found(asked["form"], Layout.of(asked["layout"]))))


if __name__ == "__main__":
    main()
