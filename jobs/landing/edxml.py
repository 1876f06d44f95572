"""A message of the document exchange, read as it comes: its header as a record, its attachments as digests.

QCVN 102:2016/BTTTT, by the sample messages of the exchange's SDK: ``edXML/edXMLEnvelope/edXMLHeader`` with
``MessageHeader`` and ``TraceHeaderList``, ``edXMLBody/edXMLManifest``, and beside the envelope
``AttachmentEncoded``. The bytes of an attachment are decoded a piece at a time and forgotten.
"""

from __future__ import annotations

import binascii
import hashlib
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import IO, Any
from xml.sax import SAXException
from xml.sax.handler import ContentHandler

from defusedxml import DefusedXmlException
from defusedxml.expatreader import DefusedExpatParser

from jobs.landing import attachments
from jobs.landing.attachments import CONTENTS
from jobs.landing.decoding import Twice

NAMESPACE = "http://www.mic.gov.vn/TBT/QCVN_102_2016"
MAX_BYTES = 200_000_000
"""A message is held as it was landed, and nothing more of it than its header."""
_ENVELOPE = ("edXML", "edXMLEnvelope")
_HEADER = (*_ENVELOPE, "edXMLHeader")
_BODY = (*_ENVELOPE, "edXMLBody")
_ATTACHMENTS = ("edXML", "AttachmentEncoded")
_ONCE = {
    path[-1]: path
    for path in (
        *(_ENVELOPE[:1], _ENVELOPE, _HEADER, _BODY, (*_BODY, "edXMLManifest"), _ATTACHMENTS),
        *((*_HEADER, name) for name in ("MessageHeader", "TraceHeaderList", "Signature")),
    )
}
"""Elements that stand once and in one place: another one, as within a signature, could be taken for it."""
_TREES = frozenset(
    {
        *(_ONCE["MessageHeader"], _ONCE["TraceHeaderList"], _ONCE["Signature"]),
        *((*_ONCE["edXMLManifest"], "Reference"), (*_ATTACHMENTS, "Attachment")),
    }
)
"""Elements that are read with all that is in them."""
_LISTS = frozenset(
    {
        *(("MessageHeader", "To"), ("MessageHeader", "ResponseFor"), ("TraceHeaderList", "TraceHeader")),
        *(("ToPlaces", "Place"), ("Appendixes", "Appendix"), ("ReplacementInfoList", "ReplacementInfo")),
        *(("OrganIdList", "OrganId"), ("ReceiverList", "Receiver"), ("SignedInfo", "Reference")),
    }
)
"""Elements, with what they stand in, that may stand several times."""
_OTHER_NAMESPACES = {
    "Signature": (None, "http://www.w3.org/2000/09/xmldsig#"),
    "AttachmentEncoded": (None,),
}
"""Namespaces beside that of the standard that the SDK gives these elements, and all in them."""
_MAX_DEPTH = 32
_MAX_ELEMENTS = 100_000
_MAX_CHARACTERS = 2_000_000
"""Of all texts but the contents of attachments."""
_PART = 1 << 16
_NO_XML = "the message is not XML that can be read"


class NoMessage(ValueError):
    """What is read is no message of the exchange; the text says why, and quotes no value of it."""


def message_of(stream: IO[bytes]) -> dict[str, Any]:
    """A message as a record; what is empty is left out.

    It has ``Kind``, ``DocumentId``, the first ``ResponseFor``, ``MessageHeader``, ``TraceHeader``,
    ``Bussiness`` and ``Signature``, and of its attachments ``Attachments`` and ``Counts``. An element that
    stands twice where one belongs is kept as what no record may hold, so that the row cannot be read: which
    of them is meant is not guessed.

    Raises:
        NoMessage: It is no XML, has a DTD, another root, namespace or shape, or a header without end.
    """
    handler = _Message()
    parser = DefusedExpatParser(namespaceHandling=1, forbid_dtd=True)
    parser.setContentHandler(handler)
    try:
        while part := stream.read(_PART):
            parser.feed(part)
        parser.close()
    except NoMessage:
        raise
    except DefusedXmlException as error:
        raise NoMessage("the message has a DTD or entities") from error
    # An encoding that is unknown, or not one that the parser can use, is told by Python's own errors.
    except (SAXException, ValueError, LookupError) as error:
        raise NoMessage(_NO_XML) from error
    if not handler.elements:
        raise NoMessage(_NO_XML)
    return _record(handler.trees)


def refusal_of(data: bytes) -> str | None:
    """Why a file cannot be taken for a message; None when it can."""
    if len(data) > MAX_BYTES:
        return f"a message of more than {MAX_BYTES} bytes. Remedy: send large attachments by another way."
    try:
        message_of(io.BytesIO(data))
    except NoMessage as error:
        return f"{error}. Remedy: send one message of QCVN 102:2016 ({NAMESPACE}) in the file."
    return None


def head_of(data: bytes) -> bytes:
    """A message up to its attachments, to show what came."""
    return re.split(rb"<(?:\w+:)?AttachmentEncoded", data, maxsplit=1)[0]


class _Content:
    """Base64 text, decoded as it comes and not kept."""

    def __init__(self) -> None:
        self._rest = b""
        self._digest = hashlib.sha256()
        self._size = 0
        self._is_ended = self._is_broken = False

    def feed(self, text: str) -> None:
        """Takes the next piece; white space does not count."""
        if self._is_broken:
            return
        try:
            data = self._rest + text.encode("ascii").translate(None, b" \t\r\n")
            whole = len(data) - len(data) % 4
            data, self._rest = data[:whole], data[whole:]
            if data and self._is_ended:
                raise ValueError("text after the padding")  # noqa: TRY301  (as every other fault of the text)
            decoded = binascii.a2b_base64(data, strict_mode=True)
        except ValueError:
            self._is_broken = True
            return
        self._is_ended |= data.endswith(b"=")
        self._digest.update(decoded)
        self._size += len(decoded)

    def told(self) -> dict[str, Any]:
        """Size and digest; nothing where it is no base64."""
        if self._is_broken or self._rest or not self._size:
            return {}
        return {"bytes": self._size, "sha256": self._digest.hexdigest()}


