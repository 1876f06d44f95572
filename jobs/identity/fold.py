"""Folds the facts of a component into its golden rows: the one step behind merge and replay.

Late facts, replay, retraction, correction and un-merge are all this same pure function over
another set of facts (architecture §6.5, worked example).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from jobs.identity.confirm import confirm
from jobs.identity.model import Dossier, Fact, Folded, Held, Outcome, RowKey, Values
from jobs.identity.play import UNCHANGED, UPDATED, Play
from jobs.identity.shape import RegisterShape
from schemas import holds
from schemas.contract.effects import Verb

OUTDATED = Outcome("outdated")
BEFORE_BASELINE = Outcome("outdated", (holds.BEFORE_BASELINE.code,))


def fold(shape: RegisterShape, values: Values, facts: Sequence[Fact]) -> Folded:
    """Golden rows, the disposition of every fact, and the identity decisions met on the way.

    A dossier of which one fact cannot stand at its own place is held as a whole: the play is
    repeated without it, so that what follows sees the state it would have seen.

    Args:
        shape: The register.
        values: Payload by row number.
        facts: All facts of one component, superseded versions included, in any order.
    """
    outcomes, in_force = _in_force(facts)
    active = [fact for fact in in_force if fact.verb != Verb.CONFIRM]
    held: dict[Dossier, Held] = {}
    decisions = []
    while True:
        standing = [fact for fact in active if fact.dossier not in held]
        play = Play(shape, values, in_order(standing, values, shape))
        try:
            folded = play.run()
        except Held as refusal:
            held[refusal.fact.dossier] = refusal
            decisions += [d for d in play.folded.decisions if d.fact is refusal.fact]
            continue
        break
    for fact in active:
        if fact.dossier in held:
            cause = held[fact.dossier]
            codes = cause.codes if fact is cause.fact else (holds.DOSSIER_HELD_WITH.code,)
            outcomes[fact.row] = Outcome("held", codes)
    folded.outcomes.update(outcomes)
    answers = [fact for fact in in_force if fact.verb == Verb.CONFIRM]
    confirm(shape, values, folded, sorted(answers, key=_decided))
    folded.decisions += decisions
    return folded


def _in_force(facts: Iterable[Fact]) -> tuple[dict[int, Outcome], list[Fact]]:
    """Splits off the facts that a later version, a retract or a baseline has overtaken."""
    versions: dict[Dossier, tuple[int, tuple[int, int, int]]] = {}
    baselines: dict[str, int] = {}
    facts = list(facts)
    for fact in facts:
        order = (fact.version_order, fact.landed)
        versions[fact.dossier] = max(order, versions.get(fact.dossier, order))
        if fact.is_baseline:
            baselines[fact.aggregate] = max(fact.decided_at, baselines.get(fact.aggregate, fact.decided_at))
    outcomes: dict[int, Outcome] = {}
    active = []
    replaced = {f.dossier for f in facts if (f.version_order, f.landed) < versions[f.dossier]}
    covered = _covered(facts, baselines)
    for fact in facts:
        if (fact.version_order, fact.landed) < versions[fact.dossier]:
            outcomes[fact.row] = OUTDATED
        elif fact.verb == Verb.RETRACT:
            outcomes[fact.row] = UPDATED if fact.dossier in replaced else UNCHANGED
        elif fact.row in covered:
            outcomes[fact.row] = BEFORE_BASELINE
        else:
            active.append(fact)
    return outcomes, active


def _covered(facts: Sequence[Fact], baselines: Mapping[str, int]) -> set[int]:
    """Rows of facts decided before the as-of date of a baseline that covers their aggregate.

    The facts of one split or merge are covered together. An answer changes nothing that a baseline states.
    """
    rows, dossiers = set(), set()
    for fact in facts:
        if fact.is_baseline or fact.verb == Verb.CONFIRM:
            continue
        if fact.decided_at < baselines.get(fact.aggregate, fact.decided_at):
            rows.add(fact.row)
            if fact.role != "self":
                dossiers.add(fact.dossier)
    return rows | {fact.row for fact in facts if fact.dossier in dossiers}


def in_order(facts: Sequence[Fact], values: Values, shape: RegisterShape) -> list[Fact]:
    """Facts by valid instant, decision, dossier, version and effect (architecture §3).

    A dependent row is never placed before the root that its own dossier begins, and a
    correction takes the valid instant of what it corrects.
    """
    roots = {
        (fact.dossier, fact.aggregate): fact.at
        for fact in facts
        if fact.dataset == 0 and fact.verb == Verb.BEGIN
    }
    corrected = _corrected(facts, values, shape)

    def place(fact: Fact) -> tuple[int, int, str, str, int, int, int]:
        if fact.verb == Verb.CORRECT:
            valid = corrected[fact.row]
        else:
            valid = max(fact.at, roots.get((fact.dossier, fact.aggregate), fact.at))
        return (valid, *_decided(fact))

    return sorted(facts, key=place)


def _decided(fact: Fact) -> tuple[int, str, str, int, int, int]:
    """Order of facts with one valid instant."""
    feed, code = fact.dossier
    return (fact.decided_at, code, feed, fact.version_order, fact.effect_no, fact.item_no)


def _corrected(facts: Sequence[Fact], values: Values, shape: RegisterShape) -> dict[int, int]:
    """Valid instant of every correction, by its row.

    Corrections are placed in the order of their decisions, and each may itself be corrected later:
    what corrects a corrected value stands where the first correction stands.
    """
    asserted: dict[RowKey, list[tuple[int, Fact]]] = {}
    for fact in facts:
        if fact.verb in (Verb.BEGIN, Verb.CHANGE):
            asserted.setdefault(fact.key, []).append((fact.at, fact))
    placed = {}
    for fact in sorted((f for f in facts if f.verb == Verb.CORRECT), key=_decided):
        candidates = asserted.setdefault(fact.key, [])
        placed[fact.row] = _corrected_at(fact, candidates, values, shape)
        candidates.append((placed[fact.row], fact))
    return placed


def _corrected_at(
    fact: Fact, candidates: Sequence[tuple[int, Fact]], values: Values, shape: RegisterShape
) -> int:
    """Valid instant of the assertion whose value a correction replaces; of the last one otherwise.

    Assertions decided later count only where there is no other; with none the decision stands.
    """
    known = [one for one in candidates if one[1].decided_at <= fact.decided_at] or list(candidates)
    if not known:
        return fact.decided_at
    known.sort(key=lambda one: (one[0], one[1].decided_at))
    for place, old_name in enumerate(shape.datasets[fact.dataset].old_of):
        old = values.old_code(fact.dataset, place, fact.row) if old_name else -1
        matching = [at for at, c in known if old >= 0 and values.code(fact.dataset, place, c.row) == old]
        if matching:
            return matching[-1]
    return known[-1][0]
