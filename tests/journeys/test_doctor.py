"""Letters about a healthy feed and five sick ones; the provinces' own counts beside ours."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from jobs import doctor, ops
from jobs import reconcile as reconciling
from jobs.__main__ import main
from jobs.cli.letter import letter_of
from jobs.ops import cursors, statistics
from schemas.statistic import COUNTS
from tests.support.line import Line, at_day
from tests.support.sandbox import Nation, nation

WELL, DOWN, PASSWORD, CLOCK, RENAMED, CODES = ("48", "51", "11", "66", "14", "22")
LATE = "25"
"""Tells counts, and what it has is not all pulled."""
FEEDS = [f"{one}-dossiers" for one in (WELL, DOWN, PASSWORD, CLOCK, RENAMED, CODES, LATE)]


@pytest.fixture(scope="module")
def country(line: Line, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nation]:
    """Two days of seven provinces; then five fall ill."""
    with nation(line, tmp_path_factory.mktemp("nation"), scale=0.6) as one:
        for day in (1, 2):
            one.advance(day)
            for feed in FEEDS:
                one.line.pull(feed, at_day(day))
            one.line.conform(at_day(day))
        yield one


@pytest.fixture(scope="module")
def honest(country: Nation) -> list[dict[str, Any]]:
    """What was told and is here before anything is wrong."""
    return reconciling.reconciled(country.line.settings)


@pytest.fixture(scope="module")
def letters(country: Nation, honest: list[dict[str, Any]]) -> Iterator[dict[str, dict[str, Any]]]:
    """By province."""
    assert honest
    country.fault(DOWN, "down")
    country.fault(CLOCK, "clock_off")
    country.fault(RENAMED, "renamed_field")
    country.fault(CODES, "unknown_codes")
    other = {
        "kind": "rest",
        "dialect": "opencps",
        "url": f"${{sandbox_url}}/opencps/{PASSWORD}",
        "credentials": f"file:${{home}}/sandbox/credentials.json#{WELL}",
    }
    country.line.source(PASSWORD, {"dossiers": other}, PASSWORD)
    found = doctor.letters(country.line.settings, FEEDS, at=at_day(2))
    yield {one["feed"].partition("-")[0]: one for one in found}
    country.heal()


def step(letter: dict[str, Any], name: str) -> dict[str, Any]:
    (found,) = [one for one in letter["steps"] if one["step"] == name]
    return dict(found)


def test_a_healthy_feed(letters: dict[str, dict[str, Any]]) -> None:
    letter = letters[WELL]
    assert (letter["grade"], letter["advice"], letter["drift"]) == ("well", [], [])
    assert all(one["ok"] for one in letter["steps"])
    assert letter["newest_landed"] is not None
    assert 0 <= letter["lag_hours"] < 48
    assert letter["newest_seen"] >= letter["newest_landed"]
    assert step(letter, "dialect")["told"].endswith("records")
    assert letter["quarantined"]
    assert letter_of(letter)[0].startswith("48-dossiers is well.")
    assert letter_of(letter)[1] == "  Nothing is to be done."


def test_one_that_is_down(letters: dict[str, dict[str, Any]]) -> None:
    letter = letters[DOWN]
    assert (letter["grade"], letter["steps"][-1]["step"]) == ("down", "health")
    assert "no answer" in letter["advice"][0]


def test_one_that_takes_no_credentials(letters: dict[str, dict[str, Any]]) -> None:
    letter = letters[PASSWORD]
    assert (letter["grade"], letter["steps"][-1]["step"]) == ("down", "records")
    assert "renew the credentials" in letter["advice"][0]


def test_one_whose_clock_is_off(letters: dict[str, dict[str, Any]]) -> None:
    letter = letters[CLOCK]
    assert letter["grade"] == "watch"
    assert "+86400 s away" in letter["advice"][0]
    assert step(letter, "records")["ok"]


def test_one_with_a_renamed_field(letters: dict[str, dict[str, Any]]) -> None:
    letter = letters[RENAMED]
    (one,) = [entry for entry in letter["drift"] if entry["level"] == "refuse"]
    assert (one["kind"], one["path"], one["now"]) == ("renamed", "dateReceived", "receivedDate")
    assert letter["grade"] == "held"
    assert "lgsp_en.toml, line" in letter["advice"][0]
    assert 'path = "receivedDate"' in letter["advice"][0]


def test_one_with_unknown_codes(letters: dict[str, dict[str, Any]]) -> None:
    letter = letters[CODES]
    (one,) = [entry for entry in letter["drift"] if entry["kind"] == "code" and entry["now"] == "77"]
    assert letter["grade"] == "watch"
    assert one["rows"] * 4 >= one["of"]
    assert "has the code 77, which no list has" in letter["advice"][0]


def test_the_command_ends_with_the_worst(
    country: Nation, letters: dict[str, dict[str, Any]], capsys: pytest.CaptureFixture[str]
) -> None:
    def run(*feeds: str) -> tuple[int, list[dict[str, Any]]]:
        environ = {
            "LIENTHONG_HOME": str(country.folder.parent),
            **_urls(country),
        }
        code = main(["sources", "check", *feeds, "--json"], environ)
        return code, json.loads(capsys.readouterr().out)

    assert letters
    assert run(f"{WELL}-dossiers")[0] == 0
    assert run(f"{WELL}-dossiers", f"{RENAMED}-dossiers")[0] == 3
    code, told = run(f"{RENAMED}-dossiers", f"{DOWN}-dossiers")
    assert (code, [one["grade"] for one in told]) == (4, ["held", "down"])


def _urls(country: Nation) -> dict[str, str]:
    settings = country.line.settings
    names = ("ops_url", "spark_remote", "s3_endpoint", "s3_access_key", "sandbox_url", "source_paths")
    told = {f"LIENTHONG_{name.upper()}": str(getattr(settings, name)) for name in names}
    return told | {"LIENTHONG_S3_SECRET_KEY": settings.s3_secret_key.get_secret_value()}


def test_every_run_asks_who_tells_counts(country: Nation, honest: list[dict[str, Any]]) -> None:
    told = statistics.newest(ops.engine(country.line.settings))
    assert sorted(told) == [f"{one}-dossiers" for one in (RENAMED, CODES, LATE)]
    assert {one["feed"] for one in honest} == set(told)
    for one in told.values():
        counts = one["counts"]
        assert counts["Total"] == counts["NewReception"] + counts["PreExtisting"] > 10
        assert counts["Total"] == counts["TotalSolved"] + counts["Pending"]


def test_on_an_honest_day_every_difference_is_what_is_in_quarantine(honest: list[dict[str, Any]]) -> None:
    for one in honest:
        for count, parts in one["counts"].items():
            assert parts["theirs"] == parts["ours"] + parts["held"] + parts["quarantined"], (
                one["feed"],
                count,
            )
            assert parts["unexplained"] == parts["not_received"] == parts["held"] == 0, (one["feed"], count)
        assert set(one["counts"]) == set(COUNTS)
    assert any(parts["quarantined"] for one in honest for parts in one["counts"].values())


def told_of(country: Nation, province: str) -> dict[str, dict[str, int]]:
    (one,) = reconciling.reconciled(country.line.settings, province=province)
    return dict(one["counts"])


def test_each_kind_of_difference_is_named(country: Nation, letters: dict[str, dict[str, Any]]) -> None:
    assert letters
    country.heal()
    country.advance(3)
    country.fault(RENAMED, "renamed_field")
    country.fault(CODES, "lying_statistics")
    cursors.reset(ops.engine(country.line.settings), f"{RENAMED}-dossiers", at_day(3))
    for province in (RENAMED, CODES):
        country.line.pull(f"{province}-dossiers", at_day(3))
    country.line.conform(at_day(3))
    country.line.pull(f"{LATE}-dossiers", at_day(3))
    held = told_of(country, RENAMED)
    assert held["NewReception"]["held"] > 0
    assert {parts["unexplained"] for parts in held.values()} == {0}
    lied = told_of(country, CODES)
    for count in ("NewReception", "Total", "Pending"):
        assert lied[count]["unexplained"] > 30, count
    late = told_of(country, LATE)
    assert late["NewReception"]["not_received"] > 0
    assert {parts["unexplained"] for parts in late.values()} == {0}
    for counts in (held, lied, late):
        for count, parts in counts.items():
            assert parts["theirs"] == sum(parts[name] for name in ("ours", *reconciling.KINDS)), count
