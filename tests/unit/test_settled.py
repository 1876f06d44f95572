"""Which files are whole, by each rule."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from jobs.sources import settled
from jobs.sources.folders import LINK, Entry

AT = datetime(2026, 11, 2, 16, 30, tzinfo=UTC)
TEN = timedelta(minutes=10)


def entry(name: str, size: int = 1, modified: float = 100.0, refusal: str | None = None) -> Entry:
    return Entry(name, size, modified, f"{size}:{modified}", refusal)


def looked(
    entries: list[Entry], rule: settled.Rule, before: settled.Looks, at: datetime = AT
) -> tuple[list[str], dict[str, str], settled.Looks]:
    whole, looks = settled.sorted_out(entries, rule, before, at=at, minutes=10)
    return [one.name for one in whole], settled.waiting(looks), looks


def test_every_file_is_whole_where_they_are_moved_in_when_they_are_complete() -> None:
    assert looked([entry("a"), entry("b.done")], "whole", {}) == (["a", "b.done"], {}, {})


def test_a_marker_says_that_its_file_is_whole() -> None:
    whole, waiting, _ = looked([entry("a"), entry("a.done"), entry("b")], "marker", {})
    assert (whole, waiting) == (["a"], {"b": "it has no .done beside it"})


def test_a_marker_that_is_older_than_its_file_says_nothing() -> None:
    files = [entry("a", modified=200.0), entry("a.done", modified=199.0), entry("b"), entry("b.done")]
    whole, waiting, _ = looked(files, "marker", {})
    assert (whole, waiting) == (["b"], {"a": "its .done is older than it"})


def test_a_file_is_whole_when_an_earlier_pull_saw_it_as_it_is() -> None:
    whole, waiting, looks = looked([entry("a")], "size", {})
    assert (whole, list(waiting)) == ([], ["a"])
    for at in (AT, AT + TEN - timedelta(seconds=1)):
        assert looked([entry("a")], "size", looks, at)[0] == []
    assert looked([entry("a")], "size", looks, AT + TEN)[0] == ["a"]


def test_a_file_that_grows_begins_anew() -> None:
    _, _, looks = looked([entry("a", 1)], "size", {})
    for changed in (entry("a", 2), entry("a", 1, 101.0)):
        whole, _, later = looked([changed], "size", looks, AT + 2 * TEN)
        assert whole == []
        assert looked([changed], "size", later, AT + 3 * TEN)[0] == ["a"]


def test_looks_of_pulls_between_do_not_begin_anew() -> None:
    looks: settled.Looks = {}
    for minutes in (0, 5):
        _, _, looks = looked([entry("a")], "size", looks, AT + timedelta(minutes=minutes))
    assert looked([entry("a")], "size", looks, AT + TEN)[0] == ["a"]


def test_one_instant_is_one_look_whatever_the_minutes() -> None:
    _, looks = settled.sorted_out([entry("a")], "size", {}, at=AT, minutes=0)
    assert settled.sorted_out([entry("a")], "size", looks, at=AT, minutes=0)[0] == []
    assert settled.sorted_out([entry("a")], "size", looks, at=AT - TEN, minutes=0)[0] == []
    assert settled.sorted_out([entry("a")], "size", looks, at=AT + TEN, minutes=0)[0] == [entry("a")]


def test_what_is_refused_unread_waits_for_nothing() -> None:
    for rule in ("whole", "marker", "size"):
        assert looked([entry("a", refusal=LINK)], rule, {})[:2] == (["a"], {})


def test_a_file_that_never_becomes_whole_is_overdue() -> None:
    _, _, looks = looked([entry("a"), entry("b"), entry("b.done")], "marker", {})
    assert settled.overdue(looks, at=AT + timedelta(hours=26), hours=26) == 0
    assert settled.overdue(looks, at=AT + timedelta(hours=27), hours=26) == 1
    _, _, looks = looked([entry("a", 2)], "marker", looks, AT + timedelta(hours=27))
    assert settled.overdue(looks, at=AT + timedelta(hours=28), hours=26) == 0
