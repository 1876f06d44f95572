"""What the gate expects of a submission: limits as data, each with its reason."""

from __future__ import annotations

from dataclasses import dataclass

from schemas import gate
from schemas.contract import Effect, StateRule

LEAST_ROWS = 20
"""Shares of fewer rows say nothing: one broken line of five is 20 %."""
LEAST_HISTORY = 3
"""Comparable submissions that a feed needs before it is compared with itself."""
HISTORY = 8
"""Comparable submissions looked back at: about two weeks of working days, so that a season fades out."""
LEAST_EXPECTED = 100
"""Rows that must have been expected before their absence says something: small provinces have quiet days."""


@dataclass(frozen=True, slots=True)
class Threshold:
    """Limits of one measure; a submission without the measure passes."""

    rule: StateRule
    measure: str
    reason: str
    low: float | None = None
    high: float | None = None

    @property
    def is_critical(self) -> bool:
        """Whether a breach refuses the submission."""
        return self.rule.effect is Effect.QUARANTINE


THRESHOLDS: tuple[Threshold, ...] = (
    Threshold(
        gate.UNREADABLE_SHARE,
        "unreadable_share",
        "Half of the rows unreadable means a broken export; what is left of it cannot be trusted either.",
        high=0.5,
    ),
    Threshold(
        gate.QUARANTINED_SHARE,
        "quarantined_share",
        "Single faults stay below a tenth; above half the source or our mapping changed its form.",
        high=0.5,
    ),
    Threshold(
        gate.KEY_MISSING,
        "key_missing_share",
        "Without dossier codes versions cannot be told apart, so no row of the submission has a place.",
        high=0.5,
    ),
    Threshold(
        gate.VOLUME_COLLAPSED,
        "volume_ratio",
        "A tenth of the usual on working days is a filter or a failed export, not a quiet day.",
        low=0.1,
    ),
    Threshold(
        gate.VIOLATION_LEFT,
        "violations_left",
        "An accepted row has no violation by definition; one that has is a fault of ours.",
        high=0,
    ),
    Threshold(
        gate.DRIFT_REFUSED,
        "drifts_refused",
        "A field that is read and is not sent any more would be an empty one in silence.",
        high=0,
    ),
    Threshold(
        gate.DRIFT_WARNED,
        "drifts_warned",
        "The source sends otherwise than before; every value is read, but a person should look.",
        high=0,
    ),
    Threshold(
        gate.VOLUME_UNUSUAL,
        "volume_ratio",
        "Three times more or less than usual deserves a look; campaigns and holidays explain most.",
        low=1 / 3,
        high=3,
    ),
    Threshold(
        gate.STALE,
        "stale_days",
        "Even over Tết counters reopen within nine days; a source silent for longer is stuck.",
        high=10,
    ),
    Threshold(
        gate.DUPLICATE_SHARE,
        "duplicate_share",
        "The overlap re-sends a few rows; nine in ten mean that a cursor or the source stands still.",
        high=0.9,
    ),
    Threshold(
        gate.QUARANTINED_RISES,
        "quarantined_rise",
        "Twenty points above the feed's median is a new fault at the source.",
        high=0.2,
    ),
    Threshold(
        gate.CODE_UNKNOWN,
        "unknown_code_share",
        "A code list of the source that we do not know begins to be used.",
        high=0.1,
    ),
    Threshold(
        gate.STATUS_DRIFT,
        "status_drift",
        "Half of the rows changed their status share: the source may have renumbered its statuses.",
        high=0.5,
    ),
    Threshold(
        gate.PROCEDURE_DRIFT,
        "procedure_drift",
        "Half of the rows changed their procedure share: a field of administration came or went.",
        high=0.5,
    ),
)
