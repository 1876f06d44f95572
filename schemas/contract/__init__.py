"""The contract language; standard library only."""

from schemas.contract.contract import REGISTERS, About, Contract, Key, Register, Release
from schemas.contract.domain import DomainType, Kind
from schemas.contract.field import Field, Privacy, Survivorship
from schemas.contract.rule import Effect, Rule, StateRule

__all__ = [
    "REGISTERS",
    "About",
    "Contract",
    "DomainType",
    "Effect",
    "Field",
    "Key",
    "Kind",
    "Privacy",
    "Register",
    "Release",
    "Rule",
    "StateRule",
    "Survivorship",
]
