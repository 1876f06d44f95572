"""The walk of the markers: what the sources send by every path, and all that the line says of it."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from jobs.__main__ import main
from schemas import dialect as dialects
from schemas.business.businesses import Businesses
from schemas.contract import Contract
from schemas.core.documents import Documents
from schemas.land.parcels import Parcels
from schemas.population.persons import Persons
from schemas.population.residences import Residences
from schemas.procedures import PROCEDURES
from schemas.registry import FOLDED
from tests.support import marks as m
from tests.support import october, sftp, told_wrongly
from tests.support.dossiers import ndjson, version
from tests.support.line import Line, at_day
from tests.support.marks import Marks
from tests.support.places import Place

DVCQG, BASELINE = dialects.load("dvcqg"), dialects.load("baseline")
EFFECTIVE = [one for one in PROCEDURES if one.effects and not (one.is_baseline or one.is_verification)]
ANSWERS = (("explain",), ("findings", "show"))
"""Commands whose answer is the record itself, for the person who asks for it."""
_FIXED: dict[type[Contract], dict[str, object]] = {
    Businesses: {"business_kind": "household"},
    Persons: {"death_date": None},
}
"""An enterprise's name is public; the dead live nowhere."""
_NAMES = (
    *("accepted", "approved", "quarantined", "unreadable line", "refused file", "held fact"),
    *("refused at the gate", "failing statement", "crashed task", "typed", "other systems"),
    *("names and codes", "refused by the portal", "answer", *told_wrongly.PATHS),
)


class Walk:
    """What was planted, and all that the line said while it lived with it."""

    def __init__(self, line: Line) -> None:
        self.line = line
        self.marks = {name: Marks(name, 10_000 * number) for number, name in enumerate(_NAMES, 1)}
        self.said: dict[str, str] = {}
        self.environ: dict[str, str] = {}
        """What commands are told beside the home and the sources."""

    @property
    def searcher(self) -> m.Searcher:
        return m.Searcher(mark for marks in self.marks.values() for mark in marks.planted.values())

    def leaks(self, searched: Iterable[Place]) -> dict[str, list[str]]:
        """Markers by the place where they are; at least one place was searched."""
        wanted, seen, leaking = self.searcher, 0, {}
        for name, data in searched:
            seen += 1
            if labels := wanted.found(name.encode() + b"\n" + data):
                leaking[name] = labels
        assert seen
        return leaking

    def say(self, *words: str) -> None:
        """A command as people type it, and as machines do; what it says is kept."""
        environ = {
            "LIENTHONG_HOME": str(self.line.settings.home),
            "LIENTHONG_SOURCE_PATHS": self.line.settings.source_paths,
            "LIENTHONG_PERSON": "tester",
            "LIENTHONG_SANDBOX_URL": "",
            "LIENTHONG_CREDENTIAL_PROVINCE": f"{sftp.USER}:{sftp.PASSWORD}",
            **self.environ,
        }
        for form in ((), ("--json",)):
            out, err = io.StringIO(), io.StringIO()
            with redirect_stdout(out), redirect_stderr(err):
                main([*words, *form], environ)
            is_answer = words[:2] in ANSWERS or words[:1] in ANSWERS
            shown = f"{len(self.said)}: {' '.join([*words[: -1 if is_answer else None], *form])}"
            self.said[f"{shown}: err"] = err.getvalue()
            if not is_answer:
                self.said[f"{shown}: out"] = out.getvalue()


def deliver(walk: Walk) -> None:
    """What the sources send."""
    line, marks = walk.line, walk.marks
    (line.inbox("01", "baseline") / "persons.ndjson").write_bytes(lines(baseline(marks["accepted"], 0)))
    for number, noun in ((1, "parcels"), (2, "businesses")):
        rows = baseline(marks["accepted"], number)
        (line.inbox("01", "baseline") / f"{noun}.ndjson").write_bytes(lines(rows))
    sent = [
        _birth(marks["approved"]),
        _sale(marks["held fact"]),
        _undated(marks["refused by the portal"]),
        *[_spoilt(marks["quarantined"], number) for number in range(len(EFFECTIVE))],
        f'{{"MaHoSo": "{marks["unreadable line"].words("raw")}',
        *october.ROWS,
    ]
    inbox, mine = line.inbox("01"), marks["refused file"]
    (inbox / "s1.ndjson.gz").write_bytes(ndjson(sent))
    (inbox / f"{mine.words('name')}.docx").write_text(f"Thư: {mine.words('content')}")
    quoted = f'MaHoSo,ChuHoSo\n1,"{mine.words("unclosed quote")}\n'
    (inbox / f"{mine.words('name of a sheet')}.csv").write_text(quoted)
    (inbox / f"{mine.words('name of a stream')}.ndjson.gz").write_text(f"Thư: {mine.words('content')}")
    refused = marks["refused at the gate"]
    mostly = [f'{{"MaHoSo": "{refused.words(f"raw {number}")}' for number in range(30)]
    rows = [_spoilt(refused, number) for number in range(len(EFFECTIVE))]
    (line.inbox("79") / "s1.ndjson.gz").write_bytes(ndjson([*mostly, *rows]))
    (line.inbox("48") / "s1.ndjson.gz").write_bytes(ndjson(copies(1)))


def copies(day: int) -> list[dict[str, Any]]:
    """Rows of a day that are all right and change nothing."""
    return [
        version(f"H26.01.02-26110{day}-{n:04d}", 1, "2.000815", finished="20261102100000", number=n)
        for n in range(30)
    ]


