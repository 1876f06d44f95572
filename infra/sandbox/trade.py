"""Events of businesses."""

from __future__ import annotations

from datetime import datetime

from infra.sandbox import identifiers as make
from infra.sandbox.cell import Cell
from infra.sandbox.model import (
    Aggregate,
    Dossier,
    activity_item,
    business_item,
    representative_item,
    vn_date,
)
from infra.sandbox.people import applicant, free


def _ready(cell: Cell, now: datetime, kind: str | None = None) -> list[Aggregate]:
    return [
        one
        for one in cell.businesses
        if one.exists and one.busy_until < now and kind in (None, one.state["businesses"]["business_kind"])
    ]


def _new(cell: Cell, now: datetime, kind: str, procedure: str, field: str, form: str) -> Dossier | None:
    people = [one for one in free(cell, now) if one.state["persons"]["birth_date"] < "2005"]
    if not people:
        return None
    owner = cell.rng.choice(people)
    state = cell.business_state(kind, owner, now.date())
    key = state["businesses"]["tax_code"]
    if any(one.key == key for one in cell.businesses):
        return None
    business = Aggregate("business", key, state, now, exists=False)
    cell.businesses.append(business)

    def apply(_: datetime) -> None:
        business.exists = True

    body = {
        "DoanhNghiep": [business_item(state["businesses"])],
        "NganhNghe": [activity_item(key, one) for one in state["activities"].values()],
        "NguoiDaiDien": [representative_item(key, one) for one in state["representatives"].values()],
    }
    return Dossier(cell.province.code, procedure, field, form, body, [business], apply, applicant(owner))


def enterprise(cell: Cell, now: datetime) -> Dossier | None:
    """A new enterprise."""
    return _new(cell, now, "enterprise", "2.001610", "G05-DN01", "KD-DN")


def household(cell: Cell, now: datetime) -> Dossier | None:
    """A new household business."""
    return _new(cell, now, "household", "1.001612", "G05-DN02", "KD-HKD")


def change(cell: Cell, now: datetime) -> Dossier | None:
    """A business moves and raises its capital; one in three gets another representative."""
    ready, people = _ready(cell, now), free(cell, now)
    if not ready or not people:
        return None
    one = cell.rng.choice(ready)
    business, key = one.state["businesses"], one.key
    where, capital = make.address(cell.rng), str(int(business["capital_vnd"]) + 100_000_000)
    item = {"ENTERPRISE_GDT_CODE": key, "AddressFullText": where, "CAPITAL_AMOUNT": capital}
    body = {"DoanhNghiep": [item]}
    heads = dict(one.state["representatives"])
    new = cell.rng.choice(people)
    if business["business_kind"] == "enterprise" and new.key not in heads and cell.rng.random() < 0.33:
        body["NguoiDaiDienCu"] = [representative_item(key, head) for head in heads.values()]
        name = new.state["persons"]["full_name"]
        heads = {new.key: {"id_number": new.key, "full_name": name, "position": "Giám đốc"}}
        body["NguoiDaiDien"] = [representative_item(key, heads[new.key])]

    def apply(_: datetime) -> None:
        one.state["businesses"] |= {"address_text": where, "capital_vnd": capital}
        one.state["representatives"] = heads

    return Dossier(cell.province.code, "2.002069", "G05-DN01", "KD-TD", body, [one], apply, applicant(new))


def suspension(cell: Cell, now: datetime) -> Dossier | None:
    """A business suspends its trade."""
    ready = [one for one in _ready(cell, now) if one.state["businesses"]["legal_status_code"] == "7"]
    if not ready:
        return None
    one = cell.rng.choice(ready)

    def apply(_: datetime) -> None:
        one.state["businesses"]["legal_status_code"] = "1"

    item = {"ENTERPRISE_GDT_CODE": one.key, "TuNgay": vn_date(now.date()) or ""}
    return _by_head(cell, one, "2.002029", "KD-TN", {"DoanhNghiep": [item]}, apply)


def dissolution(cell: Cell, now: datetime) -> Dossier | None:
    """An enterprise is dissolved."""
    ready = _ready(cell, now, "enterprise")
    if not ready:
        return None
    one = cell.rng.choice(ready)

    def apply(_: datetime) -> None:
        one.exists = False

    return _by_head(
        cell, one, "2.002023", "KD-GT", {"DoanhNghiep": [{"ENTERPRISE_GDT_CODE": one.key}]}, apply
    )


def _by_head(cell: Cell, one: Aggregate, procedure: str, form: str, body, apply) -> Dossier:  # type: ignore[no-untyped-def]  # noqa: ANN001
    head = next(iter(one.state["representatives"].values()))
    name = (head["full_name"], head["id_number"])
    return Dossier(cell.province.code, procedure, "G05-DN01", form, body, [one], apply, name)


def copy(cell: Cell, now: datetime) -> Dossier | None:
    """A copy of a registration, which changes nothing."""
    people = free(cell, now)
    if not people:
        return None
    name = applicant(cell.rng.choice(people))
    return Dossier(cell.province.code, "2.002016", "G05-DN01", None, {}, [], lambda _: None, name)
