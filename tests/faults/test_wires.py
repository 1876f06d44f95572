"""What lies between two parts of a pull breaks: source, object store and PostgreSQL by proxy."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
import sqlalchemy as sa
from minio.error import MinioException
from urllib3.exceptions import HTTPError

from jobs import extract, objects, ops
from jobs.errors import LienthongError
from jobs.landing.rows import rows_of
from jobs.ops import cursors, submissions
from jobs.ops.submissions import Submission
from jobs.settings import Settings
from schemas.layout import USUAL
from tests.support.line import Line, at_day
from tests.support.proxy import Toxic, between
from tests.support.sandbox import Nation, nation

FEED = "66-dossiers"
PAGE = rb"GET \S*/api/v1/dossiers\?"


@pytest.fixture(scope="module")
def country(line: Line, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nation]:
    with nation(line, tmp_path_factory.mktemp("wires"), scale=0.005, profile="clean") as one:
        one.advance(1)
        yield one


def contents(settings: Settings, one: Submission) -> list[str]:
    """Content digests of a submission's rows, in order."""
    store, manifest = objects.client(settings), one.manifest or {"objects": []}
    return [
        row.content_digest
        for entry in manifest["objects"]
        for row in rows_of(objects.get(store, settings.landing_bucket, entry["key"]), entry["format"], USUAL)
    ]


def pulled(settings: Settings, through: Settings) -> list[str]:
    """What a pull from the beginning brings, and plain repetition where it breaks off."""
    engine = ops.engine(settings)
    cursors.reset(engine, FEED, at_day(1))
    for there in (through, settings):
        try:
            receipt = extract.pull(there, feed_id=FEED, at=at_day(1))
        except (LienthongError, sa.exc.OperationalError, MinioException, HTTPError):
            assert there is not settings, "plain repetition does not bring it"
            continue
        sealed = submissions.get(engine, receipt["submission_id"])
        assert sealed is not None
        return contents(settings, sealed)
    raise AssertionError


@pytest.fixture(scope="module")
def whole(country: Nation) -> list[str]:
    """What the source has."""
    found = pulled(country.line.settings, country.line.settings)
    assert len(found) == len(set(found)) > 3
    return found


@pytest.mark.parametrize(
    ("wire", "toxic"),
    [
        ("sandbox_url", Toxic("cut", PAGE, after=400)),
        ("sandbox_url", Toxic("truncate", PAGE, after=400)),
        ("sandbox_url", Toxic("drop", PAGE)),
        ("sandbox_url", Toxic("repeat", PAGE)),
        ("sandbox_url", Toxic("delay", PAGE, seconds=1)),
        ("sandbox_url", Toxic("refuse", PAGE, times=2)),
        ("sandbox_url", Toxic("busy", PAGE, times=2)),
        ("s3_endpoint", Toxic("drop", rb"^PUT ")),
        ("s3_endpoint", Toxic("cut", rb"^GET ", after=300)),
        ("s3_endpoint", Toxic("truncate", rb"^GET ", after=300)),
        ("s3_endpoint", Toxic("busy", rb"^PUT ", times=40)),
        ("s3_endpoint", Toxic("refuse", rb"^PUT ", times=40)),
        *[("ops_url", Toxic("drop", rb"COMMIT", first=place)) for place in (1, 2, 3, 4)],
        ("ops_url", Toxic("refuse", rb"COMMIT", first=2)),
    ],
    ids=lambda one: one if isinstance(one, str) else f"{one.kind}-{one.first}",
)
def test_a_pull_brings_each_row_once(country: Nation, whole: list[str], wire: str, toxic: Toxic) -> None:
    settings = country.line.settings
    with between(settings, {wire: toxic}) as (through, proxies):
        assert pulled(settings, through) == whole
    assert proxies[wire].fired == toxic.times or toxic.times > 2
    assert proxies[wire].fired
    assert submissions.listed(ops.engine(settings), "pulling") == []


@pytest.mark.parametrize("hours", [-26, 26])
def test_a_clock_that_is_off_loses_nothing(country: Nation, hours: int) -> None:
    """Our clock is a day behind or ahead of the source's: what changes meanwhile is read all the same."""
    settings, engine = country.line.settings, ops.engine(country.line.settings)
    day = int(country.control("GET", "state")["day"])
    cursors.reset(engine, FEED, at_day(day))
    landed: set[str] = set()
    for later in (day, day + 1):
        country.advance(later)
        receipt = extract.pull(settings, feed_id=FEED, at=at_day(later) + timedelta(hours=hours))
        if (sealed := submissions.get(engine, receipt["submission_id"] or "")) is not None:
            landed |= set(contents(settings, sealed))
    has = pulled(settings, settings)
    assert set(has) <= landed
