"""What a conform takes when submissions were not conformed in their landing order."""

from __future__ import annotations

import pytest

from jobs import ops
from jobs.conform.pending import overturned, pending
from jobs.errors import Refused
from jobs.ops import batches, submissions
from tests.support.line import Line, at_day

FEED, OTHER, THIRD = "01-dossiers", "02-dossiers", "03-dossiers"


def sealed(line: Line, feed: str, dialect: str = "dvcqg") -> str:
    engine = ops.engine(line.settings)
    one = submissions.begin(engine, feed_id=feed, province_code=feed[:2], at=at_day(1))
    manifest = {"dialect": dialect, "objects": [{"dialect": dialect}], "refused": []}
    submissions.seal(engine, one, manifest=manifest, cursor=None, at=at_day(1))
    return one.submission_id


def conformed(line: Line, *names: str) -> None:
    members = {"submissions": [*names], "retracted": []}
    engine = ops.engine(line.settings)
    batch = batches.plan(engine, kind="conform", register=None, at=at_day(1), members=members)
    batches.commit(engine, batch, {}, at_day(1))


@pytest.fixture(scope="module")
def late(line: Line) -> tuple[str, str, str, str]:
    """Of a feed's two first submissions none was conformed, but the third; another feed's was."""
    names = sealed(line, FEED), sealed(line, FEED), sealed(line, FEED), sealed(line, OTHER)
    conformed(line, *names[2:])
    return names


def test_what_came_after_is_conformed_again_with_it(line: Line, late: tuple[str, ...]) -> None:
    chosen, unmapped = pending(line.settings, ops.engine(line.settings), None)
    assert (chosen, unmapped) == ([*late[:3]], [])


def test_so_it_is_when_one_of_them_is_named(line: Line, late: tuple[str, ...]) -> None:
    chosen, _ = pending(line.settings, ops.engine(line.settings), [late[1]])
    assert chosen == [*late[1:3]]


def test_what_was_conformed_in_its_order_is_named_alone(line: Line, late: tuple[str, ...]) -> None:
    chosen, _ = pending(line.settings, ops.engine(line.settings), [late[2]])
    assert chosen == [late[2]]


def test_it_waits_while_what_came_after_cannot_be_read(line: Line, late: tuple[str, ...]) -> None:
    waiting, after = sealed(line, THIRD), sealed(line, THIRD, dialect="forgotten")
    conformed(line, after)
    chosen, unmapped = pending(line.settings, ops.engine(line.settings), None)
    assert chosen == [*late[:3]]
    assert [one["source"] for one in unmapped] == [waiting, after]
    with pytest.raises(Refused, match=f"{waiting} waits: it waits for {after}"):
        pending(line.settings, ops.engine(line.settings), [waiting])


def test_what_another_feed_of_the_province_landed_after_it_goes_with_it(line: Line) -> None:
    waiting, after = sealed(line, "04-dossiers"), sealed(line, "04-dossiers_h03")
    conformed(line, after)
    chosen, _ = pending(line.settings, ops.engine(line.settings), [waiting])
    assert chosen == [waiting, after]


def test_what_a_batch_has_shown_in_another_light_is_conformed_again(line: Line) -> None:
    engine, named = ops.engine(line.settings), sealed(line, "08-dossiers")
    conformed(line, named)
    members = {"submissions": [sealed(line, "11-dossiers")], "retracted": []}
    batch = batches.plan(engine, kind="conform", register=None, at=at_day(1), members=members)
    batches.commit(engine, batch, {"overturned": [named]}, at_day(1))
    assert overturned(engine) == [named]
    assert named in pending(line.settings, engine, None)[0]
    conformed(line, named)
    assert overturned(engine) == []
