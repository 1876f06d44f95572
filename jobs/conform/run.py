"""The conform verb: plan, read, decide, append, read back, commit."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial, reduce
from typing import Any

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from sqlalchemy import Engine

from jobs import ops, session
from jobs.conform import documents, facts
from jobs.conform.canonical import canonical
from jobs.conform.dispositions import Conformed, conformed, emitting, without
from jobs.conform.drifting import drifts
from jobs.conform.held import receipt_of, written_facts
from jobs.conform.landing import read_landing
from jobs.conform.pending import dialects_of, overturned, pending
from jobs.conform.versions import takes_back
from jobs.errors import IntegrityFault
from jobs.lake import evidence, tables
from jobs.ops import batches, corrections, locks, mappings, overrules, submissions
from jobs.ops.batches import Batch
from jobs.ops.submissions import Submission
from jobs.quality import gate as gating
from jobs.quality.gate import Gate
from jobs.quality.profiles import ROW_NOUNS, profiles
from jobs.settings import Settings
from jobs.sources import model
from schemas.contract import REGISTERS, Contract
from schemas.core.documents import Documents
from schemas.core.dossiers import Dossiers
from schemas.core.findings import Findings
from schemas.derive import codes
from schemas.dialect import Dialect
from schemas.registry import ROWS, root

_OURS = "dvcqg"


def run(settings: Settings, *, at: datetime, submission_ids: Sequence[str] | None = None) -> dict[str, Any]:
    """Conforms every sealed submission that was not conformed yet, or the named ones again.

    With either go those that a retraction, its end or an erasure has changed since they were conformed,
    and what of a province was conformed before one that was landed earlier. After them, in a batch of
    their own, go those with versions that what was conformed shows in another light.

    Safe to run again and beside itself: one process at a time conforms, a planned batch is finished
    before another is planned, and a table that already has the batch is not written twice.

    Returns:
        ``batch_id`` of the newest batch, None when nothing was pending, with ``submissions`` and
        row ``counts`` by submission, register and disposition of all that were finished, and
        ``left_out``: submissions that wait for a dialect that is gone, or for one that does.

    Raises:
        Refused: Each that was named waits.
        UsageFault: A submission that was named is not known, has no manifest, or has a dialect that is gone.
    """
    engine = ops.engine(settings)
    receipts: list[dict[str, Any]] = []
    with locks.held(engine, "conform"):
        if (unfinished := batches.planned(engine, kind="conform", register=None)) is not None:
            receipts.append(finish(settings, engine, unfinished))
        chosen, unmapped = pending(settings, engine, submission_ids)
        while chosen:
            members = _members(settings, engine, chosen, at)
            batch = batches.plan(engine, kind="conform", register=None, at=at, members=members)
            receipts.append(finish(settings, engine, batch))
            chosen = overturned(engine)
    nothing: dict[str, Any] = {"batch_id": None, "facts": {}, "gate": []}
    return (receipts[-1] if receipts else nothing) | {
        "left_out": unmapped,
        **{
            name: [entry for receipt in receipts for entry in receipt[name]]
            for name in ("submissions", "counts")
        },
    }


def _members(settings: Settings, engine: Engine, chosen: Sequence[str], at: datetime) -> dict[str, Any]:
    """What a batch takes: submissions, corrections in force, what is known of the submissions and sources.

    A source's policy for drift and a mapping file may change; the batch is carried out with those of now,
    also when it is carried out again.
    """
    known = submissions.listed(engine)
    spoken = {name for one in known if one.submission_id in chosen for name in dialects_of(one)}
    feeds = {name.rpartition(".")[0] for name in chosen}
    policies = {name: dict(feed.drift) for name, feed in model.load(settings).items() if name in feeds}
    return {
        "submissions": sorted(chosen),
        "corrections": [one.correction_id for one in corrections.active(engine)],
        "retracted": [one.submission_id for one in known if one.state == "retracted"],
        "overruled": sorted(overrules.active(engine) & set(chosen)),
        "mappings": mappings.keep(engine, spoken, at),
        "drift": {name: policy for name, policy in sorted(policies.items()) if policy},
    }


def finish(settings: Settings, engine: Engine, batch: Batch) -> dict[str, Any]:
    """Carries out a planned batch and commits it."""
    receipt = carry_out(settings, engine, batch)
    batches.commit(engine, batch, receipt, batch.at)
    return receipt


@session.checkpoints()
def carry_out(settings: Settings, engine: Engine, batch: Batch) -> dict[str, Any]:
    """Writes a planned batch to the lake and gives its receipt; nothing reads the batch yet."""
    spark = session.connect(settings)
    gate = Gate(settings, batch)
    tables.ensure(spark)
    tables.refresh(spark, evidence.CORE)
    everything = {one.submission_id: one for one in submissions.listed(engine)}
    members = [everything[name] for name in batch.plan["submissions"]]
    # Where everything that came was refused there is no row, and the dialect of our own feed reads it.
    names = {name for one in members for name in dialects_of(one)} or {_OURS}
    spoken = mappings.used(engine, names, batch.plan.get("mappings", {}))
    decided = _decided(spark, settings, engine, batch, everything, [*spoken.values()])
    profiled = [
        one
        for result in decided
        for one in profiles(
            result.rows, result.outlines, members, everything.values(), spoken, result.contract
        )
    ]
    landed = _read(batch, members, profiled)
    conforms = batches.committed(engine, "conform")
    drifted = drifts(profiled, conforms, batch, spoken)
    verdicts = gate.judge(profiled, conforms, drifted)
    refused = gating.refused(verdicts)
    into = _append(engine, batch, [without(result, refused) for result in decided])
    checks = gate.check_batch(written_facts(spark, batch, into))
    receipt = receipt_of(spark, batch, into, landed=landed)
    checks.result()
    return receipt | {
        "profiles": profiled,
        "gate": verdicts,
        "drift": drifted,
        "overturned": sorted({name for result in decided for name in result.overturned}),
    }


def _read(
    batch: Batch, members: Sequence[Submission], profiled: Sequence[Mapping[str, Any]]
) -> dict[str, int]:
    """Numbers of landed rows by dataset.

    Raises:
        IntegrityFault: They are not all that the manifests name: nothing is written then.
    """
    landed: dict[str, int] = {}
    for one in profiled:
        if (dataset := ROW_NOUNS.get(one["dataset"])) is not None:
            landed[dataset] = landed.get(dataset, 0) + one["rows"]
    wanted = sum(int(entry["rows"]) for one in members for entry in (one.manifest or {})["objects"])
    if (read := sum(landed.values())) != wanted:
        raise IntegrityFault(
            f"conform batch {batch.batch_id}: {read} of {wanted} landed rows are read.",
            "nothing of it is written; lienthong ledger verify --layer landing names what differs.",
        )
    return landed


def _decided(
    spark: SparkSession,
    settings: Settings,
    engine: Engine,
    batch: Batch,
    everything: Mapping[str, Submission],
    used: Sequence[Dialect],
) -> list[Conformed]:
    """What becomes of the batch's rows, by the dataset that they are rows of."""
    members = [everything[name] for name in batch.plan["submissions"]]
    known = corrections.named(engine, batch.plan["corrections"])
    retracted = batch.plan.get("retracted", ())
    decided = []
    for contract in [one for one in ROWS if any(each.rows is one for each in used)]:
        spoken = [one for one in used if one.rows is contract]
        landed = read_landing(spark, settings, members, known, spoken)
        earlier = _earlier(spark, engine, batch, everything, contract)
        decided.append(_DECIDE[contract](landed, earlier, spoken, retracted))
    return decided


