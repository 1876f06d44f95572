"""Mapping files as they were when a batch was conformed with them, kept by the digest of what they state."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

import sqlalchemy as sa

from jobs.ops import events as log
from schemas import dialect as dialects
from schemas.dialect import Dialect, Texts
from schemas.ops import events
from schemas.reading import DialectError

KIND = "mapping.kept"


def keep(ops: sa.Engine, names: Iterable[str], at: datetime) -> dict[str, str]:
    """Keeps what some dialects' files state now, each content once; the digests by name."""
    stated = {name: dialects.load(name).texts for name in sorted(names)}
    digests = {name: dialects.digest(name, texts) for name, texts in stated.items()}
    with ops.begin() as connection:
        log.lock(connection)
        known = {*connection.scalars(sa.select(events.c.subject).where(events.c.kind == KIND))}
        for name, found in digests.items():
            if found not in known:
                body = {"dialect": name, "texts": dict(stated[name])}
                log.append(connection, kind=KIND, subject=found, body=body, at=at)
    return digests


def find(ops: sa.Engine, digest: str) -> tuple[str, Texts] | None:
    """The dialect and the texts that a digest, or its beginning, stands for; None where there are none."""
    mine = (events.c.kind == KIND) & events.c.subject.startswith(digest, autoescape=True)
    with ops.connect() as connection:
        row = connection.execute(sa.select(events.c.body).where(mine).order_by(events.c.seq)).first()
    return (row.body["dialect"], row.body["texts"]) if row else None


def used(ops: sa.Engine, names: Iterable[str], digests: Mapping[str, str]) -> dict[str, Dialect]:
    """The dialects that a batch is conformed with: those of its plan, whatever their files say by now.

    A file that is refused by now, or gone, stops no batch that was planned with what it said. A plan from
    before mappings were kept names none: then it is the files as they are.
    """
    found = {}
    for name in sorted(names):
        wanted = digests.get(name)
        if wanted is None:
            found[name] = dialects.load(name)
        elif (kept := find(ops, wanted)) is not None:
            mine, texts = kept  # Under another's name, where two files stated the same when it was kept.
            own = {name if one == mine else one: text for one, text in texts.items()}
            found[name] = dialects.of_texts(name, own)
        else:
            raise DialectError(f"{name}.toml: what a batch was planned with ({wanted}) is not kept.")
    return found
