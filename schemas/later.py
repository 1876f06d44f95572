"""Which columns of a dossier come with a status: versions before it have none of them."""

from __future__ import annotations

from collections.abc import Mapping

from schemas.core.dossiers import Dossiers
from schemas.lifecycle import APPROVED

COMES_WITH: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(
        (Dossiers.finished_at.name, Dossiers.result_text.name, Dossiers.days_late.name), APPROVED
    ),
    Dossiers.returned_at.name: ("10",),
    Dossiers.refused_at.name: ("3",),
    **dict.fromkeys(
        (
            *(Dossiers.withdrawn_at.name, Dossiers.withdrawn_basis.name),
            *(Dossiers.corrected_at.name, Dossiers.correction_basis.name),
            Dossiers.supplements.name,
        ),
        (),
    ),
}
"""Columns that a dossier has from a status on, with the statuses; none where few dossiers ever have it."""
