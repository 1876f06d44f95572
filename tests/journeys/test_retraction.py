"""The last rows of the worked example: a submission retracted, as if it had never been sent, and restored."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from jobs import ops
from jobs.__main__ import main
from jobs.errors import Refused, UsageFault
from jobs.explain import explain
from jobs.findings import retraction
from jobs.ledger.verify import verify
from jobs.merge import facts
from jobs.ops import submissions
from tests.journeys import worked_example as w
from tests.support.line import Line, at_day

S1, S2 = "01-dossiers.00000001", "01-dossiers.00000002"
CORRECTED = ((1, 0, 3, 1, 1, 7), (4, 4, 0, 2, 2))
WHY = {"reason": "Gửi nhầm", "by": "steward"}
STATE = {
    "population": """
        select personal_id, full_name, valid_from, valid_to from persons_history
        where recorded_to is null order by 1, 3
    """,
    "land": """
        select holder_name, valid_from, valid_to from rights_history
        where recorded_to is null order by 2
    """,
    "business": "select tax_code from businesses order by 1",
}


@pytest.fixture(scope="module")
def lived(line: Line) -> Line:
    """Days 0 to 3 of the worked example, the steward's correction and its replay."""
    return w.lived(line)


@pytest.fixture(scope="module")
def instants() -> Iterator[datetime]:
    """Instants after the correction, one minute apart."""
    return (at_day(3) + timedelta(minutes=minute) for minute in range(2, 60))


def counted(line: Line) -> tuple[tuple[int, ...], tuple[int, ...]]:
    return line.rows(w.FEED), line.facts(w.FEED)


def state(line: Line) -> dict[str, list[tuple[object, ...]]]:
    return {register: line.query(register, statement) for register, statement in STATE.items()}


@pytest.fixture(scope="module")
def before(lived: Line) -> dict[str, list[tuple[object, ...]]]:
    """What the registers hold before anything is retracted."""
    assert counted(lived) == CORRECTED
    return state(lived)


def test_s2_retracted(
    lived: Line, before: dict[str, list[tuple[object, ...]]], instants: Iterator[datetime]
) -> None:
    at = next(instants)
    retraction.retract(lived.settings, submission_id=S2, at=at, **WHY)
    lived.merge(at)
    assert counted(lived) == ((1, 0, 3, 1, 4, 4), (4, 2, 1, 5, 0))
    now = state(lived)
    assert [str(row[0]).split()[-1] for row in now["land"]] == ["Bình"]
    assert now["land"] == before["land"]
    assert [row[1] for row in now["population"] if row[0] == w.AN] != [
        row[1] for row in before["population"] if row[0] == w.AN
    ], "the correction of the name came with S2"


def test_a_retraction_is_told(lived: Line) -> None:
    told = explain(lived.settings, key=w.D5)
    assert [row["retraction"] and row["retraction"]["by"] for row in told["rows"]] == ["steward"]
    assert told["rows"][0]["dispositions"][-1]["disposition"] == "no_effect"


def test_retracting_again_changes_nothing(lived: Line, instants: Iterator[datetime]) -> None:
    at = next(instants)
    assert lived.pull(w.FEED, at)["rows"] == 0, "the file that is still there is not landed again"
    retraction.retract(lived.settings, submission_id=S2, at=at, **WHY)
    merged = lived.merge(at)
    assert [told["batch_id"] for told in merged.values()] == [None] * 3
    assert counted(lived) == ((1, 0, 3, 1, 4, 4), (4, 2, 1, 5, 0))
    assert verify(lived.settings)["first_difference"] is None


def test_s2_restored(
    lived: Line, before: dict[str, list[tuple[object, ...]]], instants: Iterator[datetime]
) -> None:
    at = next(instants)
    retraction.restore(lived.settings, submission_id=S2, at=at, **WHY)
    lived.merge(at)
    assert counted(lived) == CORRECTED
    assert state(lived) == before
    assert explain(lived.settings, key=w.D5)["rows"][0]["retraction"] is None


def test_s1_retracted(lived: Line, instants: Iterator[datetime]) -> None:
    """E goes; An and Dũng's death stay, since later submissions sent them again; An is still renamed."""
    at = next(instants)
    retraction.retract(lived.settings, submission_id=S1, at=at, **WHY)
    lived.merge(at)
    assert counted(lived) == ((1, 0, 1, 1, 4, 6), (2, 4, 0, 8, 2))
    assert state(lived)["business"] == []
    assert lived.query(
        "population", "select death_date is not null from persons where personal_id = :id", id=w.DUNG
    ) == [(True,)]
    told = explain(lived.settings, key=w.AN)
    name = next(one for row in told["golden"] for one in row["attributes"] if one["name"] == "full_name")
    assert name["source"]["dossier_code"] == w.D5


