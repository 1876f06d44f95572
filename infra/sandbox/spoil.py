"""How a system or a clerk spoils what is sent: each function changes one item, or finds no occasion."""

from __future__ import annotations

import csv
import random
import unicodedata
from collections.abc import Callable
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from infra.sandbox.places import divided_codes, former_codes

Item = dict[str, Any]
_COMMUNES = ("NoiSinhMaXa", "MaPhuongXa", "MaXa", "WardCode")
_NAMES = ("HoVaTen", "hoTen", "FULL_NAME")
_TEXTS = (*_NAMES, "ChiTiet", "diaChi", "AddressFullText")
_DATES = ("NgaySinh", "NgayMat", "TuNgay", "ngayCap", "FOUNDING_DATE")
_IDS = ("SoDinhDanh", "soGiayTo", "SoGiayTo")
_MANDATORY = ("LoaiCuTru", "soGiayTo", "SoGiayTo", "soPhatHanh", "maThuaDat", "ENTERPRISE_GDT_CODE", "CODE")
_SIGNS = frozenset(map(chr, range(0xA1, 0xC0))) - {"\u00ad", "\u00b4"}
"""Latin-1 characters that TCVN3 gives a meaning and no Vietnamese name in Unicode has; the soft hyphen is
invisible and the acute accent may stand for an apostrophe."""
_EXCEL_ZERO = date(1899, 12, 30)


def _items(row: Item) -> list[Item]:
    groups = row.get("form", {}).get("body", {}) if "MaHoSo" in row else row
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


def decomposed(row: Item, rng: random.Random) -> bool:
    """Letters and their marks come apart."""

    def nfd(text: str) -> str | None:
        other = unicodedata.normalize("NFD", text)
        return other if other != text else None

    return _change(row, rng, _TEXTS, nfd)


def spaced(row: Item, rng: random.Random) -> bool:
    """Doubled, leading and invisible spaces."""
    return _change(row, rng, (*_NAMES, "ChiTiet", "NAME"), lambda text: f" {text.replace(' ', '  ')}\u200b")


