"""The verbs of the open release: build, approve, reject, withdraw; each is safe to repeat."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
from sqlalchemy import Engine

from jobs import ops, session
from jobs.errors import UsageFault
from jobs.release import datasets, files, page, read, records, store, texts
from jobs.release.datasets import Restated
from jobs.release.periods import DEFAULT, Period, Policy, closed
from jobs.release.records import Release
from jobs.settings import Settings
from schemas import reference
from schemas.contract import Contract
from schemas.open.administrative_units import AdministrativeUnits
from schemas.open.business_counts import BusinessCounts
from schemas.open.dossier_counts import DossierCounts
from schemas.open.enterprises import Enterprises
from schemas.open.procedures import OpenProcedures
from schemas.reference import procedure_catalogue

Tables = dict[type[Contract], pa.Table]


def build(settings: Settings, *, at: datetime, policy: Policy = DEFAULT) -> dict[str, Any]:
    """Builds a release from the lake and keeps it aside for a person to approve.

    The same data as the open candidate or the newest published release give no new one.

    Returns:
        The release: version, state, rows and checksums by dataset, months, provinces that are late,
        what was restated; ``changed`` says whether it is new.

    Raises:
        Refused: Another release is approved and not yet published.
        IntegrityFault: A row breaks its open contract, or what was read back differs.
    """
    engine = ops.engine(settings)
    known = records.listed(engine)
    records.require_published(known)
    tables, facts = _tables(settings, engine, known, at, policy)
    data = {contract: files.data_files(contract, rows) for contract, rows in tables.items()}
    digest = _digest(data)
    same = [r for r in known if r.state == "candidate"] + [r for r in known if r.state == "published"][-1:]
    for release in same:
        if release.body["data_digest"] == digest:
            return {**release.told(), "changed": False}
    version = records.next_version(at, known)
    body = {
        **facts,
        "data_digest": digest,
        "datasets": {c.table(): {"rows": t.num_rows} for c, t in tables.items()},
    }
    every = _every_file(version, at, body, data, known)
    for noun, content in every.items():
        body["datasets"][noun]["files"] = {
            name: {"sha256": files.sha256(one), "bytes": len(one)} for name, one in content.items()
        }
    store.write_private(settings, version, every)
    return {**records.add(engine, version=version, body=body, at=at).told(), "changed": True}


def _tables(
    settings: Settings, engine: Engine, known: list[Release], at: datetime, policy: Policy
) -> tuple[Tables, dict[str, Any]]:
    """The tables of a release, and what is to be known about how they came about."""
    spark = session.connect(settings)
    reported = read.reported_at(settings, engine)
    events = read.events(spark, engine)
    periods = closed((str(one["month"]) for one in events), reported, at=at, policy=policy)
    earlier, restated = store.earlier(settings, known), Restated()
    counted = read.businesses(spark, engine, periods)
    tables: Tables = {
        DossierCounts: datasets.dossier_counts(events, periods, policy, earlier, restated),
        Enterprises: datasets.checked(Enterprises, read.enterprises(spark, engine, at)),
        BusinessCounts: datasets.business_counts(
            counted, periods, reference.provinces(), policy, earlier, restated
        ),
        AdministrativeUnits: datasets.administrative_unit_rows(),
        OpenProcedures: datasets.table(OpenProcedures, procedure_catalogue.rows()),
    }
    return tables, {
        "policy": asdict(policy),
        "periods": [period.month for period in periods],
        "late": _late(periods),
        "suppressed": {
            contract.table(): tables[contract].column("is_suppressed").to_pylist().count(True)
            for contract in (DossierCounts, BusinessCounts)
        },
        "restated": dict(restated.changed),
        "waiting": dict(restated.waiting),
        "is_generated": bool(settings.sandbox_url),
    }


def _late(periods: tuple[Period, ...]) -> dict[str, list[str]]:
    """Provinces that had not reported a month, by month."""
    found = {period.month: sorted(set(reference.provinces()) - period.provinces) for period in periods}
    return {month: codes for month, codes in found.items() if codes}


def _digest(data: Mapping[type[Contract], Mapping[str, bytes]]) -> str:
    """One digest of all data files."""
    sums = [f"{name} {files.sha256(content)}" for one in data.values() for name, content in one.items()]
    return hashlib.sha256("\n".join(sorted(sums)).encode()).hexdigest()


def _every_file(
    version: str,
    at: datetime,
    body: Mapping[str, Any],
    data: Mapping[type[Contract], Mapping[str, bytes]],
    known: list[Release],
) -> dict[str, dict[str, bytes]]:
    before = [release.told() | {"body": release.body} for release in known if release.was_public]
    created = at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {
        contract.table(): files.whole(
            contract,
            content,
            version=version,
            created=created,
            body=body,
            changelog=texts.changelog(contract.table(), version, body, before),
        )
        for contract, content in data.items()
    }


def approve(settings: Settings, *, release_id: str, by: str, at: datetime) -> dict[str, Any]:
    """Publishes a candidate in the name of a person. A second approval changes nothing.

    The approval is recorded first, then the files are copied and read back, then the release counts
    as published and the page shows it; repeated after a crash, it goes on where it stopped.

    Raises:
        Refused: It was rejected or withdrawn.
        UsageFault: No name, or no such release.
    """
    engine = ops.engine(settings)
    release = records.approve(engine, release_id, by=_named(by), at=at)
    written = 0
    if release.state == "candidate":
        written = store.copy_to_open(settings, release)
    changed = records.publish(engine, release_id, at=at)
    refresh(settings)
    return {**records.get(engine, release_id).told(), "changed": changed, "files_written": written}


def reject(settings: Settings, *, release_id: str, by: str, reason: str, at: datetime) -> dict[str, Any]:
    """Rejects a candidate, with a reason; nothing of it becomes public.

    Raises:
        Refused: It was approved.
    """
    engine = ops.engine(settings)
    changed = records.reject(engine, release_id, by=_named(by), reason=_reason(reason), at=at)
    return {**records.get(engine, release_id).told(), "changed": changed}


def withdraw(settings: Settings, *, release_id: str, by: str, reason: str, at: datetime) -> dict[str, Any]:
    """Withdraws a published release: the page drops it, tombstones with the reason take its files' place.

    Raises:
        Refused: It is not published.
    """
    engine = ops.engine(settings)
    changed = records.withdraw(engine, release_id, by=_named(by), reason=_reason(reason), at=at)
    refresh(settings)
    release = records.get(engine, release_id)
    store.bury(settings, release)
    return {**release.told(), "changed": changed}


def _named(by: str) -> str:
    if not by.strip():
        raise UsageFault("A release is decided by a person.", "give a name.")
    return by.strip()


def _reason(reason: str) -> str:
    if not reason.strip():
        raise UsageFault("A reason is missing.", "say why; the reason of a withdrawal is published.")
    return reason.strip()


def listed(settings: Settings) -> list[dict[str, Any]]:
    """Every release, oldest first."""
    return [release.told() for release in records.listed(ops.engine(settings))]


def show(settings: Settings, *, release_id: str) -> dict[str, Any]:
    """One release.

    Raises:
        UsageFault: There is none.
    """
    return records.get(ops.engine(settings), release_id).told()


def refresh(settings: Settings) -> None:
    """Writes page, catalogue and pointers as the releases now stand."""
    store.write_page(settings, page.pages(records.listed(ops.engine(settings))))


def republish(settings: Settings) -> int:
    """Makes the open bucket anew from the releases' private copies, as they now stand; files written."""
    open_bucket_policy(settings)
    written = 0
    known = [one for one in records.listed(ops.engine(settings)) if one.state in {"published", "withdrawn"}]
    for one in known:
        if one.state == "published":
            written += store.copy_to_open(settings, one)
        else:
            store.bury(settings, one)
    if known:
        refresh(settings)
    return written


def open_bucket_policy(settings: Settings) -> str:
    """Lets anyone read the open bucket, and it alone; gives the policy as the store keeps it."""
    return store.set_policy(settings)


def first_difference(settings: Settings) -> str | None:
    """The first fault of the open bucket against what was approved; None when all is right."""
    known = records.listed(ops.engine(settings))
    shown = page.pages(known) if any(r.state in {"published", "withdrawn"} for r in known) else {}
    return store.first_difference(settings, known, shown)


def url(settings: Settings) -> str:
    """Address of the page."""
    return f"{settings.s3_endpoint}/{settings.open_bucket}/index.html"
