"""The draft verb: a sample read, a mapping proposed."""

from __future__ import annotations

import gzip
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from itertools import islice
from pathlib import Path
from typing import IO, Any, cast

from jobs import session
from jobs.errors import Unreachable, UsageFault
from jobs.landing.containers import judged
from jobs.landing.content import Data, kept, opened, parts_of
from jobs.landing.forms import TOLD, form_of, plain
from jobs.landing.markup import longest
from jobs.landing.rows import MAX_PAGE_BYTES, page_of, rows_of
from jobs.settings import Settings
from jobs.sources.draft import propose
from jobs.sources.draft.sample import MOST, sample_of
from jobs.sources.draft.written import mapping
from schemas import dialect as dialects
from schemas.core.dossiers import Dossiers
from schemas.layout import Layout


def draft(
    settings: Settings, *, name: str, data: Data, form: str, but: Collection[str] = ()
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
    layout = _layout_of(data, form)
    records = list(islice(_records(data, form, layout), MOST))
    if not records:
        raise UsageFault("There is no record in it.", "give a file or page with dossiers in a known format.")
    sample = sample_of(records)
    spoken = [dialects.load(one) for one in dialects.names() if one not in {name, *but}]
    known = propose.Known([one for one in spoken if one.rows is Dossiers and "procedure_code" in one.header])
    spark = session.connect(settings)
    groups = list(propose.groups(spark, sample, known))
    header = propose.header(spark, sample, known, [one.path for one in groups])
    return {
        "file": mapping(name, sample, layout.items, header, groups),
        "records": sample.records,
        "header": [asdict(one) for one in header],
        "groups": [asdict(one) for one in groups],
    }


def read(sample: str) -> tuple[Data, str]:
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
    if (form := form_of(path.name)) is None:
        raise UsageFault(f"{path.name} has no known format.", f"give {TOLD}.")
    with path.open("rb") as file:
        return kept(parts_of(file)), form


def _records(data: Data, form: str, layout: Layout) -> Iterator[Mapping[str, Any]]:
    for row in rows_of(data, form, layout):
        if row.record is not None:
            yield row.record


def _layout_of(data: Data, form: str) -> Layout:
    """Where a sample's items are, and how it is written.

    Raises:
        UsageFault: It cannot be read.
    """
    try:
        layout = Layout(items=_items_of(data, form), delivery=())
    except (ValueError, OSError, EOFError) as error:
        raise UsageFault(
            f"It is not {plain(form)} ({type(error).__name__}).", "give a whole file."
        ) from error
    found = judged(data, form, layout)
    if found.refusal is not None:
        raise UsageFault(
            f"It cannot be read: {found.refusal.partition(' Remedy:')[0]}", "give another sample."
        )
    return replace(layout, **found.layout)


def _items_of(data: Data, form: str) -> str:
    """Path of the longest list near the surface of a page or document; empty for others, which need none."""
    stream = opened(data)
    if plain(form) != form:
        stream = cast("IO[bytes]", gzip.GzipFile(fileobj=stream))
    if plain(form) == "xml":
        return longest(stream)
    if plain(form) != "json":
        return ""
    page = page_of(stream.read(MAX_PAGE_BYTES + 1))
    found = max(_lists(page, ()), key=lambda one: one[0], default=(0, ()))
    return ".".join(found[1])


def _lists(node: Any, path: Sequence[str], depth: int = 3) -> Iterator[tuple[int, Sequence[str]]]:
    if isinstance(node, list) and all(isinstance(one, dict) for one in node):
        yield len(node), path
    if isinstance(node, dict) and depth:
        for key, value in node.items():
            yield from _lists(value, (*path, key), depth - 1)
