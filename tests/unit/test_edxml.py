"""Messages of the document exchange, read: a header as a record, attachments as digests, the rest refused."""

from __future__ import annotations

import base64
import hashlib
import io
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.landing.edxml import NoMessage, message_of, refusal_of
from jobs.landing.rows import LandedRow, rows_of
from schemas import dialect as dialects
from tests.support import messages as m

LAYOUT = dialects.load("edxml").layout
ENCODED = "edXML:ContentTransferEncoded"


def row(data: bytes) -> LandedRow:
    (found,) = rows_of(data, "edxml", LAYOUT)
    return found


def record(data: bytes) -> dict[str, object]:
    return message_of(io.BytesIO(data))


def test_a_document_is_its_header_and_its_attachments_by_reference() -> None:
    told = record(m.document())
    assert (told["Kind"], told["DocumentId"]) == ("document", m.DOCUMENT)
    header = told["MessageHeader"]
    assert header["To"] == [{"OrganId": m.RECEIVER, "Email": "vanthu@tinh.gov.vn"}]
    assert header["ToPlaces"] == {"Place": ["Các bộ", "UBND các tỉnh"]}
    assert "ResponseFor" not in header, "an empty element says nothing"
    assert told["Bussiness"] == {"BussinessDocType": "0"}
    assert told["Counts"] == {"named": 1, "missing": 0, "unnamed": 0, "repeated": 0, "broken": 0}
    assert told["Attachments"] == [
        {
            "content_id": "209",
            "name_sha256": hashlib.sha256(b"cong-van.pdf").hexdigest(),
            "content_type": "application/pdf",
            "member": 1,
            "bytes": len(m.PDF),
            "sha256": hashlib.sha256(m.PDF).hexdigest(),
        }
    ]
    assert told["Signature"] == {
        "is_signed": "true",
        "value_sha256": hashlib.sha256(b"GbVb8n9+").hexdigest(),
        "digest": "FwgIqsSYJshUS2+wlOM61L+q7Aw=",
    }


def test_neither_bytes_nor_names_of_attachments_are_in_the_row() -> None:
    raw = row(m.document()).raw
    assert base64.b64encode(m.PDF[:30]).decode() not in raw
    assert "cong-van" not in raw


def test_a_status_names_the_document_that_it_is_about() -> None:
    told = record(m.status("03", "2026/11/03 08:00:00"))
    assert (told["Kind"], told["DocumentId"]) == ("status", m.DOCUMENT)
    assert told["ResponseFor"] == {
        "OrganId": m.SENDER,
        "Code": "12/UBND-VP",
        "PromulgationDate": "2026/11/02",
        "DocumentId": m.DOCUMENT,
    }
    assert "Attachments" not in told


def test_a_status_about_two_documents_names_none() -> None:
    about = m.response(m.DOCUMENT, m.SENDER, "12/UBND-VP", "2026/11/02")
    data = m.status("03", "2026/11/03 08:00:00").replace(
        b"<edXML:StaffInfo>", f"{about}<edXML:StaffInfo>".encode()
    )
    assert "DocumentId" not in record(data)


def test_the_way_of_a_message_is_not_its_content() -> None:
    one = row(m.document())
    other = row(m.document(traces=("2026/11/02 09:00:00", "2026/11/02 09:05:00")))
    assert one.content_digest == other.content_digest
    assert one.raw != other.raw
    assert one.content_digest != row(m.document(subject="Khác")).content_digest


def test_a_document_without_attachments_is_whole() -> None:
    told = record(m.document(files=(), signature="<edXML:DigitalSignature/>"))
    assert told["Counts"] == dict.fromkeys(("named", "missing", "unnamed", "repeated", "broken"), 0)
    assert told["Signature"] == {"is_signed": "false"}


@pytest.mark.parametrize(
    ("sent", "made", "counts"),
    [
        (b"<ContentId>209</ContentId>", b"<ContentId>210</ContentId>", {"missing": 1, "unnamed": 1}),
        (b"cid:209", b"cid:210", {"missing": 1, "unnamed": 1}),
        (b"<ContentId>209</ContentId>", b"", {"missing": 1, "unnamed": 1}),
        (b"JVBERi0x", b"JVBER!0x", {"broken": 1}),
        (b"JVBERi0x", b"JVBE=i0x", {"broken": 1}),
        (b"JVBERi0x", b"JVBERi0", {"broken": 1}),
        (b"JVBERi0x", "JVBEđi0x".encode(), {"broken": 1}),
        (b"JVBERi0x", b"JVBE\n\t Ri0x", {}),
    ],
)  # fmt: skip
def test_what_is_wrong_with_attachments_is_counted(sent: bytes, made: bytes, counts: dict[str, int]) -> None:
    data = m.document()
    assert sent in data
    told = record(data.replace(sent, made, 1))["Counts"]
    assert {name: number for name, number in told.items() if number and name != "named"} == counts


