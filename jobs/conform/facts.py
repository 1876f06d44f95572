"""Change facts: the items of effective dossiers' forms, typed, checked, one row each."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from jobs.conform import readings
from jobs.conform.canonical import reference_of, typed_items
from jobs.conform.places import with_communes
from jobs.conform.versions import version_order
from jobs.transforms import parsers
from schemas import types as t
from schemas.contract import Contract, Effect
from schemas.contract.effects import EffectOf, Procedure, Verb
from schemas.core.landed import PLACE
from schemas.derive import codes
from schemas.derive import spark as derive
from schemas.dialect import COMPANIONS, Dialect, item_domains
from schemas.facts import FACT, old_columns
from schemas.procedures import PROCEDURES, effects_on

SHARED = (
    *(
        "submission_number",
        "feed_id",
        "province_code",
        "dossier_code",
        "procedure_code",
        "finished_at",
    ),
    *("sequence", "updated_at", "received_at"),
)


@dataclass(frozen=True, slots=True)
class Placed:
    """An effect with its procedure and its place among the procedure's effects."""

    procedure: Procedure
    effect_no: int
    effect: EffectOf


def items_of(
    rows: DataFrame, contract: type[Contract], dialects: Sequence[Dialect], present: Collection[str]
) -> DataFrame | None:
    """Every item that an effect puts on a dataset, typed and checked; None when no row can have one.

    Args:
        rows: Rows that may be effective.
        contract: The dataset.
        dialects: Dialects that the rows are in.
        present: Procedures that occur in the rows.

    Returns:
        Reference and shared columns, ``effect_no``, ``item_no``, the dataset's columns, its ``old_``
        columns and companions, ``_codes`` (violations that quarantine) and ``_notes``.
    """
    readers = _readers(contract, present)
    spoken = [one for one in dialects if any(name in one.groups for name in readers)]
    if not spoken:
        return None
    texts = rows.select(*PLACE, *SHARED, "dialect", F.explode(_lists(readers)).alias("_one"))
    items = texts.select(
        *(*PLACE, *SHARED, "dialect", "_one._group"),
        F.posexplode("_one._lines").alias("_place", "_item"),
    )
    placed = items.withColumn("item_no", F.col("_place").cast("long")).drop("_place")
    variants = readings.of_items(dialects, contract)
    typed = typed_items(placed, variants, item_domains(contract), contract.info.noun).drop("dialect")
    return _checked(with_communes(typed, contract), contract)


def _readers(contract: type[Contract], present: Collection[str]) -> dict[str, dict[bool, list[str]]]:
    """Of each group the procedures that read it for a dataset, apart whether they are baselines."""
    found: dict[str, dict[bool, list[str]]] = {}
    for procedure, _, effect in effects_on(contract):
        if procedure.code in present:
            mine = found.setdefault(effect.group, {})
            mine.setdefault(procedure.is_baseline, []).append(procedure.code)
    return found


def _lists(readers: Mapping[str, Mapping[bool, Sequence[str]]]) -> Column:
    """The lines of the groups that a row's procedure reads, each with its group."""

    def is_read(codes_by_kind: Mapping[bool, Sequence[str]]) -> Column:
        return parsers.any_of(
            [
                (F.col("_is_baseline") == F.lit(kind)) & F.col("procedure_code").isin(*mine)
                for kind, mine in codes_by_kind.items()
            ]
        )

    return F.array(
        *[
            F.struct(F.lit(group).alias("_group"), F.when(is_read(found), F.col(group)).alias("_lines"))
            for group, found in readers.items()
        ]
    )


def _checked(items: DataFrame, contract: type[Contract]) -> DataFrame:
    found = derive.checks(contract)
    dated = [check for name in COMPANIONS for check in derive.domain_checks(name, t.Date, F.col(name))]
    stopping = [*(check for check in found if check.effect is Effect.QUARANTINE), *dated]
    stop = derive.violations(stopping, contract.info.noun)
    note = derive.violations(check for check in found if check.effect is Effect.NOTE)
    return items.withColumns({"_codes": codes.joined("_parse", stop, "_places"), "_notes": note}).drop(
        "_parse", "_places"
    )


