"""The verdicts of several seeds as one table, and what in them must not be."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from infra.sandbox.dirt import BY_NAME, Kind
from tests.support.verdicts import BROKEN, NEEDLESS_SHARE, Outcome, Verdict

_HEAD = ("kind", "detectable", "injected", *(outcome.value for outcome in Outcome), "right code or mark")


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
    if verdict.wrong:
        yield f"{verdict.wrong} clean records or untouched entities are silently wrong"
    if len(verdict.needless) > NEEDLESS_SHARE * verdict.clean:
        yield f"{len(verdict.needless)} of {verdict.clean} clean records are stopped for nothing"


def table(verdicts: Mapping[str, Verdict]) -> str:
    """One line for each kind over all seeds, then the clean records, in Markdown."""
    totals: dict[str, Counter[Outcome]] = {name: Counter() for name in BY_NAME}
    for verdict in verdicts.values():
        for name, counts in verdict.counts().items():
            totals[name].update(counts)
    lines = [_HEAD, ("---", "---", *("---:",) * (len(_HEAD) - 3), "---")]
    lines += [_line(BY_NAME[name], counts) for name, counts in totals.items()]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)


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
        }
        for seed, verdict in verdicts.items()
    }
