"""Documents between agencies, from messages in a folder to their history: whatever order they come in."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest

from jobs import ops, session
from jobs.__main__ import main
from jobs.errors import UsageFault
from jobs.explain import explain
from jobs.findings import listing, replay, retraction
from jobs.findings.standing import Wanted
from jobs.lake import live
from jobs.ledger.verify import verify
from jobs.purge import erase, places_of
from schemas.core.documents import Documents
from tests.journeys.ledger.tampering import altered_table, difference
from tests.journeys.purge.traces import BASIS, environ, places
from tests.support import messages as m
from tests.support.line import Line, at_day

FEED, FIRST, SECOND = "01-documents", "01-documents.00000001", "01-documents.00000002"
SUBJECT = "V/v trả lời văn bản của ông Đinh Quế Tùng"
ANSWER = "H26.05,2026/11/04,3/STP-HC"


@pytest.fixture(scope="module")
def inbox(line: Line) -> Path:
    folder = line.inbox("01", "documents")
    keys = {"kind": "directory", "dialect": "edxml", "url": str(folder), "patterns": {"*": "documents"}}
    line.source("01", {"documents": keys})
    return folder


def sent(inbox: Path, **messages: bytes) -> None:
    for name, data in messages.items():
        (inbox / f"{name}.edxml").write_bytes(data)


def held(line: Line) -> dict[str, str]:
    found = listing.listed(line.settings, Wanted(effect="hold"), limit=100)["findings"]
    return {one["reference"]: ",".join(one["codes"]) for one in found}


@pytest.fixture(scope="module")
def first(line: Line, inbox: Path) -> Line:
    """Statuses before their document, one of them twice; and what cannot be taken."""
    sent(
        inbox,
        a_taken=m.status("03", "2026/11/03 08:00:00"),
        b_arrived=m.status("01", "2026/11/02 10:00:00"),
        c_taken_again=m.status("03", "2026/11/03 08:00:00"),
        d_unknown_code=m.status("07", "2026/11/03 08:00:00"),
        e_lacks_a_file=m.document("H26.01.02,2026/11/02,13/UBND-VP").replace(b"cid:209", b"cid:208"),
        f_other=m.document(
            ANSWER, subject=SUBJECT, responses=m.response(m.DOCUMENT, m.SENDER, "12/UBND-VP", "2026/11/02")
        ),
        g_broken=b"<edXML",
    )
    line.day(FEED, at_day(3))
    return line


@pytest.fixture(scope="module")
def second(first: Line, inbox: Path) -> Line:
    """The document, and a status that goes back."""
    sent(inbox, h_document=m.document(), i_back=m.status("01", "2026/11/04 08:00:00"))
    first.day(FEED, at_day(4))
    return first


def test_each_message_has_one_row_and_a_word(first: Line) -> None:
    assert first.rows(FEED) == (0, 2, 1, 0, 3, 0)
    told = {
        one["code"] for one in listing.listed(first.settings, Wanted(effect="quarantine"), limit=9)["codes"]
    }
    assert told == {"documents.status_code:values", "DOC-001", "DOC-002"}
    assert verify(first.settings)["first_difference"] is None


def test_statuses_wait_for_their_document(first: Line) -> None:
    assert held(first) == {f"{FIRST}/{number}/1": "DOC-901" for number in (1, 2)}
    told = explain(first.settings, key=m.DOCUMENT)
    assert (told["kind"], told["history"]["document"]) == ("document", None)
    assert [one["code"] for one in told["history"]["steps"]] == ["01", "03"]


def test_they_stand_when_it_has_come_and_none_goes_back(second: Line) -> None:
    assert held(second) == {f"{SECOND}/2/1": "DOC-902"}
    told = explain(second.settings, key=m.DOCUMENT)
    assert told["history"]["document"] == f"{SECOND}/1/1"
    assert told["history"]["current"] == {m.RECEIVER: "03"}
    assert [one["document_id"] for one in told["answered_by"]] == [ANSWER]
    assert [one["document_id"] for one in explain(second.settings, key=ANSWER)["answers"]] == [m.DOCUMENT]
    assert verify(second.settings)["first_difference"] is None


def test_the_story_is_printed(second: Line, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", m.DOCUMENT], environ(second.settings)) == 0
    printed = " ".join(capsys.readouterr().out.split())
    for words in ("Statuses in order", "DOC-902", "The document stands.", f"It is answered by {ANSWER}."):
        assert words in printed


def test_attachments_are_references_and_nothing_else(second: Line) -> None:
    rows = live.conformed(session.connect(second.settings), ops.engine(second.settings), Documents.dataset())
    (row,) = rows.where(f"submission_id = '{SECOND}' and message_kind = 'document'").collect()
    (one,) = json.loads(row.attachments)
    assert (one["member"], one["bytes"], row.attachment_count, row.is_signed) == (1, len(m.PDF), 1, True)
    assert row.signed_digest == "FwgIqsSYJshUS2+wlOM61L+q7Aw="
    assert str(row.promulgation_date) == "2026-11-02"
    assert row.sent_at.isoformat() == "2026-11-02T02:00:00"


def test_a_retraction_takes_the_document_from_its_statuses(second: Line) -> None:
    at = at_day(4) + timedelta(minutes=1)
    retraction.retract(second.settings, submission_id=SECOND, reason="Gửi nhầm", by="steward", at=at)
    assert set(held(second).values()) == {"DOC-901"}
    assert verify(second.settings)["first_difference"] is None
    retraction.restore(
        second.settings, submission_id=SECOND, reason="Đúng", by="steward", at=at + timedelta(minutes=1)
    )
    assert held(second) == {f"{SECOND}/2/1": "DOC-902"}


@pytest.mark.parametrize(
    ("statement", "what"),
    [
        ("delete from {table} where object_no = 6", "rows"),
        ("update {table} set row_no = 2 where object_no = 6", "digest of places"),
        ("update {table} set subject = 'X' where object_no = 6", "digest of rows"),
    ],
)
def test_a_tampered_row_is_named(second: Line, statement: str, what: str) -> None:
    with altered_table(second, "core.documents", statement):
        found = difference(second, "core")
    assert found["where"].startswith("core.documents, batch ")
    assert found["what"] == what


def test_a_steward_corrects_a_status(second: Line) -> None:
    (found,) = second.findings(m.DOCUMENT)
    assert found.codes == "documents.status_code:values"
    at = at_day(5)
    replay.correct(
        second.settings,
        content_digest=found.content_digest,
        path="edxml:status_code",
        new_text="04",
        reason="Sai mã",
        basis="Công văn 9",
        by="steward",
        at=at,
    )
    replay.replay(second.settings, at=at, digests=[found.content_digest])
    told = explain(second.settings, key=m.DOCUMENT)
    assert [(one["code"], bool(one["reasons"])) for one in told["history"]["steps"]] == [
        *(("01", False), ("03", False), ("04", False), ("01", True)),
    ]
    assert [(one["sent"], one["new_text"]) for one in told["corrections"]] == [("07", "04")]
    assert verify(second.settings)["first_difference"] is None


def test_an_answer_that_is_erased_is_nowhere(second: Line) -> None:
    """Another document still tells that it was answered; the words of the answer itself are gone."""
    words = (ANSWER, SUBJECT)
    assert set(places(second.settings, words)) == set(words), "the search can find"
    named = places_of(second.settings, dossiers=[ANSWER])
    at = at_day(6)
    done = erase(second.settings, places=named, dossiers=[ANSWER], basis=BASIS, by="steward", at=at)
    assert done["deleted"]["core.documents"] > 0
    assert places(second.settings, words) == {}
    told = verify(second.settings)
    assert (told["first_difference"], len(told["erased"])) == (None, 1)
    assert explain(second.settings, key=m.DOCUMENT)["answered_by"] == []
    with pytest.raises(UsageFault):
        explain(second.settings, key=ANSWER)
