"""CSV files row by row, within limits that hold before a row is in memory."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import IO

MAX_ROW_CHARACTERS = 12_000_000
"""Of a row that is still told alone; a file with a longer one is refused."""
MAX_COMMAS = 10_000
"""Of a row, in its texts too: each column costs as much as a short text."""


class Spreadsheet:
    """Rows of a CSV file in UTF-8, the header first.

    Iteration raises csv.Error where a quote stays open or a row is longer than any may be, and
    UnicodeDecodeError where the file is not UTF-8; ``line`` is then the line that was read last.
    """

    def __init__(self, stream: IO[bytes]) -> None:
        # The limit is the process', and libraries set it; a row's own limits are those that hold.
        csv.field_size_limit(MAX_ROW_CHARACTERS)
        self.line = 0
        self._characters = self._commas = 0
        self._text = io.TextIOWrapper(stream, "utf-8-sig", newline="")

    def __iter__(self) -> Iterator[list[str]]:
        """The cells of each row."""
        for cells in csv.reader(self._lines(), strict=True):
            self._characters = self._commas = 0
            yield cells

    def _lines(self) -> Iterator[str]:
        while line := self._text.readline(MAX_ROW_CHARACTERS + 1):
            self.line += 1
            self._characters += len(line)
            self._commas += line.count(",")
            if self._characters > MAX_ROW_CHARACTERS or self._commas > MAX_COMMAS:
                raise csv.Error(f"a row of more than {MAX_ROW_CHARACTERS} characters or {MAX_COMMAS} commas")
            yield line
