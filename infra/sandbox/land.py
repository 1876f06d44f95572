"""Events of parcels."""

from __future__ import annotations

import copy as copies
from datetime import datetime

from infra.sandbox import identifiers as make
from infra.sandbox.cell import Cell
from infra.sandbox.model import Aggregate, Dossier, State, certificate_item, parcel_item, right_item
from infra.sandbox.people import applicant, free

_LAND = "G13-DD01"


def _ready(cell: Cell, now: datetime) -> list[Aggregate]:
    return [one for one in cell.parcels if one.exists and one.busy_until < now]


def first_certificate(cell: Cell, now: datetime) -> Dossier | None:
    """Land that no register knew gets its first certificate."""
    people = free(cell, now)
    if not people:
        return None
    owner = cell.rng.choice(people)
    state = cell.parcel_state(cell.area(), cell.rng.choice(make.LAND_USES))
    certificate = cell.certificate(now.date())
    state["certificates"][certificate["serial"]] = certificate
    state["rights"][owner.key] = cell.right(owner, 1)
    parcel = Aggregate("land", state["parcels"]["parcel_id"], state, now, exists=False)
    cell.parcels.append(parcel)

    def apply(at: datetime) -> None:
        parcel.exists = True
        _since(parcel, at)

    body = {
        "ThuaDat": [parcel_item(state["parcels"])],
        "GiayChungNhan": [certificate_item(parcel.key, certificate)],
        "QuyenSuDung": [right_item(parcel.key, state["rights"][owner.key])],
    }
    return Dossier(cell.province.code, "1.012753", _LAND, "DD-CL", body, [parcel], apply, applicant(owner))


def transfer(cell: Cell, now: datetime) -> Dossier | None:
    """All holders sell to one buyer; the old certificate is withdrawn."""
    parcels, people = _ready(cell, now), free(cell, now)
    if not parcels or not people:
        return None
    parcel, buyer = cell.rng.choice(parcels), cell.rng.choice(people)
    if buyer.key in parcel.state["rights"]:
        return None
    old = list(parcel.state["certificates"].values())
    new, right = cell.certificate(now.date()), cell.right(buyer, 1)

    def apply(at: datetime) -> None:
        parcel.state["rights"] = {buyer.key: right}
        parcel.state["certificates"] = {new["serial"]: new}
        _since(parcel, at)

    body = {
        "BenChuyen": [right_item(parcel.key, _undated(held)) for held in parcel.state["rights"].values()],
        "BenNhan": [right_item(parcel.key, right)],
        "GiayChungNhanThuHoi": [certificate_item(parcel.key, one) for one in old],
        "GiayChungNhan": [certificate_item(parcel.key, new)],
    }
    return Dossier(cell.province.code, "1.012756", _LAND, "DD-CN", body, [parcel], apply, applicant(buyer))


def _undated(right: State) -> State:
    return {name: value for name, value in right.items() if name not in {"from_date", "since"}}


def _since(parcel: Aggregate, at: datetime) -> None:
    """All rights on a parcel are held from an instant on."""
    rights = parcel.state["rights"].items()
    parcel.state["rights"] = {key: {**_undated(held), "since": at.isoformat()} for key, held in rights}


def _child(cell: Cell, parent: Aggregate, area: str, now: datetime) -> Aggregate:
    state = cell.parcel_state(area, parent.state["parcels"]["land_use_code"])
    state["rights"] = copies.deepcopy(parent.state["rights"])
    child = Aggregate("land", state["parcels"]["parcel_id"], state, now, exists=False)
    cell.parcels.append(child)
    return child


def _replaced(parents: list[Aggregate], children: list[Aggregate], at: datetime) -> None:
    for parent in parents:
        parent.exists = False
    for child in children:
        child.exists = True
        _since(child, at)


def split(cell: Cell, now: datetime) -> Dossier | None:
    """A parcel becomes two; the holders keep their shares of both."""
    wide = [one for one in _ready(cell, now) if float(one.state["parcels"]["area_m2"]) > 100]
    if not wide:
        return None
    parent = cell.rng.choice(wide)
    whole = float(parent.state["parcels"]["area_m2"])
    first = round(whole * cell.rng.uniform(0.3, 0.7), 1)
    children = [_child(cell, parent, f"{area:.1f}", now) for area in (first, whole - first)]
    body = {
        "ThuaDatGoc": [parcel_item(parent.state["parcels"])],
        "ThuaDatMoi": [parcel_item(child.state["parcels"]) for child in children],
    }
    return _division(cell, "1.012784", "DD-TT", body, [parent], children)


def merge(cell: Cell, now: datetime) -> Dossier | None:
    """Two parcels of the same holders become one."""
    ready = _ready(cell, now)
    pairs = [
        (one, two)
        for place, one in enumerate(ready)
        for two in ready[place + 1 :]
        if {k: _undated(r) for k, r in one.state["rights"].items()}
        == {k: _undated(r) for k, r in two.state["rights"].items()}
    ]
    if not pairs:
        return None
    parents = list(cell.rng.choice(pairs))
    area = sum(float(one.state["parcels"]["area_m2"]) for one in parents)
    child = _child(cell, parents[0], f"{area:.1f}", now)
    body = {
        "ThuaDatGoc": [parcel_item(one.state["parcels"]) for one in parents],
        "ThuaDatMoi": [parcel_item(child.state["parcels"])],
    }
    return _division(cell, "1.012785", "DD-HT", body, parents, [child])


def _division(
    cell: Cell,
    procedure: str,
    form: str,
    body: dict[str, list[dict[str, str]]],
    parents: list[Aggregate],
    children: list[Aggregate],
) -> Dossier:
    holder = next(iter(parents[0].state["rights"].values()))
    name = (holder["holder_name"], holder["holder_id"])
    return Dossier(
        cell.province.code,
        procedure,
        _LAND,
        form,
        body,
        [*parents, *children],
        lambda at: _replaced(parents, children, at),
        name,
    )


def correction(cell: Cell, now: datetime) -> Dossier | None:
    """An area was measured wrongly."""
    ready = _ready(cell, now)
    if not ready:
        return None
    parcel = cell.rng.choice(ready)
    old = parcel.state["parcels"]["area_m2"]
    new = f"{float(old) + cell.rng.randint(1, 30) / 10:.1f}"

    def apply(_: datetime) -> None:
        parcel.state["parcels"]["area_m2"] = new

    item = {**parcel_item({**parcel.state["parcels"], "area_m2": new}), "dienTichCu": old.replace(".", ",")}
    holder = next(iter(parcel.state["rights"].values()))
    name = (holder["holder_name"], holder["holder_id"])
    return Dossier(cell.province.code, "1.012790", _LAND, "DD-DC", {"ThuaDat": [item]}, [parcel], apply, name)


def copy(cell: Cell, now: datetime) -> Dossier | None:
    """A copy of a certificate, which changes nothing."""
    people = free(cell, now)
    if not people:
        return None
    return Dossier(
        cell.province.code,
        "1.012796",
        _LAND,
        None,
        {},
        [],
        lambda _: None,
        applicant(cell.rng.choice(people)),
    )
