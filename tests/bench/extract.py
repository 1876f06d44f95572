"""Extract over HTTP, sealed and read back, beside curl fetching the same pages and dlt on the same server.

Every dossier of the sandbox is put into the feed of one province, so that the pages and not the requests for
a token count. The three take turns on one server; their medians are compared.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import sqlite3
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlencode

import httpx2 as httpx

from infra.embedded.service import CHECKOUT
from infra.sandbox.home import State, configure
from jobs import extract, ops
from jobs.ops import cursors
from jobs.settings import Settings
from tests.bench.bench import Bench, timed
from tests.bench.figures import Figure, rate, ratio, seconds
from tests.support.line import at_day, empty

FEED, PROVINCE, DAY = "01-dossiers", "01", 1
PAGE = 500
ROUNDS = 3
CURL_GOAL = 1.3


def measured(bench: Bench) -> Iterator[Figure]:
    """Pulls, fetches and loads the feed in turn."""
    folder, bench.population = bench.home / "extract", None
    shutil.rmtree(folder, ignore_errors=True)
    _world(folder, bench.scale)
    with serving(folder) as url:
        settings = _source(bench.settings, folder, url)
        token = _token(folder, url)
        pages = _pages(url, token)
        ways: dict[str, Callable[[], object]] = {"pull": lambda: _pull(settings)}
        if shutil.which("curl"):
            ways["curl"] = lambda: _curl(folder, pages, token)
        else:
            bench.notes.append("curl is not installed; the pull is compared with nothing.")
        if find_spec("dlt"):
            ways["dlt"] = lambda: _dlt(folder, url, token)
        else:
            bench.notes.append("dlt is not installed; `make bench` brings it (dependency group bench).")
        taken: dict[str, list[float]] = {name: [] for name in ways}
        for way in ways.values():
            way()
        rows = _pull(settings)
        for _ in range(ROUNDS):
            for name, way in ways.items():
                with timed(f"extract, {name}") as watch:
                    way()
                taken[name].append(watch.seconds)
    medians = {name: statistics.median(times) for name, times in taken.items()}
    yield rate("pulled, sealed and read back", rows, medians["pull"])
    yield from (seconds(f"{name}, {rows} rows", value) for name, value in medians.items())
    if "curl" in medians:
        yield ratio("pull as a multiple of curl", medians["pull"] / medians["curl"], at_most=CURL_GOAL)
    if "dlt" in medians:
        yield ratio("dlt as a multiple of pull", medians["dlt"] / medians["pull"])


def _world(folder: Path, scale: float) -> None:
    """A sandbox all of whose dossiers come from one province."""
    configure(folder / "sandbox", seed="bench", scale=scale, profile="typical", day=DAY)
    State.load(folder / "sandbox")
    with closing(sqlite3.connect(folder / "sandbox" / "world.sqlite")) as database:
        database.execute("update items set province = ?", (PROVINCE,))
        database.commit()


@contextmanager
def serving(folder: Path, program: tuple[str, ...] = ("infra.sandbox", "serve")) -> Iterator[str]:
    """The sandbox in a process of its own; the program that serves it is told the folder and a port."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", *program, "--home", str(folder), "--port", str(port)]
    with subprocess.Popen(command, cwd=CHECKOUT) as server:
        try:
            url = f"http://127.0.0.1:{port}"
            transport = httpx.HTTPTransport(retries=8)
            with httpx.Client(transport=transport, trust_env=False) as client:
                client.get(f"{url}/_control/state").raise_for_status()
            yield f"{url}/{PROVINCE}"
        finally:
            server.terminate()


def _source(settings: Settings, folder: Path, url: str) -> Settings:
    """An empty line whose only source is the server, asked as fast as it answers."""
    line = empty(settings, folder)
    credentials = f"file:{folder}/sandbox/credentials.json#{PROVINCE}"
    feed = {"kind": "rest", "dialect": "dvcqg", "url": url, "credentials": credentials}
    line.source(PROVINCE, {"dossiers": {**feed, "page_size": PAGE, "requests_per_second": 10_000}}, PROVINCE)
    return line.settings


def _pull(settings: Settings) -> int:
    """Everything from the beginning; the number of rows."""
    cursors.reset(ops.engine(settings), FEED, at_day(DAY))
    return int(extract.pull(settings, feed_id=FEED, at=at_day(DAY))["rows"])


def _token(folder: Path, url: str) -> str:
    known = json.loads((folder / "sandbox" / "credentials.json").read_text())[PROVINCE]
    form = {"grant_type": "client_credentials", "client_id": known["id"], "client_secret": known["secret"]}
    answer = httpx.post(f"{url}/oauth/token", data=form, trust_env=False)
    return str(answer.raise_for_status().json()["access_token"])


def _pages(url: str, token: str) -> list[str]:
    """URLs of all pages: curl is told them, so that it need not read what it fetches."""
    found, cursor = [], ""
    headers = {"Authorization": f"Bearer {token}"}
    with httpx.Client(headers=headers, timeout=60, trust_env=False) as client:
        while cursor is not None:
            asked = {"page_size": PAGE} | ({"cursor": cursor} if cursor else {})
            found.append(f"{url}/api/v1/dossiers?{urlencode(asked)}")
            cursor = client.get(found[-1]).raise_for_status().json()["next_cursor"]
    return found


def _curl(folder: Path, pages: list[str], token: str) -> None:
    """All pages into files, over one connection."""
    target = folder / "curl"
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir()
    lines = [f'url = "{page}"\noutput = "{target / str(place)}"' for place, page in enumerate(pages)]
    (folder / "curl.conf").write_text("\n".join(lines))
    headers = ["--header", f"Authorization: Bearer {token}"]
    command = ["curl", "--silent", "--fail", "--noproxy", "*", *headers, "--config", folder / "curl.conf"]
    subprocess.run(command, check=True)


def _dlt(folder: Path, url: str, token: str) -> None:
    """All items into files of a folder, by dlt's own REST source; nested lists stay in their items."""
    os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"
    import dlt
    from dlt.sources.rest_api import rest_api_source

    shutil.rmtree(folder / "dlt", ignore_errors=True)
    source = rest_api_source(
        {
            "client": {
                "base_url": f"{url}/api/v1/",
                "auth": {"type": "bearer", "token": token},
                "paginator": {
                    "type": "cursor",
                    "cursor_path": "next_cursor",
                    "cursor_param": "cursor",
                },
            },
            "resources": [
                {
                    "name": "dossiers",
                    "endpoint": {"path": "dossiers", "params": {"page_size": PAGE}, "data_selector": "data"},
                }
            ],
        }
    )
    source.max_table_nesting = 0
    dlt.pipeline(
        "bench",
        pipelines_dir=str(folder / "dlt" / "state"),
        destination=dlt.destinations.filesystem(str(folder / "dlt" / "files")),
        dataset_name="sandbox",
    ).run(source)
