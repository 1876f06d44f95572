"""Layer ``open``: the public bucket holds what was approved, byte for byte, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator

from jobs import ops, release
from jobs.ledger.difference import Audit, Difference
from jobs.release import records

LAYER = "open"


def check(audit: Audit) -> Iterator[Difference]:
    """The first public file that is missing, strange or altered.

    While an approved release is being copied the bucket is between two states, and is left out.
    """
    audit.step(LAYER, "public files")
    known = records.listed(ops.engine(audit.settings))
    if any(one.state == "candidate" and one.was_public for one in known):
        audit.count(LAYER, "releases being published")
        return
    audit.count(LAYER, "releases", sum(one.was_public for one in known))
    found = release.first_difference(audit.settings)
    if found is not None:
        yield Difference(found, "public file", "as approved", "another")
