"""Formats of files that can be taken."""

from __future__ import annotations

TEXTS = ("ndjson", "csv", "json", "xml")
"""Formats of text; ``.gz`` may follow."""
TABLES = ("xlsx", "parquet")
ARCHIVE = "zip"
"""Of files in the formats above, none of them packed."""
MESSAGE = "edxml"
"""A message of the document exchange: told by its feed's dialect, never by a name."""
FORMS = (*(f"{form}.gz" for form in TEXTS), *TEXTS, *TABLES, ARCHIVE)
"""Those that a file's name may tell, by its ending."""