def test_attachments_that_are_named_twice_or_not_at_all() -> None:
    twice = record(m.document(files=[("209", "a.pdf", m.PDF), ("209", "b.pdf", b"x")]))
    assert twice["Counts"]["repeated"] == 2
    data = m.document(files=[("1", "a.pdf", m.PDF), ("2", "b.pdf", b"x")])
    begin, end = (
        data.index(b"<edXML:Reference>"),
        data.index(b"</edXML:Reference>") + len("</edXML:Reference>"),
    )
    unnamed = record(data[:begin] + data[end:])
    assert (unnamed["Counts"]["named"], unnamed["Counts"]["unnamed"]) == (1, 1)
    assert [one["member"] for one in unnamed["Attachments"]] == [2, 1]
    missing = record(data[: data.index(b"<AttachmentEncoded>")] + b"</edXML>")
    assert missing["Counts"]["missing"] == 2
    assert [set(one) for one in missing["Attachments"]] == [{"content_id", "name_sha256", "content_type"}] * 2


def test_attachments_without_anything_in_them_are_counted() -> None:
    data = m.document()
    begin, end = data.index(b"<edXML:Reference>"), data.index(b"</edXML:edXMLManifest>")
    told = record(data[:begin] + b"<edXML:Reference>x</edXML:Reference><edXML:Reference/>" + data[end:])
    assert told["Counts"] == {"named": 2, "missing": 2, "unnamed": 1, "repeated": 1, "broken": 0}
    begin, end = data.index(b"<Attachment>"), data.index(b"</AttachmentEncoded>")
    told = record(data[:begin] + b"<Attachment>x</Attachment><Attachment/>" + data[end:])
    assert told["Counts"] == {"named": 1, "missing": 1, "unnamed": 2, "repeated": 1, "broken": 2}


def test_a_message_in_another_encoding_is_read() -> None:
    data = m.document().decode().replace("UTF-8", "UTF-16").encode("utf-16")
    assert row(data).content_digest == row(m.document()).content_digest


def test_content_inside_the_envelope_is_not_lost_sight_of() -> None:
    data = m.document(files=())
    inline = (
        f"<AttachmentEncoded><Attachment><AttachmentData>{base64.b64encode(m.PDF).decode()}</AttachmentData>"
    )
    told = record(data.replace(b"</edXML>", f"{inline}</Attachment></AttachmentEncoded></edXML>".encode()))
    assert told["Counts"]["unnamed"] == 1
    assert told["Attachments"][0]["sha256"] == hashlib.sha256(m.PDF).hexdigest()


@pytest.mark.parametrize("name", ["Subject", "DocumentId", "From", "StatusCode"])
def test_an_element_that_stands_twice_is_not_guessed(name: str) -> None:
    data = m.status("03", "2026/11/03 08:00:00") if name == "StatusCode" else m.document()
    begin = data.index(f"<edXML:{name}>".encode())
    end = data.index(f"</edXML:{name}>".encode()) + len(f"</edXML:{name}>")
    found = row(data[:end] + data[begin:end] + data[end:])
    assert found.error == "the row names a key twice"


WRAPPED = (
    *("beside", "in the signature", "in an attachment"),
    *("second signature", "second envelope", "second manifest"),
)


