"""Parsers on what senders really write, every case in one job."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa
import pytest
from pyspark.sql import functions as F

from jobs import session
from jobs.landing.texts import clean
from jobs.settings import Settings
from jobs.transforms import parsers

pytestmark = pytest.mark.usefixtures("compiled")
SERIALS = Path(__file__).parents[1] / "data" / "gcn_serial_vectors.csv"
SEX: Mapping[str, str] = {"1": "male", "2": "female", "0": ""}
Case = tuple[str, str | None, str | None]

CASES: list[Case] = [
    ("local_time", "2026-11-02 09:00:00", "2026-11-02 02:00:00"),
    ("local_time", "2026-11-02T09:00", "2026-11-02 02:00:00"),
    ("local_time", "2026-11-02 09:00:00.123", "2026-11-02 02:00:00.123"),
    ("local_time", "02/11/2026 09:00:00", "2026-11-02 02:00:00"),
    ("local_time", "2026/11/02 09:00:00", "2026-11-02 02:00:00"),
    ("local_time", "2026/02/30 09:00:00", None),
    ("local_time", "31/02/2026 09:00:00", None),
    ("local_time", "2026-11-02 25:00:00", None),
    ("local_time", "2026-11-02 09:00:00+07:00", None),
    ("local_time", "2026-11-02", None),
    ("local_time", "9999-12-31 23:00:00", None),
    ("epoch_ms", "1793584800000", "2026-11-02 02:00:00"),
    ("epoch_ms", "1793584800000.5", None),
    ("epoch_ms", "99999999999999", None),
    ("epoch_ms", "2026", "1970-01-01 00:00:02.026"),
    ("id_kind", "001090000001", "personal_id"),
    ("id_kind", "201456781", "old_id"),
    ("id_kind", "0100109106", "tax_code"),
    ("id_kind", "0100109106-001", "tax_code"),
    ("id_kind", "01090000001", None),
    ("id_kind", "test", None),
    ("text", "  Thôn\t 3 ", "Thôn 3"),
    ("text", "Thôn\n3\n", "Thôn 3"),
    ("text", "\u00a0Nguyễn\u00a0 Văn A\u200b", "Nguyễn Văn A"),
    ("text", "\ufeff", None),
    ("text", "   ", None),
    ("text", "", None),
    ("text", None, None),
    ("text", "Nguyễn\x00Văn A", None),
    ("text", "Nguy\x05n Văn A", None),
    ("text", "Thôn\x0b3", "Thôn 3"),
    ("text", "\x85", None),
    ("upper", "đ\x7f", None),
    ("text", "Nguyễn \u202enA", None),
    ("text", "Nguy\ufffdn", None),
    ("personal_id", "\u200e001\u3000090\u2028000001\u2064", "001090000001"),
    ("personal_id", "00109000000\x001", None),
    ("tax_code", "0300588569\x00", None),
    ("procedure", "1.001193\x00", None),
    ("map", "1\x00", None),
    ("upper", "đường straße", "ĐƯỜNG STRASSE"),
    ("date", "05/07/1990", "1990-07-05"),
    ("date", "5/7/1990", "1990-07-05"),
    ("date", "19900705", "1990-07-05"),
    ("date", "19900705101500", "1990-07-05"),
    ("date", "1990-07-05", "1990-07-05"),
    ("date", "1990/07/05", "1990-07-05"),
    ("date", "2014/02/30", None),
    ("date", "29/02/2024", "2024-02-29"),
    ("date", "29/02/2023", None),
    ("date", "31/02/2020", None),
    ("date", "07/1990", "1990-07-01"),
    ("date", "00/07/1990", "1990-07-01"),
    ("date", "1990", "1990-01-01"),
    ("date", "00/00/1990", "1990-01-01"),
    ("date", "13/1990", None),
    ("date", "05/07/90", None),
    ("date", "5.7.1990", None),
    ("date", "33059", None),
    ("date", "०५/०७/१९९०", None),
    ("date", "05/07/1990\n", "1990-07-05"),
    ("date", "không rõ", None),
    ("date_precision", "05/07/1990", "day"),
    ("date_precision", "19900705", "day"),
    ("date_precision", "1990-07-05", "day"),
    ("date_precision", "07/1990", "month"),
    ("date_precision", "00/07/1990", "month"),
    ("date_precision", "1990", "year"),
    ("date_precision", "00/00/1990", "year"),
    ("date_precision", "không rõ", None),
    ("local_instant", "20261102081500", "2026-11-02 01:15:00"),
    ("local_instant", "20261102", None),
    ("local_instant", "20261302081500", None),
    ("local_instant", "20261102250000", None),
    ("local_instant", "00010101000000", None),
    ("local_instant", "17991231235959", None),
    ("local_instant", "99991231235959", None),
    ("local_midnight", "01/01/0001", None),
    ("local_midnight", "0000", None),
    ("local_midnight", "31/12/2200", "2200-12-30 17:00:00"),
    ("local_midnight", "01/01/2201", None),
    ("date", "0000", None),
    ("date", "00000101", None),
    ("date", "01/01/0001", "0001-01-01"),
    ("instant", "0001-01-01T00:00:00+07:00", None),
    ("instant", "0001-01-01T00:00:00Z", None),
    ("instant", "9999-12-31T23:00:00-14:00", None),
    ("instant", "2200-12-31T23:59:59.999999+07:00", "2200-12-31 16:59:59.999999"),
    ("instant", "2201-01-01T00:00:00+07:00", None),
    ("local_midnight", "02/11/2026", "2026-11-01 17:00:00"),
    ("local_midnight", "01/01/1965", "1964-12-31 16:00:00"),
    ("instant", "2026-11-02T08:15:00+07:00", "2026-11-02 01:15:00"),
    ("instant", "2026-11-02T01:15:00.250Z", "2026-11-02 01:15:00.25"),
    ("instant", "2026-11-02T08:15:00", None),
    ("instant", "2026-11-02", None),
    ("integer", "0012", "12"),
    ("integer", "-3", "-3"),
    ("integer", "1.000.000", None),
    ("integer", "12,5", None),
    ("integer", "१२", None),
    ("integer", "9" * 19, None),
    ("decimal", "96,1", "96.1"),
    ("decimal", "96.1", "96.1"),
    ("decimal", "96", "96.0"),
    ("decimal", "1.234,5", None),
    ("decimal", "96 m2", None),
    ("decimal", "-1", None),
    ("boolean", "Y", "true"),
    ("boolean", "0", "false"),
    ("boolean", "x", None),
    ("personal_id", " 001 090 000 001 ", "001090000001"),
    ("id_number", "b 1234567", "B1234567"),
    ("tax_code", "0300588569001", "0300588569-001"),
    ("tax_code", "0300588569-001", "0300588569-001"),
    ("tax_code", "0300588569", "0300588569"),
    ("procedure", "1.001193.000.00.00.H26", "1.001193"),
    ("procedure", "1.001193", "1.001193"),
    ("procedure", "TTHC-7", "TTHC-7"),
    ("parcel_scheme", "w7dxt6k195pu", "geohash"),
    ("parcel_scheme", "00004.12.345", "sheet"),
    ("parcel_scheme", "12345", None),
    ("map", "1", "male"),
    ("map", "0", None),
    ("map", "9", None),
]  # fmt: skip

UNREADABLE = {
    ("date", "31/02/2020"): True,
    ("date", "05/07/1990"): False,
    ("text", ""): False,
    ("text", None): False,
    ("map", "9"): True,
    ("map", "0"): False,
    ("text", "Nguyễn\x00Văn A"): True,
    ("map", "1\x00"): True,
    ("instant", "0001-01-01T00:00:00+07:00"): True,
    ("local_instant", "99991231235959"): True,
}
"""Whether something was sent that gave no value; an empty canonical text of a code list is a value."""


def serials() -> list[Case]:
    with SERIALS.open(encoding="utf-8", newline="") as file:
        return [("serial", row["raw"], row["normalised"] or None) for row in csv.DictReader(file)]


def test_every_parser(settings: Settings) -> None:
    cases = [*CASES, *serials()]
    assert {case[0] for case in cases} >= parsers.known() - {"name", "code", "digits", "commune"}, "no case"
    texts = clean(pa.array([raw for _, raw, _ in cases], pa.string())).to_pylist()
    rows = [(place, case[0], text) for place, (case, text) in enumerate(zip(cases, texts, strict=True))]
    cleaned = session.connect(settings).createDataFrame(rows, "place int, parser string, text string")
    told = F.coalesce(
        *[
            F.when(F.col("parser") == name, parsers.parse(F.col("text"), name, SEX).cast("string"))
            for name in sorted(parsers.known())
        ]
    )
    unreadable = F.coalesce(
        *[
            F.when(F.col("parser") == name, parsers.is_unreadable(F.col("text"), F.col("told"), name, SEX))
            for name in sorted(parsers.known())
        ]
    )
    parsed = cleaned.select("place", "parser", "text", told.alias("told"))
    found = parsed.select("place", "told", unreadable.alias("unreadable")).orderBy("place").collect()
    wrong = [(*case, row.told) for case, row in zip(cases, found, strict=True) if row.told != case[2]]
    assert wrong == []
    verdicts = {case[:2]: row.unreadable for case, row in zip(cases, found, strict=True)}
    assert {case: verdicts[case] for case in UNREADABLE} == UNREADABLE
