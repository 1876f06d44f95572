"""What a large delivery costs: landed into a real store and read back, by a process that does nothing else.

``python -m tests.hostile.large MEGABYTES [FILE…]`` with ``LIENTHONG_HOME`` tells, for each kind of file, the
peak of memory above what the process had after a small file, in MiB, and the seconds: of landing, and of
reading as conform does. A child that looks at an archive counts whole.
"""

from __future__ import annotations

import gzip
import json
import os
import resource
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from itertools import count
from pathlib import Path
from time import perf_counter
from typing import IO, Any, cast

from jobs import objects
from jobs.extract.land import land
from jobs.landing.manifests import layout_of
from jobs.landing.rows import rows_of
from jobs.ops.submissions import Submission
from jobs.settings import Settings, load_settings
from jobs.sources.directory import DirectorySource
from jobs.sources.model import Feed
from schemas.layout import USUAL
from tests.hostile.memory import STATED
from tests.support.memory import peak, status
from tests.support.province import asked

_TEXT = "Quyết định cấp giấy chứng nhận quyền sử dụng đất"


def _lines() -> Iterator[bytes]:
    for number in count():
        note = f"{_TEXT} {number * 7919 % 1_000_003} " * 8
        body = {"MaHoSo": f"H26.01.02-261102-{number:08d}", "GhiChu": note}
        yield json.dumps(body, ensure_ascii=False).encode() + b"\n"


def _cells() -> Iterator[bytes]:
    yield b"MaHoSo;GhiChu;KetQua\n"
    for number in count():
        yield f'H26.01.02-261102-{number:08d};"{_TEXT}; {number * 7919 % 1_000_003}";{_TEXT * 4}\n'.encode()


def _filled(file: IO[bytes], parts: Iterator[bytes], size: int) -> None:
    written = 0
    for part in parts:
        file.write(part)
        written += len(part)
        if written >= size:
            return


def _packed(path: Path, size: int) -> None:
    with gzip.open(path, "wb", 1) as file:
        _filled(cast("IO[bytes]", file), _lines(), size)


def _archived(path: Path, size: int) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, parts in (("a.csv", _cells()), ("b.ndjson", _lines())):
            with archive.open(name, "w") as file:
                _filled(file, parts, size // 2)


def _plain(parts: Callable[[], Iterator[bytes]], path: Path, size: int) -> None:
    with path.open("wb") as file:
        _filled(file, parts(), size)


KINDS: Mapping[str, Callable[[Path, int], None]] = {
    "rows.ndjson": partial(_plain, _lines),
    "rows.ndjson.gz": _packed,
    "rows.csv": partial(_plain, _cells),
    "rows.zip": _archived,
}


def delivered(settings: Settings, folder: Path, number: int) -> Mapping[str, Any]:
    """Lands the only file of a folder; its entry in the manifest."""
    feed = Feed.model_validate(
        STATED | {"kind": "directory", "url": str(folder), "patterns": {"*": "dossiers"}}
    )
    at = datetime(2026, 11, 2, tzinfo=UTC)
    submission = Submission(f"large-{number}", number, "large", "01", number, "pulling", at, None, {}, None)
    state: dict[str, Any] = {"objects": [], "refused": [], "newest": None}
    store = objects.client(settings)
    for piece in DirectorySource(feed, settings).pieces(asked()):
        land(settings, store, submission, piece, USUAL, state)
    assert state["refused"] == []
    (entry,) = state["objects"]
    return entry


def read(settings: Settings, entry: Mapping[str, Any]) -> int:
    """Reads an object as conform does; its rows."""
    data = objects.fetched(objects.client(settings), settings.landing_bucket, entry["key"])
    return sum(1 for _ in rows_of(data, entry["format"], layout_of({}, entry)))


def measured(
    settings: Settings, folder: Path, size: int, names: Sequence[str]
) -> dict[str, dict[str, float]]:
    """By the name of a kind of file, the bytes, rows, peaks and seconds."""
    small = folder / "small"
    small.mkdir()
    KINDS["rows.zip"](small / "a.zip", 10_000)
    read(settings, delivered(settings, small, 1))
    idle, found = status("VmRSS"), {}
    for number, name in enumerate(names, 2):
        place = folder / name.replace(".", "-")
        place.mkdir()
        KINDS[name](place / name, size)
        begun = perf_counter()
        entry, landing = peak(partial(delivered, settings, place, number), idle)
        landed = perf_counter()
        _, reading = peak(partial(read, settings, entry), idle)
        child = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024 if name.endswith("zip") else 0
        found[name] = {
            "bytes": entry["bytes"],
            "rows": entry["rows"],
            "landing_mib": max(landing, child),
            "landing_s": round(landed - begun, 1),
            "reading_mib": reading,
            "reading_s": round(perf_counter() - landed, 1),
        }
        (place / name).unlink()
    return found


def main() -> None:
    """Measures files of the size that the argument states."""
    settings = load_settings(dict(os.environ))
    with tempfile.TemporaryDirectory() as folder:
        size, names = int(sys.argv[1]) * 1_000_000, sys.argv[2:] or [*KINDS]
        sys.stdout.write(json.dumps(measured(settings, Path(folder), size, names), indent=1))


if __name__ == "__main__":
    main()