def wrapped(name: str) -> bytes:
    """A message with a second header, or another one in a place where a reader could look for it."""
    second = m.element("MessageHeader", m.leaves({"Subject": "Khác"}))
    place, made = {
        "beside": (b"</edXML:edXMLHeader>", second),
        "in the signature": (b"</Signature>", f"<Object>{second}</Object>"),
        "in an attachment": (b"</Attachment>", second),
        "second signature": (b"<Signature>", m.SIGNED),
        "second envelope": (b"<AttachmentEncoded>", m.element("edXMLEnvelope")),
        "second manifest": (b"</edXML:edXMLBody>", m.element("edXMLManifest")),
    }[name]
    bound = made
    for tag in ("MessageHeader", "edXMLEnvelope"):
        bound = bound.replace(f"<edXML:{tag}>", f'<edXML:{tag} xmlns:edXML="{m.NAMESPACE}">')
    return m.document().replace(place, bound.encode() + place, 1)


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "not XML"),
        (b"1212<?xml version='1.0'?><edXML/>", "not XML"),
        (m.document()[:-9], "not XML"),
        (m.document().replace(b"UTF-8", b"klingon"), "not XML"),
        (m.document().replace(b"UTF-8", b"shift_jis"), "not XML"),
        (m.document().replace(b"UTF-8", b"UTF-7"), "not XML"),
        (m.document().replace(b"UTF-8", b"UTF-16"), "not XML"),
        (m.document().replace(b"Subject>", b"Subject>\xff", 1), "not XML"),
        (m.document().replace(b"?>", b'?><!DOCTYPE e [<!ENTITY a "b">]>', 1), "DTD"),
        (m.document().replace(b"?>", b'?><!DOCTYPE e SYSTEM "file:///etc/passwd">', 1), "DTD"),
        (b"<edXML/>", "not edXML of QCVN 102:2016"),
        (m.document().replace(b"QCVN_102_2016", b"QCVN_102_2012"), "not edXML of QCVN 102:2016"),
        (f"<e:Envelope xmlns:e='x'>{m.SIGNED}</e:Envelope>".encode(), "not edXML of QCVN 102:2016"),
        (m.document().replace(b"<edXML:Subject>", b"<edXML:Subject xmlns:edXML='urn:x'>"), "namespace"),
        (m.document().replace(b"MessageHeader", b"OtherHeader"), "no header"),
        (m.envelope("x" * 2_100_000), "more than 2000000 characters"),
        (m.envelope("<edXML:a>" * 40 + "</edXML:a>" * 40), "too many elements"),
        (m.envelope("<edXML:a/>" * 100_001), "too many elements"),
        (m.document().replace(b"JVBERi0x", b"JVBE<b/>Ri0x"), "elements in it"),
        *((wrapped(name), "twice or out of its place") for name in WRAPPED),
    ],
)  # fmt: skip
def test_what_is_no_message_is_refused_with_a_remedy(data: bytes, told: str) -> None:
    refusal = refusal_of(data)
    assert refusal is not None
    assert told in refusal
    assert "Remedy: send one message of QCVN 102:2016" in refusal
    assert row(data).error is not None, "where it is landed all the same, its row says so"


def test_a_row_that_cannot_be_read_does_not_show_attachments() -> None:
    data = m.document().replace(b"</edXML:edXMLBody>", b"")
    found = row(data)
    assert found.error == "the message is not XML that can be read"
    assert found.content_digest == hashlib.sha256(data).hexdigest()
    assert "AttachmentEncoded" not in found.raw
    assert "Chủ tịch" in found.raw


def test_a_message_of_tens_of_megabytes_takes_its_own_size_and_little_more() -> None:
    content = bytes(range(256)) * 120_000
    data = m.document(files=[("1", "ban-do.tif", content)])
    tracemalloc.start()
    told = record(data)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert told["Attachments"][0]["sha256"] == hashlib.sha256(content).hexdigest()
    assert len(data) > 40_000_000
    assert peak < len(data) + 4_000_000, "the stream's own copy and a piece of it"


@given(st.binary(max_size=2_000), st.integers(min_value=1, max_value=90))
def test_any_content_has_its_digest_however_it_is_broken_into_lines(content: bytes, width: int) -> None:
    text = base64.b64encode(content).decode()
    lines = "\n".join(text[at : at + width] for at in range(0, len(text), width))
    data = m.document().replace(base64.encodebytes(m.PDF), lines.encode())
    told = record(data)["Attachments"][0]
    expected = {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()} if content else {}
    assert {name: told[name] for name in ("bytes", "sha256") if name in told} == expected


@given(st.data())
def test_whatever_is_changed_in_a_message_it_is_read_or_refused(data: st.DataObject) -> None:
    whole = m.document()
    at = data.draw(st.integers(min_value=0, max_value=len(whole) - 1))
    length = data.draw(st.integers(min_value=0, max_value=40))
    made = data.draw(st.binary(max_size=40))
    changed = whole[:at] + made + whole[at + length :]
    try:
        told = record(changed)
    except NoMessage:
        told = None
    refusal, found = refusal_of(changed), row(changed)
    assert (told is None) == (refusal is not None)
    assert found.row_no == 1
    assert (found.error is None) or (found.record is None)
