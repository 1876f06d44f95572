"""Receipts without what was erased: by subtraction, never by counting what is left. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from jobs.lake import evidence
from jobs.lake.evidence import Part
from jobs.merge import changes
from schemas.contract import Register
from schemas.derive import python as oracle
from schemas.registry import FOLDED, folded


def without(register: str | None, result: Mapping[str, Any], removed: Mapping[str, Any]) -> dict[str, Any]:
    """A batch's result as it would be had the removed rows never been written.

    Verification counts the data against it: rows that vanish beside those erased are still missed.

    Args:
        register: Of a merge batch; None for a conform batch.
        result: The result as it stands.
        removed: ``evidence``, and ``counts`` (conform) or ``decisions`` (merge) of what goes.
    """
    batch = int(result["batch_id"])
    kept = _less(evidence.kept(batch, result["evidence"]), evidence.kept(batch, removed["evidence"]))
    changed: dict[str, Any] = {"evidence": evidence.told(kept)}
    if register is None:
        counts = [_named(one) for one in (result["counts"], removed["counts"])]
        changed["counts"] = [
            dict(zip(_NAMES, key, strict=True)) | {"rows": rows, "digest": digest}
            for key, (rows, digest) in _subtracted(*counts).items()
        ]
        rows_of = evidence.rows_by_table(kept)
        names = {contract.dataset("core"): contract.table() for contract in FOLDED}
        changed["facts"] = {names[t]: n for t, n in sorted(rows_of.items()) if t in names}
    else:
        changed |= _merged(Register(register), kept)
        known, gone = (one.get("decisions", {"rows": 0, "digest": _NOTHING}) for one in (result, removed))
        rows, digest = _minus((known["rows"], known["digest"]), (gone["rows"], gone["digest"]))
        changed["decisions"] = {"rows": rows, "digest": digest}
    return dict(result) | changed


_NAMES = ("submission_id", "register", "disposition")
_NOTHING = oracle.digest_of(())
_Sum = tuple[int, str]


def _named(counts: Sequence[Mapping[str, Any]]) -> dict[Any, _Sum]:
    return {tuple(one[name] for name in _NAMES): (one["rows"], one["digest"]) for one in counts}


def _minus(whole: _Sum, part: _Sum) -> _Sum:
    return whole[0] - part[0], oracle.digest_less(whole[1], part[1])


def _subtracted(whole: Mapping[Any, _Sum], gone: Mapping[Any, _Sum]) -> dict[Any, _Sum]:
    """What remains by key; entries of which nothing remains are left out."""
    left = {key: _minus(one, gone.get(key, (0, _NOTHING))) for key, one in whole.items()}
    return {key: one for key, one in left.items() if one[0]}


def _less(kept: Sequence[Part], gone: Sequence[Part]) -> list[Part]:
    whole, part = (
        {(one.table, one.batch_id, one.values): (one.rows, one.digest) for one in side}
        for side in (kept, gone)
    )
    left = _subtracted(whole, part)
    return [Part(table, batch, values, *sums) for (table, batch, values), sums in left.items()]


def _merged(register: Register, kept: Sequence[Part]) -> dict[str, Any]:
    """Counts of facts and assertions from what remains of a merge batch."""
    log = f"curated.{register.value}_dispositions"
    moves = [(one.values[0], str(one.values[1]), one.rows) for one in kept if one.table == log]
    rows = {(one.table, str(one.values[0])): one.rows for one in kept if one.values}
    assertions = {
        contract.info.noun: {
            name: rows.get((contract.dataset("curated"), name), 0) for name in ("assert", "withdraw")
        }
        for contract in folded(register)
    }
    return {**changes.counts(moves), "assertions": assertions}
