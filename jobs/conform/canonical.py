"""From canonical text to typed dossiers and items: one expression per column, whatever the dialects."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from jobs.conform import readings
from jobs.conform.readings import Variant
from jobs.conform.sent import GROUPS, LANDED, sent
from jobs.transforms import parsers
from schemas.contract import Contract, DomainType, Kind
from schemas.core.dossiers import Dossiers
from schemas.core.landed import PLACE, UNTOLD
from schemas.derive import codes
from schemas.derive import spark as derive
from schemas.dialect import Dialect, header_domains
from schemas.procedures import PROCEDURES
from schemas.types import DossierStatus, StatusCode


def canonical(landed: DataFrame, dialects: Sequence[Dialect]) -> DataFrame:
    """Typed header columns and the form's groups as lists, for rows of any of the dialects.

    Returns:
        One row per landed row: its place, ``raw``, ``error``, the header columns of Dossiers,
        ``_parse`` (codes of what was sent and cannot be read: header values, groups), ``dossier_text``,
        ``_unknown_status`` (one that is a short code),
        ``_is_baseline`` (whether it is a register's state and no dossier), ``_lacks_part`` (whether the
        form lacks a group that its procedure needs) and one column for each group: its items' texts.
    """
    variants = readings.of_headers(dialects)
    header = typed_header(variants, Dossiers)
    header |= {"procedure_code": F.coalesce(F.col("procedure"), header["procedure_code"])}
    unread = [
        (F.col("_misshapen"), "record:parse"),
        *readings.unreadable(variants, header_domains(Dossiers), Dossiers.info.noun),
        *[(F.col(f"_unread_{name}"), f"form.{name}:parse") for name in GROUPS],
    ]
    baselines = [dialect.name for dialect in dialects if dialect.is_baseline]
    is_baseline = F.col("dialect").isin(*baselines) if baselines else F.lit(False)
    return (
        sent(landed, dialects)
        .withColumns(header | {"_is_baseline": is_baseline})
        .select(
            *LANDED,
            "dialect",
            "raw",
            "error",
            F.col("_text_dossier_code").alias("dossier_text"),
            unknown_status(F.col("status"), readings.unlisted(variants, "status"), DossierStatus).alias(
                "_unknown_status"
            ),
            codes.where(unread).alias("_parse"),
            "_is_baseline",
            _lacks_part().alias("_lacks_part"),
            *header,
            *GROUPS,
        )
    )


def typed_header(variants: Sequence[Variant], rows: type[Contract]) -> dict[str, Column]:
    """The typed header of a dataset of landed rows; columns that no dialect has are NULL."""
    domains = {name: domain for name, domain in header_domains(rows).items() if name not in UNTOLD}
    return _values(variants, domains)


def _values(variants: Sequence[Variant], domains: Mapping[str, DomainType]) -> dict[str, Column]:
    """A column of each name, NULL where no variant has it; what is not of its kind is NULL, and no error."""
    known = readings.depths(variants)
    return {
        name: (readings.value(variants, name, domain) if name in known else F.lit(None)).try_cast(
            derive.spark_type(domain)
        )
        for name, domain in domains.items()
    }


def unknown_status(status: Column, sent: Column, domain: DomainType) -> Column:
    """A status that is in no list, as sent, where it is a short code: never a text, which may be anything."""
    is_known = F.coalesce(status.isin(*domain.values or ()), F.lit(False))
    return F.when(~is_known & sent.rlike(derive.anchored(StatusCode.pattern or "")), sent)


def _lacks_part() -> Column:
    """Whether the form of a row's procedure has no item in a group that the procedure needs."""
    cases = F.lit(False)
    for procedure in PROCEDURES:
        needed = sorted({effect.group for effect in procedure.effects if effect.required})
        if needed:
            is_mine = (F.col("procedure_code") == procedure.code) & (
                F.col("_is_baseline") == F.lit(procedure.is_baseline)
            )
            empty = [F.coalesce(F.size(group), F.lit(-1)) < 1 for group in needed]
            cases = F.when(is_mine, parsers.any_of(empty)).otherwise(cases)
    return cases


def typed_items(
    items: DataFrame, variants: Sequence[Variant], domains: Mapping[str, DomainType], noun: str
) -> DataFrame:
    """Typed attributes of items in ``_item``, with ``_parse``: codes of what was sent and cannot be read.

    Args:
        items: Rows with the texts of one item each, their ``dialect`` and ``_group``.
        variants: How the dialects write the item.
        domains: Columns to give; those that none of them has are NULL.
        noun: Of the dataset; it names the codes.
    """
    depths = readings.depths(variants)
    names = {name: readings.text_names(name, depth) for name, depth in depths.items()}
    texts = items.withColumns(
        {text: F.col("_item").getField(text) for many in names.values() for text in many}
    )
    precisions = {
        f"_{name}_precision": readings.precision(name, depths[name])
        if name in depths
        else F.lit(None).cast("string")
        for name, domain in domains.items()
        if domain.kind is Kind.DATE
    }
    typed = texts.withColumns(_values(variants, domains)).withColumns(precisions)
    coded = typed.withColumn("_parse", codes.where(readings.unreadable(variants, domains, noun)))
    return coded.drop("_item", *[text for many in names.values() for text in many])


def reference_of(columns: Iterable[str] = PLACE) -> Column:
    """A landed row's place as one text."""
    parts: list[Any] = [F.col(name).cast("string") for name in columns]
    return F.concat_ws("/", *parts)
