"""Parcels of the land register."""

from __future__ import annotations

from schemas import conditions as c
from schemas import reference
from schemas import types as t
from schemas.contract import About, Contract, Field, Key, Privacy, Register, Rule


class Parcels(Contract):
    """Parcels of land.

    Grain: one row per parcel and period in which its values held.
    """

    info = About(
        noun="parcels",
        title_vi="Thửa đất",
        title_en="Parcels",
        version="1.0",
        owner="Bộ Nông nghiệp và Môi trường",
        legal_basis="Luật Đất đai 31/2024/QH15; TT 09/2024/TT-BTNMT",
        retention="permanent",
        register=Register.LAND,
        aggregate="parcel",
    )

    parcel_id = Field(t.ParcelId, "Parcel identity.", privacy=Privacy.INTERNAL, required=True)
    parcel_id_scheme = Field(t.ParcelScheme, "Scheme of the identity.", privacy=Privacy.INTERNAL)
    commune_code = Field(t.CommuneCode, "Commune the parcel lies in.", privacy=Privacy.INTERNAL)
    map_sheet = Field(t.MapSheet, "Map sheet.", privacy=Privacy.INTERNAL)
    parcel_number = Field(t.ParcelNumber, "Number on the sheet.", privacy=Privacy.INTERNAL)
    area_m2 = Field(t.AreaM2, "Legal area.", privacy=Privacy.INTERNAL, correctable=True)
    land_use_code = Field(t.LandUseCode, "Purpose of use.", privacy=Privacy.INTERNAL, correctable=True)
    address_text = Field(t.Text, "Address of the parcel.", privacy=Privacy.PERSONAL)

    key = Key((parcel_id,))
    example = {"land_use_code": "ONT"}
    rules = (
        Rule(
            "LND-001",
            parcel_id_scheme.equals("geohash").implies(
                parcel_id.substring(1, 2).is_in("w3", "w6", "w7", "w9", "wd", "we", "wk")
            ),
            "Mã thửa nằm ngoài lãnh thổ.",
            "The parcel id lies outside Viet Nam.",
            passes=({"parcel_id": "w3gv7cgzjt0z"},),
            fails=({"parcel_id": "wx4g0s8q3jf9"},),
        ),
        Rule(
            "LND-002",
            land_use_code.is_in(*sorted(reference.land_use_codes())),
            "Mã mục đích sử dụng đất không có trong danh mục.",
            "The land use code is in no list.",
            passes=({"land_use_code": "CLN"},),
            fails=({"land_use_code": "ZZZ"},),
        ),
        Rule(
            "LND-003",
            map_sheet.matches("0*[1-9][0-9]*"),
            "Số tờ bản đồ bằng không.",
            "The map sheet is zero.",
            passes=({"map_sheet": "007"},),
            fails=({"map_sheet": "000"},),
        ),
        Rule(
            "LND-004",
            parcel_number.matches("0*[1-9][0-9]*"),
            "Số thửa bằng không.",
            "The parcel number is zero.",
            passes=({"parcel_number": "1"},),
            fails=({"parcel_number": "0"},),
        ),
        Rule(
            "LND-005",
            (map_sheet.is_null() & parcel_number.is_null())
            | (map_sheet.is_present() & parcel_number.is_present()),
            "Số tờ và số thửa phải đi cùng nhau.",
            "Map sheet and parcel number come together.",
            passes=({"map_sheet": None, "parcel_number": None},),
            fails=({"map_sheet": None},),
        ),
        Rule(
            "LND-006",
            (parcel_id_scheme.equals("geohash").implies(parcel_id.matches("[^.]*")))
            & (parcel_id_scheme.equals("sheet").implies(parcel_id.matches("[0-9]+[.][0-9]+[.][0-9]+"))),
            "Mã thửa không theo kiểu mã.",
            "The parcel id is not of its scheme.",
            passes=({"parcel_id": "00004.12.345", "parcel_id_scheme": "sheet"},),
            fails=({"parcel_id_scheme": "sheet"},),
        ),
        Rule(
            "LND-007",
            c.no_placeholder(address_text),
            "Địa chỉ thửa đất không có thật.",
            "The address stands for nothing.",
            passes=({"address_text": "Thôn Không"},),
            fails=({"address_text": "CHƯA CÓ"},),
        ),
        c.note(
            "LND-008",
            land_use_code.is_in("ONT", "ODT").implies(area_m2 <= 100000),
            "Đất ở rộng bất thường.",
            "Residential land of unusual size.",
            passes=({"area_m2": "100000.0"},),
            fails=({"area_m2": "100000.1"},),
        ),
    )
