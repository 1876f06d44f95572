"""Engines and tables of the registers."""

from __future__ import annotations

from functools import cache

import sqlalchemy as sa

from jobs.settings import Settings
from schemas.contract import REGISTERS, Register
from schemas.derive import sql
from schemas.registry import folded


def engine(settings: Settings, register: Register) -> sa.Engine:
    """The engine of a register's database; one for each URL."""
    return _engine(settings.register_url(register.value))


@cache
def _engine(url: str) -> sa.Engine:
    return sa.create_engine(
        url.replace("postgresql://", "postgresql+psycopg://", 1),
        pool_pre_ping=True,
        hide_parameters=True,
    )


def migrate(settings: Settings) -> None:
    """Creates what the contracts state and the databases lack."""
    for register in REGISTERS:
        database = engine(settings, register)
        sql.metadata(register).create_all(database)
        with database.begin() as connection:
            for statement in roles(register):
                connection.execute(sa.text(statement))


def roles(register: Register) -> list[str]:
    """Statements that give a register's roles what they may do and nothing else; safe to repeat."""
    names = {"ingest": "ingest", "reader": f"reader_{register.value}", "auditor": "auditor"}
    made = [
        "DO $$ BEGIN PERFORM pg_advisory_xact_lock(7002); "
        f"IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{name}') "
        f"THEN CREATE ROLE {name} NOLOGIN; END IF; END $$"
        for name in names.values()
    ]
    current = [f"v_{contract_noun}" for contract_noun in _nouns(register)]
    return [
        *made,
        "REVOKE ALL ON SCHEMA public FROM PUBLIC",
        "REVOKE ALL ON ALL TABLES IN SCHEMA public FROM PUBLIC",
        f"GRANT USAGE ON SCHEMA public TO {', '.join(names.values())}",
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {names['ingest']}",
        *_views(register),
        *[f"GRANT SELECT ON {view} TO {names['reader']}" for view in current],
        f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {names['auditor']}",
    ]


def _nouns(register: Register) -> list[str]:
    return [contract.info.noun for contract in folded(register)]


def _views(register: Register) -> list[str]:
    """Views for readers: what holds now, without technical columns; and the register as known on a day."""
    statements = []
    for contract in folded(register):
        noun = contract.info.noun
        columns = ", ".join(["entity_id", "valid_from", *contract.names()])
        statements.append(f"CREATE OR REPLACE VIEW v_{noun} AS SELECT {columns} FROM {noun}")
        statements.append(
            f"CREATE OR REPLACE FUNCTION {noun}_as_known_on(day date) RETURNS SETOF {noun}_history "
            f"LANGUAGE sql STABLE AS $$ SELECT * FROM {noun}_history "
            "WHERE recorded_from < ((day + 1)::timestamp AT TIME ZONE 'Asia/Ho_Chi_Minh') "
            "AND (recorded_to IS NULL OR recorded_to >= ((day + 1)::timestamp AT TIME ZONE 'Asia/Ho_Chi_Minh')) $$"
        )
    return statements
