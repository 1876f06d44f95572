"""All contracts, listed by hand: what is not here does not exist."""

from __future__ import annotations

from collections.abc import Mapping

from schemas.business.activities import Activities
from schemas.business.businesses import Businesses
from schemas.business.representatives import Representatives
from schemas.contract import Contract, Register
from schemas.core.documents import Documents
from schemas.core.dossiers import Dossiers
from schemas.core.findings import Findings
from schemas.land.certificates import Certificates
from schemas.land.parcels import Parcels
from schemas.land.rights import Rights
from schemas.open.administrative_units import AdministrativeUnits
from schemas.open.business_counts import BusinessCounts
from schemas.open.dossier_counts import DossierCounts
from schemas.open.enterprises import Enterprises
from schemas.open.procedures import OpenProcedures
from schemas.population.persons import Persons
from schemas.population.residences import Residences
from schemas.reference.communes_2025 import Communes
from schemas.reference.procedure_catalogue import Procedures
from schemas.reference.provinces_34 import Provinces

FOLDED: tuple[type[Contract], ...] = (
    Persons,
    Residences,
    Parcels,
    Certificates,
    Rights,
    Businesses,
    Activities,
    Representatives,
)
"""Datasets that merge folds, the root of each aggregate first."""

ROWS: Mapping[type[Contract], str] = {Dossiers: "dossier_code", Documents: "document_id"}
"""Datasets of landed rows, each with the column that names what a row is about. A landed row is in one of
them, whatever became of it; they share their key, the sender's columns and the disposition."""

CORE: tuple[type[Contract], ...] = (*ROWS, Findings)

REFERENCE: tuple[type[Contract], ...] = (Provinces, Communes, Procedures)
"""Datasets whose rows are the project's own lists."""

OPEN: tuple[type[Contract], ...] = (
    DossierCounts,
    Enterprises,
    BusinessCounts,
    AdministrativeUnits,
    OpenProcedures,
)
"""Datasets that are released, in the order in which they are shown."""
CONTRACTS: tuple[type[Contract], ...] = (*CORE, *FOLDED, *REFERENCE, *OPEN)
"""Every dataset."""


def folded(register: Register) -> tuple[type[Contract], ...]:
    """Datasets of a register, its root first."""
    return tuple(contract for contract in FOLDED if contract.info.register is register)


def root(register: Register) -> type[Contract]:
    """The dataset whose rows are the aggregates themselves."""
    return folded(register)[0]
