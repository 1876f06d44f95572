"""What a refusal costs: each bomb through the adapter that refuses it, in a process that does nothing else.

``python -m tests.hostile.memory`` gets the bombs' places as JSON on its input and writes, by kind, what was
said and the peak of its memory above what it had after a good file, in MiB. A child that the adapter starts
counts whole.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from pytest_httpserver import HTTPServer

from jobs.landing.forms import form_of
from jobs.landing.rows import rows_of
from jobs.settings import load_settings
from jobs.sources.delivery import Source
from jobs.sources.directory import DirectorySource
from jobs.sources.model import Feed
from jobs.sources.rest import RestSource
from schemas.forms import ARCHIVE, TABLES
from schemas.layout import USUAL
from tests.hostile import pages
from tests.hostile.files import FILES
from tests.hostile.json_rows import ROWS
from tests.hostile.kinds import birth
from tests.hostile.packed import good
from tests.support.memory import peak, status
from tests.support.province import asked, keys

LIMIT_MIB = 256
_GOOD = "good"
STATED = {"feed_id": "01-dossiers", "province_code": "01", "province_name": "Tỉnh thử", "dialect": "dvcqg"}


def measured(folder: Path) -> dict[str, dict[str, Any]]:
    """By kind, what was ``told`` and the peak in ``mib``; the bombs are put into the folder."""
    with _served() as urls:
        asked = json.dumps({"folders": _filled(folder), "urls": urls})
        command = [sys.executable, "-m", "tests.hostile.memory"]
        told = subprocess.run(command, input=asked, capture_output=True, text=True, check=True).stdout
    found: dict[str, dict[str, Any]] = json.loads(told)
    return found


def _filled(folder: Path) -> dict[str, str]:
    """A folder for each bomb by its kind; a good file comes first."""
    files = {_GOOD: ("good.ndjson", good(1))}
    files |= {kind.name: (kind.file, kind.data()) for kind in FILES if kind.is_bomb}
    for kind in (kind for kind in ROWS if kind.is_bomb):
        text = kind.text(birth(1, 1))
        files[kind.name] = ("row.ndjson", text if isinstance(text, bytes) else text.encode())
    for place, (name, data) in enumerate(files.values()):
        (folder / str(place)).mkdir()
        (folder / str(place) / name).write_bytes(data)
    return {kind: str(folder / str(place)) for place, kind in enumerate(files)}


@contextmanager
def _served() -> Iterator[dict[str, dict[str, Any]]]:
    """Feeds of the bombs over HTTP."""
    with HTTPServer(host="127.0.0.1", port=0) as server:
        bombs = [(place, kind) for place, kind in enumerate(pages.PAGES, 1) if kind.is_bomb]
        for place, kind in bombs:
            pages.serve(server, kind, place, f"/{place}")
        yield {kind.name: keys(server, f"/{place}") for place, kind in bombs}


def _delivered(source: Source) -> str:
    """What becomes of a delivery, whose rows are counted as a pull counts them."""
    told = "taken"
    for piece in source.pieces(asked()):
        found, bad = piece.judged(USUAL), 0
        if found.refusal is None:
            rows = rows_of(piece.data, piece.form, replace(USUAL, **found.layout))
            bad = sum(row.error is not None for row in rows)
        told = found.refusal or piece.trouble or (f"{bad} rows unreadable" if bad else told)
    return told


def _of_children(mib: int, kind: str) -> int:
    """The largest child so far, where the kind has one: a table or an archive."""
    has_child = any(kind == one.name and form_of(one.file) in (*TABLES, ARCHIVE) for one in FILES)
    most = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024 if has_child else 0
    return max(mib, most)


def main() -> None:
    """Measures what the input names."""
    asked = json.load(sys.stdin)
    settings = load_settings({"LIENTHONG_CREDENTIAL_PROVINCE": "me:secret"})
    sources: dict[str, Source] = {}
    for kind, folder in asked["folders"].items():
        stated = STATED | {"kind": "directory", "url": folder, "patterns": {"*": "dossiers"}}
        sources[kind] = DirectorySource(Feed.model_validate(stated), settings)
    for kind, stated in asked["urls"].items():
        sources[kind] = RestSource(Feed.model_validate(STATED | stated), settings)
    _delivered(sources.pop(_GOOD))
    found, idle = {}, status("VmRSS")
    for kind, source in sources.items():
        told, mib = peak(partial(_delivered, source), idle)
        found[kind] = {"told": told, "mib": _of_children(mib, kind)}
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    main()