def _dossiers(
    landed: DataFrame, earlier: DataFrame | None, spoken: Sequence[Dialect], retracted: Sequence[str]
) -> Conformed:
    return conformed(canonical(landed, spoken), earlier, spoken, retracted)


_Decide = Callable[[DataFrame, DataFrame | None, Sequence[Dialect], Sequence[str]], Conformed]
_DECIDE: Mapping[type[Contract], _Decide] = {Dossiers: _dossiers, Documents: documents.conformed}


def _earlier(
    spark: SparkSession,
    engine: Engine,
    batch: Batch,
    everything: Mapping[str, Submission],
    contract: type[Contract],
) -> DataFrame | None:
    """Live rows of the submissions that the batch does not conform, with their landing order."""
    left_out = {*batch.plan["submissions"], *batch.plan.get("retracted", ())}
    live = {name: number for name, number in batches.live_conforms(engine).items() if name not in left_out}
    if not live:
        return None
    numbers = spark.createDataFrame(
        [(name, batch_id, everything[name].number) for name, batch_id in sorted(live.items())],
        "submission_id string, batch_id bigint, submission_number bigint",
    )
    rows = spark.table(tables.name(contract.dataset()))
    return rows.join(F.broadcast(numbers), ["submission_id", "batch_id"])


def _append(engine: Engine, batch: Batch, decided: Sequence[Conformed]) -> list[str]:
    """Appends the rows, findings and facts that have no evidence of the batch yet; the tables."""
    number = F.lit(batch.batch_id).cast("long").alias("batch_id")
    found = [_findings(result.rows).select(number, *Findings.names()) for result in decided]
    frames = {Findings.dataset(): reduce(DataFrame.unionAll, found)}
    for result in decided:
        frames[result.contract.dataset()] = result.rows.select(number, *result.contract.names())
        frames |= _facts(result, batch)

    def write(table: str) -> None:
        is_open = partial(batches.require_open, engine, batch)
        tables.append(frames[table], table, batch.batch_id, is_fresh=batch.is_fresh, require_open=is_open)

    with ThreadPoolExecutor(max_workers=3) as pool:
        list(pool.map(write, frames))
    return list(frames)


def _facts(result: Conformed, batch: Batch) -> dict[str, DataFrame]:
    """The facts of effective rows by their table."""
    frames = {
        contract.dataset("core"): facts.facts_of(items, contract, batch.batch_id)
        for contract, items in emitting(result).items()
    }
    if not result.takes_back:
        return frames
    effective = result.rows.where((F.col("disposition") == "effective") & takes_back())
    for register in REGISTERS:
        first = root(register)
        taken_back = facts.retracts(effective, first, batch.batch_id)
        table = first.dataset("core")
        frames[table] = frames[table].unionByName(taken_back) if table in frames else taken_back
    return frames


def _findings(rows: DataFrame) -> DataFrame:
    """Rows to report: quarantined and unreadable ones with all codes and the raw text, and notes."""
    stopped = F.col("disposition").isin("quarantined", "unreadable")
    kept = rows.where(stopped | (codes.are_there("_notes") & (F.col("disposition") != "duplicate")))
    return kept.withColumns(
        {
            "effect": F.when(stopped, F.lit("quarantine")).otherwise(F.lit("note")),
            "codes": F.when(stopped, codes.joined("_codes", "_notes")).otherwise(F.col("_notes")),
            "dossier_code": F.substring("dossier_text", 1, 2000),
            "raw": F.when(stopped, F.col("raw")),
            "status_code": F.when(stopped, F.col("_unknown_status")),
        }
    )
