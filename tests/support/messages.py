"""Messages of the document exchange, as its SDK writes them: documents with attachments, and statuses."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from xml.sax.saxutils import escape

NAMESPACE = "http://www.mic.gov.vn/TBT/QCVN_102_2016"
DOCUMENT = "H26.01.02,2026/11/02,12/UBND-VP"
SENDER, RECEIVER = "H26.01.02", "H26.05"
PDF = b"%PDF-1.7 \x00\x01" * 40
SIGNED = (
    "<Signature><SignedInfo><Reference URI=''><DigestValue>FwgIqsSYJshUS2+wlOM61L+q7Aw=</DigestValue>"
    "</Reference></SignedInfo><SignatureValue>GbVb8n9+</SignatureValue></Signature>"
)


def envelope(
    header: str, *, trace: str = "", signature: str = "", manifest: str = "", after: str = ""
) -> bytes:
    """A message around a header."""
    body = f"<edXML:edXMLBody>{manifest}</edXML:edXMLBody>" if manifest else ""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><edXML xmlns="{NAMESPACE}">'
        f'<edXML:edXMLEnvelope xmlns:edXML="{NAMESPACE}"><edXML:edXMLHeader>'
        f"<edXML:MessageHeader>{header}</edXML:MessageHeader>{trace}{signature}</edXML:edXMLHeader>{body}"
        f"</edXML:edXMLEnvelope>{after}</edXML>"
    ).encode()


def element(name: str, *content: str) -> str:
    """An element with elements or text in it."""
    return f"<edXML:{name}>{''.join(content)}</edXML:{name}>"


def leaves(values: Mapping[str, str]) -> str:
    """Elements with texts."""
    return "".join(element(name, escape(text)) for name, text in values.items())


def attachments(files: Iterable[tuple[str, str, bytes]]) -> tuple[str, str]:
    """The manifest and the encoded attachments of files: content id, name, bytes."""
    references, encoded = [], []
    for content_id, name, data in files:
        about = {"ContentId": f"cid:{content_id}", "ContentType": "application/pdf", "AttachmentName": name}
        references.append(element("Reference", leaves(about)))
        text = base64.encodebytes(data).decode()
        encoded.append(
            f"<Attachment><ContentId>{content_id}</ContentId><AttachmentName>{escape(name)}</AttachmentName>"
            f'<edXML:ContentTransferEncoded xmlns:edXML="{NAMESPACE}">{text}</edXML:ContentTransferEncoded>'
            "</Attachment>"
        )
    manifest = f'<edXML:edXMLManifest version="1.0">{"".join(references)}</edXML:edXMLManifest>'
    return manifest, f"<AttachmentEncoded>{''.join(encoded)}</AttachmentEncoded>"


def response(document: str, organ: str, code: str, day: str) -> str:
    """What a message answers, or is a status of."""
    told = {"OrganId": organ, "Code": code, "PromulgationDate": day, "DocumentId": document}
    return element("ResponseFor", leaves(told))


def document(
    document_id: str = DOCUMENT,
    *,
    subject: str = "V/v kết nối phần mềm quản lý văn bản",
    signer: str = "Nguyễn Thành Phúc",
    business: str | None = "0",
    replaced: str | None = None,
    email: str = "vanthu@tinh.gov.vn",
    responses: str = "",
    files: Iterable[tuple[str, str, bytes]] = (("209", "cong-van.pdf", PDF),),
    sender: str = SENDER,
    day: str = "2026/11/02",
    traces: Iterable[str] = ("2026/11/02 09:00:00",),
    signature: str = SIGNED,
) -> bytes:
    """A document; without files it has no manifest."""
    header = (
        element("From", leaves({"OrganId": sender, "OrganName": "UBND phường"}))
        + element("To", leaves({"OrganId": RECEIVER, "Email": email}))
        + leaves({"DocumentId": document_id})
        + element("Code", leaves({"CodeNumber": "12", "CodeNotation": "UBND-VP"}))
        + element("PromulgationInfo", leaves({"Place": "Hà Nội", "PromulgationDate": day}))
        + element("DocumentType", leaves({"Type": "1", "TypeName": "Công văn"}))
        + leaves({"Subject": subject})
        + element("SignerInfo", leaves({"Position": "Chủ tịch", "FullName": signer}))
        + leaves({"DueDate": "2026/11/20"})
        + (responses or "<edXML:ResponseFor />")
        + element("ToPlaces", *(element("Place", one) for one in ("Các bộ", "UBND các tỉnh")))
    )
    stamps = [element("TraceHeader", leaves({"OrganId": sender, "Timestamp": at})) for at in traces]
    others = element(
        "ReplacementInfoList", element("ReplacementInfo", leaves({"DocumentId": replaced or ""}))
    )
    kind = leaves({"BussinessDocType": business}) if business is not None else ""
    told = element("Bussiness", kind, others if replaced else "")
    manifest, encoded = attachments(files) if files else ("", "")
    trace = element("TraceHeaderList", *stamps, told)
    return envelope(header, trace=trace, signature=signature, manifest=manifest, after=encoded)


def status(
    code: str,
    at: str,
    document_id: str = DOCUMENT,
    *,
    receiver: str = RECEIVER,
    sender: str = SENDER,
    text: str = "Văn thư tiếp nhận",
) -> bytes:
    """A status of a document, as its receiver sends it."""
    return envelope(
        element("From", leaves({"OrganId": receiver, "OrganName": "Sở Tư pháp"}))
        + response(document_id, sender, "12/UBND-VP", "2026/11/02")
        + element("StaffInfo", leaves({"Department": "Văn thư", "Staff": "Trần Thị Trâm"}))
        + leaves({"StatusCode": code, "Description": text, "Timestamp": at})
    )
