"""Provinces in trouble: the others are served, who is late is named with the reason, nothing is doubled."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import SecretStr
from pyspark.sql import functions as F

from jobs import extract, objects, ops, session
from jobs.__main__ import main
from jobs.errors import IntegrityFault, Refused, Unreachable, UsageFault
from jobs.extract.missed import missed
from jobs.lake import live
from jobs.landing.rows import without
from jobs.ops import cursors, sources, submissions
from jobs.sources import model
from jobs.sources.rest import RestSource
from schemas import ops as schema
from schemas.core.dossiers import Dossiers
from schemas.layout import USUAL
from tests.support import truth
from tests.support.line import Line, at_day
from tests.support.sandbox import Nation, nation

PROVINCE, LATE = "66", "66-dossiers"


@pytest.fixture(scope="module")
def country(line: Line, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nation]:
    with nation(line, tmp_path_factory.mktemp("nation"), scale=0.005, profile="clean") as one:
        one.advance(1)
        yield one


def small_pages(country: Nation, province: str) -> None:
    """The province's source with pages of two, in a file that overrides the delivered one."""
    nouns = ("persons", "parcels", "businesses")
    feeds = {
        "dossiers": {
            "kind": "rest",
            "dialect": "dvcqg",
            "url": f"${{sandbox_url}}/{province}",
            "credentials": f"file:${{home}}/sandbox/credentials.json#{province}",
            "page_size": 2,
        },
        "baseline": {
            "kind": "directory",
            "dialect": "baseline",
            "url": f"${{home}}/sandbox/baseline/{province}",
            "patterns": {f"{noun}*": f"baseline.{noun}" for noun in nouns},
        },
    }
    country.line.source(province, feeds, province)


def feeds(country: Nation, kind: str = "-") -> list[str]:
    """Feeds of all provinces, of a kind; some have the systems of former provinces too."""
    return [name for name in model.load(country.line.settings) if kind in name]


def landed(country: Nation) -> Counter[str]:
    """Landed rows by feed."""
    settings = country.line.settings
    rows = live.conformed(session.connect(settings), ops.engine(settings), Dossiers.dataset())
    return Counter({row.feed_id: row["count"] for row in rows.groupBy("feed_id").count().collect()})


def known(country: Nation, feed: str) -> dict[str, Any]:
    """What ops tells of a feed."""
    return dict(sources.known(ops.engine(country.line.settings))[feed])


def items(country: Nation, feed: str) -> list[dict[str, Any]]:
    """Every key that the province's own list has."""
    return RestSource(model.one(country.line.settings, feed), country.line.settings).keys(None)


def test_a_province_that_is_down_is_late_and_the_others_are_served(country: Nation) -> None:
    small_pages(country, PROVINCE)
    country.fault(PROVINCE, "down")
    receipts, late = country.pull(1, "baseline", "dossiers")
    assert set(late) == {LATE}
    assert isinstance(late[LATE], Unreachable)
    assert len(receipts) == len(feeds(country, "-dossiers")) + len(feeds(country, "-baseline")) - 1
    assert "503" in known(country, LATE)["last_error"]
    assert known(country, LATE)["last_success_at"] is None
    country.serve(1)
    rows = landed(country)
    assert LATE not in rows
    assert sum(name.endswith("-dossiers") for name in rows) == 33


def test_an_expired_token_is_refused_and_named(country: Nation) -> None:
    country.fault(PROVINCE, "token_expired")
    receipts, late = country.pull(1, "dossiers")
    assert set(late) == {LATE}
    assert isinstance(late[LATE], Refused)
    assert len(receipts) == len(feeds(country, "-dossiers")) - 1
    assert "401" in known(country, LATE)["last_error"]


def test_half_of_the_pages_failing_keeps_what_came(country: Nation) -> None:
    country.fault(PROVINCE, "half_pages_failing")
    _, late = country.pull(1, "dossiers")
    assert isinstance(late[LATE], Unreachable)
    assert "500" in known(country, LATE)["last_error"]
    (open_one,) = submissions.listed(ops.engine(country.line.settings), "pulling")
    assert len(open_one.progress["objects"]) == 1


class Killed(BaseException):
    """The process is gone."""


