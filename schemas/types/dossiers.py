"""Dossiers and what became of them."""

from __future__ import annotations

from schemas.contract import DomainType, Kind

Sequence = DomainType(
    "sequence",
    Kind.INTEGER,
    "Version of a dossier at its source, from 1.",
    minimum=1,
    maximum=10**9,
    samples=("1", "3"),
)
DossierCode = DomainType(
    "dossier_code",
    Kind.TEXT,
    "Code of a dossier at its source.",
    pattern=r"([0-9]{3}\.[0-9]{2}\.[0-9]{2}\.[A-Z][0-9]{2}|[A-Z][0-9]{2}(\.[0-9]{2,3})*)-[0-9]{6}-[0-9]{4,5}|BL[0-9A-Z._\-]{1,40}",
    max_length=50,
    source="TT 01/2018/TT-VPCP Đ19; QĐ 20/2020/QĐ-TTg",
    samples=("H26.01.02-261103-0007", "000.01.02.H26-261103-0007"),
)
ProcedureCode = DomainType(
    "procedure_code",
    Kind.TEXT,
    "National procedure code without its provincial suffix.",
    pattern=r"[0-9]\.[0-9]{6}|baseline\.[a-z]+",
    max_length=30,
    samples=("1.001193", "2.000635"),
)
FieldCode = DomainType(
    "field_code",
    Kind.TEXT,
    "Field of administration.",
    pattern=r"[A-Z][0-9]{2}-[A-Z0-9]{2,6}",
    max_length=12,
    source="TT 01/2018/TT-VPCP Đ20",
    samples=("G15-HT01",),
)
DossierStatus = DomainType(
    "dossier_status",
    Kind.TEXT,
    "Status of the national portal, 1 to 10.",
    values=("1", "2", "3", "4", "5", "6", "7", "8", "9", "10"),
    max_length=2,
    samples=("4", "9", "10"),
)
StatusCode = DomainType(
    "status_code",
    Kind.TEXT,
    "Status in a source's own codes: letters and at most three digits, no text and no number of a person.",
    pattern=r"[A-Za-z][A-Za-z_.:\-]{0,30}[0-9]{0,3}|[0-9]{1,3}",
    max_length=34,
    samples=("interoperating", "CHUYEN_LIEN_THONG", "11"),
)
Channel = DomainType(
    "channel",
    Kind.TEXT,
    "Channel: 1 direct, 2 online, 3 postal.",
    values=("1", "2", "3"),
    max_length=1,
    samples=("2",),
)
ApplicantType = DomainType(
    "applicant_type",
    Kind.TEXT,
    "1 citizen, 2 enterprise, 3 agency, 4 other.",
    values=("1", "2", "3", "4"),
    max_length=1,
    samples=("1",),
)
OrganisationId = DomainType(
    "organisation_id",
    Kind.TEXT,
    "Electronic id of an agency or organisation.",
    pattern=r"[A-YZ0-9][.0-9A-Z]{0,34}",
    max_length=35,
    source="QĐ 20/2020/QĐ-TTg",
    samples=("H26.01.02", "000.01.02.H26"),
)
DaysLate = DomainType(
    "days_late",
    Kind.INTEGER,
    "Working days; below nought for days to spare.",
    minimum=-10_000,
    maximum=10_000,
    samples=("0", "3"),
)
TimeUnit = DomainType(
    "time_unit",
    Kind.TEXT,
    "Unit of a time limit.",
    values=("working_day", "day", "hour"),
    max_length=11,
    samples=("working_day",),
)
ReturnMethod = DomainType(
    "return_method",
    Kind.TEXT,
    "How a result is given: 0 direct, 1 postal.",
    values=("0", "1"),
    max_length=1,
    samples=("0",),
)
Parts = DomainType(
    "parts",
    Kind.TEXT,
    "List of a dossier's parts, in the source's JSON.",
    max_length=1_000_000,
    samples=("[]",),
)
RegisterName = DomainType(
    "register_name",
    Kind.TEXT,
    "Register of a row.",
    values=("population", "land", "business", "none"),
    max_length=10,
    samples=("population",),
)
ROW_DISPOSITIONS = ("unreadable", "quarantined", "duplicate", "in_process", "no_effect", "effective")
Disposition = DomainType(
    "disposition",
    Kind.TEXT,
    "What became of a landed row.",
    values=ROW_DISPOSITIONS,
    max_length=12,
    samples=("effective", "in_process"),
)
Codes = DomainType(
    "codes",
    Kind.TEXT,
    "Reason codes in order, joined by a comma.",
    max_length=4000,
    samples=("POP-010",),
)
Digest = DomainType(
    "digest",
    Kind.TEXT,
    "SHA-256 in hexadecimal.",
    pattern=r"[0-9a-f]{64}",
    max_length=64,
    samples=("0" * 64,),
)
