"""Everything derived, lost and made anew from landing and ops in another home."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import sqlalchemy as sa

from jobs import objects, ops, session
from jobs.__main__ import main
from jobs.cli.rebuild import start
from jobs.errors import IntegrityFault, Unreachable, UsageFault
from jobs.lake import tables
from jobs.ledger.verify import verify
from jobs.ops import events
from jobs.ops.batches import numbers
from jobs.rebuild import rebuild
from jobs.rebuild.digests import Digests, differences, digests
from jobs.registry import databases
from jobs.settings import load_settings
from schemas.ops import batches
from tests.support.line import Line, at_day

FEED = "01-dossiers"


class Killed(Exception):
    """Stands for a kill."""


def test_it_is_killed_goes_on_and_gives_equal_digests(lived: tuple[Line, Digests], home: Path) -> None:
    line, known = lived
    start(line.settings.identity_key.get_secret_value(), home, like=line.settings.home)
    told: list[str] = []

    def killed_after_three(text: str) -> None:
        told.append(text)
        if len(told) == 4:
            raise Killed

    with pytest.raises(Killed):
        rebuild(line.settings, into=home, progress=killed_after_three)
    assert [text.partition(",")[0] for text in told[1:]] == ["batch 1", "batch 2", "batch 3"]
    forget_the_last_commit(home)
    receipt = rebuild(line.settings, into=home)
    assert receipt["carried_out"] == list(range(3, receipt["batches"] + 1))
    rebuilt = digests(load_settings({"LIENTHONG_HOME": str(home)}))
    assert differences(known, rebuilt) == []
    assert known["population.persons_history"][0] > 3
    assert known["curated.land_rights"][0] == 1 + 4 + 4


@pytest.mark.usefixtures("lived")
def test_the_new_home_is_verified(home: Path) -> None:
    told = verify(load_settings({"LIENTHONG_HOME": str(home)}))
    assert told["first_difference"] is None
    assert told["verified"]


def forget_the_last_commit(home: Path) -> None:
    """As if it had been killed between the stores' evidence and the commit in ops."""
    with ops.engine(load_settings({"LIENTHONG_HOME": str(home)})).begin() as connection:
        last = sa.select(sa.func.max(batches.c.batch_id)).scalar_subquery()
        connection.execute(batches.update().where(batches.c.batch_id == last).values(state="planned"))


def test_the_event_log_is_the_same_and_whole(lived: tuple[Line, Digests], home: Path) -> None:
    heads = []
    for settings in (lived[0].settings, load_settings({"LIENTHONG_HOME": str(home)})):
        with ops.engine(settings).connect() as connection:
            assert events.verify(connection) is None
            heads.append(events.head(connection))
    assert heads[0] == heads[1]
    assert heads[0][0] > 20


def test_a_second_rebuild_does_nothing(lived: tuple[Line, Digests], home: Path) -> None:
    assert rebuild(lived[0].settings, into=home)["carried_out"] == []


def test_the_command_says_what_differs_from_the_original(
    lived: tuple[Line, Digests], home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    line, known = lived
    environ = {"LIENTHONG_HOME": str(line.settings.home)}
    databases.migrate(line.settings)
    tables.ensure(session.connect(line.settings))
    assert main(["rebuild", "--into", str(home), "--json"], environ) == IntegrityFault.exit_code
    told = json.loads(capsys.readouterr().out)
    assert (told["equal"], told["first_difference"]) == (False, "business.businesses")
    assert told["datasets"]["land.rights_history"] == {
        "rows": 0,
        "digest": "0" * 32,
        "rebuilt_rows": 5,
        "rebuilt_digest": known["land.rights_history"][1],
    }


def test_nothing_is_judged_while_the_original_goes_on(
    lived: tuple[Line, Digests], home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A merge of the original may have loaded its register and not be committed."""
    settings, target = lived[0].settings, load_settings({"LIENTHONG_HOME": str(home)})
    number = max(numbers(ops.engine(settings))) + 1
    at = at_day(9)
    row = {"batch_id": number, "kind": "merge", "register": "land", "state": "planned", "plan": {}}
    with ops.engine(settings).begin() as connection:
        connection.execute(batches.insert().values(row | {"at": at, "recorded_at": at}))
    environ = {"LIENTHONG_HOME": str(settings.home)}
    assert main(["rebuild", "--into", str(home), "--json"], environ) == Unreachable.exit_code
    told = json.loads(capsys.readouterr().out)
    assert (told["equal"], told["gone_on"], told["first_difference"]) == (None, [number], None)
    for one in (settings, target):
        with ops.engine(one).begin() as connection:
            connection.execute(batches.delete().where(batches.c.batch_id == number))


def test_a_receipt_that_differs_is_named(lived: tuple[Line, Digests], home: Path) -> None:
    settings = lived[0].settings
    target = load_settings({"LIENTHONG_HOME": str(home)})
    is_last = batches.c.batch_id == sa.select(sa.func.max(batches.c.batch_id)).scalar_subquery()
    with ops.engine(settings).begin() as connection:
        number, stored = connection.execute(
            sa.select(batches.c.batch_id, batches.c.result).where(is_last)
        ).one()
        connection.execute(batches.update().where(is_last).values(result={**stored, "emitted": 99}))
    with ops.engine(target).begin() as connection:
        connection.execute(batches.delete().where(is_last))
    expected = f"batch {number}, merge of business: emitted: 99 recorded, {stored['emitted']} rebuilt"
    with pytest.raises(IntegrityFault, match=expected):
        rebuild(settings, into=home)
    with ops.engine(settings).begin() as connection:
        connection.execute(batches.update().where(is_last).values(result=stored))


def test_a_landed_object_that_was_changed_is_named(lived: tuple[Line, Digests], home: Path) -> None:
    settings = lived[0].settings
    store, key = objects.client(settings), f"{FEED}/00000002/000001.ndjson.gz"
    whole = objects.get(store, settings.landing_bucket, key)
    objects.put(store, settings.landing_bucket, key, whole + b"\n")
    with pytest.raises(IntegrityFault, match=f"{key} differs from its manifest"):
        rebuild(settings, into=home)
    objects.put(store, settings.landing_bucket, key, whole)


def test_a_home_that_holds_another_line_is_refused(lived: tuple[Line, Digests]) -> None:
    settings = lived[0].settings
    with pytest.raises(UsageFault, match="of the old one"):
        rebuild(settings, into=settings.home)
