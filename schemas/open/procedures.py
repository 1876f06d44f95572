"""The catalogue of procedures, published."""

from __future__ import annotations

from schemas.contract import About, Contract, Key, Release
from schemas.reference.procedure_catalogue import Procedures


class OpenProcedures(Contract):
    """The procedures whose dossiers are synchronised and counted.

    Grain: one row per procedure; an explicit projection of the reference dataset.
    """

    info = About(
        noun="procedures",
        title_vi=Procedures.info.title_vi,
        title_en=Procedures.info.title_en,
        version="1.0",
        owner=Procedures.info.owner,
        legal_basis=Procedures.info.legal_basis,
        retention="permanent",
        layer="open",
        release=Release.OPEN,
    )

    procedure_code = Procedures.procedure_code
    field_code = Procedures.field_code
    register_name = Procedures.register_name
    title_vi = Procedures.title_vi
    title_en = Procedures.title_en
    has_effect = Procedures.has_effect

    key = Key((procedure_code,))
    example = Procedures.example
