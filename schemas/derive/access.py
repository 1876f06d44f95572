"""Who may do what in the databases: roles, views for a purpose, grants; as statements for PostgreSQL.

The statements name tables without a schema, so that they also serve a scratch schema that a
database is compared with. All are safe to repeat.
"""

from __future__ import annotations

from collections.abc import Sequence

from schemas.contract import Contract, Register
from schemas.zone import ZONE

INGEST = "ingest"
"""Loads batches: adds and closes history, replaces current rows; it owns nothing."""
AUDITOR = "auditor"
"""Reads everything and changes nothing."""


def reader(register: Register) -> str:
    """Name of the role that reads a register through its views."""
    return f"reader_{register.value}"


def surroundings(roles: Sequence[str], *, loads: bool) -> list[str]:
    """Statements on roles, schema and database: what is granted to nobody else than the roles.

    Args:
        roles: Roles that may connect.
        loads: Whether ``ingest`` is among them and stages batches in temporary tables.
    """
    named = ", ".join(roles)
    statements = [
        *[_guarded(f"CREATE ROLE {name} NOLOGIN") for name in roles],
        _on_database("REVOKE ALL ON DATABASE", "FROM PUBLIC"),
        _on_database("GRANT CONNECT ON DATABASE", f"TO {named}"),
        "REVOKE ALL ON SCHEMA public FROM PUBLIC",
        f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM PUBLIC, {named}",
        f"GRANT USAGE ON SCHEMA public TO {named}",
    ]
    if loads:
        statements += [
            _on_database("GRANT TEMPORARY ON DATABASE", f"TO {INGEST}"),
            _guarded(f"GRANT {INGEST} TO CURRENT_USER WITH INHERIT FALSE, SET TRUE"),
        ]
    return statements


def register_surroundings(register: Register) -> list[str]:
    """Statements on the roles of a register's database."""
    return surroundings((INGEST, reader(register), AUDITOR), loads=True)


def register_objects(register: Register, contracts: Sequence[type[Contract]]) -> list[str]:
    """Views, functions and grants of a register's database."""
    statements = [f"GRANT SELECT, INSERT ON _loads TO {INGEST}", f"GRANT SELECT ON _loads TO {AUDITOR}"]
    for contract in contracts:
        noun = contract.info.noun
        statements += [
            _view(contract),
            _as_known_on(noun),
            f"REVOKE ALL ON FUNCTION {noun}_as_known_on(date) FROM PUBLIC",
            f"GRANT EXECUTE ON FUNCTION {noun}_as_known_on(date) TO {AUDITOR}",
            f"GRANT SELECT ON v_{noun} TO {reader(register)}",
            f"GRANT SELECT ON {noun}, {noun}_history, v_{noun} TO {AUDITOR}",
            f"GRANT SELECT, INSERT, DELETE ON {noun} TO {INGEST}",
            f"GRANT SELECT, INSERT, UPDATE (recorded_to), MAINTAIN ON {noun}_history TO {INGEST}",
        ]
    return statements


def ops_objects(tables: Sequence[str]) -> list[str]:
    """Grants of the operational database: the auditor reads, the pipeline is its owner."""
    return [f"GRANT SELECT ON {table} TO {AUDITOR}" for table in tables]


def _view(contract: type[Contract]) -> str:
    """What holds now, without technical columns."""
    noun = contract.info.noun
    columns = ", ".join(["entity_id", "valid_from", *contract.names()])
    return f"CREATE OR REPLACE VIEW v_{noun} AS SELECT {columns} FROM {noun}"  # noqa: S608  (names of a contract)


def _as_known_on(noun: str) -> str:
    """The history as known at the end of a day in Viet Nam; whole rows, as revisions add columns last."""
    end = f"((day + 1)::timestamp AT TIME ZONE '{ZONE}')"
    known = f"recorded_from < {end} AND (recorded_to IS NULL OR recorded_to >= {end})"
    head = f"CREATE OR REPLACE FUNCTION {noun}_as_known_on(day date) RETURNS SETOF {noun}_history"
    return f"{head} LANGUAGE sql STABLE BEGIN ATOMIC SELECT h FROM {noun}_history h WHERE {known}; END"  # noqa: S608  (names of a contract)


def _on_database(before: str, after: str) -> str:
    return f"DO $$ BEGIN EXECUTE '{before} ' || quote_ident(current_database()) || ' {after}'; END $$"


def _guarded(statement: str) -> str:
    """The statement; roles belong to the whole server, and another database may just have done the same."""
    return f"DO $$ BEGIN {statement}; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$"
