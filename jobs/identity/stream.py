"""Streams facts through the fold: Arrow batches in, Arrow batches out, payload never in Python."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from jobs.identity import columns
from jobs.identity.fold import fold
from jobs.identity.model import Fact, Folded
from jobs.identity.results import Results
from jobs.identity.shape import RegisterShape
from schemas.contract.effects import Verb


class ArrowValues:
    """Payload of a table of facts as codes, with the values themselves on demand."""

    def __init__(self, shape: RegisterShape, table: pa.Table) -> None:
        """Encodes each attribute together with its ``old_`` column."""
        self._shape = shape
        self._table = table
        self._cache: dict[str, list[object]] = {}
        self._codes: list[list[list[int]]] = []
        self._old: list[list[list[int] | None]] = []
        for dataset in shape.datasets:
            pairs = [
                self._encode(columns.payload(dataset, name), columns.payload(dataset, old) if old else None)
                for name, old in zip(dataset.attributes, dataset.old_of, strict=True)
            ]
            self._codes.append([pair[0] for pair in pairs])
            self._old.append([pair[1] for pair in pairs])

    def _encode(self, name: str, old: str | None) -> tuple[list[int], list[int] | None]:
        values = self._table.column(name).combine_chunks()
        if old is not None:
            values = pa.concat_arrays([values, self._table.column(old).combine_chunks()])
        codes = pc.fill_null(pc.dictionary_encode(values).indices, -1).to_pylist()
        size = self._table.num_rows
        return codes[:size], codes[size:] if old is not None else None

    def code(self, dataset: int, attribute: int, row: int) -> int:
        """Code of an attribute's value."""
        return self._codes[dataset][attribute][row]

    def old_code(self, dataset: int, attribute: int, row: int) -> int:
        """Code of the value that a correction replaces."""
        old = self._old[dataset][attribute]
        return -1 if old is None else old[row]

    def value(self, dataset: int, attribute: int, row: int) -> object:
        """The value itself."""
        shape = self._shape.datasets[dataset]
        return self._column(columns.payload(shape, shape.attributes[attribute]))[row]

    def old_value(self, dataset: int, attribute: int, row: int) -> object:
        """The value that a correction replaces, itself."""
        shape = self._shape.datasets[dataset]
        old = shape.old_of[attribute]
        return None if old is None else self._column(columns.payload(shape, old))[row]

    def _column(self, name: str) -> list[object]:
        if name not in self._cache:
            self._cache[name] = self._table.column(name).to_pylist()
        return self._cache[name]


def facts_of(table: pa.Table) -> list[Fact]:
    """The facts of a table, in its order."""

    def read(*names: str) -> list[list[Any]]:
        return [table.column(name).to_pylist() for name in names]

    def micros(name: str) -> list[Any]:
        return list(table.column(name).cast(pa.int64()).to_pylist())

    precisions = pc.fill_null(table.column("valid_precision"), "instant").to_pylist()
    return [
        Fact(*fields)
        for fields in zip(
            range(table.num_rows),
            *read("fact_id", "dataset", "verb", "role"),
            zip(*read("feed_id", "dossier_code"), strict=True),
            *read("version_order", "procedure_code", "effect_no", "item_no"),
            zip(*read("submission_number", "object_no", "row_no"), strict=True),
            *read("is_baseline", "aggregate_key", "row_key"),
            micros("valid_from"),
            precisions,
            micros("decided_at"),
            strict=True,
        )
    ]


def fold_batches(
    shape: RegisterShape, identity_key: bytes, batches: Iterable[pa.RecordBatch]
) -> Iterator[pa.RecordBatch]:
    """Results of all components in a stream of facts that is sorted by component.

    Memory holds one batch and what belongs to the component at its end.
    """
    schema = columns.input_schema(shape)
    left: pa.Table | None = None
    for batch in batches:
        table = pa.Table.from_batches([batch]).select(schema.names).cast(schema)
        table = pa.concat_tables([left, table]) if left is not None else table
        if not table.num_rows:
            continue
        last = table.column("component")[table.num_rows - 1]
        whole = pc.index(table.column("component"), last).as_py()
        if whole:
            yield from _results(shape, identity_key, table.slice(0, whole).combine_chunks())
        left = table.slice(whole)
    if left is not None and left.num_rows:
        yield from _results(shape, identity_key, left.combine_chunks())


def _results(shape: RegisterShape, identity_key: bytes, table: pa.Table) -> Iterator[pa.RecordBatch]:
    values = ArrowValues(shape, table)
    results = Results(shape, table)
    entities = table.column("entity_id").to_pylist()
    for facts in components(facts_of(table), table.column("component").to_pylist()):
        known = {fact.aggregate: entities[fact.row] for fact in facts if entities[fact.row]}
        minted = mint(identity_key, [fact for fact in facts if fact.aggregate not in known])
        folded: Folded = fold(shape, values, facts)
        results.add(facts, folded, known | minted, set(minted))
    yield from results.batches()


def components(facts: Sequence[Fact], names: Sequence[str]) -> Iterator[list[Fact]]:
    """Runs of facts with one component name."""
    start = 0
    for end in range(1, len(facts) + 1):
        if end == len(facts) or names[end] != names[start]:
            yield list(facts[start:end])
            start = end


def mint(identity_key: bytes, facts: Iterable[Fact]) -> dict[str, str]:
    """New entity ids by aggregate: a keyed hash of the first record's reference, so it reveals nothing."""
    first: dict[str, Fact] = {}
    for fact in facts:
        if fact.verb in (Verb.RETRACT, Verb.CONFIRM):
            continue
        known = first.setdefault(fact.aggregate, fact)
        if _landing(fact) < _landing(known):
            first[fact.aggregate] = fact
    return {
        aggregate: hmac.new(
            identity_key, f"{_landing(fact)}|{aggregate}".encode(), hashlib.sha256
        ).hexdigest()[:32]
        for aggregate, fact in first.items()
    }


def _landing(fact: Fact) -> tuple[tuple[int, int, int], int, int]:
    return (fact.landed, fact.effect_no, fact.item_no)
