"""Persons whom the national population database is to be asked about, read from our own register."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa

from jobs import ops
from jobs.ops import batches, submissions
from jobs.registry import databases
from jobs.settings import Settings
from jobs.sources.model import Feed
from jobs.sources.population.messages import Question
from schemas.contract import Register
from schemas.derive import sql
from schemas.reference import commune_provinces

_WRITTEN = {"year": "YYYY", "month": "MM/YYYY"}
"""How a date of birth is written that is not known to the day, in PostgreSQL's patterns."""


def questions(settings: Settings, feed: Feed, at: datetime, after: str, most: int) -> Sequence[Question]:
    """Who has no answer about id, name and date of birth as they stand, in the order of entity ids.

    A person who was not confirmed is asked about again after the feed's days. Nobody is while answers of an
    earlier pull are not in the register: whom they are about would be asked twice.

    Args:
        settings: Names the register and ops.
        feed: The feed.
        at: The sources' instant.
        after: Entity id of who was asked about last; empty at first.
        most: At most so many.
    """
    if not after and _wait(ops.engine(settings), feed):
        return ()
    persons = sql.metadata(Register.POPULATION).tables["persons"]
    query = (
        sa.select(persons.c.entity_id, persons.c.personal_id, persons.c.full_name, _birth(persons))
        .where(*is_due(persons, at - timedelta(days=feed.ask_again_days)), persons.c.entity_id > after)
        .order_by(persons.c.entity_id)
        .limit(most)
    )
    with databases.engine(settings, Register.POPULATION).connect() as connection:
        return [Question(*row) for row in connection.execute(query)]


def is_due(persons: sa.Table, since: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    """Conditions on who is asked about: nobody who lacks a value that the question needs.

    Args:
        persons: The current table.
        since: Who was not confirmed before is asked about again.
    """
    denied = persons.c.not_confirmed_at
    return (
        persons.c.is_resolved,
        persons.c.full_name.is_not(None),
        persons.c.birth_date.is_not(None),
        persons.c.confirmed_at.is_(None),
        sa.or_(denied.is_(None), denied < since),
    )


def counts(settings: Settings, feed: Feed, at: datetime) -> dict[str, dict[str, int]]:
    """Persons by the province of their permanent residence, and what the population database says of them.

    ``due`` are those whom the next runs ask about. Whoever has no such residence counts under ``-``.
    """
    known = sql.metadata(Register.POPULATION).tables
    persons, homes = known["persons"], known["residences"]
    is_home = sa.and_(homes.c.entity_id == persons.c.entity_id, homes.c.row_key == "permanent")
    due = sa.and_(*is_due(persons, at - timedelta(days=feed.ask_again_days)))
    numbers = {
        "persons": sa.func.count(),
        "confirmed": sa.func.count(persons.c.confirmed_at),
        "not_confirmed": sa.func.count(persons.c.not_confirmed_at),
        "due": sa.func.count().filter(due),
    }
    query = (
        sa.select(homes.c.commune_code, *[value.label(name) for name, value in numbers.items()])
        .select_from(persons.outerjoin(homes, is_home))
        .group_by(homes.c.commune_code)
    )
    provinces, found = commune_provinces(), defaultdict[str, Counter[str]](Counter)
    with databases.engine(settings, Register.POPULATION).connect() as connection:
        for row in connection.execute(query).mappings():
            mine = found[provinces.get(row["commune_code"], "-")]
            mine.update({name: row[name] for name in numbers})
    return {name: dict(mine) for name, mine in sorted(found.items())}


def _birth(persons: sa.Table) -> sa.ColumnElement[str]:
    """The date of birth as a question has it, as precise as it is known."""
    forms = {name: sa.literal(form) for name, form in _WRITTEN.items()}
    form = sa.case(forms, value=persons.c.birth_precision, else_=sa.literal("YYYY-MM-DD"))
    return sa.func.to_char(persons.c.birth_date, form)


def _wait(engine: sa.Engine, feed: Feed) -> bool:
    """Whether answers of the feed are sealed and no merge of the population register has taken them."""
    mine = {one.submission_id for one in submissions.listed(engine, "sealed") if one.feed_id == feed.feed_id}
    merges = batches.committed(engine, kind="merge", register=Register.POPULATION.value)
    taken = {int(number) for batch in merges for number in batch.plan["new"]}
    served = {
        name
        for number, plan in batches.conform_plans(engine)
        if number in taken
        for name in plan["submissions"]
    }
    return not mine <= served
