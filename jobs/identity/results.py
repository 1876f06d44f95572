"""Collects what the fold gives and lays it out in Arrow, payload taken by row number."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from jobs.identity import columns
from jobs.identity.model import Fact, Folded, RowKey, Segment
from jobs.identity.shape import RegisterShape

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


class Results:
    """Rows of the result frame, built column by column."""

    def __init__(self, shape: RegisterShape, table: pa.Table) -> None:
        """Results over one table of facts."""
        self.shape = shape
        self.table = table
        self.fact_ids: list[str] = table.column("fact_id").to_pylist()
        self.rows: dict[str, list[object]] = {name: [] for name, _ in columns.RESULT}
        self.meta: list[int | None] = []
        self.payload: dict[str, list[int | None]] = {name: [] for name, _ in columns.payload_types(shape)}

    def add(
        self,
        facts: Sequence[Fact],
        folded: Folded,
        entities: Mapping[str, str],
        minted: Iterable[str],
    ) -> None:
        """Adds a component's versions, dispositions, new entities and decisions."""
        for key, segments in folded.segments.items():
            for segment in segments:
                self._version(key, segment, entities[key[0]])
        for fact in facts:
            outcome = folded.outcomes[fact.row]
            self._append(
                "disposition",
                fact.row,
                dataset=fact.dataset,
                aggregate_key=fact.aggregate,
                row_key=fact.row_key,
                entity_id=entities.get(fact.aggregate),
                disposition=outcome.disposition,
                codes=",".join(outcome.codes),
            )
        for aggregate in sorted(minted):
            self._append("entity", None, aggregate_key=aggregate, entity_id=entities[aggregate])
        for decision in folded.decisions:
            self._append(
                "decision",
                decision.fact.row,
                dataset=decision.fact.dataset,
                aggregate_key=decision.fact.aggregate,
                entity_id=entities[decision.fact.aggregate],
                begun_by=decision.against.fact_id,
                disposition=decision.verdict,
                codes=",".join(decision.evidence),
            )

    def _version(self, key: RowKey, segment: Segment, entity: str) -> None:
        aggregate, dataset, row_key = key
        self._append(
            "version",
            None,
            dataset=dataset,
            entity_id=entity,
            aggregate_key=aggregate,
            row_key=row_key,
            is_resolved=not aggregate.startswith("!"),
            valid_from=segment.valid_from,
            valid_precision=segment.precision,
            valid_to=segment.valid_to,
            begun_by=segment.begun_by.fact_id,
            ended_by=segment.ended_by.fact_id if segment.ended_by else None,
            sources=self._sources(segment.rows),
        )
        shape = self.shape.datasets[dataset]
        for name, row in zip(shape.attributes, segment.rows, strict=True):
            self.payload[columns.payload(shape, name)][-1] = row if row >= 0 else None

    def _sources(self, rows: Sequence[int]) -> str:
        """Winning facts: the distinct fact ids, a bar, and per attribute the place of its fact or '-'."""
        distinct = sorted({self.fact_ids[row] for row in rows if row >= 0})
        places = {fact_id: _DIGITS[place] for place, fact_id in enumerate(distinct)}
        return (
            ",".join(distinct)
            + "|"
            + "".join(places[self.fact_ids[row]] if row >= 0 else "-" for row in rows)
        )

    def _append(self, kind: str, meta: int | None, **values: object) -> None:
        values["kind"] = kind
        for name, column in self.rows.items():
            column.append(values.get(name))
        self.meta.append(meta)
        for payload in self.payload.values():
            payload.append(None)

    def batches(self) -> Iterator[pa.RecordBatch]:
        """The results as record batches of the result schema."""
        schema = columns.result_schema(self.shape)
        arrays = [
            pc.cast(pa.array(self.rows[name], pa.int64()), kind)
            if pa.types.is_timestamp(kind)
            else pa.array(self.rows[name], kind)
            for name, kind in columns.RESULT
        ]
        places = pa.array(self.meta, pa.int64())
        arrays += [self._take(name, places) for name, _ in columns.META]
        arrays += [self._take(name, pa.array(rows, pa.int64())) for name, rows in self.payload.items()]
        yield from pa.Table.from_arrays(arrays, schema=schema).to_batches()

    def _take(self, name: str, places: pa.Array) -> pa.Array:
        taken = self.table.column(name).take(places)
        return taken.combine_chunks() if isinstance(taken, pa.ChunkedArray) else taken


def winners(sources: str, attributes: Sequence[str]) -> dict[str, str]:
    """The winning fact of each attribute that has one, read from a version's ``sources``.

    A version from before its dataset gained its last columns has no places for them.
    """
    ids, _, places = sources.partition("|")
    distinct = ids.split(",")
    return {
        name: distinct[_DIGITS.index(place)]
        for name, place in zip(attributes, places, strict=False)
        if place != "-"
    }
