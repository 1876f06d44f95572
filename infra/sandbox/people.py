"""Events of persons."""

from __future__ import annotations

from datetime import datetime, timedelta

from infra.sandbox import identifiers as make
from infra.sandbox.cell import BEGIN, Cell
from infra.sandbox.model import Aggregate, Dossier, person_item, residence_item, vn_date
from infra.sandbox.places import provinces

_CIVIL, _RESIDENCE, _CERTIFICATION = "G15-HT01", "G01-CT01", "G15-CT01"


def free(cell: Cell, now: datetime) -> list[Aggregate]:
    """Living persons of the cell with no dossier under way."""
    return [
        one
        for one in cell.people
        if one.exists and one.busy_until < now and one.state["persons"]["death_date"] is None
    ]


def applicant(one: Aggregate) -> tuple[str, str]:
    """Name and id for a dossier's header."""
    return one.state["persons"]["full_name"], one.key


def _adults(cell: Cell, now: datetime) -> list[Aggregate]:
    return [one for one in free(cell, now) if one.state["persons"]["birth_date"] < "2000"]


def birth(cell: Cell, now: datetime) -> Dossier | None:
    """A child is born to two adults of the cell."""
    adults = _adults(cell, now)
    father = next((one for one in adults if one.state["persons"]["sex"] == "male"), None)
    mother = next((one for one in adults if one.state["persons"]["sex"] == "female"), None)
    if father is None or mother is None:
        return None
    born = max(now.date() - timedelta(days=cell.rng.randint(1, 20)), BEGIN.date())
    family = father.state["persons"]["full_name"].split()[0]
    child = cell.person(cell.rng.choice(["male", "female"]), born, family)
    child.exists = False
    child.state["persons"] |= {"father_personal_id": father.key, "mother_personal_id": mother.key}
    home = father.state["residences"].get("permanent")
    where = home["address_text"] if home else make.address(cell.rng)
    residence = cell.residence("permanent", where, born, father.key)
    cell.people.append(child)

    def apply(_: datetime) -> None:
        child.exists = True
        child.state["residences"] = {"permanent": residence}

    body = {
        "NguoiDan": [person_item(child.state["persons"])],
        "CuTru": [residence_item(child.key, residence)],
    }
    return Dossier(cell.province.code, "1.001193", _CIVIL, "HT-KS", body, [child], apply, applicant(father))


def death(cell: Cell, now: datetime) -> Dossier | None:
    """Somebody old dies."""
    old = [one for one in free(cell, now) if one.state["persons"]["birth_date"] < "1965"]
    if not old:
        return None
    one = cell.rng.choice(old)
    day = now.date()

    def apply(_: datetime) -> None:
        one.state["persons"]["death_date"] = day.isoformat()
        one.state["residences"] = {}

    items = [
        residence_item(one.key, {**residence, "from_date": day.isoformat()})
        for residence in one.state["residences"].values()
    ]
    body = {
        "NguoiDan": [{**person_item(one.state["persons"]), "NgayMat": vn_date(day) or ""}],
        "CuTru": items,
    }
    witness = next((other for other in free(cell, now) if other is not one), one)
    return Dossier(cell.province.code, "1.000656", _CIVIL, "HT-KT", body, [one], apply, applicant(witness))


def residence(cell: Cell, now: datetime) -> Dossier | None:
    """Somebody moves; one in three to another province, whose office takes the dossier."""
    movers = [one for one in free(cell, now) if "permanent" in one.state["residences"]]
    if not movers:
        return None
    one = cell.rng.choice(movers)
    moved = cell.residence("permanent", make.address(cell.rng), now.date(), one.key)
    province = cell.province
    if cell.rng.random() < 0.33:
        province = cell.rng.choice(provinces())
    moved["commune_code"] = cell.rng.choice(province.communes)

    def apply(_: datetime) -> None:
        one.state["residences"]["permanent"] = moved

    body = {"CuTru": [residence_item(one.key, moved)]}
    return Dossier(province.code, "1.004222", _RESIDENCE, "CT-TT", body, [one], apply, applicant(one))


def correction(cell: Cell, now: datetime) -> Dossier | None:
    """A name is corrected."""
    ready = free(cell, now)
    if not ready:
        return None
    one = cell.rng.choice(ready)
    person = one.state["persons"]
    parts = person["full_name"].split()
    name = " ".join([*parts[:-1], make.person_name(cell.rng, person["sex"]).split()[-1]])
    if name == person["full_name"]:
        return None

    def apply(_: datetime) -> None:
        one.state["persons"]["full_name"] = name

    body = {"NguoiDan": [{**person_item(person), "HoVaTen": name, "HoVaTenCu": person["full_name"]}]}
    return Dossier(cell.province.code, "1.004859", _CIVIL, "HT-CC", body, [one], apply, applicant(one))


def copy(cell: Cell, now: datetime) -> Dossier | None:
    """A certified copy, which changes nothing."""
    ready = free(cell, now)
    if not ready:
        return None
    procedure, code = cell.rng.choice([("2.000635", _CIVIL), ("2.000815", _CERTIFICATION)])
    name = applicant(cell.rng.choice(ready))
    return Dossier(cell.province.code, procedure, code, None, {}, [], lambda _: None, name)
