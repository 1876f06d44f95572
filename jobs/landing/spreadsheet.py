"""CSV files row by row, within limits that hold before a row is in memory."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import islice
from typing import IO

from jobs.landing import charsets
from schemas.layout import DELIMITERS, Layout

MAX_WRITTEN_ROW = 12_000_000
"""Characters of a row as a file writes it, its marks among them; a file with a longer one is refused."""
MAX_COLUMNS = 10_000
"""Of a row, counted by its delimiters, in its texts too: each column costs as much as a short text."""
_LOOKED_AT, _LOOKED_AT_BYTES = 100, 1_000_000
"""Rows by which a delimiter is found, and the bytes that they may have."""


class Spreadsheet:
    """Rows of a CSV file from the one that names the columns.

    Iteration raises csv.Error where a quote stays open or a row is longer than any may be, and UnicodeError
    where the file is not in its encoding; ``line`` is then the line that was read last.
    """

    def __init__(self, stream: IO[bytes], layout: Layout) -> None:
        """A file as its layout has it; UTF-8 and commas where that says nothing."""
        # The limit is the process', and libraries set it; a row's own limits are those that hold.
        csv.field_size_limit(MAX_WRITTEN_ROW)
        self.line = 0
        self._characters = self._cells = 0
        self._layout = layout
        self._encoding = layout.encoding or charsets.UTF_8
        self._delimiter = layout.delimiter or DELIMITERS[0]
        self._text = charsets.text_of(stream, self._encoding)

    def __iter__(self) -> Iterator[list[str]]:
        """The cells of each row."""
        return islice(self._rows(), self._layout.header_row - 1, None)

    def _rows(self) -> Iterator[list[str]]:
        quote = self._layout.quote
        table = csv.reader(
            self._lines(),
            delimiter=self._delimiter,
            quotechar=quote or None,
            quoting=csv.QUOTE_MINIMAL if quote else csv.QUOTE_NONE,
            strict=True,
        )
        for cells in table:
            self._characters = self._cells = 0
            yield cells

    def _lines(self) -> Iterator[str]:
        while line := self._text.readline(MAX_WRITTEN_ROW + 1):
            self.line += 1
            self._characters += len(line)
            self._cells += line.count(self._delimiter)
            if self._characters > MAX_WRITTEN_ROW or self._cells > MAX_COLUMNS:
                raise csv.Error(f"a row of more than {MAX_WRITTEN_ROW} characters or {MAX_COLUMNS} columns")
            yield charsets.letters(line, self._encoding)


def delimiter_of(read: Callable[[], IO[bytes]], layout: Layout) -> str | None:
    """What stands between the cells of a CSV file, where its first rows prove it; None where they do not.

    A character is in question when it parts the header. The one that gives every row as many cells as the
    header is it; so is the only one in question, since rows of another number are faults of their own; where
    there is none, the file has one column, and the comma will do.
    """
    head = read().read(_LOOKED_AT_BYTES)
    counts = {one: _counts(head, replace(layout, delimiter=one)) for one in DELIMITERS}
    parting = [one for one, found in counts.items() if found and found[0] > 1]
    proven = [one for one in parting if set(counts[one]) == {counts[one][0]}]
    if len(parting) <= 1:
        return (parting or DELIMITERS)[0]
    return proven[0] if len(proven) == 1 else None


def _counts(head: bytes, layout: Layout) -> list[int]:
    """Cells of the header and of the first rows that have any, as far as they can be read and are whole."""
    found: list[int] = []
    try:
        for cells in islice(Spreadsheet(io.BytesIO(head), layout), _LOOKED_AT):
            found += [len(cells)] if cells else []
    except (csv.Error, UnicodeError):
        pass
    is_cut = len(head) == _LOOKED_AT_BYTES and len(found) < _LOOKED_AT
    return found[:-1] if is_cut and len(found) > 1 else found
