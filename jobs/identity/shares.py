"""Shares of rights: what a holder has of a parcel, exactly."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

from jobs.identity.model import RowKey, Segment, Values
from jobs.identity.shape import RegisterShape

_PARTS = ("share_numerator", "share_denominator")


class Shares:
    """Reads the shares of a register that has rights; of no row in another."""

    def __init__(self, shape: RegisterShape, values: Values) -> None:
        """Finds the dataset of rights, if the register has one."""
        nouns = [dataset.noun for dataset in shape.datasets]
        self.dataset = nouns.index("rights") if "rights" in nouns else -1
        self._values = values
        if self.dataset >= 0:
            self._places = [shape.datasets[self.dataset].attributes.index(name) for name in _PARTS]

    def of_row(self, row: int) -> Fraction | None:
        """Share that a fact names; None where a part is absent."""
        parts = [self._values.value(self.dataset, place, row) for place in self._places]
        return Fraction(*(int(str(part)) for part in parts)) if None not in parts else None

    def of_segment(self, segment: Segment) -> Fraction | None:
        """Share of a golden right; None where it is unknown or its parts have two sources."""
        rows = {segment.rows[place] for place in self._places}
        return self.of_row(rows.pop()) if len(rows) == 1 and min(rows) >= 0 else None

    def holders(
        self, segments: Mapping[RowKey, Sequence[Segment]], aggregate: str
    ) -> list[tuple[str, Segment]]:
        """Live rights on a parcel with their row keys, in the order of the keys."""
        mine = sorted(key for key in segments if key[0] == aggregate and key[1] == self.dataset)
        return [(key[2], segments[key][-1]) for key in mine if segments[key][-1].valid_to is None]

    def held(self, holders: Sequence[tuple[str, Segment]]) -> list[tuple[str, Fraction | None]]:
        """Row keys with the shares behind them."""
        return [(row_key, self.of_segment(segment)) for row_key, segment in holders]