def test_a_killed_pull_goes_on_in_its_own_submission(country: Nation) -> None:
    country.heal()

    def killed_after_the_third_page(state: dict[str, Any]) -> None:
        if len(state["objects"]) == 3:
            raise Killed

    engine = ops.engine(country.line.settings)
    (before,) = submissions.listed(engine, "pulling")
    with pytest.raises(Killed):
        extract.pull(country.line.settings, feed_id=LATE, at=at_day(1), progress=killed_after_the_third_page)
    assert cursors.get(engine, LATE) is None
    receipts, late = country.pull(1, "dossiers")
    assert not late
    (mine,) = [receipt for receipt in receipts if receipt["feed_id"] == LATE]
    assert mine["submission_id"] == before.submission_id
    assert mine["objects"] > 3
    assert mine["rows"] == len(items(country, LATE))
    assert known(country, LATE)["last_error"] is None


def test_the_next_run_catches_up_and_nothing_is_doubled(country: Nation) -> None:
    country.serve(1)
    assert landed(country)[LATE] == len(items(country, LATE))
    found = country.compare(1)
    assert not found.wrong(), truth.told(found.wrong())
    settings = country.line.settings
    rows = live.conformed(session.connect(settings), ops.engine(settings), Dossiers.dataset())
    doubled = rows.where(F.col("feed_id") == LATE).groupBy("content_digest", "sequence").count()
    assert doubled.where(F.col("count") > 1).count() == 0


def test_the_sources_own_list_tells_what_was_missed(country: Nation) -> None:
    """Of two pages that were landed one is lost; the key list names what was in it."""
    settings = country.line.settings
    whole = missed(settings, feed_id=LATE)
    assert (whole["missed"], whole["gone"], whole["unreadable"]) == ([], 0, 0)
    assert whole["keys"] == whole["landed"] == len({item["id"] for item in items(country, LATE)})
    engine = ops.engine(settings)
    sealed = next(one for one in submissions.listed(engine, "sealed") if one.feed_id == LATE)
    manifest = sealed.manifest or {}
    lost, *kept = manifest["objects"]
    update = schema.submissions.update().where(schema.submissions.c.submission_id == sealed.submission_id)
    with engine.begin() as connection:
        connection.execute(update.values(manifest={**manifest, "objects": kept}))
    assert len(missed(settings, feed_id=LATE)["missed"]) == lost["rows"]
    with engine.begin() as connection:
        connection.execute(update.values(manifest=manifest))
    with pytest.raises(UsageFault, match="no list of keys"):
        missed(settings, feed_id="01-baseline")


def test_rows_erased_by_law_are_told_apart(country: Nation, capsys: pytest.CaptureFixture[str]) -> None:
    """Nobody can tell their ids any more; a reset of the feed would land them again."""
    settings, engine = country.line.settings, ops.engine(country.line.settings)
    sealed = next(one for one in submissions.listed(engine, "sealed") if one.feed_id == LATE)
    first, *rest = (sealed.manifest or {})["objects"]
    store, bucket = objects.client(settings), settings.landing_bucket
    left = without(objects.get(store, bucket, first["key"]), first["format"], USUAL, {1}, "a mark")
    anew = first | {"key": f"{first['key']}.anew", "format": "rows.gz"}
    objects.put(store, bucket, anew["key"], left)
    update = schema.submissions.update().where(schema.submissions.c.submission_id == sealed.submission_id)
    with engine.begin() as connection:
        connection.execute(update.values(manifest={**(sealed.manifest or {}), "objects": [anew, *rest]}))
    told = missed(settings, feed_id=LATE)
    assert (len(told["missed"]), told["erased"], told["unreadable"]) == (1, 1, 0)
    plain = {name: one.get_secret_value() if isinstance(one, SecretStr) else one for name, one in settings}
    environ = {f"LIENTHONG_{name.upper()}": str(one) for name, one in plain.items() if one is not None}
    assert main(["sources", "missed", LATE], environ) == IntegrityFault.exit_code
    assert "up to 1 may be rows erased by law" in capsys.readouterr().out
    with engine.begin() as connection:
        connection.execute(update.values(manifest=sealed.manifest))


@pytest.mark.parametrize("kind", ["flaky", "rate_limited", "bad_json_page"])
def test_trouble_that_passes_is_overcome_within_the_pull(country: Nation, kind: str) -> None:
    feed = "79-dossiers"
    country.fault("79", kind)
    cursors.reset(ops.engine(country.line.settings), feed, at_day(1))
    receipt = country.line.pull(feed, at_day(1))
    assert receipt["rows"] == len(items(country, feed))
    country.heal()
