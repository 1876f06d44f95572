"""Erasures that are cut off, are met by others at work, or reach what another row depends on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta, tzinfo
from pathlib import Path

import pytest

from jobs import ops, purge, session
from jobs.__main__ import main
from jobs.errors import Refused, UsageFault
from jobs.findings import replay
from jobs.lake import maintenance
from jobs.ledger.verify import verify
from jobs.ops import corrections, erasures
from jobs.rebuild import backup
from tests.journeys import worked_example as w
from tests.journeys.purge.traces import BASIS, environ, places
from tests.support.dossiers import ndjson, version
from tests.support.line import Line

pytestmark = pytest.mark.long
NAMED: Mapping[str, list[str]] = {"dossiers": [], "submission_ids": [], "rows": []}
D8 = w.code(8)


def death(number: int) -> bytes:
    """A delivery that tells Dũng's death anew; the year of birth contradicts his id."""
    person = {"SoDinhDanh": w.DUNG, "HoVaTen": "Lê Văn Dũng", "NgaySinh": "03/04/1981", "GioiTinh": "1"}
    home = {"SoDinhDanh": w.DUNG, "LoaiCuTru": "1", "MaPhuongXa": "00004", "ChiTiet": "Số 1"}
    body = {
        "NguoiDan": [person | {"NgayMat": "03/11/2026"}],
        "CuTru": [home | {"TuNgay": "03/11/2026"}],
    }
    finished = "20261104090000"
    return ndjson(
        [version(D8, 1, "1.000656", form="HT-KT", body=body, finished=finished, number=20 + number)]
    )


def test_one_that_was_cut_off_at_the_decision(erased: Line, at: Iterator[datetime], tmp_path: Path) -> None:
    """A day goes on with what is landed; until the rest is done, verification names the erasure."""
    whole = purge.places_of(erased.settings, **NAMED | {"dossiers": [w.D4]})
    engine = ops.engine(erased.settings)
    one = erasures.decide(engine, places=whole, basis=BASIS, by="steward", at=next(at))
    told = verify(erased.settings)["first_difference"]
    assert (told["where"], told["found"]) == (f"ops.erasures {one.erasure_id}", "decided")
    named = "is under way or was cut off"
    with pytest.raises(Refused, match=named):
        purge.erase(erased.settings, places=whole, basis=BASIS, by="steward", at=next(at))
    with pytest.raises(Refused, match=named):
        purge.again(erased.settings, [], at=next(at))
    with pytest.raises(Refused, match=named):
        backup(erased.settings, to=tmp_path / "backup", at=next(at))
    with pytest.raises(Refused, match=named), erasures.none_begun(engine):
        pytest.fail("a rebuild begins")
    erased.conform(next(at), list(whole))
    erased.merge(next(at))
    words = ["purge", "--resume", "--at", next(at).isoformat()]
    assert main(words, environ(erased.settings)) == 0
    assert erased.query("business", "select count(*) from businesses_history") == [(0,)]
    assert places(erased.settings, [w.D4]) == {}
    assert verify(erased.settings)["first_difference"] is None


def test_what_reads_beside_one_that_begins_is_refused(erased: Line, at: Iterator[datetime]) -> None:
    engine = ops.engine(erased.settings)
    with pytest.raises(Refused, match="erased meanwhile"), erasures.none_begun(engine):
        erasures.decide(engine, places={}, basis=BASIS, by="steward", at=next(at))
    assert [one["state"] for one in purge.resume(erased.settings, at=next(at))] == ["finished"]


@pytest.mark.parametrize("point", ["note_rewritten", "note_removed", "finish"])
def test_one_that_was_killed(
    erased: Line, at: Iterator[datetime], monkeypatch: pytest.MonkeyPatch, point: str
) -> None:
    """After landing was written anew, before anything was deleted, and after everything was."""

    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    named = {
        "note_rewritten": {"dossiers": [w.D2]},
        "note_removed": {"dossiers": [w.D6]},
        "finish": {"rows": [f"{w.FEED}.00000001/1/5"]},
    }
    whole = purge.places_of(erased.settings, **NAMED | named[point])
    with monkeypatch.context() as patched:
        patched.setattr(erasures, point, killed)
        with pytest.raises(KeyboardInterrupt):
            purge.erase(erased.settings, places=whole, basis=BASIS, by="steward", at=next(at))
    assert verify(erased.settings)["first_difference"]["what"] == "state"
    erased.conform(next(at), list(whole))
    erased.merge(next(at))
    assert [one["state"] for one in purge.resume(erased.settings, at=next(at))] == ["finished"]
    assert verify(erased.settings)["first_difference"] is None
    assert purge.resume(erased.settings, at=next(at)) == []


