"""Formats of files, and the endings of names that tell them."""

from __future__ import annotations

FORMS = ("ndjson.gz", "ndjson", "csv.gz", "csv", "parquet", "json.gz", "json")
"""Formats that can be taken."""
ENDINGS = tuple(f".{form}" for form in FORMS)


def form_of(name: str) -> str | None:
    """The format that a file's name tells; None where it tells none.

    >>> form_of("rows.csv.gz"), form_of("README")
    ('csv.gz', None)
    """
    return next((form for form in FORMS if name.endswith(f".{form}")), None)
