"""What a kind of hostile input is, and what may become of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.support.dossiers import version

OWN = "its own"
"""Stands for the value that the row would have had."""
FOLDER, BUCKET, REST = "folder", "bucket", "rest"
TRANSPORTS = (FOLDER, BUCKET, REST)
FILES = (FOLDER, BUCKET)


@dataclass(frozen=True, slots=True)
class Fate:
    """What becomes of a row."""

    disposition: str
    codes: frozenset[str] = frozenset()
    kept: Mapping[str, str | None] = field(default_factory=dict)
    """Values of core that are as they were sent, or mended to this."""

    def told(self) -> str:
        """In words, for the document."""
        if self.codes:
            return f"{self.disposition}: {', '.join(f'`{code}`' for code in sorted(self.codes))}"
        kept = [f"{name} {_shown(value)}" for name, value in self.kept.items()]
        return "; ".join([self.disposition, *kept])


def _shown(value: str | None) -> str:
    if value is None or value == OWN:
        return "absent" if value is None else "as meant"
    short = value if len(value) <= 40 else f"{value[:30]}… ({len(value)} characters)"
    return f"`{short.encode('unicode_escape').decode() if not short.isprintable() else short}`".replace(
        "|", "\\|"
    )


def quarantined(*codes: str) -> Fate:
    """The row is kept with these codes and no other."""
    return Fate("quarantined", frozenset(codes))


def unreadable() -> Fate:
    """The row is kept as it came, and nothing is read of it."""
    return Fate("unreadable", frozenset({"DOS-901"}))


def effective(**kept: str | None) -> Fate:
    """The row takes effect, with these values."""
    return Fate("effective", kept=kept)


@dataclass(frozen=True, slots=True)
class RowKind:
    """A row among good ones."""

    name: str
    text: Callable[[dict[str, Any]], str | bytes]
    """The row as it is sent, made of a good one."""
    fate: Fate
    through: tuple[str, ...] = TRANSPORTS
    is_bomb: bool = False
    """Whether what becomes of it must take little memory, and is measured."""


@dataclass(frozen=True, slots=True)
class FileKind:
    """A file beside good ones."""

    name: str
    file: str
    """Its name in the inbox."""
    data: Callable[[], bytes]
    refusal: str | None = None
    """Part of the message; None where the file is taken."""
    rows: tuple[int, int] = (0, 0)
    """Rows that it gives: all, and the unreadable ones among them."""
    through: tuple[str, ...] = FILES
    place: Callable[[Path], None] | None = None
    """Puts it into the folder; writes its data where None."""
    is_bomb: bool = False
    """Whether its refusal must take little memory, and is measured."""

    def told(self) -> str:
        """In words, for the document."""
        if self.refusal is not None:
            return f"refused: “{self.refusal}”"
        rows, bad = self.rows
        return f"taken: {rows} rows{f', {bad} of them unreadable' if bad else ''}"


def birth(number: int, serial: int) -> dict[str, Any]:
    """A good dossier: the birth of a person whose id is made of the serial."""
    personal_id = f"001326{serial:06d}"
    body = {
        "NguoiDan": [
            {"SoDinhDanh": personal_id, "HoVaTen": "Nguyễn Thị An", "NgaySinh": "20/10/2026", "GioiTinh": "2"}
        ],
        "CuTru": [
            {
                "SoDinhDanh": personal_id,
                "LoaiCuTru": "1",
                "MaPhuongXa": "00004",
                "ChiTiet": "Số 1",
                "TuNgay": "20/10/2026",
            }
        ],
    }
    return version(
        f"H26.01.02-261102-{number:04d}",
        1,
        "1.001193",
        form="HT-KS",
        body=body,
        finished="20261102083000",
        number=number,
    )


def id_of(item: Mapping[str, Any]) -> str:
    """Personal id of a good dossier's person."""
    return str(item["form"]["body"]["NguoiDan"][0]["SoDinhDanh"])


def text_of(item: Mapping[str, Any]) -> str:
    """The dossier as JSON."""
    return json.dumps(item, ensure_ascii=False)


def header(**changes: Any) -> Callable[[dict[str, Any]], str]:
    """The dossier with other header values."""
    return lambda item: text_of(item | changes)


def person(**changes: Any) -> Callable[[dict[str, Any]], str]:
    """The dossier with other values of its person; a function makes one of the value that was there."""

    def made(item: dict[str, Any]) -> str:
        body = item["form"]["body"]
        one = body["NguoiDan"][0]
        new = {name: value(one[name]) if callable(value) else value for name, value in changes.items()}
        return text_of(item | {"form": item["form"] | {"body": body | {"NguoiDan": [one | new]}}})

    return made


def body(**changes: Any) -> Callable[[dict[str, Any]], str]:
    """The dossier with other parts of its form."""
    return lambda item: text_of(item | {"form": item["form"] | {"body": item["form"]["body"] | changes}})


def without(*names: str) -> Callable[[dict[str, Any]], str]:
    """The dossier without some keys of its header."""
    return lambda item: text_of({name: value for name, value in item.items() if name not in names})


def written(old: str, new: str) -> Callable[[dict[str, Any]], str]:
    """The dossier with a part of its JSON written otherwise."""

    def made(item: dict[str, Any]) -> str:
        text = text_of(item)
        assert old in text
        return text.replace(old, new, 1)

    return made
