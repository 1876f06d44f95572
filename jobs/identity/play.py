"""Plays ordered facts on an empty state; raises ``Held`` where the state forbids one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from jobs.identity.contradiction import contradictions
from jobs.identity.golden_rules import broken
from jobs.identity.model import (
    Decision,
    Dossier,
    Fact,
    Folded,
    Held,
    Outcome,
    RowKey,
    Segment,
    Values,
)
from jobs.identity.shape import RegisterShape
from jobs.identity.shares import Shares
from jobs.identity.survivorship import merged
from schemas import holds
from schemas.contract.effects import EffectOf, Precondition

INSERTED, UPDATED, UNCHANGED = Outcome("inserted"), Outcome("updated"), Outcome("unchanged")


class Play:
    """One run over the facts of a component, in their order."""

    def __init__(self, shape: RegisterShape, values: Values, facts: Sequence[Fact]) -> None:
        """Takes the facts that are in force, in order."""
        self.shape = shape
        self.values = values
        self.facts = facts
        self.decided = {fact.row: fact.decided_at for fact in facts}
        self.folded = Folded()
        self.shares = Shares(shape, values)
        self.splits: dict[tuple[Dossier, int], list[Fact]] = {}
        for fact in facts:
            if fact.role != "self":
                self.splits.setdefault((fact.dossier, fact.version_order), []).append(fact)
        self.pending = Counter(pair for fact in facts for pair in self._shares_touched(fact))

    def run(self) -> Folded:
        """The state after all facts.

        Raises:
            Held: A fact's precondition fails at its place.
        """
        verbs = {
            "begin": self._begin,
            "change": self._change,
            "end": self._end,
            "correct": self._correct,
            "split": self._divide,
            "merge": self._divide,
        }
        for fact in self.facts:
            if fact.row in self.folded.outcomes:
                continue
            outcome = verbs[fact.verb](fact)
            self.folded.outcomes[fact.row] = outcome
            if outcome is UPDATED:
                self._check_rules(fact)
            self._check_shares(fact)
        return self.folded

    def live(self, key: RowKey) -> Segment | None:
        """The open segment of a golden row."""
        segments = self.folded.segments.get(key)
        return segments[-1] if segments and segments[-1].valid_to is None else None

    def _effect(self, fact: Fact) -> EffectOf:
        return self.shape.effects[(fact.procedure, fact.effect_no)]

    def _root(self, fact: Fact) -> Segment | None:
        return self.live((fact.aggregate, 0, ""))

    def _begin(self, fact: Fact) -> Outcome:
        dataset = self.shape.datasets[fact.dataset]
        live = self.live(fact.key)
        if dataset.is_root:
            if live is not None:
                self._same_entity(live, fact)
            elif fact.key in self.folded.segments:
                raise Held(fact, holds.ROW_ALREADY_ENDED.code)
        else:
            self._root_allows(fact)
        if live is None:
            self._open(
                fact.key,
                fact,
                [self._own_row(fact, place) for place in range(len(dataset.attributes))],
            )
            return INSERTED
        known = live.rows
        live.rows = merged(dataset, self.values, live, fact, self.decided)
        if dataset.dated_by is not None and live.rows[dataset.dated_by] != known[dataset.dated_by]:
            self._move(fact, self.folded.segments[fact.key])
        return UNCHANGED if live.rows == known else UPDATED

    def _same_entity(self, live: Segment, fact: Fact) -> None:
        codes = contradictions(self.shape.datasets[0], 0, self.values, live, fact)
        if fact.dossier != live.begun_by.dossier:
            verdict = "apart" if codes else "merge"
            self.folded.decisions.append(Decision(fact, live.begun_by, verdict, codes))
        if codes:
            raise Held(fact, *codes)

    def _root_allows(self, fact: Fact) -> None:
        root = self._root(fact)
        if root is None:
            raise Held(fact, holds.PARENT_MISSING.code)
        death = self.shape.datasets[0].place("death_date")
        if death is not None and root.rows[death] >= 0 and fact.at > root.valid_from and fact.verb != "end":
            raise Held(fact, holds.AFTER_DEATH.code)

    def _own_row(self, fact: Fact, place: int) -> int:
        return fact.row if self.values.code(fact.dataset, place, fact.row) >= 0 else -1

    def _open(self, key: RowKey, fact: Fact, rows: list[int]) -> None:
        segment = Segment(fact.at, fact.precision, fact, rows)
        self.folded.segments.setdefault(key, []).append(segment)

    def _change(self, fact: Fact) -> Outcome:
        live = self.live(fact.key)
        if live is None:
            raise Held(fact, self._why_not_live(fact))
        if fact.dataset == 0:
            self._same_entity(live, fact)
        else:
            self._root_allows(fact)
        rows = list(live.rows)
        for place in self._carried(fact):
            if self._differs(fact, place, rows[place]):
                rows[place] = fact.row
        if rows == live.rows:
            return UNCHANGED
        live.valid_to, live.ended_by = max(fact.at, live.valid_from), fact
        self._open(fact.key, fact, rows)
        return UPDATED

    def _carried(self, fact: Fact) -> Iterator[int]:
        """Places of the attributes that a change or correction may set and does."""
        allowed = self._effect(fact).attributes
        for place, name in enumerate(self.shape.datasets[fact.dataset].attributes):
            if (not allowed or name in allowed) and self.values.code(fact.dataset, place, fact.row) >= 0:
                yield place

    def _differs(self, fact: Fact, place: int, row: int) -> bool:
        said = self.values.code(fact.dataset, place, fact.row)
        return row < 0 or said != self.values.code(fact.dataset, place, row)

    def _why_not_live(self, fact: Fact) -> str:
        if fact.key in self.folded.segments:
            return holds.ROW_ALREADY_ENDED.code
        if fact.dataset == 0 or self._root(fact) is None:
            return holds.PARENT_MISSING.code
        return holds.ROW_NOT_LIVE.code

    def _end(self, fact: Fact) -> Outcome:
        live = self.live(fact.key)
        needs_share = Precondition.HOLDS_SHARE in self._effect(fact).preconditions
        if live is None:
            if self._ended_then(fact):
                return UNCHANGED
            raise Held(fact, holds.HOLDER_LACKS_SHARE.code if needs_share else self._why_not_live(fact))
        if needs_share and self.shares.of_row(fact.row) not in (None, self.shares.of_segment(live)):
            raise Held(fact, holds.HOLDER_LACKS_SHARE.code)
        self._close(fact.key, fact, fact.at)
        return UPDATED

    def _ended_then(self, fact: Fact) -> bool:
        """Whether another source has already ended the row at the same instant."""
        last = self.folded.segments.get(fact.key, [None])[-1]
        return (
            last is not None
            and last.valid_to == fact.at
            and last.ended_by is not None
            and (last.ended_by.dossier != fact.dossier)
        )

    def _close(self, key: RowKey, fact: Fact, at: int) -> None:
        """Ends a row; with a root everything that depends on it."""
        aggregate, dataset, _ = key
        keys = [key] if dataset else [other for other in self.folded.segments if other[0] == aggregate]
        for other in keys:
            live = self.live(other)
            if live is not None:
                live.valid_to, live.ended_by = max(at, live.valid_from), fact

    def _correct(self, fact: Fact) -> Outcome:
        segments = self.folded.segments.get(fact.key)
        if not segments:
            raise Held(fact, holds.CORRECTS_NOTHING.code)
        if fact.dataset == 0 and (
            codes := contradictions(self.shape.datasets[0], 0, self.values, segments[-1], fact)
        ):
            raise Held(fact, *codes)
        changed = False
        for place in self._carried(fact):
            changed |= self._patch(fact, place, segments)
        return UPDATED if changed else UNCHANGED

    def _patch(self, fact: Fact, place: int, segments: list[Segment]) -> bool:
        """Replaces one attribute wherever it has the old value; the last value where none is given."""
        dataset = self.shape.datasets[fact.dataset]
        old = self.values.old_code(fact.dataset, place, fact.row)
        if old < 0:
            last = segments[-1].rows[place]
            old = self.values.code(fact.dataset, place, last) if last >= 0 else -1
        targets = [s for s in segments if self._code_of(fact.dataset, place, s) == old]
        said = self.values.code(fact.dataset, place, fact.row)
        if not targets:
            if all(self._code_of(fact.dataset, place, s) == said for s in segments):
                return False
            raise Held(fact, holds.OLD_VALUE_DIFFERS.code)
        if said == old:
            return False
        for segment in targets:
            segment.rows[place] = fact.row
        if place == dataset.dated_by and targets[0] is segments[0]:
            self._move(fact, segments)
        return True

    def _code_of(self, dataset: int, place: int, segment: Segment) -> int:
        row = segment.rows[place]
        return self.values.code(dataset, place, row) if row >= 0 else -1

    def _move(self, fact: Fact, segments: list[Segment]) -> None:
        """Moves the beginning of a row with the date that it stands for."""
        first = segments[0]
        if fact.valid_from is None or fact.valid_from == first.valid_from:
            return
        if first.valid_to is not None and fact.valid_from > first.valid_to:
            raise Held(fact, holds.OLD_VALUE_DIFFERS.code)
        first.valid_from, first.precision = fact.valid_from, fact.precision

    def _divide(self, fact: Fact) -> Outcome:
        """Split or merge of parcels: all its facts at the place of the first."""
        together = self.splits[(fact.dossier, fact.version_order)]
        parents = [f for f in together if f.role == "from"]
        children = [f for f in together if f.role == "to"]
        if not parents or any(self._root(parent) is None for parent in parents):
            raise Held(fact, holds.SPLIT_PARENT_MISSING.code)
        if any(child.key in self.folded.segments for child in children):
            raise Held(fact, holds.CHILD_EXISTS.code)
        holders = [self.shares.holders(self.folded.segments, parent.aggregate) for parent in parents]
        if any(self.shares.held(h) != self.shares.held(holders[0]) for h in holders[1:]):
            raise Held(fact, holds.MERGE_HOLDERS_DIFFER.code)
        carried = [(row_key, list(segment.rows)) for row_key, segment in holders[0]]
        for parent in parents:
            self._close(parent.key, parent, parent.at)
            self.folded.outcomes[parent.row] = UPDATED
        for child in children:
            places = range(len(self.shape.datasets[0].attributes))
            self._open(child.key, child, [self._own_row(child, place) for place in places])
            for row_key, rows in carried:
                self._open((child.aggregate, self.shares.dataset, row_key), child, list(rows))
            self.folded.outcomes[child.row] = INSERTED
        return UPDATED if fact.role == "from" else INSERTED

    def _check_rules(self, fact: Fact) -> None:
        """Where the fact's record meets others, the golden row keeps the contract's rules."""
        codes = broken(self.shape, self.values, fact.key, self.folded.segments.get(fact.key, []))
        if codes:
            raise Held(fact, *codes)

    def _shares_touched(self, fact: Fact) -> Iterator[tuple[Dossier, str]]:
        if (
            fact.dataset == self.shares.dataset
            and Precondition.SHARES_SUM_TO_ONE in self._effect(fact).preconditions
        ):
            yield (fact.dossier, fact.aggregate)

    def _check_shares(self, fact: Fact) -> None:
        """After a dossier's last fact on a parcel's rights the known shares sum to one."""
        for pair in self._shares_touched(fact):
            self.pending[pair] -= 1
            if self.pending[pair]:
                return
            holders = self.shares.holders(self.folded.segments, fact.aggregate)
            shares = [share for _, share in self.shares.held(holders)]
            known = [share for share in shares if share is not None]
            if shares and len(known) == len(shares) and sum(known) != 1:
                raise Held(fact, holds.SHARES_NOT_ONE.code)
