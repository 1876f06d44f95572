"""What the portal is told of a dossier, made from core when it is sent: columns of Spark, then documents."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F
from sqlalchemy import Engine

from jobs.conform.versions import version_order
from jobs.lake import live
from jobs.ops import submissions
from jobs.ops.outbox import Place
from schemas import portal
from schemas.core.dossiers import Dossiers
from schemas.core.landed import PLACE
from schemas.portal import Form, Sent
from schemas.procedures import BY_CODE
from schemas.reference import status_names
from schemas.reference.procedure_catalogue import catalogue
from schemas.zone import ZONE

_STANDING = ("in_process", "no_effect", "effective")
_STEP = "step."
"""In front of the columns of a step's fields."""
_DIGEST = "message_digest"


def standing(spark: SparkSession, engine: Engine, submission_ids: Collection[str]) -> DataFrame:
    """Versions of dossiers that stand, of some submissions, as the outbox keeps them but for its keys.

    Duplicates, quarantined and unreadable rows, rows of retracted submissions, registers' own baselines and
    answers to our questions are none; nor are erased rows, which have no code any more.
    """
    retracted = [one.submission_id for one in submissions.listed(engine, "retracted")]
    ours = [code for code, one in BY_CODE.items() if one.is_baseline or one.is_verification]
    wanted = sorted(set(submission_ids) - set(retracted))
    rows = live.conformed(spark, engine, Dossiers.dataset()).where(
        F.col("submission_id").isin(*wanted) if wanted else F.lit(False)
    )
    stands = (
        F.col("disposition").isin(*_STANDING)
        & ~F.col("procedure_code").isin(*ours)
        & F.col("dossier_code").isNotNull()
        & F.col("status").isNotNull()
    )
    return rows.where(stands).select(
        *PLACE,
        "province_code",
        "dossier_code",
        version_order().alias("version"),
        "received_at",
        "status",
        _digest(),
    )


def messages(spark: SparkSession, engine: Engine, places: Collection[Place]) -> Iterator[dict[str, Any]]:
    """Rows of core at some places with every field that is sent, as text, and the digest of them all."""
    names = spark.createDataFrame(sorted(places), "submission_id string, object_no bigint, row_no bigint")
    within = F.col("submission_id").isin(*sorted({place[0] for place in places}))
    rows = live.conformed(spark, engine, Dossiers.dataset()).where(within)
    chosen = rows.join(F.broadcast(names), list(PLACE), "left_semi")
    yield from chosen.select(*PLACE, *_columns(), _digest()).toArrow().to_pylist()


def _columns() -> list[Column]:
    """A text column for each field of dossier and step."""
    dossier = [_text(one).alias(one.name) for one in portal.DOSSIER]
    step = [_text(one).alias(f"{_STEP}{one.name}") for one in portal.STEP]
    return [*dossier, *step, _instant(_taken_at()).alias(f"{_STEP}{portal.STEP_AT}")]


def _digest() -> Column:
    return F.sha2(F.to_json(F.struct(*_columns())), 256).alias(_DIGEST)


def _text(one: Sent) -> Column:
    column = F.col(one.column.name)
    match one.form:
        case Form.INSTANT:
            text = _instant(column)
        case Form.FLAG:
            text = F.when(column, F.lit("1")).when(~column, F.lit("0"))
        case _:
            text = column
    if one.words:
        text = _mapped(one.words, text)
    if one.catalogued is not None:
        known = {procedure.code: str(getattr(procedure, one.catalogued)) for procedure in catalogue()}
        text = F.coalesce(text, _mapped(known, F.col(Dossiers.procedure_code.name)))
    if one.only_with is not None:
        other = next(field for field in portal.DOSSIER if field.column is one.only_with)
        text = F.when(_text(other).isNotNull(), text)
    return text


def _mapped(words: Mapping[str, str], value: Column) -> Column:
    pairs = F.create_map(*[F.lit(word) for pair in words.items() for word in pair])
    return F.element_at(pairs, value)


def _instant(column: Column) -> Column:
    return F.date_format(F.from_utc_timestamp(column, ZONE), "yyyyMMddHHmmss")


def _taken_at() -> Column:
    """When a version's status was taken."""
    stated = [
        F.when(F.col("status") == status, F.col(column.name)) for status, column in portal.TAKEN_AT.items()
    ]
    return F.coalesce(*stated, "updated_at", "received_at")


def dossier_of(row: Mapping[str, Any]) -> dict[str, Any]:
    """The document of a dossier; what has no value is left out, or empty where every client sends it.

    >>> dossier_of({"MaHoSo": "H1", "DinhDanhCHS[].SoDinhDanh": "0", "HinhThuc": None})["DinhDanhCHS"]
    [{'SoDinhDanh': '0'}]
    """
    told: dict[str, Any] = dict.fromkeys(portal.ALWAYS, "")
    for one in portal.DOSSIER:
        value = row.get(one.name)
        if value is None:
            continue
        outer, _, inner = one.name.rpartition("[].")
        if outer:
            told.setdefault(outer, [{}])[0][inner] = value
        else:
            told[inner] = value
    return told


def step_of(row: Mapping[str, Any]) -> dict[str, str]:
    """The document of a status step; officials stay unnamed."""
    names = (*(one.name for one in portal.STEP), portal.STEP_AT)
    told = {name: row[f"{_STEP}{name}"] or "" for name in names}
    words = status_names().get(told["TrangThai"], "")
    return told | {portal.STEP_WORDS: words, "NguoiXuLy": "", "ChucDanh": "", "NgayBatDau": ""}


def keyed(key: bytes, *parts: str) -> str:
    """A keyed hash: the same parts give the same, and nobody without the key can try values.

    >>> keyed(b"k", "dossier", "01", "H1") == keyed(b"k", "dossier", "01", "H1") != keyed(b"l", "dossier")
    True
    """
    return hmac.new(key, "\0".join(parts).encode(), hashlib.sha256).hexdigest()


def digest_of(key: bytes, row: Mapping[str, Any]) -> str:
    """What the outbox keeps of a message: whether it changed can be seen, and nothing else."""
    return keyed(key, "portal message", row[_DIGEST])


def key_of(key: bytes, row: Mapping[str, Any]) -> str:
    """What the outbox keeps of a dossier's code."""
    return keyed(key, "portal dossier", row["province_code"], row["dossier_code"])
