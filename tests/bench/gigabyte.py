"""A delivery of a gigabyte by every transport: the most memory that its reader takes above an idle process.

Each reader is a process of its own that goes through the delivery as a pull does, landing left out: piece by
piece, each looked at. SOAP is left out: a run asks about a limited number of persons, one answer each.
"""

from __future__ import annotations

import json
import logging
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from jobs import objects
from jobs.extract.pull import source_of
from jobs.landing.rows import rows_of
from jobs.settings import Settings, load_settings
from jobs.sources.model import Feed, layout_of
from tests.bench.bench import Bench
from tests.bench.figures import Figure, rate
from tests.support import invented, province, servers, sftp
from tests.support.dossiers import version
from tests.support.memory import peak, status

_ROW_BYTES, _PAGE = 10_000, 100
_MOST_MIB = 256
_STATED = {"feed_id": "01-dossiers", "province_code": "01", "province_name": "Tỉnh thử"}
_SELECT = 'select "ma", "sua", "ten" from ho_so'
_FILLED = {
    "postgresql": "insert into ho_so select n, timestamp '2026-11-02 09:00', repeat(md5(n::text), 312)"
    " from generate_series(1, {rows}) n",
    "mysql": "insert into ho_so select seq, timestamp '2026-11-02 09:00', repeat(md5(seq), 312)"
    " from seq_1_to_{rows}",
}


def measured(bench: Bench) -> Iterator[Figure]:
    """MiB above idle and bytes in a second, by transport."""
    rows = bench.rows(100_000)
    with TemporaryDirectory(dir=bench.home) as kept:
        folder = Path(kept)
        for name, served in _WAYS.items():
            (folder / name).mkdir()
            with served(bench.settings, folder / name, rows) as (feed, environ):
                told = _read(bench.home, folder / name, feed, environ)
            yield Figure(f"{name}, most above idle", told["mib"], "MiB", _MOST_MIB)
            yield rate(f"{name}, read", told["rows"], told["seconds"])


_Served = Iterator[tuple[dict[str, Any], dict[str, str]]]


@contextmanager
def _over_http(_: Settings, __: Path, rows: int) -> _Served:
    """Pages of a megabyte, each written when it is asked for."""

    def answer(request: Request) -> Response:
        first = int(request.args.get("cursor", 0))
        end = min(first + _PAGE, rows)
        items = [_row(number) for number in range(first, end)]
        return Response(province.page(*items, following=str(end) if end < rows else None))

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    with HTTPServer(port=0) as server:
        server.expect_request("/oauth/token").respond_with_json({"access_token": "let me in"})
        server.expect_request("/api/v1/dossiers").respond_with_handler(answer)
        yield province.keys(server) | {"requests_per_second": 10_000}, {"PROVINCE": "me:secret"}


def _out_of_a_database(kind: str) -> Callable[[Settings, Path, int], Any]:
    @contextmanager
    def served(_: Settings, folder: Path, rows: int) -> _Served:
        with servers.running(kind, folder) as server:
            instant = "datetime" if kind == "mysql" else "timestamp"
            server.run(
                f"create table ho_so (ma bigint primary key, sua {instant}, ten text)",
                _FILLED[kind].format(rows=rows),
            )
            server.grant("ho_so")
            keys = {"kind": "database", "dialect": "invented", "url": server.url(), "credentials": "PROVINCE"}
            yield keys, {"PROVINCE": ":".join(servers.READER)}

    return served


@contextmanager
def _from_a_bucket(settings: Settings, folder: Path, rows: int) -> _Served:
    store, key = objects.client(settings), "gigabyte/rows.ndjson"
    store.fput_object(settings.landing_bucket, key, str(_written(folder, rows)))
    try:
        url = f"s3://{settings.landing_bucket}/gigabyte"
        yield (
            _files(url),
            {"PROVINCE": f"{settings.s3_access_key}:{settings.s3_secret_key.get_secret_value()}"},
        )
    finally:
        store.remove_object(settings.landing_bucket, key)


@contextmanager
def _over_sftp(_: Settings, folder: Path, rows: int) -> _Served:
    key = sftp.key()
    _written(folder, rows)
    with sftp.serving(folder, key) as port:
        pinned = {"host_key": sftp.public(key), "settled": "marker"}
        (folder / "rows.ndjson.done").touch()
        yield _files(f"sftp://127.0.0.1:{port}/") | pinned, {"PROVINCE": f"{sftp.USER}:{sftp.PASSWORD}"}


def _files(url: str) -> dict[str, Any]:
    keys = {"kind": "directory", "dialect": "dvcqg", "patterns": {"*.ndjson": "dossiers"}}
    return keys | {"url": url, "credentials": "PROVINCE"}


def _written(folder: Path, rows: int) -> Path:
    path = folder / "rows.ndjson"
    with path.open("w", encoding="utf-8") as file:
        for number in range(rows):
            file.write(f"{json.dumps(_row(number), ensure_ascii=False)}\n")
    return path


def _row(number: int) -> dict[str, Any]:
    filling = {"TrichYeuHoSo": "x" * _ROW_BYTES}
    return version(f"H26.01-261102-{number:05d}", 1, "2.000815", number=number) | filling


_WAYS: dict[str, Callable[[Settings, Path, int], Any]] = {
    "REST": _over_http,
    "PostgreSQL": _out_of_a_database("postgresql"),
    "MariaDB": _out_of_a_database("mysql"),
    "bucket": _from_a_bucket,
    "SFTP": _over_sftp,
}


def _read(home: Path, folder: Path, feed: dict[str, Any], known: dict[str, str]) -> dict[str, Any]:
    """What the child tells of its delivery."""
    environ = {f"LIENTHONG_CREDENTIAL_{name}": secret for name, secret in known.items()}
    asked = json.dumps({"feed": _STATED | feed, "environ": {"LIENTHONG_HOME": str(home), **environ}})
    command = [sys.executable, "-m", "tests.bench.gigabyte", str(folder)]
    told = subprocess.run(command, input=asked, capture_output=True, text=True, check=True).stdout
    found: dict[str, Any] = json.loads(told)
    return found


def _gone_through(settings: Settings, feed: Feed) -> dict[str, Any]:
    layout = layout_of(feed)
    begun, count = time.monotonic(), 0
    with source_of(settings, feed, lambda: province.AT) as source:
        for piece in source.pieces(province.asked()):
            found = piece.judged(layout)
            if found.refusal is not None:
                raise RuntimeError(found.refusal)
            rows = piece.rows if piece.rows is not None else found.rows
            count += sum(1 for _ in rows_of(piece.data, piece.form, layout)) if rows is None else rows
    return {"rows": count, "seconds": time.monotonic() - begun}


def main() -> None:
    """Goes through the delivery that the input names, and says what that took."""
    asked = json.load(sys.stdin)
    settings = load_settings(asked["environ"])
    with invented.dialects(Path(sys.argv[1]), invented=invented.table(_SELECT)):
        feed = Feed.model_validate(asked["feed"])
        idle = status("VmRSS")
        told, mib = peak(lambda: _gone_through(settings, feed), idle)
    sys.stdout.write(json.dumps(told | {"mib": mib}))


if __name__ == "__main__":
    main()
