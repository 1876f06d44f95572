"""The line on which every kind is delivered once."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from pytest_httpserver import HTTPServer

from jobs.settings import Settings
from tests.hostile import pages
from tests.hostile.files import FILES
from tests.hostile.kinds import BUCKET, FOLDER, REST
from tests.hostile.lived import (
    AT,
    FEEDS,
    PAGE_FEEDS,
    PROVINCES,
    STORE,
    TABLE_FEEDS,
    Lived,
    emptied,
    extracts,
    lines,
    paged,
    put,
    sent,
    spreadsheet,
)
from tests.support.compiled import compiling
from tests.support.line import empty
from tests.support.province import keys, serve


@pytest.fixture(scope="package")
def lived(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lived]:
    """One pull of each feed, one conform and one merge."""
    line = empty(settings, tmp_path_factory.mktemp("hostile"))
    line.settings = line.settings.model_copy(update={"credentials": {"PROVINCE": SecretStr("me:secret")}})
    mine = Lived(line)
    emptied(mine)
    _fill(mine, line.inbox("01", FOLDER))
    with HTTPServer(host="127.0.0.1", port=0) as server:
        _serve(mine, server)
        for feed in (*FEEDS.values(), *TABLE_FEEDS.values()):
            mine.pull(feed)
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(mine.pull, PAGE_FEEDS.values()))
    with compiling(line.settings):
        line.conform(AT)
        line.merge(AT)
        mine.read()
    yield mine
    emptied(mine)


def _fill(mine: Lived, inbox: Path) -> None:
    """Rows and files into the folder and the bucket."""
    (inbox / "rows.ndjson").write_bytes(lines(sent(FOLDER)))
    put(mine, "rows.ndjson.gz", gzip.compress(lines(sent(BUCKET)), 1))
    for kind in FILES:
        data = kind.data()
        mine.digests[kind.file] = hashlib.sha256(data).hexdigest()
        if kind.place is not None:
            kind.place(inbox)
        elif FOLDER in kind.through:
            (inbox / kind.file).write_bytes(data)
        if BUCKET in kind.through:
            put(mine, kind.file, data)
    tables = mine.line.inbox("03", FOLDER)
    for transport in (FOLDER, BUCKET):
        for name, rows in extracts(transport).items():
            data = spreadsheet(rows) if name.endswith(".csv") else bytes(rows[0].text)
            if transport == FOLDER:
                (tables / name).write_bytes(data)
            else:
                put(mine, name, data, "extracts")


def _serve(mine: Lived, server: HTTPServer) -> None:
    """Pages of rows and of every kind, and the files of the sources."""
    files: dict[str, Any] = {"kind": "directory", "dialect": "dvcqg", "patterns": {"*": "dossiers"}}
    serve(server, paged(sent(REST)), below="/rows")
    feeds_of = {
        FOLDER: files | {"url": str(mine.line.inbox("01", FOLDER))},
        BUCKET: files | {"url": f"s3://{STORE}/inbox"},
        REST: keys(server, below="/rows"),
    }
    for transport, feed in feeds_of.items():
        mine.line.source(PROVINCES[transport], {transport: feed}, PROVINCES[transport])
    tables = {"kind": "directory", "dialect": "baseline", "patterns": {"persons*": "baseline.persons"}}
    folder = tables | {"url": str(mine.line.inbox("03", FOLDER))}
    mine.line.source("03", {FOLDER: folder}, PROVINCES[FOLDER])
    mine.line.source("05", {BUCKET: tables | {"url": f"s3://{STORE}/extracts"}}, PROVINCES[BUCKET])
    for place, kind in enumerate(pages.PAGES, 1):
        pages.serve(server, kind, place, f"/{place}")
    feeds = {feed.partition("-")[2]: keys(server, f"/{n}") for n, feed in enumerate(PAGE_FEEDS.values(), 1)}
    mine.line.source("02", feeds, "11")
