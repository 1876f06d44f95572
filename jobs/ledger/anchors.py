"""Heads of the event chain kept outside ops, so that a cut tail shows."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from jobs import objects, ops
from jobs.errors import IntegrityFault
from jobs.ops import events
from jobs.settings import Settings


@dataclass(frozen=True, slots=True)
class Anchor:
    """The head of the chain when it was written."""

    seq: int
    hash: str


def anchor(settings: Settings, *, at: datetime) -> Anchor:
    """Writes the head of the event chain to the landing store; a head that is there stays as it is.

    Args:
        settings: Names the stores.
        at: The run's instant.

    Raises:
        IntegrityFault: The store keeps another head under the same number.
    """
    with ops.engine(settings).connect() as connection:
        head = Anchor(*events.head(connection))
    store, key = objects.client(settings), events.head_key(head.seq)
    known = objects.find(store, settings.landing_bucket, key)
    if known is None:
        data = json.dumps({"seq": head.seq, "hash": head.hash, "at": at.isoformat()}).encode()
        objects.put(store, settings.landing_bucket, key, data, "application/json")
    elif read(known) != head:
        raise IntegrityFault(
            f"s3://{settings.landing_bucket}/{key}: the event log has another event {head.seq}.",
            "lienthong ledger verify names the first difference.",
        )
    return head


def kept(settings: Settings) -> Iterator[tuple[str, Anchor | None]]:
    """Key and content of every head that was written, in order; None where it cannot be read."""
    store = objects.client(settings)
    for key in objects.keys(store, settings.landing_bucket, events.HEADS):
        yield key, read(objects.get(store, settings.landing_bucket, key))


def read(data: bytes) -> Anchor | None:
    """A head from an object's bytes; None where they are none.

    >>> read(b'{"seq": 3, "hash": "ab"}')
    Anchor(seq=3, hash='ab')
    >>> read(b"{") is None
    True
    """
    try:
        told = json.loads(data)
        return Anchor(int(told["seq"]), str(told["hash"]))
    except (ValueError, KeyError, TypeError):
        return None
