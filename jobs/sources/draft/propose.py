"""Which place of a sample is which canonical field: by its name and by what its values are."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from jobs.landing.texts import clean
from jobs.sources.draft.names import likeness
from jobs.sources.draft.sample import Leaf, Sample
from jobs.transforms import parsers
from schemas.contract import Contract, Field, Kind
from schemas.core.dossiers import Dossiers
from schemas.core.landed import UNTOLD
from schemas.dialect import Dialect
from schemas.reading import ANYTHING, Readings

_BY_KIND = {
    Kind.INSTANT: ("instant", "local_time", "local_instant", "epoch_ms"),
    Kind.DATE: ("date",),
    Kind.INTEGER: ("integer",),
    Kind.DECIMAL: ("decimal",),
    Kind.BOOLEAN: ("boolean",),
}
_LEAST = 0.42
"""Score below which nothing is proposed."""
_NAME, _VALUES = 0.65, 0.35
_FREE = 0.6
"""How well any text fits a field that takes any."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A canonical field's place, with the evidence."""

    canonical: str
    path: str
    parser: str
    values: Mapping[str, str]
    score: float
    like: str
    """The known name that the place's name is like, and how much."""
    fits: str
    """How many of its values fit."""


@dataclass(frozen=True, slots=True)
class GroupProposal:
    """A group of the form, its dataset and fields."""

    group: str
    path: str
    dataset: str
    fields: list[Proposal]


class Known:
    """What other mappings have taught: names, parsers and code lists of every field."""

    def __init__(self, dialects: Sequence[Dialect]) -> None:
        self._dialects = dialects

    def header(self, name: str) -> tuple[set[str], list[Readings]]:
        """Names of a header field at other systems, its own among them, and how it is read there."""
        found = [one.header[name] for one in self._dialects if name in one.header]
        return {name, *(_last(r.path) for readings in found for r in readings)}, found

    def item(self, contract: type[Contract], name: str) -> tuple[set[str], list[Readings]]:
        """The same of a field of a dataset's items."""
        groups = [one for d in self._dialects for one in d.groups.values() if one.dataset is contract]
        found = [group.fields[name] for group in groups if name in group.fields]
        return {name, *(_last(r.path) for readings in found for r in readings)}, found

    def groups(self) -> dict[str, tuple[type[Contract], set[str], set[str]]]:
        """Of each group its dataset, its names elsewhere, and its fields."""
        told: dict[str, tuple[type[Contract], set[str], set[str]]] = {}
        for dialect in self._dialects:
            for name, group in dialect.groups.items():
                _, names, fields = told.setdefault(name, (group.dataset, {name}, set()))
                names.add(_last(group.path))
                fields.update(group.fields)
        return told


def _last(path: str) -> str:
    return path.rpartition(".")[2].removesuffix("[]")


class Read:
    """The values of leaves as every parser reads them, in one query."""

    def __init__(self, spark: SparkSession, leaves: Mapping[str, Leaf]) -> None:
        self._leaves = leaves
        texts = sorted({value for leaf in leaves.values() for value in leaf.values})
        names = sorted(parsers.known() - {"map"})
        pairs = zip(texts, clean(pa.array(texts, pa.string())).to_pylist(), strict=True)
        frame = spark.createDataFrame([*pairs], "text string, clean string")
        rows = frame.select(
            "text", *[parsers.parse(F.col("clean"), one, {}).cast("string").alias(one) for one in names]
        )
        self._read: dict[str, Mapping[str, Any]] = (
            {row.text: row.asDict() for row in rows.collect()} if texts else {}
        )

    def values(self, path: str, parser: str) -> list[str | None]:
        """What the parser makes of the values at a place."""
        return [self._read[value][parser] for value in self._leaves[path].values]


def header(spark: SparkSession, sample: Sample, known: Known, lists: Collection[str]) -> list[Proposal]:
    """Proposals for the header's fields, each place used for one field.

    Args:
        spark: Reads the values.
        sample: What a system sends.
        known: What other mappings have taught.
        lists: Places of the form's groups, where no header field is.
    """
    leaves = {
        path: leaf
        for path, leaf in sample.leaves.items()
        if not any(path == one or path.startswith(f"{one}[]") for one in lists)
    }
    read, pairs = Read(spark, leaves), []
    for field in Dossiers.fields:
        names, taught = known.header(field.name)
        if field.name not in _DERIVED | UNTOLD:
            pairs += [_proposal(read, field.name, field, leaf, names, taught) for leaf in leaves.values()]
    return _chosen(pairs)


