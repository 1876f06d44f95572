"""What befalls a cell: each event makes a dossier, or nothing where the cell has no occasion for it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from infra.sandbox import land, people, trade
from infra.sandbox.cell import Cell
from infra.sandbox.model import Dossier

_EVENTS: tuple[tuple[int, Callable[[Cell, datetime], Dossier | None]], ...] = (
    (14, people.birth),
    (7, people.death),
    (14, people.residence),
    (6, people.correction),
    (18, people.copy),
    (6, land.first_certificate),
    (12, land.transfer),
    (3, land.split),
    (2, land.merge),
    (4, land.correction),
    (3, land.copy),
    (4, trade.enterprise),
    (4, trade.household),
    (5, trade.change),
    (2, trade.suspension),
    (1, trade.dissolution),
    (2, trade.copy),
)
_WEIGHTS = [weight for weight, _ in _EVENTS]
_MAKERS = [maker for _, maker in _EVENTS]


def draw(cell: Cell, now: datetime) -> Dossier | None:
    """An event at an instant; None where there is no occasion for the one that was drawn."""
    return cell.rng.choices(_MAKERS, _WEIGHTS)[0](cell, now)