def odd_fields(marks: Marks) -> list[dict[str, Any]]:
    """Rows of the next day with a value for a field's name, and some with a value for a code."""
    rows = copies(2)
    for number, row in enumerate(rows):
        row[marks.words("a name")] = "1"
        row["MoRong"] = {marks.words("a name below"): "1"}
        if number < 8:
            row["TrangThaiHoSo"] = marks.words("a code")
    return rows


def upload(walk: Walk, folder: Path) -> str:
    """The receipt of a pull from an SFTP server that has a file which is not whole; what is said is kept."""
    mine, key = walk.marks["refused file"], sftp.key()
    (folder / f"{mine.words('name of an upload')}.ndjson").write_text(mine.words("content of an upload"))
    known = {"PROVINCE": SecretStr(f"{sftp.USER}:{sftp.PASSWORD}")}
    walk.line.settings = walk.line.settings.model_copy(update={"credentials": known})
    with sftp.serving(folder, key) as port:
        keys = {
            "kind": "directory",
            "dialect": "dvcqg",
            "url": f"sftp://127.0.0.1:{port}/",
            "credentials": "PROVINCE",
            "host_key": sftp.public(key),
            "settled": "marker",
            "patterns": {"*": "dossiers"},
        }
        walk.line.source("59", {"uploads": keys})
        receipt = walk.line.pull("59-uploads", at_day(1))
        assert receipt["waiting"] == 1
        walk.say("sources", "check", "59-uploads")
    return str(receipt)


def others(line: Line, marks: Marks) -> list[str]:
    """A row of every other system, with markers in its header; the feeds."""
    feeds = []
    for number, name in enumerate(sorted({*dialects.names()} - {DVCQG.name, BASELINE.name}), 60):
        folder = line.inbox(str(number))
        noun = dialects.load(name).rows.info.noun
        keys = {"kind": "directory", "dialect": name, "url": str(folder), "patterns": {"*": noun}}
        line.source(str(number), {"dossiers": keys}, province="01")
        if noun == Documents.info.noun:
            for stem, data in m.documents(marks).items():
                (folder / f"{stem}.edxml").write_bytes(data)
        else:
            (folder / "s1.ndjson.gz").write_bytes(ndjson([m.header(dialects.load(name), marks)]))
        feeds.append(f"{number}-dossiers")
    return feeds


def lines(rows: Iterable[dict[str, Any]]) -> bytes:
    return "".join(f"{json.dumps(row, ensure_ascii=False)}\n" for row in rows).encode()


def baseline(marks: Marks, number: int) -> list[dict[str, Any]]:
    """A row of a register's state: a person, a parcel or a household business with all that belongs to it."""
    roots = (Persons, Parcels, Businesses)
    register = roots[number].info.register
    mine = [contract for contract in FOLDED if contract.info.register is register]
    row: dict[str, Any] = {"record_id": f"BL01M00000{number}", "as_of_date": "2026-07-31"}
    for _, group in m.groups(BASELINE, *mine):
        row[group.path] = [m.item(group, marks, **_FIXED.get(group.dataset, {}))]
    return [row]


def _birth(marks: Marks) -> dict[str, Any]:
    groups = dict(m.groups(DVCQG, Persons, Residences))
    body = {
        group.path.rpartition(".")[2]: [m.item(group, marks, **_FIXED.get(group.dataset, {}))]
        for group in groups.values()
    }
    header = {"ChuHoSo": marks.words("dossiers.applicant_name"), "ThongTinTra": marks.words("result_text")}
    return version(
        "H26.01.02-261102-7001",
        1,
        "1.001193",
        form="HT-KS",
        body=body,
        finished="20261102083000",
        number=7001,
    ) | (header)


def _undated(marks: Marks) -> dict[str, Any]:
    """A dossier that our rules take and the portal refuses, naming its subject."""
    row = version("H26.01.02-261102-7003", 1, "2.000815", status="2", number=7003)
    return row | {"NgayTiepNhan": None, "ChuHoSo": marks.words("dossiers.applicant_name")}


def _sale(marks: Marks) -> dict[str, Any]:
    """The seller holds nothing, so the facts are held."""
    body = {}
    for name in ("rights_from", "rights_to"):
        group = DVCQG.groups[name]
        body[group.path.rpartition(".")[2]] = [m.item(group, marks, parcel_id="w3gv7cgzjt0z")]
    when = {"finished": "20261102083000", "number": 7002}
    return version("H26.01.02-261102-7002", 1, "1.012756", form="DD-CN", body=body, **when)  # type: ignore[arg-type]


def _spoilt(marks: Marks, number: int) -> dict[str, Any]:
    """A dossier of a procedure with markers where no column takes them."""
    procedure = EFFECTIVE[number]
    body: dict[str, Any] = {}
    for effect in procedure.effects:
        group = DVCQG.groups[effect.group]
        body[group.path.rpartition(".")[2]] = [m.broken(group, marks)]
    row = version(
        f"H26.01.02-261102-{number:04d}",
        1,
        procedure.code,
        form=procedure.form,
        body=body,
        finished="20261102083000",
        number=number,
    )
    dates = dict.fromkeys(("withdrawn_at", "corrected_at"), "2026-11-02T09:00:00+07:00")
    return row | m.header(DVCQG, marks) | ({} if number else dates)
