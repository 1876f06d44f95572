"""The open bucket as anyone sees it, without a key; and what the event log says of releases."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx2 as httpx
import pyarrow as pa
import pyarrow.parquet as pq
import sqlalchemy as sa

from jobs import ops
from jobs.ops import events
from jobs.release import files
from schemas.ops import events as chain
from tests.support.line import Line


def get(line: Line, key: str, method: str = "GET") -> httpx.Response:
    body = b"x" if method in {"PUT", "POST"} else None
    return httpx.request(method, f"{line.settings.s3_endpoint}/{key}", content=body, trust_env=False)


def download(line: Line, noun: str, version: str, folder: Path) -> dict[str, bytes]:
    """Files of a dataset as anyone gets them: the checksums first, then what they name."""
    base = f"open-data/datasets/{noun}/{version}"
    sums = get(line, f"{base}/{files.SUMS}")
    assert sums.status_code == 200
    found = {}
    for text in sums.text.splitlines():
        digest, name = text.split("  ")
        answer = get(line, f"{base}/{name}")
        assert (answer.status_code, files.sha256(answer.content)) == (200, digest)
        (folder / name).write_bytes(answer.content)
        found[name] = answer.content
    return found


def rows(line: Line, noun: str, version: str) -> list[dict[str, Any]]:
    data = get(line, f"open-data/datasets/{noun}/{version}/{noun}.parquet").content
    return list(pq.read_table(pa.BufferReader(data)).to_pylist())


def kinds(line: Line) -> list[str]:
    """Kinds of the events of releases in order; the chain is whole."""
    with ops.engine(line.settings).connect() as connection:
        assert events.verify(connection) is None
        query = sa.select(chain.c.kind).where(chain.c.kind.like("release.%")).order_by(chain.c.seq)
        return list(connection.scalars(query))
