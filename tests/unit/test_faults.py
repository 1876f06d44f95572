"""Foreign faults in safe words."""

from __future__ import annotations

import ast

import psycopg
import pytest
from sqlalchemy.exc import DBAPIError, OperationalError, ProgrammingError

from jobs import faults
from jobs.settings import CHECKOUT


@pytest.mark.parametrize(
    ("error", "remedy"),
    [
        (ProgrammingError("select", {}, psycopg.errors.UndefinedTable("secret")), "lienthong db upgrade"),
        (OperationalError("select", {}, psycopg.errors.InvalidCatalogName("secret")), "lienthong db upgrade"),
        (OperationalError("select", {}, psycopg.OperationalError("secret")), "lienthong status"),
        (OperationalError("select", {}, psycopg.errors.DiskFull("secret")), "make room"),
    ],
)
def test_what_helps_is_said_and_the_text_is_not(error: DBAPIError, remedy: str) -> None:
    told = faults.told("status", error)
    assert remedy in told
    assert "secret" not in told


def test_a_fault_without_a_known_remedy_names_none() -> None:
    told = faults.told("status", ProgrammingError("select", {}, psycopg.errors.SyntaxError("secret")))
    assert told == ("status: ProgrammingError (42601). Its text is withheld, since it may quote a record.")


def test_every_fault_of_integrity_names_a_remedy() -> None:
    bare = [
        f"{path.relative_to(CHECKOUT)}:{node.lineno}"
        for path in (CHECKOUT / "jobs").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and (node.func.id, len(node.args)) == ("IntegrityFault", 1)
    ]
    assert bare == []
