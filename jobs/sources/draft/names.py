"""What a name of a field says: its words, in Vietnamese or English, as concepts."""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_LONGEST = 5
"""Words of a concept's longest name."""


@cache
def _concepts() -> dict[tuple[str, ...], str]:
    with Path(__file__).with_name("words.csv").open(encoding="utf-8", newline="") as file:
        return by_words(csv.DictReader(file))


def by_words(rows: Iterable[Mapping[str, str]]) -> dict[tuple[str, ...], str]:
    """Concepts by the words of their names.

    Args:
        rows: Each with a ``concept`` and its ``words``, names apart by ``;``.

    Raises:
        ValueError: A name stands for two concepts.
    """
    found: dict[tuple[str, ...], str] = {}
    for row in rows:
        for name in row["words"].split(";"):
            # Names in capitals alone, such as NGUOINOPHOSO, are one word.
            for key in (tuple(name.split()), ("".join(name.split()),)):
                if found.setdefault(key, row["concept"]) != row["concept"]:
                    raise ValueError(f"{name!r} stands for {found[key]} and {row['concept']}")
    return found


def words(name: str) -> list[str]:
    """The words of a name without marks, in small letters.

    >>> words("NgaySinhChuHoSo"), words("C_RECEIVE_DATE"), words("số định danh")
    (['ngay', 'sinh', 'chu', 'ho', 'so'], ['c', 'receive', 'date'], ['so', 'dinh', 'danh'])
    """
    plain = (
        "".join(char for char in unicodedata.normalize("NFD", name) if not unicodedata.combining(char))
        .replace("đ", "d")
        .replace("Đ", "D")
    )
    return [word.lower() for word in _WORD.findall(plain)]


def concepts(name: str) -> frozenset[str]:
    """What a name says; words that no concept has stand for themselves.

    >>> sorted(concepts("NgayHenTra")), sorted(concepts("dueDate"))
    (['date', 'due'], ['date', 'due'])
    """
    found, rest = set(), words(name)
    while rest:
        for length in range(min(_LONGEST, len(rest)), 0, -1):
            if (concept := _concepts().get(tuple(rest[:length]))) is not None:
                found.add(concept)
                rest = rest[length:]
                break
        else:
            if len(rest[0]) > 2:
                found.add(rest[0])
            rest = rest[1:]
    return frozenset(found)


def likeness(name: str, known: Iterable[str]) -> tuple[float, str]:
    """How much a name says what one of the known ones says, from 0 to 1, and which one."""
    mine, best = concepts(name), (0.0, "")
    for other in known:
        theirs = concepts(other)
        shared = len(mine & theirs)
        if shared:
            best = max(best, (shared / len(mine | theirs), other))
    return best
