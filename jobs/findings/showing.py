"""One finding in full, for the steward who asks: the row as received, its codes, the paths to correct."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from jobs import objects, ops
from jobs.conform.placing import fault_of, refused, value_of
from jobs.errors import UsageFault
from jobs.findings.standing import Wanted, standing
from jobs.landing import manifests
from jobs.landing.correcting import at
from jobs.landing.records import LandedRow
from jobs.landing.rows import rows_of
from jobs.landing.shaping import shaped
from jobs.ops import corrections, submissions
from jobs.ops.submissions import Submission
from jobs.settings import Settings
from schemas import dialect as dialects
from schemas.dialect import Dialect, Group
from schemas.layout import Layout
from schemas.messages import message

_PLACE = re.compile("(.+)/([0-9]{1,18})/([0-9]{1,18})")
"""Reference of a landed row: submission, object, row."""


def shown(settings: Settings, *, reference: str) -> dict[str, Any]:
    """Everything about the row behind a finding, personal values included.

    Args:
        settings: Names the stores.
        reference: ``submission/object/row`` of any landed row, or the id of a held fact.

    Returns:
        Place, the ``file`` as it was named, dossier code, ``findings`` with the words of every code, the
        ``raw`` row, and ``fields``: the path that a correction names, the value as received, and the
        correction in force, with the ``fault`` by which it has no effect.

    Raises:
        UsageFault: There is no such row or fact.
    """
    found = standing(settings, Wanted(references=[reference])).toArrow().to_pylist()
    place = _place(reference) or _place_of_fact(reference, found)
    submission, entry, row = _landed(settings, place, reference)
    dialect = dialects.load(manifests.dialect_of(submission.manifest or {}, entry))
    changed = {
        one.path: one.new_text
        for one in corrections.active(ops.engine(settings))
        if one.content_digest == row.content_digest
    }
    return {
        "reference": reference,
        "submission_id": place[0],
        "object_key": entry["key"],
        "row_no": place[2],
        "file": _file(entry, place[2]),
        "province_code": submission.province_code,
        "dossier_code": next((one["dossier_code"] for one in found), None),
        "content_digest": row.content_digest,
        "error": row.error,
        "findings": [_told(one) for one in sorted(found, key=lambda one: str(one["effect"]))],
        "raw": row.raw,
        "fields": [] if row.record is None else list(fields(dialect, row.record, changed)),
    }


def _place(reference: str) -> tuple[str, int, int] | None:
    parts = _PLACE.fullmatch(reference)
    return (parts[1], int(parts[2]), int(parts[3])) if parts else None


def _place_of_fact(reference: str, found: Sequence[Mapping[str, Any]]) -> tuple[str, int, int]:
    if not found:
        raise UsageFault(f"No finding stands at {reference}.", "lienthong findings list shows references.")
    return found[0]["submission_id"], found[0]["object_no"], found[0]["row_no"]


def require_row(settings: Settings, reference: str) -> None:
    """Looks whether a reference is that of a landed row.

    Raises:
        UsageFault: It is not.
    """
    place = _place(reference)
    if place is None:
        raise _unknown(reference)
    _landed(settings, place, reference)


def _landed(
    settings: Settings, place: tuple[str, int, int], reference: str
) -> tuple[Submission, Mapping[str, Any], LandedRow]:
    submission = submissions.get(ops.engine(settings), place[0])
    entry = _object(submission, place)
    if submission is None or entry is None:
        raise _unknown(reference)
    layout = manifests.layout_of(submission.manifest or {}, entry)
    return submission, entry, landed_row(settings, entry, layout, place[2], reference)


def _unknown(reference: str) -> UsageFault:
    return UsageFault(f"There is no landed row {reference}.", "lienthong findings list shows references.")


def _object(submission: Submission | None, place: tuple[str, int, int]) -> Mapping[str, Any] | None:
    manifest = submission.manifest if submission else None
    entries: Sequence[Mapping[str, Any]] = manifest["objects"] if manifest else ()
    return next((entry for entry in entries if entry["no"] == place[1]), None)


def landed_row(
    settings: Settings, entry: Mapping[str, Any], layout: Layout, row_no: int, reference: str
) -> LandedRow:
    """A row read again from its landed object.

    Raises:
        UsageFault: The object has no such row.
    """
    data = objects.fetched(objects.client(settings), settings.landing_bucket, entry["key"])
    for row in rows_of(data, entry["format"], layout):
        if row.row_no == row_no:
            return row
    raise _unknown(reference)


def _file(entry: Mapping[str, Any], row_no: int) -> str:
    """The file that was sent; of an archive, with the one in it and the row's number there."""
    member = manifests.member_of(entry, row_no)
    return str(entry["name"]) if member is None else f"{entry['name']}: {member[0]}, row {member[1]}"


def _told(one: Mapping[str, Any]) -> dict[str, Any]:
    words = [message(code) for code in one["codes"].split(",")]
    codes = [{"code": word.code, "vi": word.vi, "en": word.en} for word in words]
    return {"effect": one["effect"], "register_name": one["register_name"], "codes": codes}


def fields(
    dialect: Dialect, record: Mapping[str, Any], changed: Mapping[str, str | None]
) -> Iterator[dict[str, Any]]:
    """Every field of a record that a correction can name, with the value as received.

    After them come corrections of other places: of items that were not sent, and of fields that the row's
    mapping does not have. The ``fault`` of a correction tells why it has no effect.
    """
    record = shaped(record, dialect.shapings)
    known = [f"{dialect.name}:{path}" for path in _paths(dialect, record)]
    for whole in (*known, *sorted(changed.keys() - {*known})):
        name, _, path = whole.partition(":")
        is_mine = name == dialect.name
        value = value_of(dialect, path, record) if is_mine else None
        other = f"the row is in the dialect {dialect.name}."
        fault = fault_of(whole, changed.get(whole), record) if is_mine else other
        told = {"path": whole, "value": value} | ({"fault": fault} if fault else {})
        yield told | ({"corrected_to": changed[whole]} if whole in changed else {})


def _paths(dialect: Dialect, record: Mapping[str, Any]) -> Iterator[str]:
    yield from dialect.header
    for name, group in dialect.groups.items():
        for index in range(_items(group, record)):
            yield from (f"{name}[{index}].{attribute}" for attribute in group.fields)


def _items(group: Group, record: Mapping[str, Any]) -> int:
    found = at(record, group.path.split("."))
    if isinstance(found, list):
        return len(found)
    return 0 if found is None else 1


def content_to_correct(settings: Settings, *, reference: str, path: str, text: str | None) -> str:
    """The digest of the content of a landed row, which a correction names.

    Args:
        settings: Names the stores.
        reference: As ``shown`` takes it.
        path: What is to be corrected.
        text: What is to stand there; None for nothing.

    Raises:
        UsageFault: There is no such row, or the correction would have no effect on it.
    """
    place = _place(reference) or _place_of_fact(
        reference, standing(settings, Wanted(references=[reference])).toArrow().to_pylist()
    )
    submission, entry, row = _landed(settings, place, reference)
    dialect = dialects.load(manifests.dialect_of(submission.manifest or {}, entry))
    (told,) = [one for one in fields(dialect, row.record or {}, {path: text}) if one["path"] == path]
    if "fault" in told:
        raise refused(path, told["fault"])
    return row.content_digest


def compact(value: Any) -> str | None:
    """A value as one line of text."""
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)