def facts_of(items: DataFrame, contract: type[Contract], batch_id: int) -> DataFrame:
    """The change facts of a dataset in the columns of its table."""
    placed = [Placed(*found) for found in effects_on(contract)]
    payload = [(field.name, field.domain.kind) for field in contract.fields]
    constants = _constants(placed)
    with_effect = items.withColumns(
        {
            "effect_no": _by_effect(placed, lambda one: F.lit(one.effect_no).cast("long")),
            "verb": _by_effect(placed, lambda one: F.lit(one.effect.verb.value)),
            "role": _by_effect(placed, lambda one: F.lit(one.effect.role.value)),
            "is_baseline": _by_effect(placed, lambda one: F.lit(one.procedure.is_baseline)),
            "valid_from": _by_effect(placed, _valid_from),
            "valid_precision": _by_effect(placed, _valid_precision),
            **{name: F.coalesce(value, F.col(name)) for name, value in constants.items()},
        }
    )
    own = F.sha2(F.concat_ws("|", reference_of(), F.col("item_no").cast("string")), 256)
    key, row_key = contract.key.names[0], contract.key.row_names
    place = F.concat_ws("/", reference_of((*PLACE, "effect_no", "item_no")), derive.row_digest(payload))
    whole = with_effect.withColumns(
        {
            "batch_id": F.lit(batch_id).cast("long"),
            "fact_id": F.substring(F.sha2(place, 256), 1, 32),
            "version_order": version_order(),
            "aggregate_key": F.coalesce(F.col(key), F.concat(F.lit("!"), F.substring(own, 1, 32))),
            "row_key": F.concat_ws(":", *row_key) if row_key else F.lit(""),
            "decided_at": F.coalesce("finished_at", "received_at"),
        }
    )
    return whole.select(*fact_columns(contract))


def fact_columns(contract: type[Contract]) -> list[str]:
    """Columns of a dataset's facts in order."""
    return [*[column.name for column in FACT], *contract.names(), *old_columns(contract)]


def _by_effect(placed: Sequence[Placed], value: Callable[[Placed], Column]) -> Column:
    cases = [
        F.when(
            (F.col("procedure_code") == one.procedure.code) & (F.col("_group") == one.effect.group),
            value(one),
        )
        for one in placed
    ]
    return F.coalesce(*cases)


def _valid_from(one: Placed) -> Column:
    decision = F.coalesce("finished_at", "received_at")
    if one.effect.verb is Verb.CORRECT:
        return _corrected_date(one)
    if one.effect.valid_from is None:
        return decision
    return F.coalesce(parsers.midnight(F.col(one.effect.valid_from)), decision)


def _corrected_date(one: Placed) -> Column:
    """Where a correction carries the date that begins the row, the instant it moves to."""
    begins = {e.valid_from for _, _, e in effects_on(one.effect.dataset) if e.verb is Verb.BEGIN}
    dated = [name for name in one.effect.attributes if name in begins]
    return parsers.midnight(F.col(dated[0])) if dated else F.lit(None).cast("timestamp")


def _valid_precision(one: Placed) -> Column:
    name = one.effect.valid_from
    if one.effect.verb is Verb.CORRECT:
        return F.lit("day")
    if name is None:
        return F.lit("instant")
    return F.when(F.col(name).isNotNull(), F.coalesce(F.col(f"_{name}_precision"), F.lit("day"))).otherwise(
        F.lit("instant")
    )


def _constants(placed: Sequence[Placed]) -> dict[str, Column]:
    names = {name for one in placed for name in one.effect.constants}
    return {
        name: _by_effect(placed, lambda one, name=name: F.lit(one.effect.constants.get(name)))  # type: ignore[misc]
        for name in sorted(names)
    }


def retracts(rows: DataFrame, contract: type[Contract], batch_id: int) -> DataFrame:
    """One fact for each approval that is taken back, on the root dataset of its register."""
    register = contract.info.register
    changing = [p.code for p in PROCEDURES if p.register is register and p.effects and not p.is_baseline]
    values: Mapping[str, Column] = {
        "batch_id": F.lit(batch_id).cast("long"),
        "fact_id": F.substring(F.sha2(F.concat(reference_of(), F.lit("/retract")), 256), 1, 32),
        "version_order": version_order(),
        "effect_no": F.lit(0).cast("long"),
        "item_no": F.lit(0).cast("long"),
        "verb": F.lit(Verb.RETRACT.value),
        "role": F.lit("self"),
        "is_baseline": F.lit(False),
        "row_key": F.lit(""),
        "decided_at": F.coalesce("withdrawn_at", "corrected_at"),
    }
    kinds = {field.name: field.dataType for field in derive.technical(FACT).fields}
    kinds |= {field.name: field.dataType for field in derive.schema(contract).fields}
    kinds |= {old: kinds[old.removeprefix("old_")] for old in old_columns(contract)}
    present = {*PLACE, *SHARED}
    chosen = rows.where(F.col("procedure_code").isin(*changing))
    return chosen.select(
        *[
            F.col(name) if name in present else values.get(name, F.lit(None).cast(kinds[name])).alias(name)
            for name in fact_columns(contract)
        ]
    )
