"""Feedback to provinces: every fault that stands in their own rows, as JSON and as a sheet."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

from minio import Minio

from jobs import objects, ops
from jobs.findings.listing import refused
from jobs.findings.standing import COLUMNS, Wanted, standing
from jobs.landing.manifests import member_of
from jobs.ops import locks, submissions
from jobs.ops.erasures import Places, rows_of
from jobs.settings import Settings
from schemas.messages import message
from schemas.reference import senders
from schemas.zone import HANOI

PREFIX = "_feedback"
"""Folder of the private landing bucket; nothing there belongs to a submission."""
_HEADER = (
    *("submission", "object", "row", "dossier_code", "procedure_code", "effect", "code"),
    *("message_vi", "message_en"),
)
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
Row = Mapping[str, Any]


def feedback(settings: Settings, *, at: datetime, province: str | None = None) -> list[dict[str, Any]]:
    """Writes the feedback of a day for one province, or for each that has something to hear.

    The trend is against the province's newest feedback of an earlier day, so writing a day's again
    from the same findings gives the same bytes.

    Returns:
        Key, SHA-256 and number of findings of each file.

    Raises:
        IntegrityFault: What is read back differs from what was written.
    """
    with locks.held(ops.engine(settings), "feedback"):
        return _written(settings, at=at, province=province)


def _written(settings: Settings, *, at: datetime, province: str | None) -> list[dict[str, Any]]:
    wanted = Wanted(province=province)
    rows = [*_placed(settings, standing(settings, wanted).select(*COLUMNS).toArrow().to_pylist())]
    rows.sort(key=lambda row: (row["province_code"], _order(row)))
    by_province = {code: list(mine) for code, mine in groupby(rows, key=lambda row: row["province_code"])}
    refusals = sorted(refused(settings, wanted), key=_province)
    stopped = {code: list(mine) for code, mine in groupby(refusals, key=_province)}
    chosen = [province] if province else sorted(by_province.keys() | stopped.keys())
    store = objects.client(settings)
    written: list[dict[str, Any]] = []
    for code in chosen:
        told = document(
            code,
            by_province.get(code, []),
            stopped.get(code, []),
            at=at,
            previous=_previous(store, settings.landing_bucket, code, at),
        )
        written += _write(store, settings.landing_bucket, told)
    return written


def _placed(settings: Settings, rows: Iterable[Row]) -> Iterator[dict[str, Any]]:
    """The rows; those that were sent in an archive with their file in it and the number there."""
    archives = {
        (one.submission_id, entry["no"]): entry
        for one in submissions.listed(ops.engine(settings))
        for entry in (one.manifest or {}).get("objects", ())
        if "members" in entry
    }
    for row in rows:
        entry = archives.get((row["submission_id"], row["object_no"]))
        yield dict(row) | {"member": entry and member_of(entry, row["row_no"])}


def erase(settings: Settings, places: Places) -> None:
    """Takes the findings on erased rows out of every feedback that a province was given.

    The counts stay, which name no row; how many findings went is told beside them. Safe to run again
    after a kill. The rows must not stand any more: whoever writes feedback from now on does not find them.

    Raises:
        IntegrityFault: What is read back differs from what was written.
    """
    engine, store, bucket = ops.engine(settings), objects.client(settings), settings.landing_bucket
    rows = set(rows_of(places))
    provinces_of = {one.province_code for one in submissions.listed(engine) if one.submission_id in places}
    with locks.held(engine, "feedback"):
        for code in sorted(provinces_of):
            for key in _documents(store, bucket, code):
                told = json.loads(objects.get(store, bucket, key))
                left = _without(told, rows)
                known = objects.find(store, bucket, f"{key.removesuffix('.json')}.csv")
                if left != told or known != sheet(left):
                    list(_write(store, bucket, left))


def _without(told: dict[str, Any], rows: Collection[tuple[str, str, int]]) -> dict[str, Any]:
    """A feedback without the findings on some rows; the same where it has none."""
    findings = told["findings"]
    kept = [one for one in findings if (one["submission"], str(one["object"]), one["row"]) not in rows]
    if len(kept) == len(findings):
        return told
    gone = told.get("findings_erased", 0) + len(findings) - len(kept)
    return told | {"findings": kept, "findings_erased": gone}


def _province(one: Row) -> str:
    return str(one["province_code"])


def _order(row: Row) -> tuple[Any, ...]:
    return row["submission_id"], row["object_no"], row["row_no"], row["effect"], row["reference"]


def document(
    province: str,
    rows: Sequence[Row],
    stopped: Sequence[Row],
    *,
    at: datetime,
    previous: Row | None,
) -> dict[str, Any]:
    """One province's feedback: refused submissions, counts with trend, and each finding; a pure function.

    Args:
        province: Its code.
        rows: Its standing findings in order.
        stopped: Its refused submissions.
        at: Instant.
        previous: Its feedback of an earlier day.
    """
    counts = Counter(code for row in rows for code in row["codes"].split(","))
    before = {one["code"]: one["findings"] for one in (previous or {}).get("counts", ())}
    return {
        "province": province,
        "province_name": senders().get(province),
        "date": at.astimezone(HANOI).date().isoformat(),
        "previous_date": previous["date"] if previous else None,
        "findings_total": len(rows),
        "refused_submissions": [dict(one) for one in stopped],
        "counts": [_count(code, counts[code], before, previous) for code in sorted(counts | before)],
        "findings": [_finding(row) for row in rows],
    }


def _count(code: str, number: int, before: Mapping[str, int], previous: Row | None) -> dict[str, Any]:
    words = message(code)
    change = number - before.get(code, 0) if previous else None
    told = {"code": code, "effect": words.effect, "findings": number, "change": change}
    return told | {"vi": words.vi, "en": words.en}


def _finding(row: Row) -> dict[str, Any]:
    return {
        "submission": row["submission_id"],
        "object": row["object_no"],
        "row": row["row_no"],
        "dossier_code": row["dossier_code"],
        "procedure_code": row["procedure_code"],
        "register": row["register_name"],
        "effect": row["effect"],
        "codes": row["codes"].split(","),
    } | _file(row)


def _file(row: Row) -> dict[str, Any]:
    """The file of an archive that a row stands in; nothing where the object is the file."""
    member = row.get("member")
    return {} if member is None else {"file": member[0], "file_row": member[1]}


def sheet(told: Row) -> bytes:
    """The findings as CSV for a spreadsheet: one line for each code, UTF-8 with a byte order mark."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(_HEADER)
    for one in told["findings"]:
        place = (one["submission"], _object(one), one["row"], one["dossier_code"], one["procedure_code"])
        for code in one["codes"]:
            words = message(code)
            writer.writerow([cell(v) for v in (*place, one["effect"], code, words.vi, words.en)])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def _object(one: Row) -> str:
    """The number of an object; of an archive, with the file in it and the row's number there."""
    return f"{one['object']}: {one['file']}, row {one['file_row']}" if "file" in one else str(one["object"])


