"""The draft verb: a sample read, a mapping proposed."""

from __future__ import annotations

import gzip
import io
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from typing import Any

from jobs import session
from jobs.errors import Unreachable, UsageFault
from jobs.landing.rows import MAX_PAGE_BYTES, page_of, rows_of
from jobs.settings import Settings
from jobs.sources.directory import FORMS
from jobs.sources.draft import propose
from jobs.sources.draft.sample import MOST, sample_of
from jobs.sources.draft.written import mapping
from schemas import dialect as dialects
from schemas.core.dossiers import Dossiers
from schemas.layout import Layout


def draft(
    settings: Settings, *, name: str, data: bytes, form: str, but: Collection[str] = ()
) -> dict[str, Any]:
    """Proposes a mapping for what a system sends.

    Args:
        settings: Names Spark, whose parsers read the values.
        name: Of the dialect.
        data: A file or a page.
        form: Its format.
        but: Dialects whose mappings are not learnt from.

    Returns:
        ``file``, the mapping's text; ``records``, how many were looked at; ``header`` and ``groups``, the
        proposals with their evidence. Evidence has names and counts, never a value.

    Raises:
        UsageFault: It holds no records.
    """
    items = _items_of(data) if form.startswith("json") else ""
    records = list(islice(_records(data, form, items), MOST))
    if not records:
        raise UsageFault("There is no record in it.", "give a file or page with dossiers in a known format.")
    sample = sample_of(records)
    spoken = [dialects.load(one) for one in dialects.names() if one not in {name, *but}]
    known = propose.Known([one for one in spoken if one.rows is Dossiers and not one.is_baseline])
    spark = session.connect(settings)
    groups = list(propose.groups(spark, sample, known))
    header = propose.header(spark, sample, known, [one.path for one in groups])
    return {
        "file": mapping(name, sample, items, header, groups),
        "records": sample.records,
        "header": [asdict(one) for one in header],
        "groups": [asdict(one) for one in groups],
    }


def read(sample: str) -> tuple[bytes, str]:
    """The bytes of a file or of a page at an address, and their format.

    Raises:
        UsageFault: There is no such file, or its name tells no format.
        Unreachable: The address does not answer with a page.
    """
    if sample.startswith(("http://", "https://")):
        import httpx2 as httpx  # noqa: PLC0415  (a file needs none)

        try:
            answer = httpx.get(sample, timeout=30, trust_env=False).raise_for_status()
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise Unreachable(
                f"No page there ({type(error).__name__}).",
                "save a page with your credentials, and name the file.",
            ) from error
        return answer.content, "json"
    path = Path(sample)
    if not path.is_file():
        raise UsageFault(f"There is no file {path}.", "name a file with some dossiers.")
    return path.read_bytes(), form_of(path.name)


def form_of(name: str) -> str:
    """The format that a file's name tells.

    Raises:
        UsageFault: It tells none.
    """
    for form in FORMS:
        if name.endswith(form):
            return form.removeprefix(".")
    raise UsageFault(f"{Path(name).name} has no known format.", f"name it with one of {', '.join(FORMS)}.")


def _records(data: bytes, form: str, items: str) -> Iterator[Mapping[str, Any]]:
    for row in rows_of(data, form, Layout(items=items, delivery=())):
        if row.record is not None:
            yield row.record


def _items_of(data: bytes) -> str:
    """Path of the longest list of objects near a page's surface."""
    try:
        packed = data[:2] == b"\x1f\x8b"
        page = page_of(gzip.GzipFile(fileobj=io.BytesIO(data)).read(MAX_PAGE_BYTES + 1) if packed else data)
    except (ValueError, OSError, EOFError) as error:
        raise UsageFault(f"It is not JSON ({type(error).__name__}).", "give a whole page.") from error
    found = max(_lists(page, ()), key=lambda one: one[0], default=(0, ()))
    return ".".join(found[1])


def _lists(node: Any, path: Sequence[str], depth: int = 3) -> Iterator[tuple[int, Sequence[str]]]:
    if isinstance(node, list) and all(isinstance(one, dict) for one in node):
        yield len(node), path
    if isinstance(node, dict) and depth:
        for key, value in node.items():
            yield from _lists(value, (*path, key), depth - 1)
