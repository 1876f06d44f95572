"""Releases in ops: candidate → published → withdrawn, or rejected; each step an event of the chain."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from jobs.errors import Refused, UsageFault
from jobs.ops import events
from jobs.release.periods import month_of
from schemas.ops import releases


@dataclass(frozen=True, slots=True)
class Release:
    """One release and its state."""

    release_id: str
    version: str
    state: str
    built_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    body: Mapping[str, Any]

    @property
    def was_public(self) -> bool:
        """Whether anyone may have its files: published, withdrawn, or approved and half copied."""
        return self.state in {"published", "withdrawn"} or (
            self.state == "candidate" and self.decided_by is not None
        )

    def told(self) -> dict[str, Any]:
        """The release as plain values."""
        return {
            "release_id": self.release_id,
            "version": self.version,
            "state": self.state,
            "built_at": self.built_at.isoformat(),
            "decided_by": self.decided_by,
            "decided_at": self.decided_at.isoformat() if self.decided_at else None,
            **self.body,
        }


def listed(ops: sa.Engine) -> list[Release]:
    """Every release, in the order of their versions."""
    with ops.connect() as connection:
        found = [_release(row) for row in connection.execute(sa.select(releases))]
    return sorted(found, key=lambda release: _parts(release.version))


def get(ops: sa.Engine, release_id: str) -> Release:
    """The release of that id.

    Raises:
        UsageFault: There is none.
    """
    for release in listed(ops):
        if release.release_id == release_id:
            return release
    raise UsageFault(f"There is no release {release_id!r}.", "lienthong release list shows them.")


def next_version(at: datetime, known: list[Release]) -> str:
    """Year, month and counter: the counter goes on over all releases of the month, whatever their state."""
    month = month_of(at).replace("-", ".")
    counters = [_parts(one.version)[-1] for one in known if one.version.startswith(f"{month}.")]
    return f"{month}.{max(counters, default=0) + 1}"


def _parts(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


def require_published(known: Iterable[Release]) -> None:
    """Refuses while one of the releases is approved and its files are on their way."""
    for release in known:
        if release.state == "candidate" and release.was_public:
            raise Refused(
                f"Release {release.release_id} is approved and not yet published.",
                f"lienthong release approve {release.release_id} finishes it.",
            )


def add(ops: sa.Engine, *, version: str, body: Mapping[str, Any], at: datetime) -> Release:
    """Records a candidate whose files were read back; an older candidate is superseded by it.

    Raises:
        Refused: An older one was approved meanwhile and is being published.
    """
    with ops.begin() as connection:
        events.lock(connection)
        for row in connection.execute(sa.select(releases).where(releases.c.state == "candidate")):
            older = _release(row)
            require_published([older])
            reason = {"reason": f"superseded by {version}"}
            _move(connection, older, "rejected", at=at, by=None, more=reason)
        row = connection.execute(
            releases.insert()
            .values(release_id=version, version=version, state="candidate", built_at=at, body=dict(body))
            .returning(releases)
        ).one()
        events.append(connection, kind="release.built", subject=version, body=evidence(body), at=at)
        return _release(row)


def approve(ops: sa.Engine, release_id: str, *, by: str, at: datetime) -> Release:
    """Records who approved a candidate, before a byte of it is public. The first approval stays.

    Raises:
        Refused: It was rejected or withdrawn.
    """
    with ops.begin() as connection:
        release = _locked(connection, release_id)
        if release.state in {"rejected", "withdrawn"}:
            raise Refused(f"Release {release_id} was {release.state}.", "build a new one.")
        if release.decided_by is None:
            connection.execute(_one(release_id).values(decided_by=by, decided_at=at))
            events.append(
                connection,
                kind="release.approved",
                subject=release_id,
                body={"by": by, **evidence(release.body)},
                at=at,
            )
    return get(ops, release_id)


def publish(ops: sa.Engine, release_id: str, *, at: datetime) -> bool:
    """Records that every file of an approved candidate is public; whether it was not recorded yet."""
    with ops.begin() as connection:
        release = _locked(connection, release_id)
        if release.state != "candidate" or release.decided_by is None:
            return False
        connection.execute(_one(release_id).values(state="published"))
        events.append(
            connection, kind="release.published", subject=release_id, body=evidence(release.body), at=at
        )
        return True


def reject(ops: sa.Engine, release_id: str, *, by: str, reason: str, at: datetime) -> bool:
    """Rejects a candidate; whether it was one.

    Raises:
        Refused: It was approved.
    """
    with ops.begin() as connection:
        release = _locked(connection, release_id)
        if release.was_public:
            raise Refused(f"Release {release_id} was approved.", "withdraw it instead.")
        if release.state == "rejected":
            return False
        _move(connection, release, "rejected", at=at, by=by, more={"reason": reason})
        return True


def withdraw(ops: sa.Engine, release_id: str, *, by: str, reason: str, at: datetime) -> bool:
    """Withdraws a published release; whether it was not withdrawn yet.

    Raises:
        Refused: It is not published.
    """
    with ops.begin() as connection:
        release = _locked(connection, release_id)
        if release.state == "withdrawn":
            return False
        if release.state != "published":
            raise Refused(f"Release {release_id} is {release.state}, not published.")
        more = {"reason": reason, "withdrawn_by": by, "withdrawn_at": at.isoformat()}
        _move(connection, release, "withdrawn", at=at, by=None, more=more)
        return True


def _locked(connection: sa.Connection, release_id: str) -> Release:
    events.lock(connection)
    row = connection.execute(sa.select(releases).where(releases.c.release_id == release_id)).one_or_none()
    if row is None:
        raise UsageFault(f"There is no release {release_id!r}.", "lienthong release list shows them.")
    return _release(row)


def _move(
    connection: sa.Connection,
    release: Release,
    state: str,
    *,
    at: datetime,
    by: str | None,
    more: Mapping[str, str],
) -> None:
    """Another state, with the event that says so; without a name the earlier decision's name stays."""
    values: dict[str, Any] = {"state": state, "body": {**release.body, **more}}
    if by is not None:
        values |= {"decided_by": by, "decided_at": at}
    connection.execute(_one(release.release_id).values(**values))
    told = {**({"by": by} if by else {}), **more}
    events.append(connection, kind=f"release.{state}", subject=release.release_id, body=told, at=at)


def _one(release_id: str) -> sa.Update:
    return releases.update().where(releases.c.release_id == release_id)


def evidence(body: Mapping[str, Any]) -> dict[str, Any]:
    """What an event keeps of a release: counts and checksums."""
    return {
        "data_digest": body["data_digest"],
        "datasets": {
            noun: {"rows": one["rows"], "sums": one["files"]["SHA256SUMS"]["sha256"]}
            for noun, one in body["datasets"].items()
        },
    }


def _release(row: Any) -> Release:
    return Release(
        row.release_id, row.version, row.state, row.built_at, row.decided_by, row.decided_at, row.body
    )
