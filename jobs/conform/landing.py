"""Landed rows of submissions as a frame, with what they say."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict

from pyspark.sql import DataFrame, SparkSession

from jobs.conform.placing import places
from jobs.conform.reader import CORRECTIONS, DIALECTS, STORE, LandedObject, LandingSource
from jobs.landing import manifests
from jobs.ops.corrections import Correction
from jobs.ops.submissions import Submission
from jobs.settings import Settings
from schemas.dialect import Dialect


def read_landing(
    spark: SparkSession,
    settings: Settings,
    submissions: Sequence[Submission],
    corrections: Sequence[Correction],
    used: Sequence[Dialect],
) -> DataFrame:
    """Landed rows in some dialects and what they say, corrections applied to that and never to ``raw``.

    Columns of what rows say are NULL where the row cannot be read; ``_fields`` tells, on some of an object's
    rows, which fields those from there on have.
    """
    spark.dataSource.register(LandingSource)
    asked = options(settings, submissions, corrections, used)
    return spark.read.format(LandingSource.name()).options(**asked).load()


def options(
    settings: Settings,
    submissions: Sequence[Submission],
    corrections: Sequence[Correction],
    used: Sequence[Dialect],
) -> dict[str, str]:
    """What the data source is told: the store, the objects in some dialects, corrections and the dialects."""
    endpoint = settings.s3_endpoint
    store = {
        "endpoint": endpoint.partition("//")[2],
        "access_key": settings.s3_access_key,
        "secret_key": settings.s3_secret_key.get_secret_value(),
        "region": settings.s3_region,
        "secure": endpoint.startswith("https"),
        "bucket": settings.landing_bucket,
    }
    names = {one.name for one in used}
    return {
        STORE: json.dumps(store),
        "objects": json.dumps([asdict(one) for one in landed_objects(submissions) if one.dialect in names]),
        CORRECTIONS: json.dumps(places(corrections, used)),
        DIALECTS: json.dumps({one.name: dict(one.texts) for one in used}),
    }


def landed_objects(submissions: Sequence[Submission]) -> list[LandedObject]:
    """The objects that sealed submissions consist of, by their manifests."""
    return [
        LandedObject(
            submission_id=one.submission_id,
            submission_number=one.number,
            feed_id=one.feed_id,
            province_code=one.province_code,
            received_at=(one.received_at or one.opened_at).isoformat(),
            dialect=manifests.dialect_of(one.manifest or {}, entry),
            procedure=entry["procedure"],
            object_no=entry["no"],
            key=entry["key"],
            form=entry["format"],
            size=entry["bytes"],
            layout=manifests.layout_of(one.manifest or {}, entry).told(),
        )
        for one in submissions
        for entry in (one.manifest or {})["objects"]
    ]
