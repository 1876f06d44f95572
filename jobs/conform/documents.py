"""What becomes of each landed message of the document exchange, and why.

A document changes no register: an accepted message has no effect, and needs no other row to be decided on
but an equal one. What messages say together, a history, is read when it is asked for.
"""

from __future__ import annotations

from collections.abc import Sequence

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from jobs.conform import readings
from jobs.conform.canonical import typed_header, unknown_status
from jobs.conform.dispositions import Conformed, is_erased, outlines_of
from jobs.conform.sent import LANDED, sent
from jobs.conform.versions import ORDER, duplicates
from jobs.session import checkpoint
from schemas import states
from schemas.contract import Effect, Register
from schemas.core.documents import Documents
from schemas.core.landed import PLACE
from schemas.derive import codes
from schemas.derive import spark as derive
from schemas.dialect import Dialect, header_domains
from schemas.types import DocumentStatus


def conformed(
    landed: DataFrame, earlier: DataFrame | None, dialects: Sequence[Dialect], retracted: Sequence[str] = ()
) -> Conformed:
    """Dispositions of all messages.

    Args:
        landed: Rows from ``jobs.conform.landing``.
        earlier: Live rows of ``core.documents`` of other submissions, with ``submission_number``; None at
            first.
        dialects: Dialects that the rows are in.
        retracted: Submissions that count as if they had never been sent.
    """
    read = checkpoint(_read(landed, dialects, retracted))
    again = duplicates(_unversioned(read), None if earlier is None else _unversioned(earlier))
    told = read.join(F.broadcast(again), list(ORDER), "left").fillna(value=False, subset=["is_duplicate"])
    checks = [
        check
        for check in derive.checks(Documents)
        if not check.code.startswith(("register_name:", "disposition:"))
    ]
    stops = (check for check in checks if check.effect is Effect.QUARANTINE)
    rows = checkpoint(
        told.withColumns(
            {
                "_stops": derive.violations(stops, Documents.info.noun),
                "_notes": derive.violations(check for check in checks if check.effect is Effect.NOTE),
            }
        )
        .withColumn("_codes", _codes())
        .withColumn("disposition", _disposition())
        .drop("_stops")
    )
    outlines = outlines_of(rows, {})
    return Conformed(Documents, rows, {}, outlines, outlines.select(*PLACE), takes_back=False)


def _read(landed: DataFrame, dialects: Sequence[Dialect], retracted: Sequence[str]) -> DataFrame:
    """Typed messages with what a finding tells of a row; none has a procedure."""
    variants = readings.of_headers(dialects)
    unread = [
        (F.col("_misshapen"), "record:parse"),
        *readings.unreadable(variants, header_domains(Documents), Documents.info.noun),
    ]
    header = typed_header(variants, Documents)
    status = F.col("status_code")
    return (
        sent(landed, dialects)
        .withColumns(header)
        .select(
            *LANDED,
            "dialect",
            "raw",
            "error",
            F.col("_text_document_id").alias("dossier_text"),
            F.lit(None).cast("string").alias("procedure_code"),
            F.lit(Register.NONE.value).alias("register_name"),
            (F.col("submission_id").isin(*retracted) if retracted else F.lit(False)).alias("_is_retracted"),
            unknown_status(status, status, DocumentStatus).alias("_unknown_status"),
            codes.where(unread).alias("_parse"),
            *header,
        )
    )


def _unversioned(rows: DataFrame) -> DataFrame:
    """Messages as rows without versions: their content alone tells them apart."""
    return rows.withColumns(
        {"sequence": F.lit(None).cast("long"), "updated_at": F.lit(None).cast("timestamp")}
    )


def _codes() -> Column:
    """Reasons to quarantine a message."""
    return (
        F.when(is_erased(), F.lit(codes.NONE))
        .when(F.col("error").isNotNull(), F.lit(states.ROW_UNREADABLE.code))
        .otherwise(codes.ordered(codes.joined("_parse", "_stops")))
    )


def _disposition() -> Column:
    """A retracted message keeps its word: it had no effect that it could lose."""
    return (
        F.when(is_erased(), F.lit("no_effect"))
        .when(F.col("is_duplicate"), F.lit("duplicate"))
        .when(F.col("error").isNotNull(), F.lit("unreadable"))
        .when(codes.are_there("_codes"), F.lit("quarantined"))
        .otherwise(F.lit("no_effect"))
    )
