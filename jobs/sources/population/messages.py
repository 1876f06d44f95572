"""A question about a person in the words of the population database, and what an answer says to it."""

from __future__ import annotations

import hashlib
import hmac
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from jobs.landing.decoding import canonical_json

CONFIRMED = "confirmed"
UNKNOWN = "unknown"
"""It has nobody with this id, name and date of birth."""
DIFFERS = "differs"
"""It has this id with another name or date of birth."""
AMBIGUOUS = "ambiguous"
"""It answers with several persons of this id."""
FAULTED = "faulted"
"""It answers with a SOAP fault."""
UNUSABLE = "unusable"
"""It answers with another person, or with what is no answer."""
NO_ANSWERS = (FAULTED, UNUSABLE)
_INTEGRATION = "037"
"""MaTichHop of this call."""


@dataclass(frozen=True, slots=True)
class Question:
    """A person as the register has them; a personal value is in every field but the first."""

    place: str
    """Entity id, by which questions are in order; it reveals nothing."""
    personal_id: str
    full_name: str
    birth: str
    """``yyyy-MM-dd``, ``MM/yyyy`` or ``yyyy``, as precise as it is known."""

    def code(self, key: bytes) -> str:
        """Code of the question: the same whenever it is asked, and without the key nobody's."""
        told = "|".join((self.personal_id, self.full_name, self.birth))
        return f"XT{hmac.new(key, told.encode(), hashlib.sha256).hexdigest()[:24].upper()}"

    def message(self, code: str, account: str, asks_as: Mapping[str, str]) -> dict[str, Any]:
        """Fields of ``TraCuuThongTinCongDan``; a month of birth is asked for by its year."""
        return {
            "MaYeuCau": code,
            **asks_as,
            "MaTichHop": _INTEGRATION,
            "TaiKhoan": account,
            "SoDinhDanh": self.personal_id,
            "HoVaTen": in_capitals(self.full_name),
            "NgayThangNamSinh": _born(self.birth),
        }


def _born(birth: str) -> dict[str, str]:
    if re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", birth):
        return {"NgayThangNam": birth.replace("-", "")}
    return {"Nam": birth[-4:]}


def in_capitals(name: str) -> str:
    """A name as the population database writes it.

    >>> in_capitals("Nguyễn  thị Đường")
    'NGUYỄN THỊ ĐƯỜNG'
    """
    return " ".join(unicodedata.normalize("NFC", name).upper().split())


def verdict(question: Question, found: Sequence[Any]) -> str:
    """What an answer says to a question.

    Nothing of it but id, name and date of birth is looked at.

    Args:
        question: What was asked.
        found: The ``CongDan`` of the answer, as objects with the fields of the service's description.
    """
    if any(one is None or one.SoDinhDanh != question.personal_id for one in found):
        return UNUSABLE
    if len(found) != 1:
        return AMBIGUOUS if found else UNKNOWN
    return CONFIRMED if _is_same(question, found[0]) else DIFFERS


def _is_same(question: Question, one: Any) -> bool:
    name, born = one.HoVaTen, one.NgayThangNamSinh
    parts = [part for part in (name and (name.Ho, name.ChuDem, name.Ten)) or () if part]
    told = {"NgayThangNam": born.NgayThangNam, "Nam": born.Nam} if born else {}
    is_born_so = _is_born_so(question.birth, told.get("NgayThangNam"), told.get("Nam"))
    return is_born_so and in_capitals(" ".join(parts)) == in_capitals(question.full_name)


def _is_born_so(birth: str, day: str | None, year: str | None) -> bool:
    """Whether a birth that is answered as a day, or as a year alone, is the one that was asked for.

    They are compared as far as both are known: a month with the month of a day. A day is a day: a year does
    not confirm it.
    """
    if "-" in birth:
        return day == birth.replace("-", "")
    month, _, asked_year = birth.rpartition("/")
    if day:
        return day.startswith(asked_year + month)
    return year == asked_year


def line(question: Question, code: str, outcome: str, at: datetime) -> str:
    """What is landed of an answer: the question, what came of it, and nothing that the answer tells."""
    said = "confirmed_at" if outcome == CONFIRMED else "not_confirmed_at"
    person = {
        "personal_id": question.personal_id,
        "full_name": question.full_name,
        "birth_date": question.birth,
        said: at.isoformat(),
    }
    told = {"request_id": code, "answered_at": at.isoformat(), "outcome": outcome, "person": person}
    return canonical_json(told)
