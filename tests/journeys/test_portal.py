"""Sync back: a real core, the real protocol, every kind of fault, killed senders: both have the same."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from jobs import ops, purge
from jobs.__main__ import main
from jobs.errors import Unreachable
from jobs.findings import listing, replay, retraction, showing
from jobs.findings.standing import Wanted
from jobs.ledger.verify import verify
from jobs.ops.erasures import rows_of
from jobs.portal import status
from jobs.portal.derive import derive, touched
from jobs.portal.reconcile import reconcile
from jobs.portal.send import send
from jobs.settings import Settings
from schemas.ops import portal_steps, portal_submissions
from schemas.portal import SILENCES
from tests.support import sender
from tests.support.dossiers import ndjson
from tests.support.line import Line, at_day
from tests.support.portal import Door, portal
from tests.support.stepping import NUMBER, PROVINCES, chain, code, item

LATER = at_day(30)
"""Instant after every back-off of the runs before."""


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    with portal(tmp_path_factory.mktemp("portal")) as running:
        yield running


@pytest.fixture(scope="module")
def core(line: Line) -> Line:
    """200 dossiers of two provinces, conformed; nothing is merged, since the portal needs no register."""
    for stem, office in PROVINCES.items():
        line.directory(stem, stem)
        rows = [
            item(number, place, status_code)
            for number in range(1, NUMBER + 1)
            if code(number).startswith(office)
            for place, status_code in enumerate(chain(number), 1)
        ]
        (line.inbox(stem) / "s1.ndjson.gz").write_bytes(ndjson(rows))
        line.pull(f"{stem}-dossiers", at_day(1))
    line.conform(at_day(1))
    return line


@pytest.fixture(scope="module")
def sent(core: Line, door: Door, tmp_path_factory: pytest.TempPathFactory) -> sender.Course:
    """Everything sent, with faults of every kind, by senders of which three were killed."""
    door.control("POST", rates=sender.everywhere(0.05), seed="200", session_calls=40)
    log = tmp_path_factory.mktemp("log") / "senders.log"
    found = sender.course(core.settings, door, log, at=at_day(1), kills=3, after=20, pace=60)
    door.control("DELETE")
    return found


@pytest.fixture
def knowing(core: Line, door: Door) -> Settings:
    """Settings that name the portal."""
    return door.settings(core.settings)


def rows(line: Line) -> set[tuple[Any, ...]]:
    """The outbox as core decides it."""
    names = ("submission_id", "object_no", "row_no", "dossier_key", "version", "status", "digest")
    with ops.engine(line.settings).connect() as connection:
        return {tuple(row) for row in connection.execute(sa.select(*(portal_steps.c[n] for n in names)))}


def add(line: Line, name: str, at: Any, *items: dict[str, Any]) -> str:
    """One more submission of the first province, conformed; its id."""
    (line.inbox("01") / f"{name}.ndjson.gz").write_bytes(ndjson(items))
    submission = line.pull("01-dossiers", at)["submission_id"]
    line.conform(at)
    return str(submission)


def renamed(line: Line, reference: str, at: Any) -> None:
    """A steward's correction of the name of a row's subject."""
    path, text = "dvcqg:applicant_name", "Lê Thị Bảy"
    replay.correct(
        line.settings,
        content_digest=showing.content_to_correct(line.settings, reference=reference, path=path, text=text),
        path=path,
        new_text=text,
        reason="the form names her",
        basis="the form",
        by="steward",
        at=at,
    )


def notes(line: Line) -> list[tuple[str, tuple[str, ...]]]:
    found = listing.listed(line.settings, Wanted(effect="note"), limit=50)["findings"]
    return [(one["reference"], tuple(one["codes"])) for one in found if one["codes"][0].startswith("PRT")]


def test_the_portal_has_every_dossier_as_we_have_it(core: Line, door: Door, sent: sender.Course) -> None:
    mine, theirs, totals = sender.ours(core.settings), door.holdings(), door.control()
    print(f"\n200 dossiers: kills at {sent.kills}, {sent.runs} more runs, {sent.seconds} s; {totals}")
    assert len(mine) == len(theirs) == NUMBER
    assert sender.differences(mine, theirs) == []
    held = {name: [one["TrangThai"] for one in held["steps"]] for name, held in theirs.items()}
    assert held == mine, "each step once, in order"
    assert totals["steps"] == sum(map(len, mine.values()))
    assert totals["dossiers_received"] > totals["dossiers"], "some came twice, and are there once"
    assert {f"fault {kind}" for kind in sender.FAULTS} <= totals.keys()
    assert len(sent.kills) == 3
    assert sent.last == {"due": NUMBER, "synced": NUMBER, "pending": 0, "rejected": 0, "percent": 100.0}


@pytest.mark.usefixtures("sent")
def test_both_sides_reconcile(knowing: Settings) -> None:
    told = reconcile(knowing, at=LATER)
    assert (told["agrees"], told["absent"], told["other_status"]) == (NUMBER, 0, 0)


@pytest.mark.usefixtures("sent")
def test_people_and_machines_read_it(core: Line, door: Door, capsys: pytest.CaptureFixture[str]) -> None:
    environ = door.environ(core.settings)

    def said(*words: str) -> str:
        assert main(["portal", *words], environ) == 0
        return capsys.readouterr().out

    shown = said("status")
    assert "Thành phố Hà Nội" in shown
    assert "100.0" in shown
    assert json.loads(said("status", "--json"))["all"]["due"] == NUMBER
    assert f"agrees        {NUMBER - 50}" in said("reconcile", "--province", "01")
    assert "sent       0" in said("send", "--at", LATER.isoformat())
    assert main(["portal", "reconcile", "--province", "99"], environ) == 2


@pytest.mark.usefixtures("sent")
def test_again_nothing_is_sent(knowing: Settings, door: Door) -> None:
    before = door.control()["calls"]
    told = send(knowing, at=LATER)
    assert (told["sent"], told["changed"], told["withdrawn"]) == (0, 0, 0)
    assert door.control()["calls"] == before


@pytest.mark.usefixtures("sent")
def test_the_same_core_gives_the_same_outbox(core: Line, knowing: Settings) -> None:
    before = rows(core)
    with ops.engine(knowing).begin() as connection:
        kept = connection.execute(sa.select(portal_steps)).mappings().all()
        connection.execute(portal_steps.delete())
        connection.execute(portal_submissions.delete())
    derive(knowing)
    assert rows(core) == before
    with ops.engine(knowing).begin() as connection:
        connection.execute(portal_steps.delete())
        connection.execute(portal_steps.insert(), [dict(one) for one in kept])


@pytest.mark.usefixtures("sent")
def test_what_the_portal_lost_is_named_and_mended(knowing: Settings, door: Door) -> None:
    with sqlite3.connect(door.folder / "portal.sqlite") as books:
        books.execute("delete from dossiers where code = ?", (code(1),))
        books.execute("update dossiers set status = '2' where code = ?", (code(2),))
    told = reconcile(knowing, at=LATER, province="01", mend=True)
    kinds = {(one["kind"], one["ours"], one["theirs"]) for one in told["differences"]}
    assert kinds == {("absent", "4", None), ("other_status", "9", "2")}
    assert code(1) not in str(told)
    assert send(knowing, at=LATER)["sent"] == 2
    assert reconcile(knowing, at=LATER)["agrees"] == NUMBER


@pytest.mark.usefixtures("sent")
def test_a_refused_dossier_is_a_finding_until_its_source_corrects_it(
    core: Line, knowing: Settings, door: Door
) -> None:
    add(core, "s2", at_day(3), item(501, 1, "2", ChuHoSo=None), item(502, 1, "2"))
    told = send(knowing, at=LATER)
    assert (told["sent"], told["rejected"]) == (1, 1), "one at fault holds up no other of its chunk"
    [(reference, codes)] = notes(core)
    assert codes == ("PRT-901",)
    assert status.status(knowing)["all"]["rejected"] == 1
    assert send(knowing, at=LATER + timedelta(days=1))["rejected"] == 0, "it is not sent again as it is"
    shown = showing.shown(core.settings, reference=reference)
    assert (shown["dossier_code"], shown["findings"][0]["codes"][0]["code"]) == (code(501), "PRT-901")
    add(core, "s3", at_day(4), item(501, 2, "4"))
    assert send(knowing, at=LATER)["sent"] == 1
    assert notes(core) == []
    held = door.holdings()["H26", code(501)]
    assert (held["TrangThaiHoSo"], [one["TrangThai"] for one in held["steps"]]) == ("4", ["2", "4"])


@pytest.mark.usefixtures("sent")
def test_a_stewards_correction_ends_it_too(core: Line, knowing: Settings, door: Door) -> None:
    submission = add(core, "s4", at_day(5), item(503, 1, "2", ChuHoSo=None))
    assert send(knowing, at=LATER)["rejected"] == 1
    [(reference, _)] = notes(core)
    renamed(core, reference, at_day(5))
    replay.replay(core.settings, at=at_day(5), submission_ids=[submission])
    assert send(knowing, at=LATER)["sent"] == 1, "of the submission that is conformed again, what changed"
    assert notes(core) == []
    assert ("H26", code(503)) in door.holdings()


@pytest.mark.usefixtures("sent")
def test_a_step_back_that_our_rules_allow_is_refused_and_told(core: Line, knowing: Settings) -> None:
    """An approval that was withdrawn may be processed anew; the portal knows no withdrawal."""
    back = {"withdrawn_at": "2026-11-02T12:00:00+07:00", "withdrawn_basis": "QĐ 5"}
    add(core, "s5", at_day(6), item(504, 1, "9"), item(504, 2, "9", **back))
    assert send(knowing, at=LATER)["sent"] == 1
    add(core, "s6", at_day(7), item(504, 3, "4"))
    assert send(knowing, at=LATER)["rejected"] == 1
    assert [codes for _, codes in notes(core)] == [("PRT-902",)]


@pytest.mark.usefixtures("sent")
def test_a_late_older_version_is_not_sent(core: Line, knowing: Settings, door: Door) -> None:
    first = add(core, "s7", at_day(8), item(505, 3, "9"))
    send(knowing, at=LATER)
    second = add(core, "s8", at_day(9), item(505, 1, "2"))
    told = send(knowing, at=LATER)
    assert (told["changed"], told["sent"], told["rejected"]) == (1, 0, 0)
    for submission in (first, second):
        renamed(core, f"{submission}/1/1", at_day(9))
    replay.replay(core.settings, at=at_day(9), submission_ids=[first, second])
    told = send(knowing, at=LATER)
    assert (told["changed"], told["sent"], told["rejected"]) == (2, 1, 0), "nor is it when both are other"
    assert door.holdings()["H26", code(505)]["TrangThaiHoSo"] == "9"


@pytest.mark.usefixtures("sent")
def test_a_retracted_submission_leaves_the_outbox_and_comes_back(core: Line, knowing: Settings) -> None:
    before = status.status(knowing)["all"]
    submission = add(core, "s9", at_day(10), item(506, 1, "2"), item(507, 1, "2"), item(1, 3, "9"))
    why = {"submission_id": submission, "reason": "a trial", "by": "steward"}
    send(knowing, at=LATER)
    assert status.status(knowing)["all"]["due"] == before["due"] + 2
    retraction.retract(core.settings, **why, at=at_day(10))
    told = send(knowing, at=LATER)
    assert told["withdrawn"] == 3
    after = status.status(knowing)["all"]
    assert after["due"] == before["due"]
    assert after["rejected"] == before["rejected"] + 1, "dossier 1 stands at 4 again, and the portal has 9"
    retraction.restore(core.settings, **why, at=at_day(11))
    assert send(knowing, at=LATER)["sent"] == 3
    assert status.status(knowing)["all"] == before | {
        "due": before["due"] + 2,
        "synced": before["synced"] + 2,
        "percent": status.percent(before["synced"] + 2, before["due"] + 2),
    }


@pytest.mark.usefixtures("sent")
def test_a_silent_portal_is_unreachable_and_all_stays_due(core: Line, knowing: Settings, door: Door) -> None:
    add(core, "s10", at_day(12), *[item(600 + number, 1, "2") for number in range(120)])
    door.control("POST", rates={"http_503": 1.0})
    with pytest.raises(Unreachable, match="no answer"):
        send(knowing, at=LATER)
    door.control("POST", rates={"http_429": 1.0})
    met, waited = door.control().get("fault http_429", 0), list[float]()
    with pytest.raises(Unreachable, match="http 429"):
        send(knowing, at=LATER + timedelta(hours=7), wait=waited.append)
    assert door.control()["fault http_429"] - met == SILENCES
    assert waited == [1] * (SILENCES - 1)
    door.control("DELETE")
    assert status.status(knowing)["all"]["pending"] == 120
    assert send(knowing, at=LATER + timedelta(hours=14))["sent"] == 120


@pytest.mark.usefixtures("sent")
def test_what_is_erased_by_law_leaves_the_outbox(core: Line, knowing: Settings) -> None:
    places = purge.places_of(core.settings, dossiers=[code(3)])
    [submission] = places

    def mine() -> int:
        query = sa.select(sa.func.count()).where(
            portal_steps.c.submission_id == submission, portal_steps.c.row_no.in_(numbers)
        )
        with ops.engine(core.settings).connect() as connection:
            return int(connection.scalar(query) or 0)

    numbers = [row for _, _, row in rows_of(places)]
    due = status.status(knowing)["all"]["due"]
    assert mine() == len(chain(3))
    purge.erase(core.settings, places=places, basis="QĐ 9", by="steward", at=LATER)
    assert mine() == 0
    assert send(knowing, at=LATER)["sent"] == 0
    assert status.status(knowing)["all"]["due"] == due - 1
    assert verify(core.settings)["first_difference"] is None


def test_nothing_is_derived_twice(core: Line) -> None:
    derive(core.settings)
    assert touched(ops.engine(core.settings)) == {}
