"""Workbooks row by row: the one sheet that has rows, its numbers as numbers, its dates as ISO texts."""

from __future__ import annotations

import datetime as dt
import re
import warnings
import zipfile
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import islice
from typing import IO, Any

from jobs.landing import archives, markup
from jobs.landing.content import parts_of
from jobs.landing.forms import STATE, Unfit
from jobs.landing.spreadsheet import MAX_COLUMNS
from schemas.layout import Layout

warnings.filterwarnings("ignore", module="openpyxl")
"""Its warnings quote cells."""
_MAX_ROWS = 1_048_576
"""Of a sheet, in any program that writes the format."""
_EXACT = 10**15
"""Numbers from here on are not exact in a workbook."""
RESAVE = "Remedy: open it in a spreadsheet program, and save it as .xlsx."
_FORMULA = re.compile(rb"<(\w{1,20}:)?f[\s>/]")
_LITERAL = re.compile(r'"[^"]*"|\[[^\]]*\]|[\\_*].')
"""What of a number's format is no letter of a date: texts, languages, fillings."""
_TAG_BYTES = 24
_OLD = b"\xd0\xcf\x11\xe0"


class CellError(str):
    """What a cell shows whose formula has no value: ``#N/A``, or a date that is none."""

    __slots__ = ()


class Workbook:
    """Rows of a workbook's sheet from the one that names the columns; a row without a value is empty."""

    def __init__(self, stream: IO[bytes], layout: Layout) -> None:
        """Opens the workbook; cells have the values that were kept with their formulas.

        Raises:
            Unfit: It is none, or it is not told which sheet has the rows.
        """
        from openpyxl import load_workbook  # noqa: PLC0415  (slow, and most readers never meet one)

        _require_package(stream)
        self._layout = layout
        self._stream = stream
        self._sheet = self._chosen(load_workbook(stream, read_only=True, data_only=True, keep_links=False))

    def _chosen(self, book: Any) -> Any:
        """The sheet that the layout names, else the only one that shows a row."""
        sheets: list[Any] = [one for one in book.worksheets if one.sheet_state == "visible"]
        if self._layout.sheet is not None:
            sheets = [one for one in book.worksheets if one.title == self._layout.sheet]
            if not sheets:
                raise Unfit(f"no sheet {self._layout.sheet!r}. Remedy: name another {STATE}.")
        elif len(sheets) > 1:
            sheets = [one for one in sheets if any(_rows(one))] or sheets[:1]
            if len(sheets) > 1:
                raise Unfit(
                    f"{len(sheets)} sheets have rows. Remedy: send each in a file of its own, or state sheet"
                    f" {STATE}."
                )
        if not sheets:
            raise Unfit("no sheet that is shown. Remedy: show the sheet with the rows, and save it.")
        return sheets[0]

    def __iter__(self) -> Iterator[list[Any]]:
        """The cells of each row, without the empty ones at its end."""
        return islice(_rows(self._sheet), self._layout.header_row - 1, None)

    def require_values(self) -> None:
        """Looks whether every formula has its value beside it.

        Raises:
            Unfit: One has none: whoever reads the cell would take it for an empty one.
        """
        formulas = _Formulas()
        part = self._sheet._worksheet_path  # noqa: SLF001  (no other way leads from a sheet to its part)
        with zipfile.ZipFile(self._stream) as package:
            with package.open(part) as sheet:
                has_any = _has_formula(sheet)
            if has_any:
                with package.open(part) as sheet:
                    for _ in markup.fed(sheet, formulas):
                        pass
        if formulas.without:
            raise Unfit(
                f"{formulas.without} formulas without their values. Remedy: open it in a spreadsheet"
                " program and save it, or send values."
            )


def _has_formula(sheet: IO[bytes]) -> bool:
    """Whether a part may have one, by its bytes alone: to hear a parser out takes far longer."""
    end = b""
    for part in parts_of(sheet):
        if _FORMULA.search(end + part) or b"\0" in part:
            return True
        end = part[-_TAG_BYTES:]
    return False


def _require_package(stream: IO[bytes]) -> None:
    """Looks at the parts of a workbook before any is unpacked."""
    if stream.read(len(_OLD)) == _OLD:
        raise Unfit("an old .xls, or encrypted. Remedy: save it as .xlsx, without a password.")
    archives.package(stream, "workbook", RESAVE)


def _rows(sheet: Any) -> Iterator[list[Any]]:
    sheet.reset_dimensions()  # What a sheet declares of its size would be filled up with empty cells.
    for number, cells in enumerate(sheet.iter_rows(), 1):
        if number > _MAX_ROWS or len(cells) > MAX_COLUMNS:
            raise Unfit(f"more than {_MAX_ROWS} rows or {MAX_COLUMNS} columns. Remedy: send it as CSV.")
        row = [_value(cell) for cell in cells]
        while row and row[-1] is None:
            row.pop()
        yield row


def _value(cell: Any) -> Any:
    """A cell's value as JSON has it.

    A date without a time of day is a date, and one that shows no day is the month or the year that it shows:
    it was typed as such, and the sheet's program made up the rest. Numbers stay numbers, so that an
    identifier that lost its zeros is not taken for another.
    """
    value = cell.value
    if cell.data_type == "e":
        return CellError(value)
    if isinstance(value, dt.date) and (shown := _shown(cell.number_format)):
        return value.strftime(shown)
    if isinstance(value, dt.datetime):
        return value.date().isoformat() if value.time() == dt.time() else value.isoformat()
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    if isinstance(value, dt.timedelta):
        return str(value)
    if isinstance(value, float) and value.is_integer() and abs(value) < _EXACT:
        return int(value)
    return value


@cache
def _shown(number_format: str) -> str | None:
    """How a date is written whose format shows a year and no day; None of any other format.

    >>> _shown("mmm-yy"), _shown('[$-42A]"Năm "yyyy;@'), _shown("dd/mm/yyyy"), _shown("d-mmm")
    ('%m/%Y', '%Y', None, None)
    """
    letters = set(_LITERAL.sub("", number_format).partition(";")[0].lower())
    if "y" not in letters or letters & {*"dhs"}:
        return None
    return "%m/%Y" if "m" in letters else "%Y"


class _Formulas:
    """Cells of a sheet's part that have a formula and no value; that of one with a text may be empty."""

    def __init__(self) -> None:
        self.heard = self.without = 0
        self._is_formula = self._has_value = self._is_in_value = False

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        """An element begins."""
        self.heard += 1
        match markup.local(name):
            case "c":
                self._is_formula, self._has_value = False, attributes.get("t") == "str"
            case "f":
                self._is_formula = True
            case "v":
                self._is_in_value = True

    def data(self, text: str) -> None:
        """A piece of text."""
        self.heard += 1
        self._has_value |= self._is_in_value and text != ""

    def end(self, name: str) -> None:
        """An element ends."""
        self.heard += 1
        match markup.local(name):
            case "v":
                self._is_in_value = False
            case "c":
                self.without += self._is_formula and not self._has_value

    def close(self) -> None:
        """The part ends."""
