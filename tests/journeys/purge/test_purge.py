"""Rows erased by law: gone from every layer, told by a tombstone, and all that is left still adds up."""

from __future__ import annotations

import gzip
import io
import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pyarrow.parquet as pq
import pytest
import sqlalchemy as sa

from jobs import objects, ops, purge
from jobs.__main__ import main
from jobs.errors import UsageFault
from jobs.explain import explain
from jobs.ledger.verify import verify
from jobs.ops import erasures
from jobs.registry import databases
from jobs.settings import Settings, load_settings
from schemas.contract import REGISTERS
from tests.journeys import worked_example as w
from tests.support.line import Line, at_day, reset

BASIS = "Luật 91/2025/QH15, Điều 14; Quyết định 7/QĐ"
AT = at_day(4)


@pytest.fixture(scope="module")
def at() -> Iterator[datetime]:
    """Instants after the first erasure, one minute apart."""
    return (AT + timedelta(minutes=minute) for minute in range(10, 60))


@pytest.fixture(scope="module")
def lived(line: Line) -> Line:
    """Days 0 to 3 of the worked example, and the steward's correction."""
    return w.lived(line)


@pytest.fixture(scope="module")
def kept(lived: Line, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A backup from before the erasure."""
    folder = tmp_path_factory.mktemp("kept") / "backup"
    assert (
        main(
            ["backup", "--to", str(folder), "--at", AT.isoformat()],
            environ(lived.settings),
        )
        == 0
    )
    return folder


@pytest.fixture(scope="module")
def erased(lived: Line, kept: Path) -> Line:
    """The line after every row of D1 and D3 was erased: An's birth and Dũng's death."""
    assert kept.is_dir()
    before = places(lived.settings)
    assert {"Nguyễn Thị An", w.AN, w.D1, w.D3} <= set(before), "the search can find"
    words = [
        "purge",
        "--dossier",
        w.D1,
        "--dossier",
        w.D3,
        "--basis",
        BASIS,
        "--by",
        "steward",
    ]
    assert main([*words, "--yes", "--at", AT.isoformat(), "--json"], environ(lived.settings)) == 0
    return lived


def environ(settings: Settings) -> dict[str, str]:
    return {
        "LIENTHONG_HOME": str(settings.home),
        "LIENTHONG_SOURCE_PATHS": settings.source_paths,
    }


def standing(line: Line) -> list[list[tuple[object, ...]]]:
    """What the registers hold to be true now, and since when."""
    return [
        line.query(
            "population",
            "select personal_id, full_name, valid_from from persons order by 1",
        ),
        line.query("land", "select holder_id, valid_from from rights order by 1"),
        line.query("business", "select tax_code, name from businesses order by 1"),
    ]


def places(settings: Settings) -> dict[str, list[str]]:
    """Where a text of the erased dossiers can be read, by text."""
    found: dict[str, list[str]] = {}
    for where, text in (*_stored(settings), *_recorded(settings)):
        for one in {"Nguyễn Thị An", w.AN, w.D1, w.D3, "03/04/1981", "03/04/1980"}:
            if one in text:
                found.setdefault(one, []).append(where)
    return found


def _stored(settings: Settings) -> Iterator[tuple[str, str]]:
    """Every object of the store, as plain text."""
    store = objects.client(settings)
    for bucket in store.list_buckets():
        for key in objects.keys(store, bucket.name, ""):
            yield f"{bucket.name}/{key}", _plain(key, objects.get(store, bucket.name, key))


def _recorded(settings: Settings) -> Iterator[tuple[str, str]]:
    """Every row of every database."""
    for engine in [ops.engine(settings), *(databases.engine(settings, one) for one in REGISTERS)]:
        with engine.connect() as connection:
            for table in sa.inspect(connection).get_table_names():
                for row in connection.execute(
                    sa.select(sa.text("t::text")).select_from(sa.text(f"{table} t"))
                ):
                    yield f"{engine.url.database}.{table}", row[0]


def _plain(key: str, data: bytes) -> str:
    if key.endswith(".parquet"):
        return "\n".join(map(str, pq.read_table(io.BytesIO(data)).to_pylist()))
    plain = gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data
    return plain.decode(errors="replace") + json.dumps(plain.decode(errors="replace"), ensure_ascii=False)


def test_nothing_of_it_is_left(erased: Line) -> None:
    left = places(erased.settings)
    # E's representative and An's renaming are of other dossiers, which name her still.
    assert set(left) == {w.AN, "Nguyễn Thị An", "03/04/1980"}
    assert not [where for where in left[w.AN] if "population.persons" in where]
    assert {where.partition("/")[2][:11] for where in left["03/04/1980"]} == {"01-baseline"}


def test_the_registers_stand_as_if_it_had_said_nothing(erased: Line) -> None:
    assert erased.query("population", "select personal_id from persons order by 1") == [
        (w.BINH,),
        (w.DUNG,),
    ]
    assert erased.query(
        "population",
        "select death_date from persons where personal_id = :id",
        id=w.DUNG,
    ) == [(None,)]
    assert erased.query("business", "select tax_code from businesses") == [(w.E,)]
    assert erased.rows(w.FEED) == (1, 0, 0, 1, 6, 5), "erased rows count as without effect"


def test_the_ledger_verifies_and_says_so(erased: Line, capsys: pytest.CaptureFixture[str]) -> None:
    told = verify(erased.settings)
    assert told["first_difference"] is None
    assert [(one["basis"], one["by"], one["rows"]) for one in told["erased"]] == [(BASIS, "steward", 5)]
    assert main(["ledger", "verify"], environ(erased.settings)) == 0
    assert f"5 rows erased by steward on {AT:%Y-%m-%d}: {BASIS}" in capsys.readouterr().out


def test_what_is_left_is_explained(erased: Line) -> None:
    with pytest.raises(UsageFault):
        explain(erased.settings, key=w.D1)
    held = explain(erased.settings, key=w.D5)["facts"]
    assert {fact["disposition"] for fact in held} == {"held"}, "nobody is there to be renamed"


def test_a_file_that_is_still_in_its_folder_is_not_landed_again(erased: Line) -> None:
    assert erased.pull(w.FEED, AT + timedelta(minutes=1))["rows"] == 0


def test_another_day_follows(erased: Line) -> None:
    at = AT + timedelta(minutes=2)
    erased.conform(at)
    assert [one["batch_id"] for one in erased.merge(at).values()] == [None] * 3
    assert verify(erased.settings)["first_difference"] is None


def test_one_that_was_cut_off_at_the_decision(erased: Line, at: Iterator[datetime]) -> None:
    """A sync does what it can; until the rest is done, verification names the erasure."""
    chosen = {"dossiers": [w.D4], "submission_ids": [], "rows": []}
    whole = purge.places_of(erased.settings, **chosen)
    engine = ops.engine(erased.settings)
    erasures.decide(engine, places=whole, basis=BASIS, by="steward", at=next(at))
    told = verify(erased.settings)["first_difference"]
    assert (told["where"], told["found"]) == ("ops.erasures 2", "decided")
    words = ["purge", "--resume", "--at", next(at).isoformat()]
    assert main(words, environ(erased.settings)) == 0
    assert erased.query("business", "select count(*) from businesses_history") == [(0,)]
    assert verify(erased.settings)["first_difference"] is None


@pytest.mark.parametrize("point", ["note_removed", "finish"])
def test_one_that_was_killed(
    erased: Line, at: Iterator[datetime], monkeypatch: pytest.MonkeyPatch, point: str
) -> None:
    """Before anything was deleted, and after everything was."""

    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    chosen = {"dossiers": [], "submission_ids": [], "rows": []}
    named = {
        "note_removed": {"dossiers": [w.D6]},
        "finish": {"rows": [f"{w.FEED}.00000001/1/5"]},
    }
    whole = purge.places_of(erased.settings, **chosen | named[point])
    with monkeypatch.context() as patched:
        patched.setattr(erasures, point, killed)
        with pytest.raises(KeyboardInterrupt):
            purge.erase(erased.settings, places=whole, basis=BASIS, by="steward", at=next(at))
    assert verify(erased.settings)["first_difference"]["what"] == "state"
    assert [one["state"] for one in purge.resume(erased.settings, at=next(at))] == ["finished"]
    assert verify(erased.settings)["first_difference"] is None
    assert purge.resume(erased.settings, at=next(at)) == []


def test_what_is_unknown_is_not_erased(erased: Line) -> None:
    for named in (
        {"dossiers": ["x"]},
        {"submission_ids": ["x"]},
        {"rows": [f"{w.FEED}.00000001/1/99"]},
        {},
    ):
        chosen = {"dossiers": [], "submission_ids": [], "rows": []} | named
        with pytest.raises(UsageFault):
            purge.places_of(erased.settings, **chosen)
    assert len(erasures.listed(ops.engine(erased.settings))) == 4


@pytest.mark.long
def test_a_home_rebuilt_from_it_is_the_same(erased: Line, second_home: Path) -> None:
    """Batches before the erasures cannot be compared; what stands in the end is equal, and verifies."""
    assert main(["rebuild", "--into", str(second_home), "--json"], environ(erased.settings)) == 0
    rebuilt = Line(load_settings({"LIENTHONG_HOME": str(second_home)}), erased.folder)
    assert standing(rebuilt) == standing(erased)
    assert verify(rebuilt.settings)["first_difference"] is None


@pytest.mark.long
def test_a_backup_from_before_is_erased_again(
    erased: Line,
    kept: Path,
    second_home: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    reset(load_settings({"LIENTHONG_HOME": str(second_home)}))
    assert main(["restore", "--from", str(kept), "--into", str(second_home), "--json"], {}) == 0
    capsys.readouterr()
    assert main(["purge", "--list", "--json"], environ(erased.settings)) == 0
    (tmp_path / "erasures.json").write_text(capsys.readouterr().out)
    restored = Line(load_settings({"LIENTHONG_HOME": str(second_home)}), erased.folder)
    assert w.D1 in places(restored.settings)
    words = [
        "purge",
        "--again",
        str(tmp_path / "erasures.json"),
        "--at",
        AT.isoformat(),
        "--json",
    ]
    assert main(words, {"LIENTHONG_HOME": str(second_home)}) == 0
    assert {w.D1, w.D3} & set(places(restored.settings)) == set()
    assert standing(restored) == standing(erased)
    assert verify(restored.settings)["first_difference"] is None