@dataclass(slots=True)
class _Node:
    """An element that is being read."""

    name: str
    children: dict[str, list[Any]] = field(default_factory=dict)
    text: list[str] = field(default_factory=list)

    def value(self) -> Any:
        """Its children by name, or its text; None where it has neither."""
        if not self.children:
            return "".join(self.text).strip() or None
        return {name: self._one(name, found) for name, found in self.children.items()}

    def _one(self, name: str, found: list[Any]) -> Any:
        if (self.name, name) in _LISTS:
            return found
        return found[0] if len(found) == 1 else Twice([(name, one) for one in found])


class _Message(ContentHandler):
    """Gathers the parts of a message, and refuses what has another shape."""

    def __init__(self) -> None:
        super().__init__()
        self.trees: dict[str, list[Any]] = {}
        self._path: tuple[str, ...] = ()
        self._nodes: list[_Node] = []
        self._content: _Content | None = None
        self._seen: set[str] = set()
        self.elements = self._characters = 0

    def startElementNS(self, name: tuple[str | None, str], qname: str | None, attrs: Any) -> None:  # noqa: N802
        """Goes into an element."""
        del qname, attrs
        namespace, local = name
        self._path = (*self._path, local)
        self.elements += 1
        self._check(namespace, local)
        self._seen.add(local)
        if self._content is not None:
            raise NoMessage("the content of an attachment has elements in it")
        if self._nodes or self._path in _TREES:
            self._nodes.append(_Node(local))
        if local in CONTENTS and self._nodes and self._nodes[0].name == "Attachment":
            self._content = _Content()

    def _check(self, namespace: str | None, local: str) -> None:
        if self._path[0] != "edXML" or (len(self._path) == 1 and namespace != NAMESPACE):
            raise NoMessage("the message is not edXML of QCVN 102:2016")
        if len(self._path) > _MAX_DEPTH or self.elements > _MAX_ELEMENTS:
            raise NoMessage("the message has too many elements")
        if local in _ONCE and (self._path != _ONCE[local] or local in self._seen):
            raise NoMessage(f"the element {local} stands twice or out of its place")
        allowed = [one for part in self._path for one in _OTHER_NAMESPACES.get(part, ())]
        if namespace not in (NAMESPACE, *allowed):
            raise NoMessage("an element of the message is of another namespace")

    def endElementNS(self, name: tuple[str | None, str], qname: str | None) -> None:  # noqa: N802
        """Leaves an element."""
        del name, qname
        self._path = self._path[:-1]
        if not self._nodes:
            return
        node = self._nodes.pop()
        value = node.value() if self._content is None else self._content.told()
        self._content = None
        if not self._nodes:
            self.trees.setdefault(node.name, []).append(value)
        elif value is not None:
            self._nodes[-1].children.setdefault(node.name, []).append(value)

    def characters(self, content: str) -> None:
        """Takes text."""
        if self._content is not None:
            self._content.feed(content)
            return
        self._characters += len(content)
        if self._characters > _MAX_CHARACTERS:
            raise NoMessage(f"the message has more than {_MAX_CHARACTERS} characters beside its attachments")
        if self._nodes:
            self._nodes[-1].text.append(content)


def _record(trees: Mapping[str, list[Any]]) -> dict[str, Any]:
    header = _only(trees, "MessageHeader")
    if not header:
        raise NoMessage("the message has no header")
    is_status = "StatusCode" in header
    about = header.get("ResponseFor", ())
    named = (about[0] if len(about) == 1 and isinstance(about[0], dict) else {}) if is_status else header
    references, sent = (
        [one if isinstance(one, dict) else {} for one in trees.get(name, ())]
        for name in ("Reference", "Attachment")
    )
    told = {
        "Kind": "status" if is_status else "document",
        "DocumentId": named.get("DocumentId"),
        "ResponseFor": about[0] if about else None,
        "MessageHeader": header,
        **{name: _only(trees, "TraceHeaderList").get(name) for name in ("TraceHeader", "Bussiness")},
        "Signature": _signature(_only(trees, "Signature")),
        "Attachments": list(attachments.listed(references, sent)),
        "Counts": attachments.counts(references, sent),
    }
    return {name: value for name, value in told.items() if value not in (None, [])}


def _only(trees: Mapping[str, list[Any]], name: str) -> dict[str, Any]:
    """The tree of an element that stands once; empty where it is absent or has no elements in it."""
    found = trees.get(name, [None])[0]
    return found if isinstance(found, dict) else {}


def _signature(tree: Mapping[str, Any]) -> dict[str, str]:
    """Whether there is a signature, and what it states; nothing of it is verified."""
    value, info = tree.get("SignatureValue"), tree.get("SignedInfo")
    if not isinstance(value, str):
        return {"is_signed": "false"}
    told = {"is_signed": "true", "value_sha256": hashlib.sha256(value.encode()).hexdigest()}
    parts = info.get("Reference", ()) if isinstance(info, dict) else ()
    digests = [one.get("DigestValue") for one in parts if isinstance(one, dict)]
    return told | ({"digest": digests[0]} if digests and isinstance(digests[0], str) else {})