def test_s1_restored(
    lived: Line,
    before: dict[str, list[tuple[object, ...]]],
    instants: Iterator[datetime],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Found as a large batch finds its rows, by moving the register's."""
    monkeypatch.setattr(facts, "FEW", 0)
    at = next(instants)
    retraction.restore(lived.settings, submission_id=S1, at=at, **WHY)
    lived.merge(at)
    assert counted(lived) == ((1, 0, 3, 1, 1, 7), (4, 4, 0, 6, 2)), "what the duplicates sent is outdated"
    assert state(lived) == before
    assert verify(lived.settings)["first_difference"] is None


@pytest.mark.long
def test_a_retraction_that_was_cut_off_is_finished_by_the_next_conform(
    lived: Line, before: dict[str, list[tuple[object, ...]]], instants: Iterator[datetime]
) -> None:
    engine, at = ops.engine(lived.settings), next(instants)
    submissions.retract(engine, S2, at=at, **WHY)
    assert set(lived.conform(at)["submissions"]) >= {S1, S2}
    lived.merge(at)
    assert counted(lived)[0] == (1, 0, 3, 1, 4, 4)
    at = next(instants)
    submissions.restore(engine, S2, at=at, **WHY)
    lived.conform(at)
    lived.merge(at)
    assert state(lived) == before


@pytest.mark.long
def test_who_shares_a_dossier_is_not_conformed_alone(
    lived: Line,
    before: dict[str, list[tuple[object, ...]]],
    instants: Iterator[datetime],
    capsys: pytest.CaptureFixture[str],
) -> None:
    """While S2's dialect is gone, S1 waits with it, also when it is named: S2's duplicates need its end."""
    engine, at = ops.engine(lived.settings), next(instants)
    submissions.retract(engine, S1, at=at, **WHY)
    called(engine, "dvcqg", "gone")
    environ = {"LIENTHONG_HOME": str(lived.settings.home)}
    assert main(["findings", "replay", S1, "--at", at.isoformat()], environ) == Refused.exit_code
    assert f"{S1} waits" in capsys.readouterr().err
    left_out = {one["source"]: one["reason"] for one in lived.conform(at)["left_out"]}
    assert left_out[S1] == f"it waits for {S2}"
    assert left_out[S2].startswith("its dialect gone is gone")
    called(engine, "gone", "dvcqg")
    assert set(lived.conform(at)["submissions"]) >= {S1, S2}
    lived.merge(at)
    assert state(lived)["business"] == []
    at = next(instants)
    submissions.restore(engine, S1, at=at, **WHY)
    lived.conform(at)
    lived.merge(at)
    assert state(lived) == before


def called(engine: sa.Engine, old: str, new: str) -> None:
    """Gives the dialect of S2 another name."""
    renamed = "update submissions set manifest = replace(manifest::text, :old, :new)::jsonb"
    values = {"old": f'"{old}"', "new": f'"{new}"', "id": S2}
    with engine.begin() as connection:
        connection.execute(sa.text(f"{renamed} where submission_id = :id"), values)


def test_what_cannot_be_retracted(lived: Line, instants: Iterator[datetime]) -> None:
    with pytest.raises(UsageFault, match="no submission"):
        retraction.retract(lived.settings, submission_id="01-dossiers.00000099", at=next(instants), **WHY)
    engine, at = ops.engine(lived.settings), next(instants)
    open_one = submissions.begin(engine, feed_id=w.FEED, province_code="01", at=at)
    with pytest.raises(Refused, match="pulling"):
        retraction.retract(lived.settings, submission_id=open_one.submission_id, at=at, **WHY)
    submissions.discard(engine, open_one, at)
    assert counted(lived)[0] == CORRECTED[0]


def test_the_command(lived: Line, capsys: pytest.CaptureFixture[str], instants: Iterator[datetime]) -> None:
    environ = {"LIENTHONG_HOME": str(lived.settings.home)}
    words = ["retract", "--submission", S2, "--reason", "Gửi nhầm", "--by", "steward", "--json"]
    for more in ([], ["--restore"]):
        at = ["--at", next(instants).isoformat()]
        assert main([*words, *more, *at], environ) == 0
        told = json.loads(capsys.readouterr().out)
        assert S2 in told["submissions"]
        lived.merge(next(instants))
    assert counted(lived)[0] == CORRECTED[0]
    assert main(["retract", "--submission", "x", "--reason", "y", *at], environ) == 2