def test_older_states_of_tables_go_whatever_the_clock_says(
    erased: Line, at: Iterator[datetime], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Slow(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Slow:
            return super().now(tz) - timedelta(hours=1)

    monkeypatch.setattr(maintenance, "datetime", Slow)
    whole = purge.places_of(erased.settings, **NAMED | {"dossiers": [w.D7]})
    told = purge.erase(erased.settings, places=whole, basis=BASIS, by="steward", at=next(at))
    spark = session.connect(erased.settings)
    left = {name: spark.table(f"lake.{name}.snapshots").count() for name in told["deleted"]}
    assert left == dict.fromkeys(told["deleted"], 1)
    assert "core.dossiers" in left


def test_a_correction_stays_while_a_row_depends_on_it(erased: Line, at: Iterator[datetime]) -> None:
    """A row was sent twice and corrected; the first is erased, and the second takes its place."""
    sent = []
    for number in (1, 2):
        (erased.inbox("01") / f"death{number}.ndjson.gz").write_bytes(death(number))
        sent.append(erased.pull(w.FEED, next(at))["submission_id"])
    erased.conform(next(at))
    content = erased.findings(D8)[0].content_digest
    replay.correct(
        erased.settings,
        content_digest=content,
        path="dvcqg:persons[0].birth_date",
        new_text="03/04/1980",
        reason="Sai năm sinh",
        basis="Giấy khai sinh số 13",
        by="steward",
        at=next(at),
    )
    replay.replay(erased.settings, at=next(at), submission_ids=[sent[0]])
    erased.merge(next(at))
    assert died(erased), "corrected"

    whole = purge.places_of(erased.settings, **NAMED | {"rows": [f"{sent[0]}/1/1"]})
    purge.erase(erased.settings, places=whole, basis=BASIS, by="steward", at=next(at))
    assert died(erased)
    replay.replay(erased.settings, at=next(at), submission_ids=[sent[1]])
    erased.merge(next(at))
    assert died(erased), "also when it is conformed once more"

    whole = purge.places_of(erased.settings, **NAMED | {"dossiers": [D8]})
    purge.erase(erased.settings, places=whole, basis=BASIS, by="steward", at=next(at))
    assert not died(erased)
    known = {one.content_digest for one in corrections.active(ops.engine(erased.settings))}
    assert content not in known, "it went with the last row that had its content"
    assert places(erased.settings, [D8, "03/04/1981"]) == {}
    assert verify(erased.settings)["first_difference"] is None


def test_what_is_landed_and_not_conformed_goes_with_its_dossier(erased: Line, at: Iterator[datetime]) -> None:
    """Who erases a dossier means what is here, whether it was looked at or not."""
    (erased.inbox("01") / "death3.ndjson.gz").write_bytes(death(3))
    erased.pull(w.FEED, next(at))
    erased.conform(next(at))
    seen = purge.places_of(erased.settings, **NAMED | {"dossiers": [D8]})
    (erased.inbox("01") / "death4.ndjson.gz").write_bytes(death(4))
    unseen = erased.pull(w.FEED, next(at))["submission_id"]
    assert unseen not in seen
    told = purge.erase(erased.settings, places=seen, dossiers=[D8], basis=BASIS, by="steward", at=next(at))
    assert told["rows"] == 2
    assert places(erased.settings, [D8, "03/04/1981"]) == {}
    assert verify(erased.settings)["first_difference"] is None
    with pytest.raises(UsageFault, match="erased already"):
        purge.places_of(erased.settings, **NAMED | {"rows": [f"{unseen}/1/1"]})


def died(line: Line) -> bool:
    """Whether Dũng's death stands in the register."""
    found = line.query("population", "select death_date from persons where personal_id = :id", id=w.DUNG)
    return found[0][0] is not None
