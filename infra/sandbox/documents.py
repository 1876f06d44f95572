"""Messages of the document exchange: agencies of two provinces write to one another about decided dossiers.

Each evening an office of one province sends some documents to an office of the other, which tells how it
handles them and answers some. A document may leave after its first status, a status be sent twice, and an
attachment have another id than its manifest says.
"""

from __future__ import annotations

import base64
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from infra.sandbox.cell import DAY_ONE
from infra.sandbox.places import Province, provinces

PAIRS: Mapping[str, str] = {"01": "92", "92": "01"}
"""Provinces whose documents are put out, with whom they write to."""
_EVERY_EVENING = 3
_NAMESPACE = "http://www.mic.gov.vn/TBT/QCVN_102_2016"


@dataclass(frozen=True, slots=True)
class Message:
    """A file that a province's system puts out on an evening."""

    province: str
    evening: int
    name: str
    data: bytes


def written(
    seed: str, evening: int, province: str, decided: Sequence[Mapping[str, Any]]
) -> Iterator[Message]:
    """Every message that an evening's documents of a province bring about, on that evening and the next.

    Args:
        seed: Of the world.
        evening: When they are written, from 1.
        province: Whose they are.
        decided: Its dossiers of the evening as its feed gives them.
    """
    known = {one.code: one for one in provinces()}
    mine, theirs = known[province], known[PAIRS[province]]
    rng = random.Random(f"{seed}/documents/{province}/{evening}")
    for place, dossier in enumerate(decided[:_EVERY_EVENING]):
        number = evening * 10 + place
        yield from _about(dossier["MaHoSo"], number, evening, mine, theirs, rng)


def _about(
    dossier: str, number: int, evening: int, mine: Province, theirs: Province, rng: random.Random
) -> Iterator[Message]:
    sender, receiver = f"{mine.organisation}.01", f"{theirs.organisation}.05"
    day = DAY_ONE + timedelta(days=evening - 1)
    stem = f"{day:%Y%m%d}-{mine.code}-{number:03d}"
    code = f"{number}/UBND-VP"
    about = _Document(f"{sender},{day:%Y/%m/%d},{code}", sender, code, day)
    leaves_late, is_sent_twice, is_spoilt, is_answered = (
        rng.random() < share for share in (0.3, 0.2, 0.1, 0.5)
    )
    subject = f"V/v phối hợp giải quyết hồ sơ {dossier}"
    letter = _letter(about, receiver, subject, "", is_spoilt=is_spoilt)
    yield Message(mine.code, evening + leaves_late, f"{stem}-document.edxml", letter)
    noon = datetime.combine(day, datetime.min.time()) + timedelta(hours=13)
    for hours, status, later in ((0, "01", 0), (2, "03", 0), (20, "06", 1)):
        told = _status(about, receiver, status, noon + timedelta(hours=hours))
        yield Message(theirs.code, evening + later, f"{stem}-{status}.edxml", told)
        if status == "03" and is_sent_twice:
            yield Message(theirs.code, evening + 1, f"{stem}-{status}-again.edxml", told)
    if is_answered:
        tomorrow = day + timedelta(days=1)
        reply = _Document(f"{receiver},{tomorrow:%Y/%m/%d},{number}/STP", receiver, f"{number}/STP", tomorrow)
        subject = f"V/v trả lời Công văn số {code}"
        yield Message(
            theirs.code,
            evening + 1,
            f"{stem}-answer.edxml",
            _letter(reply, sender, subject, _response(about)),
        )


@dataclass(frozen=True, slots=True)
class _Document:
    document_id: str
    organ: str
    code: str
    day: date


def _leaves(**values: str) -> str:
    return "".join(f"<edXML:{name}>{escape(text)}</edXML:{name}>" for name, text in values.items())


def _inside(name: str, content: str) -> str:
    return f"<edXML:{name}>{content}</edXML:{name}>"


def _response(about: _Document) -> str:
    told = {
        "OrganId": about.organ,
        "Code": about.code,
        "PromulgationDate": f"{about.day:%Y/%m/%d}",
        "DocumentId": about.document_id,
    }
    return _inside("ResponseFor", _leaves(**told))


def _letter(one: _Document, receiver: str, subject: str, responses: str, *, is_spoilt: bool = False) -> bytes:
    number, _, notation = one.code.partition("/")
    header = (
        _inside("From", _leaves(OrganId=one.organ, OrganName="Văn phòng UBND"))
        + _inside("To", _leaves(OrganId=receiver))
        + _leaves(DocumentId=one.document_id)
        + _inside("Code", _leaves(CodeNumber=number, CodeNotation=notation))
        + _inside("PromulgationInfo", _leaves(Place="Trụ sở", PromulgationDate=f"{one.day:%Y/%m/%d}"))
        + _inside("DocumentType", _leaves(Type="1", TypeName="Công văn"))
        + _leaves(Subject=subject)
        + _inside("SignerInfo", _leaves(Position="Chánh Văn phòng"))
        + _leaves(DueDate=f"{one.day + timedelta(days=10):%Y/%m/%d}")
        + responses
    )
    stamp = _inside("TraceHeader", _leaves(OrganId=one.organ, Timestamp=f"{one.day:%Y/%m/%d} 11:30:00"))
    trace = _inside("TraceHeaderList", stamp + _inside("Bussiness", _leaves(BussinessDocType="0")))
    content, name = f"Nội dung: {subject}".encode(), "cong-van.pdf"
    reference = _leaves(ContentId="cid:1", ContentType="application/pdf", AttachmentName=name)
    manifest = _inside("edXMLBody", _inside("edXMLManifest", _inside("Reference", reference)))
    encoded = base64.b64encode(content).decode()
    attachment = (
        f"<AttachmentEncoded><Attachment><ContentId>{2 if is_spoilt else 1}</ContentId>"
        f"<AttachmentName>{name}</AttachmentName><ContentTransferEncoded>{encoded}</ContentTransferEncoded>"
        "</Attachment></AttachmentEncoded>"
    )
    return _envelope(header, trace, manifest, attachment)


def _status(about: _Document, receiver: str, code: str, at: datetime) -> bytes:
    header = (
        _inside("From", _leaves(OrganId=receiver, OrganName="Sở Tư pháp"))
        + _response(about)
        + _leaves(StatusCode=code, Description="Văn thư", Timestamp=f"{at:%Y/%m/%d %H:%M:%S}")
    )
    return _envelope(header)


def _envelope(header: str, trace: str = "", body: str = "", after: str = "") -> bytes:
    inner = _inside("edXMLHeader", _inside("MessageHeader", header) + trace) + body
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<edXML xmlns="{_NAMESPACE}">'
        f'<edXML:edXMLEnvelope xmlns:edXML="{_NAMESPACE}">{inner}</edXML:edXMLEnvelope>{after}</edXML>\n'
    ).encode()


def folder_of(exports: Path, province: str) -> Path:
    """Where a province's messages are put out."""
    return exports / "edxml" / province


def are_written(exports: Path, evening: int) -> bool:
    """Whether the messages of an evening's documents are there."""
    day = DAY_ONE + timedelta(days=evening - 1)
    return any(True for one in PAIRS for _ in folder_of(exports, one).glob(f"{day:%Y%m%d}-*"))
