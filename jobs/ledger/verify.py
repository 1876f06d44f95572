"""The verify verb: everything recounted and recomputed from the data, and the first difference named."""

from __future__ import annotations

import re
import time
from collections.abc import Collection, Iterator, Sequence
from typing import Any

from pyspark.errors import PySparkException
from sqlalchemy.exc import DataError

from jobs import ops
from jobs.errors import UsageFault
from jobs.ledger import anchors, book, chain, core, curated, landing, published, registers
from jobs.ledger.anchors import Anchor
from jobs.ledger.difference import PRESENT, Audit, Difference, Progress
from jobs.settings import Settings

LAYERS = (chain.LAYER, landing.LAYER, core.LAYER, curated.LAYER, registers.LAYER, published.LAYER)
"""In the order of checking: each is compared with those before it."""
_LOST = re.compile(r"(?:Location does not exist|Failed to fetch file): (s3://[^\s,;]+)|is not a Parquet file")
"""How Iceberg and Parquet say that they cannot read a file; Parquet does not say which."""


def verify(
    settings: Settings, *, layers: Collection[str] = LAYERS, progress: Progress | None = None
) -> dict[str, Any]:
    """Recounts every layer from its data and compares it with what must be equal.

    Nothing stored is believed: the event chain is hashed again, landing bytes are read again, tables
    are summed again. It reads ops as of one instant, so that a run may go on meanwhile, and holds one
    object or one batch of rows at a time.

    Args:
        settings: Names the stores.
        layers: What to look at; ``core`` brings ``landing``, which it is compared with.
        progress: Called as it goes on.

    Returns:
        ``verified``, ``first_difference`` (``where``, ``what``, ``expected``, ``found``; None where
        there is none), ``erased`` (erasures by law with their basis), ``checked`` (counts by layer, as far
        as it came), ``seconds``, and ``rows_per_second``: landed rows that were read again, over all seconds.
    """
    begun = time.monotonic()
    heads = list(anchors.kept(settings))
    with book.opened(ops.engine(settings)) as snapshot:
        audit = Audit(settings, snapshot, progress or (lambda _: None))
        first = next(differences(audit, heads, layers), None)
    seconds = time.monotonic() - begun
    checked = {layer: dict(counts) for layer, counts in audit.checked.items()}
    return {
        "verified": first is None,
        "first_difference": first.told() if first else None,
        "erased": [one.told() for one in audit.book.erasures],
        "checked": checked,
        "seconds": round(seconds, 1),
        "rows_per_second": round(checked.get(landing.LAYER, {}).get("rows", 0) / seconds),
    }


def differences(
    audit: Audit, heads: Sequence[tuple[str, Anchor | None]], layers: Collection[str] = LAYERS
) -> Iterator[Difference]:
    """Every difference, layer by layer; a layer is read when the one before it gave its last.

    Raises:
        UsageFault: There is no such layer.
    """
    if unknown := sorted(set(layers) - set(LAYERS)):
        raise UsageFault(f"There is no layer {unknown[0]}.", f"name {', '.join(LAYERS)}.")
    if chain.LAYER in layers:
        yield from _readable(chain.LAYER, chain.check(audit, heads))
    if {landing.LAYER, core.LAYER} & set(layers):
        yield from _readable(landing.LAYER, landing.check(audit))
    for layer in (core, curated, registers):
        if layer.LAYER in layers:
            yield from _with_lost_files(layer.LAYER, layer.check(audit))
    if published.LAYER in layers:
        yield from published.check(audit)


def _readable(layer: str, found: Iterator[Difference]) -> Iterator[Difference]:
    """The differences, and a value that PostgreSQL holds and Python cannot: before Christ, infinity."""
    try:
        yield from found
    except DataError:
        yield Difference(f"a row of {layer}", "value", "an instant of the years 1 to 9999", "another")


def _with_lost_files(layer: str, found: Iterator[Difference]) -> Iterator[Difference]:
    """The differences, and a file of the lake that is gone or no longer one."""
    try:
        yield from _readable(layer, found)
    except PySparkException as error:
        lost = _LOST.search(str(error))
        if lost is None:
            raise
        yield Difference(lost[1] or f"a data file below {layer}", "file", PRESENT, "absent or unreadable")
