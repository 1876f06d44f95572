"""Files: the endings of names that tell a format, and how much of one may be unpacked."""

from __future__ import annotations

from schemas.forms import FORMS

TOLD = "a file .ndjson, .csv, .json or .xml (each also .gz), .xlsx, .parquet or .zip"
"""Formats that can be taken, in words."""
_INSTEAD = {
    (".xls", ".xlsm", ".xlsb", ".ods", ".numbers"): "save the workbook as .xlsx or .csv",
    (
        ".7z",
        ".rar",
        ".tar",
        ".tar.gz",
        ".tgz",
        ".bz2",
        ".xz",
        ".zst",
    ): "pack the files as .zip, or each as .gz",
    (".txt", ".tsv", ".doc", ".docx", ".pdf"): "export the rows as .csv or .ndjson",
}
MAX_PLAIN_BYTES = 2_000_000_000
"""Of a file, and of what a packed one unpacks to."""
FEW_PLAIN_BYTES = 64_000_000
_MOST_PACKED = 200
"""Times its own size that a packed file may unpack to, unless that is little."""


STATE = "in the [layout] of the mapping, or of the feed in the source's file"
"""Where to say what is not guessed of a file."""
IN_PARTS = "Remedy: send it in parts."


class Unfit(ValueError):
    """A file whose container cannot be taken; it is told why, and the remedy, and never a name or value."""


def form_of(name: str) -> str | None:
    """The format that a file's name tells; None where it tells none.

    >>> form_of("rows.csv.gz"), form_of("ROWS.XLSX"), form_of("README")
    ('csv.gz', 'xlsx', None)
    """
    return next((form for form in FORMS if name.lower().endswith(f".{form}")), None)


def unknown(name: str) -> str:
    """Why a file is refused whose name tells no format.

    >>> unknown("a.xls")
    'unknown format. Remedy: save the workbook as .xlsx or .csv.'
    """
    found = (remedy for endings, remedy in _INSTEAD.items() if name.lower().endswith(endings))
    return f"unknown format. Remedy: {next(found, f'send {TOLD}')}."


def plain(form: str) -> str:
    """The format of what a packed file holds."""
    return form.removesuffix(".gz")


def most_plain_bytes(size: int) -> int:
    """How much a packed file may unpack to: text packs to a tenth, nothing honest to a thousandth."""
    return min(MAX_PLAIN_BYTES, max(FEW_PLAIN_BYTES, _MOST_PACKED * size))
