"""Contracts as Airflow assets: lineage, and the hand-over from one DAG to the next."""

from __future__ import annotations

from airflow.sdk import Asset

from schemas.contract import Contract, Register
from schemas.derive import asset as derive
from schemas.registry import CORE, FOLDED, OPEN, folded

LANDING = Asset(
    "landing.submissions",
    "s3://landing",
    group="landing",
    extra={"title": "Sealed submissions of every source"},
)


def asset(contract: type[Contract], layer: str | None = None) -> Asset:
    """The asset of a dataset in a layer; its own layer unless one is given."""
    facts = derive.asset(contract, layer)
    return Asset(facts.name, facts.uri, group=facts.group, extra=dict(facts.extra))


CONFORMED = [asset(contract, "core") for contract in (*CORE, *FOLDED)]
OPEN_DATA = [asset(contract) for contract in OPEN]


def facts(register: Register) -> list[Asset]:
    """Assets that a register's merge waits for."""
    return [asset(contract, "core") for contract in folded(register)]


def golden(register: Register) -> list[Asset]:
    """Assets that a register's merge writes: its curated datasets and its database."""
    return [*(asset(contract, "curated") for contract in folded(register)), database(register)]


def database(register: Register) -> Asset:
    """The asset of a register's database."""
    name = register.value
    return Asset(
        f"register.{name}",
        f"x-lienthong://register/{name}",
        group="register",
        extra={"title": f"National {name} database"},
    )