def cell(value: object) -> str:
    """A cell that no spreadsheet takes for a formula.

    >>> cell("=1+1"), cell("H26-1"), cell(None), cell(" @x")
    ("'=1+1", 'H26-1', '', "' @x")
    """
    text = "" if value is None else str(value)
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULA) else text


def _previous(store: Minio, bucket: str, province: str, at: datetime) -> Row | None:
    """The newest feedback of an earlier day."""
    today = at.astimezone(HANOI).date().isoformat()
    earlier = [key for key in _documents(store, bucket, province) if key.split("/")[2] < today]
    if not earlier:
        return None
    found: dict[str, Any] = json.loads(objects.get(store, bucket, max(earlier)))
    return found


def _documents(store: Minio, bucket: str, province: str) -> list[str]:
    """Keys of a province's feedback as JSON."""
    return [key for key in objects.keys(store, bucket, f"{PREFIX}/{province}/") if key.endswith(".json")]


def _write(store: Minio, bucket: str, told: Row) -> Iterable[dict[str, Any]]:
    stem = f"{PREFIX}/{told['province']}/{told['date']}/feedback"
    text = json.dumps(told, ensure_ascii=False, indent=1, sort_keys=True)
    files = (("json", text.encode(), "application/json"), ("csv", sheet(told), "text/csv; charset=utf-8"))
    for ending, data, kind in files:
        key = f"{stem}.{ending}"
        digest = objects.put(store, bucket, key, data, kind)
        yield {
            "province": told["province"],
            "key": key,
            "sha256": digest,
            "findings": told["findings_total"],
        }
