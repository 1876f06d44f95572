"""Faults that are injected into what a system sends, each marked before anybody reads it."""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from infra.sandbox.places import divided_codes, former_codes

Item = dict[str, Any]
_COMMUNES = ("NoiSinhMaXa", "MaPhuongXa", "MaXa", "WardCode")
_NAMES = ("HoVaTen", "hoTen", "FULL_NAME")


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of fault."""

    name: str
    weight: int
    detectable: bool
    """Whether the data themselves show it."""
    repairable: bool
    """Whether the true value follows from the data."""
    inject: Callable[[Item, random.Random], bool] | None
    """Changes an item; false where the item gives no occasion. None for faults of delivery."""


def _items(row: Item) -> list[Item]:
    groups = row["form"]["body"] if "form" in row else row
    return [
        item
        for group in groups.values()
        if isinstance(group, list)
        for item in group
        if isinstance(item, dict)
    ]


def _fields(row: Item, names: tuple[str, ...]) -> list[tuple[Item, str]]:
    return [(item, name) for item in _items(row) for name in names if item.get(name)]


def _change(
    row: Item, rng: random.Random, names: tuple[str, ...], change: Callable[[str], str | None]
) -> bool:
    found = [(item, name) for item, name in _fields(row, names) if change(item[name]) is not None]
    if not found:
        return False
    item, name = rng.choice(found)
    item[name] = change(item[name])
    return True


def _decomposed(row: Item, rng: random.Random) -> bool:
    def nfd(text: str) -> str | None:
        other = unicodedata.normalize("NFD", text)
        return other if other != text else None

    return _change(row, rng, (*_NAMES, "ChiTiet", "diaChi", "AddressFullText"), nfd)


def _spaced(row: Item, rng: random.Random) -> bool:
    return _change(row, rng, (*_NAMES, "ChiTiet", "NAME"), lambda text: f" {text.replace(' ', '  ')}\u200b")


def _former(row: Item, rng: random.Random) -> bool:
    return _change(row, rng, _COMMUNES, lambda code: former_codes().get(code))


def _divided(row: Item, rng: random.Random) -> bool:
    return _change(row, rng, _COMMUNES, lambda _: rng.choice(divided_codes()))


def _contradicting_id(row: Item, rng: random.Random) -> bool:
    """The year in the id is another than the birth date's."""
    people = [item for item, _ in _fields(row, ("NgaySinh",)) if len(item.get("SoDinhDanh", "")) == 12]
    if not people:
        return False
    one = rng.choice(people)
    wrong = (int(one["SoDinhDanh"][4:6]) + rng.randint(1, 9)) % 100
    one["SoDinhDanh"] = f"{one['SoDinhDanh'][:4]}{wrong:02d}{one['SoDinhDanh'][6:]}"
    return True


def _swapped(row: Item, rng: random.Random) -> bool:
    pairs = (("SoDinhDanh", "HoVaTen"), ("soGiayTo", "hoTen"), ("SoGiayTo", "FULL_NAME"))
    found = [(item, a, b) for item in _items(row) for a, b in pairs if item.get(a) and item.get(b)]
    if not found:
        return False
    item, a, b = rng.choice(found)
    item[a], item[b] = item[b], item[a]
    return True


def _impossible_date(row: Item, rng: random.Random) -> bool:
    names = ("NgaySinh", "NgayMat", "TuNgay", "ngayCap", "FOUNDING_DATE")
    return _change(row, rng, names, lambda text: f"31/02/{text[-4:]}")


def _missing_group(row: Item, rng: random.Random) -> bool:
    del rng
    body = row.get("form", {}).get("body")
    if not body:
        return False
    body.pop(next(iter(body)))
    return True


def _placeholder(row: Item, rng: random.Random) -> bool:
    del rng
    if "DinhDanhCHS" not in row:
        return False
    row["DinhDanhCHS"] = [{"LoaiDinhDanh": "1", "SoDinhDanh": "123456789012"}]
    return True


def _unknown_procedure(row: Item, rng: random.Random) -> bool:
    del rng
    if "MaTTHC" not in row:
        return False
    row["MaTTHC"] = "9.999999"
    return True


def _typo(row: Item, rng: random.Random) -> bool:
    """A letter of a person's own name is another; nothing in the data shows it."""

    def other(text: str) -> str | None:
        return f"{text[:-1]}{'m' if text[-1] != 'm' else 'n'}"

    people = [item for item, _ in _fields(row, ("NgaySinh",)) if item.get("HoVaTen")]
    if not people or (row.get("MaTTHC") not in {None, "1.001193"}):
        return False
    one = rng.choice(people)
    one["HoVaTen"] = other(one["HoVaTen"])
    return True


KINDS = (
    Kind("resend", 30, detectable=True, repairable=True, inject=None),
    Kind("stale_version", 10, detectable=True, repairable=True, inject=None),
    Kind("status_backwards", 6, detectable=True, repairable=True, inject=None),
    Kind("nfd_text", 14, detectable=True, repairable=True, inject=_decomposed),
    Kind("spaces", 10, detectable=True, repairable=True, inject=_spaced),
    Kind("former_commune", 10, detectable=True, repairable=True, inject=_former),
    Kind("divided_commune", 4, detectable=True, repairable=False, inject=_divided),
    Kind("contradicting_id", 5, detectable=True, repairable=False, inject=_contradicting_id),
    Kind("swapped_fields", 4, detectable=True, repairable=False, inject=_swapped),
    Kind("impossible_date", 4, detectable=True, repairable=False, inject=_impossible_date),
    Kind("missing_group", 4, detectable=True, repairable=False, inject=_missing_group),
    Kind("placeholder_id", 4, detectable=True, repairable=False, inject=_placeholder),
    Kind("unknown_procedure", 2, detectable=True, repairable=False, inject=_unknown_procedure),
    Kind("name_typo", 2, detectable=False, repairable=False, inject=_typo),
)
PROFILES = {"clean": 0.0, "typical": 0.08, "filthy": 0.3}
"""Share of dossiers that get a fault."""
_BASELINE = tuple(
    kind
    for kind in KINDS
    if kind.inject and kind.name not in {"missing_group", "placeholder_id", "unknown_procedure"}
)
BASELINE_SHARE = 0.3
"""Register extracts have this part of the dossiers' share of faults."""


def draw(rng: random.Random, profile: str, *, baseline: bool) -> Kind | None:
    """The fault that a dossier or a baseline row gets; None for most."""
    share = PROFILES[profile] * (BASELINE_SHARE if baseline else 1)
    if rng.random() >= share:
        return None
    kinds = _BASELINE if baseline else KINDS
    return rng.choices(kinds, [kind.weight for kind in kinds])[0]
