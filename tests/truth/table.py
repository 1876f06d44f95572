"""The verdicts of several seeds as one table, and what in them must not be."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

from infra.sandbox.dirt import BY_NAME, Kind
from infra.sandbox.systems import SYSTEMS
from tests.support.verdicts import BROKEN, LOST, NEEDLESS_SHARE, Clean, Outcome, Verdict

SPOKEN = ("dvcqg", *SYSTEMS)
"""Dialects that a run must judge."""
_HEAD = ("kind", "detectable", "injected", *(outcome.value for outcome in Outcome), "right code or mark")

_BY_DIALECT = (
    *("dialect", "kind", "detectable", "injected", "no effect", "repaired", "right code or mark"),
    *("other code", "needless", "silently wrong"),
)


def failures(verdicts: Mapping[str, Verdict]) -> list[str]:
    """What breaks the promise, by seed; empty when it is kept."""
    return [f"seed {seed}: {one}" for seed, verdict in verdicts.items() for one in _broken(verdict)]


def _broken(verdict: Verdict) -> Iterator[str]:
    for name, counts in verdict.counts().items():
        kind = BY_NAME[name]
        if counts.total() - counts[Outcome.NO_EFFECT] == 0:
            yield f"{name} was not put into any record that changes a register; take a larger --scale"
        for outcome in BROKEN if kind.detectable else ():
            if counts[outcome]:
                yield f"{name}: {counts[outcome]} {outcome.value}"
    yield from _missing(verdict)
    if verdict.wrong:
        yield f"{verdict.wrong} clean records or untouched entities are silently wrong"
    if len(verdict.needless) > NEEDLESS_SHARE * verdict.clean:
        yield f"{len(verdict.needless)} of {verdict.clean} clean records are stopped for nothing"


def _missing(verdict: Verdict) -> Iterator[str]:
    """Dialects that were not judged, and records that did not come."""
    judged = {one.dialect for one in verdict.faults if one.outcome is not Outcome.NO_EFFECT}
    for dialect in SPOKEN:
        if dialect not in judged:
            yield f"{dialect} has no record with a fault that changes a register; take a larger --scale"
    if lost := sum(one.dialect == LOST for one in verdict.faults):
        yield f"{lost} records with a fault were not landed"


def table(verdicts: Mapping[str, Verdict]) -> str:
    """One line for each kind over all seeds, then the clean records, in Markdown."""
    totals: dict[str, Counter[Outcome]] = {name: Counter() for name in BY_NAME}
    for verdict in verdicts.values():
        for name, counts in verdict.counts().items():
            totals[name].update(counts)
    lines = [_HEAD, ("---", "---", *("---:",) * (len(_HEAD) - 3), "---")]
    lines += [_line(BY_NAME[name], counts) for name, counts in totals.items()]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)


def by_dialect(verdicts: Mapping[str, Verdict]) -> str:
    """One line for each dialect and kind over all seeds, and one for its clean records, in Markdown."""
    totals: dict[tuple[str, str], Counter[Outcome]] = {}
    clean: dict[str, Clean] = {}
    for verdict in verdicts.values():
        for place, counts in verdict.counts_of().items():
            totals.setdefault(place, Counter()).update(counts)
        for dialect, one in verdict.clean_of.items():
            mine = clean.setdefault(dialect, Clean())
            mine.records, mine.needless = mine.records + one.records, mine.needless + one.needless
            mine.wrong += one.wrong
    names = list(BY_NAME)
    lines = [_BY_DIALECT, ("---", "---", "---", *("---:",) * (len(_BY_DIALECT) - 3))]
    for dialect in sorted({*clean, *(dialect for dialect, _ in totals)}):
        mine = sorted((names.index(kind), kind) for spoken, kind in totals if spoken == dialect)
        lines += [(dialect, *_dialect_line(BY_NAME[kind], totals[dialect, kind])) for _, kind in mine]
        lines.append((dialect, *_clean_line(clean.get(dialect, Clean()))))
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)


def _dialect_line(kind: Kind, counts: Counter[Outcome]) -> tuple[str, ...]:
    told = sum(counts[outcome] for outcome in (Outcome.TOLD, Outcome.SHOWN, Outcome.WAITS))
    numbers = (counts.total(), counts[Outcome.NO_EFFECT], counts[Outcome.REPAIRED], told)
    broken = (counts[outcome] for outcome in (Outcome.OTHER_CODE, Outcome.NEEDLESS, Outcome.WRONG))
    return kind.name, "yes" if kind.detectable else "no", *(str(one or "") for one in (*numbers, *broken))


def _clean_line(one: Clean) -> tuple[str, ...]:
    return "clean records", "", str(one.records), *("",) * 4, str(one.needless or ""), str(one.wrong or "")


def _line(kind: Kind, counts: Counter[Outcome]) -> tuple[str, ...]:
    numbers = [str(counts[outcome]) if counts[outcome] else "" for outcome in Outcome]
    marks = [f"{mark.noun}.{mark.column} = {mark.value or 'absent'}" for mark in kind.marks]
    codes = [*(f"`{code}`" for code in kind.codes), *(f"`{mark}`" for mark in marks)]
    return (
        kind.name,
        "yes" if kind.detectable else "no",
        str(counts.total()),
        *numbers,
        ", ".join(codes),
    )


def summary(verdicts: Mapping[str, Verdict]) -> list[str]:
    """Clean records, and the rates of kinds that nothing shows."""
    clean = sum(verdict.clean for verdict in verdicts.values())
    needless = sum(len(verdict.needless) for verdict in verdicts.values())
    wrong = sum(verdict.wrong for verdict in verdicts.values())
    share = f"{needless / max(clean, 1):.3%}"
    lines = [f"Clean records: {clean}; stopped for nothing: {needless} ({share}); silently wrong: {wrong}."]
    for kind in (kind for kind in BY_NAME.values() if not kind.detectable):
        counts = sum((verdict.counts()[kind.name] for verdict in verdicts.values()), Counter[Outcome]())
        judged = counts.total() - counts[Outcome.NO_EFFECT]
        lines.append(
            f"{kind.name}, which nothing shows: {counts[Outcome.WRONG]} of {judged} silently wrong "
            f"({counts[Outcome.WRONG] / max(judged, 1):.0%})."
        )
    return lines


def plain(verdicts: Mapping[str, Verdict]) -> dict[str, Any]:
    """Everything by seed, for machines; codes of records stay out."""
    return {
        seed: {
            "clean": verdict.clean,
            "needless": len(verdict.needless),
            "wrong": verdict.wrong,
            "kinds": {
                name: {outcome.value: number for outcome, number in sorted(counts.items())}
                for name, counts in verdict.counts().items()
            },
            "dialects": {
                f"{dialect}: {name}": {outcome.value: number for outcome, number in sorted(counts.items())}
                for (dialect, name), counts in verdict.counts_of().items()
            },
            "clean_of": {dialect: asdict(one) for dialect, one in verdict.clean_of.items()},
        }
        for seed, verdict in verdicts.items()
    }