@cache
def _tcvn3() -> dict[int, str]:
    with (Path(__file__).with_name("data") / "tcvn3_map.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["charset"].startswith("TCVN3")]
    return {ord(row["unicode_nfc"]): chr(int(row["byte"], 16)) for row in rows}


def tcvn3(row: Item, rng: random.Random) -> bool:
    """Text in the old one-byte encoding, read as Latin-1; only where a character gives it away."""

    def encoded(text: str) -> str | None:
        other = text.translate(_tcvn3())
        return other if _SIGNS & set(other) else None

    return _change(row, rng, _NAMES[:1], encoded)


def former_commune(row: Item, rng: random.Random) -> bool:
    """The code of a commune that another took over whole in 2025."""
    return _change(row, rng, _COMMUNES, lambda code: former_codes().get(code))


def divided_commune(row: Item, rng: random.Random) -> bool:
    """The code of a commune that was divided in 2025."""
    return _change(row, rng, _COMMUNES, lambda _: rng.choice(divided_codes()))


def procedure_suffix(row: Item, rng: random.Random) -> bool:
    """A procedure code with the suffix of the province."""
    del rng
    unit = str(row.get("madonvi", "")).partition(".")[0]
    if not unit:
        return False
    row["MaTTHC"] = f"{row['MaTTHC']}.000.00.00.{unit}"
    return True


def lone_item(row: Item, rng: random.Random) -> bool:
    """A group of one item comes as an object in place of a list."""
    body = row.get("form", {}).get("body", {})
    groups = [name for name, items in body.items() if isinstance(items, list) and len(items) == 1]
    if not groups:
        return False
    name = rng.choice(groups)
    body[name] = body[name][0]
    return True


def decimal_point(row: Item, rng: random.Random) -> bool:
    """An area with a decimal point."""
    return _change(row, rng, ("dienTich",), lambda text: text.replace(",", "."))


def serial_form(row: Item, rng: random.Random) -> bool:
    """A certificate's serial without its space, or with the letters that a scanner reads before it."""
    form = rng.choice(["{}", "SO{}"])
    return _change(row, rng, ("soPhatHanh",), lambda text: form.format(text.replace(" ", "")))


def contradicting_id(row: Item, rng: random.Random) -> bool:
    """The year in the id is another than the birth date's."""
    people = [item for item, _ in _fields(row, ("NgaySinh",)) if len(item.get("SoDinhDanh", "")) == 12]
    if not people:
        return False
    one = rng.choice(people)
    wrong = (int(one["SoDinhDanh"][4:6]) + rng.randint(1, 9)) % 100
    one["SoDinhDanh"] = f"{one['SoDinhDanh'][:4]}{wrong:02d}{one['SoDinhDanh'][6:]}"
    return True


def lost_zero(row: Item, rng: random.Random) -> bool:
    """A spreadsheet took a personal id for a number."""
    return _change(row, rng, _IDS, lambda text: text.lstrip("0") if text[0] == "0" else None)


def old_card(row: Item, rng: random.Random) -> bool:
    """A holder or representative by the number of the former card, which is void since 2025."""
    pairs = [
        (item, name) for item, name in _fields(row, ("soGiayTo", "SoGiayTo")) if item["LoaiGiayTo"] == "1"
    ]
    if not pairs:
        return False
    item, name = rng.choice(pairs)
    item |= {"LoaiGiayTo": "2", name: f"{rng.randint(1, 39):02d}{rng.randint(1, 9_999_999):07d}"}
    return True


def no_id(row: Item, rng: random.Random) -> bool:
    """A person without a number, in all parts of the record."""
    del rng
    people = _fields(row, ("SoDinhDanh",))
    for item, name in people:
        del item[name]
    return bool(people)


def swapped(row: Item, rng: random.Random) -> bool:
    """Number and name stand in each other's place."""
    pairs = (("SoDinhDanh", "HoVaTen"), ("soGiayTo", "hoTen"), ("SoGiayTo", "FULL_NAME"))
    found = [(item, a, b) for item in _items(row) for a, b in pairs if item.get(a) and item.get(b)]
    if not found:
        return False
    item, a, b = rng.choice(found)
    item[a], item[b] = item[b], item[a]
    return True


def impossible_date(row: Item, rng: random.Random) -> bool:
    """The 31st of February."""
    return _change(row, rng, _DATES, lambda text: f"31/02/{text[-4:]}")


def excel_date(row: Item, rng: random.Random) -> bool:
    """A date as the number of its day in a spreadsheet."""

    def numbered(text: str) -> str | None:
        day = _date(text)
        return str((day - _EXCEL_ZERO).days) if day and day.year > 1927 else None

    return _change(row, rng, _DATES, numbered)


def _date(text: str) -> date | None:
    return datetime.strptime(text, "%d/%m/%Y").date() if text.count("/") == 2 else None  # noqa: DTZ007


def year_only(row: Item, rng: random.Random) -> bool:
    """Only the year of birth is known."""
    form = rng.choice(["{}", "00/00/{}"])
    return _change(row, rng, ("NgaySinh",), lambda text: form.format(text[-4:]) if _date(text) else None)


def day_month(row: Item, rng: random.Random) -> bool:
    """Day and month of a birth change places, and the result is a date too; nothing shows it."""

    def exchanged(text: str) -> str | None:
        day = _date(text)
        if day is None or day.day > 12 or day.day == day.month:
            return None
        return f"{day.month:02d}/{day.day:02d}/{day.year}"

    return _begins_person(row) and _change(row, rng, ("NgaySinh",), exchanged)


def missing_group(row: Item, rng: random.Random) -> bool:
    """The first part of a form is not there."""
    del rng
    body = row.get("form", {}).get("body")
    if not body:
        return False
    body.pop(next(iter(body)))
    return True


def missing_field(row: Item, rng: random.Random) -> bool:
    """A mandatory field is empty."""
    return _change(row, rng, _MANDATORY, lambda _: "")


def placeholder_id(row: Item, rng: random.Random) -> bool:
    """What clerks type, or a system sends, when the applicant's number is missing."""
    if "DinhDanhCHS" not in row:
        return False
    kind, number = rng.choice([("1", "123456789012"), ("2", "000000001")])
    row["DinhDanhCHS"] = [{"LoaiDinhDanh": kind, "SoDinhDanh": number}]
    return True


def placeholder_name(row: Item, rng: random.Random) -> bool:
    """A word that stands for no name."""
    return _change(row, rng, (*_NAMES, "NAME"), lambda _: rng.choice(["Không rõ", "test", "..."]))


def wrong_check_digit(row: Item, rng: random.Random) -> bool:
    """A tax code with one digit mistyped."""
    return _change(
        row,
        rng,
        ("ENTERPRISE_GDT_CODE",),
        lambda text: f"{text[:9]}{(int(text[9]) + 1) % 10}" if len(text) == 10 else None,
    )


def unknown_procedure(row: Item, rng: random.Random) -> bool:
    """A procedure that no catalogue has."""
    del rng
    if "MaTTHC" not in row:
        return False
    row["MaTTHC"] = "9.999999"
    return True


def name_typo(row: Item, rng: random.Random) -> bool:
    """A letter of a new person's name is another; nothing shows it."""
    return _begins_person(row) and _change(
        row, rng, _NAMES[:1], lambda text: f"{text[:-1]}{'m' if text[-1] != 'm' else 'n'}"
    )


def _begins_person(row: Item) -> bool:
    return row.get("MaTTHC") in {None, "1.001193"} and bool(_fields(row, ("NgaySinh",)))
