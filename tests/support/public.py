"""The open bucket as anyone sees it: without a key."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx2 as httpx
import pyarrow as pa
import pyarrow.parquet as pq

from jobs.release import files
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
