"""The catalogue of procedures with their effects. Form codes and bodies are ours."""

from __future__ import annotations

from schemas.business.activities import Activities
from schemas.business.businesses import Businesses
from schemas.business.representatives import Representatives
from schemas.contract import Contract, Register
from schemas.contract.effects import EffectOf, Precondition, Procedure, Role, Verb
from schemas.land.certificates import Certificates
from schemas.land.parcels import Parcels
from schemas.land.rights import Rights
from schemas.population.persons import Persons
from schemas.population.residences import Residences

_ONE = (Precondition.SHARES_SUM_TO_ONE,)
_SELLS = (Precondition.HOLDS_SHARE, Precondition.SHARES_SUM_TO_ONE)


def _begin(
    dataset: type[Contract], group: str, valid_from: str | None = None, *, required: bool = True
) -> EffectOf:
    preconditions = _ONE if dataset is Rights else ()
    return EffectOf(dataset, Verb.BEGIN, group, valid_from, required=required, preconditions=preconditions)


VERIFICATION = "0.000037"
"""Ours: national codes begin with 1 to 3. Only the population database's dialect has its group, so that no
province can confirm its own persons."""
_FOUNDING = (
    _begin(Businesses, "businesses", "founded_date"),
    _begin(Activities, "activities", required=False),
    _begin(Representatives, "representatives"),
)

