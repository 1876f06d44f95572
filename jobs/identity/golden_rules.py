"""Rules on golden rows: what each record has passed must hold where records meet (architecture §6.7)."""

from __future__ import annotations

from collections.abc import Iterator

from jobs.identity.model import RowKey, Segment, Values
from jobs.identity.shape import DatasetShape, RegisterShape
from schemas.derive import python


def broken(shape: RegisterShape, values: Values, key: RowKey, segments: list[Segment]) -> tuple[str, ...]:
    """Codes of the quarantine rules that a golden row breaks in any period, each once, in contract order.

    Only rules whose attributes come from several records are looked at: one record alone has passed
    them all. The key of an unresolved aggregate counts as absent.
    """
    dataset = shape.datasets[key[1]]
    found = [code for segment in segments for code in _broken(dataset, values, key, segment)]
    return tuple(dict.fromkeys(found))


def _broken(dataset: DatasetShape, values: Values, key: RowKey, segment: Segment) -> Iterator[str]:
    for rule, places in dataset.joint_rules:
        if _of_one_record(values, key[1], segment.rows, places):
            continue
        row = {
            dataset.attributes[place]: values.value(key[1], place, segment.rows[place])
            for place in places
            if segment.rows[place] >= 0
        }
        if not key[0].startswith("!"):
            row[dataset.contract.key.names[0]] = key[0]
        if python.evaluate(rule.predicate, row) is False:
            yield rule.code


def _of_one_record(values: Values, dataset: int, rows: list[int], places: tuple[int, ...]) -> bool:
    """Whether one record says all that the golden row has at these places, absent values included."""
    sources = {rows[place] for place in places} - {-1}
    if len(sources) != 1:
        return not sources
    source = sources.pop()
    return all(rows[place] == source or values.code(dataset, place, source) < 0 for place in places)
