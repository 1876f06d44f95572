"""Answers of a register's owner, put on the golden rows that they are about."""

from __future__ import annotations

from collections.abc import Sequence

from jobs.identity.model import Fact, Folded, Outcome, Segment, Values
from jobs.identity.shape import RegisterShape
from schemas import holds

CONFIRMED, DENIED = Outcome("updated"), Outcome("updated", (holds.NOT_CONFIRMED.code,))
OVERTAKEN = Outcome("outdated")


def confirm(shape: RegisterShape, values: Values, folded: Folded, answers: Sequence[Fact]) -> None:
    """Adds to each row, in every period, the newest answer about the very values that stand there.

    An answer speaks of the values that it repeats and not of a day, so it is looked at when all other facts
    have been played: what was corrected since is no longer what was asked, and when a correction is taken
    back the answer holds again. One that no row is about, or that a newer one replaces, is outdated.

    Args:
        shape: The register.
        values: Payload by row number.
        folded: What the other facts gave; the answers' attributes and outcomes are added to it.
        answers: Facts of the verb ``confirm`` in the order of their decisions.
    """
    newest: dict[int, Fact] = {}
    for fact in answers:
        folded.outcomes[fact.row] = OVERTAKEN
        for segment in folded.segments.get(fact.key, ()):
            if _is_about(shape, values, fact, segment):
                _put(shape, values, fact, segment)
                newest[id(segment)] = fact
    for fact in newest.values():
        folded.outcomes[fact.row] = CONFIRMED if _confirms(shape, values, fact) else DENIED


def _is_about(shape: RegisterShape, values: Values, fact: Fact, segment: Segment) -> bool:
    """Whether everything that was asked stands in the row as it was asked."""
    own = _own(shape, fact)
    for place in range(len(shape.datasets[fact.dataset].attributes)):
        asked = values.code(fact.dataset, place, fact.row)
        if place in own or asked < 0:
            continue
        row = segment.rows[place]
        if row < 0 or values.code(fact.dataset, place, row) != asked:
            return False
    return True


def _put(shape: RegisterShape, values: Values, fact: Fact, segment: Segment) -> None:
    for place in _own(shape, fact):
        is_said = values.code(fact.dataset, place, fact.row) >= 0
        segment.rows[place] = fact.row if is_said else -1


def _own(shape: RegisterShape, fact: Fact) -> list[int]:
    """Places of the attributes that an answer sets."""
    names = shape.effects[fact.procedure, fact.effect_no].attributes
    return [shape.datasets[fact.dataset].attributes.index(name) for name in names]


def _confirms(shape: RegisterShape, values: Values, fact: Fact) -> bool:
    """Whether the answer is yes: the first of its attributes says when."""
    return values.code(fact.dataset, _own(shape, fact)[0], fact.row) >= 0