PROCEDURES: tuple[Procedure, ...] = (
    Procedure(
        "1.001193",
        Register.POPULATION,
        "HT-KS",
        "Đăng ký khai sinh",
        "Registration of birth",
        "G15-HT01",
        (_begin(Persons, "persons", "birth_date"), _begin(Residences, "residences", "from_date")),
    ),
    Procedure(
        "1.000656",
        Register.POPULATION,
        "HT-KT",
        "Đăng ký khai tử",
        "Registration of death",
        "G15-HT01",
        (
            EffectOf(Persons, Verb.CHANGE, "persons", "death_date", attributes=("death_date",)),
            EffectOf(Residences, Verb.END, "residences", "from_date", required=False),
        ),
    ),
    Procedure(
        "1.004222",
        Register.POPULATION,
        "CT-TT",
        "Đăng ký thường trú",
        "Registration of permanent residence",
        "G01-CT01",
        (EffectOf(Residences, Verb.CHANGE, "residences", "from_date"),),
    ),
    Procedure(
        "1.004859",
        Register.POPULATION,
        "HT-CC",
        "Thay đổi, cải chính hộ tịch",
        "Correction of civil status",
        "G15-HT01",
        (
            EffectOf(
                Persons,
                Verb.CORRECT,
                "persons",
                attributes=("full_name", "birth_date", "birth_precision"),
            ),
        ),
    ),
    Procedure(
        "2.000635",
        Register.POPULATION,
        None,
        "Cấp bản sao trích lục hộ tịch",
        "Copy of a civil status extract",
        "G15-HT01",
    ),
    Procedure(
        "2.000815",
        Register.POPULATION,
        None,
        "Chứng thực bản sao từ bản chính",
        "Certified copy",
        "G15-CT01",
    ),
    Procedure(
        "1.012753",
        Register.LAND,
        "DD-CL",
        "Đăng ký, cấp giấy chứng nhận lần đầu",
        "First land certificate",
        "G13-DD01",
        (
            _begin(Parcels, "parcels"),
            _begin(Certificates, "certificates"),
            _begin(Rights, "rights"),
        ),
    ),
    Procedure(
        "1.012756",
        Register.LAND,
        "DD-CN",
        "Đăng ký biến động do chuyển quyền",
        "Transfer of a land right",
        "G13-DD01",
        (
            EffectOf(Rights, Verb.END, "rights_from", preconditions=_SELLS),
            EffectOf(Rights, Verb.BEGIN, "rights_to", preconditions=_ONE),
            EffectOf(Certificates, Verb.END, "certificates_from", required=False),
            _begin(Certificates, "certificates", required=False),
        ),
    ),
    Procedure(
        "1.012784",
        Register.LAND,
        "DD-TT",
        "Tách thửa đất",
        "Split of a parcel",
        "G13-DD01",
        (
            EffectOf(Parcels, Verb.SPLIT, "parcels_from", role=Role.FROM),
            EffectOf(Parcels, Verb.SPLIT, "parcels_to", role=Role.TO),
            _begin(Certificates, "certificates", required=False),
        ),
    ),
    Procedure(
        "1.012785",
        Register.LAND,
        "DD-HT",
        "Hợp thửa đất",
        "Merge of parcels",
        "G13-DD01",
        (
            EffectOf(Parcels, Verb.MERGE, "parcels_from", role=Role.FROM),
            EffectOf(Parcels, Verb.MERGE, "parcels_to", role=Role.TO),
            _begin(Certificates, "certificates", required=False),
        ),
    ),
    Procedure(
        "1.012790",
        Register.LAND,
        "DD-DC",
        "Đính chính thông tin thửa đất",
        "Correction of a parcel",
        "G13-DD01",
        (EffectOf(Parcels, Verb.CORRECT, "parcels", attributes=("area_m2", "land_use_code")),),
    ),
    Procedure(
        "1.012796",
        Register.LAND,
        None,
        "Cấp bản sao giấy chứng nhận",
        "Copy of a land certificate",
        "G13-DD01",
    ),
    Procedure(
        "2.001610",
        Register.BUSINESS,
        "KD-DN",
        "Đăng ký thành lập doanh nghiệp",
        "Registration of an enterprise",
        "G05-DN01",
        _FOUNDING,
    ),
    Procedure(
        "1.001612",
        Register.BUSINESS,
        "KD-HKD",
        "Đăng ký thành lập hộ kinh doanh",
        "Registration of a household business",
        "G05-DN02",
        _FOUNDING,
    ),
    Procedure(
        "2.002069",
        Register.BUSINESS,
        "KD-TD",
        "Đăng ký thay đổi nội dung đăng ký doanh nghiệp",
        "Change of a business registration",
        "G05-DN01",
        (
            EffectOf(Businesses, Verb.CHANGE, "businesses"),
            _begin(Activities, "activities", required=False),
            EffectOf(Representatives, Verb.END, "representatives_from", required=False),
            _begin(Representatives, "representatives", required=False),
        ),
    ),
    Procedure(
        "2.002029",
        Register.BUSINESS,
        "KD-TN",
        "Đăng ký tạm ngừng kinh doanh",
        "Suspension of a business",
        "G05-DN01",
        (
            EffectOf(
                Businesses,
                Verb.CHANGE,
                "businesses",
                "from_date",
                constants={"legal_status_code": "1"},
                attributes=("legal_status_code",),
            ),
        ),
    ),
    Procedure(
        "2.002023",
        Register.BUSINESS,
        "KD-GT",
        "Đăng ký giải thể doanh nghiệp",
        "Dissolution of a business",
        "G05-DN01",
        (EffectOf(Businesses, Verb.END, "businesses"),),
    ),
    Procedure(
        "2.002016",
        Register.BUSINESS,
        None,
        "Cấp bản sao giấy chứng nhận đăng ký doanh nghiệp",
        "Copy of a business registration",
        "G05-DN01",
    ),
    Procedure(
        "baseline.persons",
        Register.POPULATION,
        "persons",
        "Dữ liệu nền công dân",
        "Baseline of persons",
        "G01-BL01",
        (
            _begin(Persons, "persons", "birth_date"),
            _begin(Residences, "residences", "from_date", required=False),
        ),
        is_baseline=True,
    ),
    Procedure(
        "baseline.parcels",
        Register.LAND,
        "parcels",
        "Dữ liệu nền thửa đất",
        "Baseline of parcels",
        "G13-BL01",
        (
            _begin(Parcels, "parcels", "from_date"),
            _begin(Certificates, "certificates", "issue_date", required=False),
            _begin(Rights, "rights", "from_date", required=False),
        ),
        is_baseline=True,
    ),
    Procedure(
        "baseline.businesses",
        Register.BUSINESS,
        "businesses",
        "Dữ liệu nền doanh nghiệp",
        "Baseline of businesses",
        "G05-BL01",
        (
            _begin(Businesses, "businesses", "founded_date"),
            _begin(Activities, "activities", "from_date", required=False),
            _begin(Representatives, "representatives", "from_date", required=False),
        ),
        is_baseline=True,
    ),
    Procedure(
        VERIFICATION,
        Register.POPULATION,
        None,
        "Xác thực thông tin công dân",
        "Verification of a person",
        "G01-XT01",
        (EffectOf(Persons, Verb.CONFIRM, "confirmations", attributes=("confirmed_at", "not_confirmed_at")),),
        is_verification=True,
    ),
)

BY_CODE = {procedure.code: procedure for procedure in PROCEDURES}


def effects_on(dataset: type[Contract]) -> tuple[tuple[Procedure, int, EffectOf], ...]:
    """Every effect on a dataset, with its procedure and its place among the procedure's effects."""
    return tuple(
        (procedure, ordinal, effect)
        for procedure in PROCEDURES
        for ordinal, effect in enumerate(procedure.effects)
        if effect.dataset is dataset
    )