_DERIVED = {"result_text", "applicant_birth_precision"}
"""Fields that most systems have no place of their own for."""


def groups(spark: SparkSession, sample: Sample, known: Known) -> Iterator[GroupProposal]:
    """Proposals for lists of a form, each for the group whose name and fields are most like its own."""
    left = dict(known.groups())
    found = []
    for path, leaves in sample.lists.items():
        read = Read(spark, leaves)
        for name, (contract, names, fields) in left.items():
            proposed = _chosen(
                [
                    _proposal(read, one, _field(contract, one), leaf, *known.item(contract, one))
                    for one in fields
                    if _is_field(contract, one)
                    for leaf in leaves.values()
                ]
            )
            share = sum(one.score for one in proposed) / max(len(leaves), 1)
            found.append((0.4 * likeness(_last(path), names)[0] + share, path, name, contract, proposed))
    taken: set[str] = set()
    for score, path, name, contract, proposed in sorted(found, key=lambda one: (-one[0], one[1], one[2])):
        if score >= _LEAST and path not in taken and name in left:
            taken.add(path)
            del left[name]
            yield GroupProposal(name, path, contract.dataset("core").removeprefix("core."), proposed)


def _is_field(contract: type[Contract], name: str) -> bool:
    return name.removeprefix("old_") in contract.names() or name in contract.names()


def _field(contract: type[Contract], name: str) -> Field:
    return contract.field(name if name in contract.names() else name.removeprefix("old_"))


def _proposal(
    read: Read, name: str, field: Field, leaf: Leaf, names: set[str], taught: Sequence[Readings]
) -> Proposal:
    like, known = max(likeness(one, names) for one in {_last(leaf.path), leaf.path})
    share, parser, values = _fit(read, field, leaf, taught) if like > 0 else (0.0, "", {})
    score = _NAME * like + _VALUES * share if share > 0.5 else 0.0
    told = f"{len(leaf.values)} values" if leaf.values else "no value"
    return Proposal(name, leaf.path, parser, values, score, f"{like:.2f} {known}", f"{share:.0%} of {told}")


def _fit(
    read: Read, field: Field, leaf: Leaf, taught: Sequence[Readings]
) -> tuple[float, str, Mapping[str, str]]:
    """Which parser reads most of the values as the field's domain takes them, and how many."""
    best: tuple[float, str, Mapping[str, str]] = (0.0, "", {})
    for parser in _candidates(field, taught):
        good = [one for one in read.values(leaf.path, parser) if one is not None and _takes(field, one)]
        best = max(best, (len(good) / max(len(leaf.values), 1), parser, {}), key=lambda one: one[0])
    for values in _code_lists(field, taught):
        share = sum(one in values for one in leaf.values) / max(len(leaf.values), 1)
        best = max(best, (share, "map", values), key=lambda one: one[0])
    if best[1] == "text" and field.domain.pattern is None and field.domain.values is None:
        return min(best[0], _FREE), best[1], best[2]
    return best


def _candidates(field: Field, taught: Sequence[Readings]) -> list[str]:
    learnt = Counter(one.parser for readings in taught for one in readings if one.parser != "map")
    usual = _BY_KIND.get(field.domain.kind, ("text",))
    return list(dict.fromkeys([*usual, *(name for name, _ in learnt.most_common())]))


def _code_lists(field: Field, taught: Sequence[Readings]) -> list[Mapping[str, str]]:
    lists = [one.values for readings in taught for one in readings if one.values and one.part is None]
    return [one for one in lists if ANYTHING not in one] if field.domain.kind is Kind.TEXT else []


def _takes(field: Field, text: str) -> bool:
    domain = field.domain
    if domain.values is not None:
        return text in domain.values
    if domain.pattern is not None:
        return re.fullmatch(domain.pattern, text) is not None
    return domain.max_length is None or len(text) <= domain.max_length


def _chosen(pairs: Sequence[Proposal]) -> list[Proposal]:
    """The best pairs, no field and no place twice."""
    fields: set[str] = set()
    places: set[str] = set()
    found = []
    for one in sorted(pairs, key=lambda pair: (-pair.score, pair.canonical, pair.path)):
        if one.score >= _LEAST and one.canonical not in fields and one.path not in places:
            fields.add(one.canonical)
            places.add(one.path)
            found.append(one)
    return found
