"""The tables of ops that follow from the event log, as the events alone give them. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from jobs.ops.erasures import GONE

Row = dict[str, Any]
_STATES = {
    "opened": "pulling",
    "sealed": "sealed",
    "empty": "empty",
    "retracted": "retracted",
    "restored": "sealed",
}


class Event(Protocol):
    """One event of the log."""

    at: datetime
    kind: str
    subject: str
    body: Mapping[str, Any]


@dataclass(slots=True)
class Expected:
    """What each projection must hold, by its key. Columns that no event tells are left out."""

    submissions: dict[str, Row] = field(default_factory=dict)
    batches: dict[str, Row] = field(default_factory=dict)
    corrections: dict[str, Row] = field(default_factory=dict)
    cursors: dict[str, Row] = field(default_factory=dict)
    sources: dict[str, Row] = field(default_factory=dict)
    releases: dict[str, Row] = field(default_factory=dict)
    erasures: dict[str, Row] = field(default_factory=dict)

    def take(self, event: Event, mark: Callable[[object], object]) -> None:
        """Takes the next event; kinds that change no projection are passed over.

        Args:
            event: The event.
            mark: What is kept of a large body, such as its digest.
        """
        family, _, verb = event.kind.partition(".")
        match family, verb:
            case "submission", _:
                self._submission(event, verb, mark)
            case _, "planned" | "committed" | "restated" | "rebuilt":
                self._batch(event, verb, mark)
            case "erasure", _:
                self._erasure(event, verb)
            case "correction", _:
                self._correction(event, verb)
            case "cursor", "reset":
                self.cursors.pop(event.subject, None)
            case "source", _:
                self.sources[event.subject] = {"is_paused": verb == "paused"}
            case "release", _:
                self._release(event, verb)

    def _submission(self, event: Event, verb: str, mark: Callable[[object], object]) -> None:
        row = self.submissions.setdefault(event.subject, {})
        if verb in _STATES:
            row["state"] = _STATES[verb]
        if verb == "opened":
            row |= {name: event.body[name] for name in ("number", "feed_id", "province_code")}
            row |= {"sequence": int(event.subject.rpartition(".")[2]), "opened_at": event.at}
            row |= {"received_at": None, "manifest": mark(None)}
        elif verb == "empty":
            row["received_at"] = event.at
        elif verb == "erased":
            row["manifest"] = mark(event.body["manifest"])
        elif verb == "sealed":
            row |= {"received_at": event.at, "manifest": mark(event.body["manifest"])}
            self._moved(row.get("feed_id"), event.body["cursor"])

    def _batch(self, event: Event, verb: str, mark: Callable[[object], object]) -> None:
        if verb == "planned":
            self.batches[event.subject] = _planned(event, mark)
        else:
            self.batches.setdefault(event.subject, {}).update(state="committed", result=mark(event.body))

    def _correction(self, event: Event, verb: str) -> None:
        if verb == "withdrawn":
            why = event.body.get("reason")
            told = {"withdrawn_by": event.body["by"], "withdrawn_at": event.at, "withdrawn_reason": why}
            self.corrections.setdefault(event.subject, {}).update(told)
        elif "erasure_id" in event.body:
            self.corrections[event.subject] = {"content_digest": GONE, "new_text": None}
        else:
            self.corrections[event.subject] = {**event.body, "made_at": event.at, "withdrawn_by": None}

    def _erasure(self, event: Event, verb: str) -> None:
        told = {**event.body, "made_at": event.at} if verb == "decided" else {"upto": event.body["upto"]}
        self.erasures.setdefault(event.subject, {}).update(told, state=verb)

    def _release(self, event: Event, verb: str) -> None:
        if verb == "built":
            self.releases[event.subject] = {
                "version": event.subject,
                "state": "candidate",
                "built_at": event.at,
                "decided_by": None,
                "decided_at": None,
                "evidence": dict(event.body),
            }
            return
        row = self.releases.setdefault(event.subject, {})
        if verb != "approved":
            row["state"] = verb
        if verb in {"approved", "rejected"} and "by" in event.body:
            row |= {"decided_by": event.body["by"], "decided_at": event.at}

    def _moved(self, feed_id: str | None, cursor: list[str] | None) -> None:
        if feed_id is not None and cursor is not None:
            told = {"updated_at": datetime.fromisoformat(cursor[0]), "last_id": cursor[1]}
            self.cursors[feed_id] = told


def _planned(event: Event, mark: Callable[[object], object]) -> Row:
    body = event.body
    return {
        "kind": body["kind"],
        "register": body["register"],
        "at": datetime.fromisoformat(body["at"]),
        "recorded_at": datetime.fromisoformat(body["recorded_at"]),
        "state": "planned",
        "plan": mark(body["plan"]),
        "result": mark(None),
    }
