"""A population register of a million persons, grown from one province's extract."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from typing import Any

from tests.bench.bench import Bench, timed
from tests.support.dossiers import ndjson, version
from tests.support.line import Line, at_day, empty

ROWS = 1_000_000
_PART = 100_000
"""Rows of a file."""
_NAMES = ("An", "Bình", "Cường", "Dũng", "Giang")


def grown(bench: Bench) -> Line:
    """A line whose population register holds the persons; it is grown once for all works that follow."""
    if bench.population is not None:
        return bench.population
    folder = bench.home / "population"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    line = empty(bench.settings, folder)
    line.directory("01")
    deliver(line, bench.rows(ROWS), "first")
    with timed("population, grown"):
        line.day("01-baseline", at_day(1))
    bench.population = line
    return line


def deliver(line: Line, number: int, name: str, *, broken: int = 0) -> None:
    """Puts the extract into the province's folder, under a name of its own.

    Args:
        line: The line.
        number: Rows.
        name: Part of the files' names.
        broken: Of five rows so many have a date of birth that is none.
    """
    for start in range(0, number, _PART):
        rows = [_record(place) for place in range(start, min(start + _PART, number))]
        for place, row in enumerate(rows):
            if place % 5 < broken:
                row["NguoiDan"][0]["NgaySinh"] = "31/02/1980"
        path = line.inbox("01", "baseline") / f"persons-{name}-{start // _PART:03d}.ndjson.gz"
        path.write_bytes(ndjson(rows))


def deliver_changes(line: Line, number: int) -> None:
    """Puts dossiers of so many persons who move into the province's folder."""
    (line.inbox("01") / "moves.ndjson.gz").write_bytes(ndjson(_moves(number)))


def _personal_id(place: int) -> str:
    return f"001{place % 2}{40 + place % 60:02d}{place + 1:06d}"


def _record(place: int) -> dict[str, Any]:
    key, year = _personal_id(place), 1940 + place % 60
    person = {
        "SoDinhDanh": key,
        "HoVaTen": f"Nguyễn Văn {_NAMES[place % len(_NAMES)]}",
        "NgaySinh": f"{place % 28 + 1:02d}/05/{year}",
        "GioiTinh": "12"[place % 2],
        "QuocTich": "VN",
        "NoiSinhMaXa": "00004",
    }
    home = {**_home(key, f"Số {place}"), "TuNgay": "01/01/2020"}
    return {
        "record_id": f"BL01P{place:06d}",
        "as_of_date": "2026-07-31",
        "NguoiDan": [person],
        "CuTru": [home],
    }


def _home(key: str, where: str) -> dict[str, str]:
    return {"SoDinhDanh": key, "LoaiCuTru": "1", "MaPhuongXa": "00004", "ChiTiet": where}


def _moves(number: int) -> Iterator[dict[str, Any]]:
    for place in range(number):
        home = {**_home(_personal_id(place), f"Nhà mới {place}"), "TuNgay": "02/11/2026"}
        yield version(
            f"H26.01.02-261102-{place:05d}",
            1,
            "1.004222",
            form="CT-TT",
            body={"CuTru": [home]},
            finished="20261102083000",
            number=place + 1,
        )
