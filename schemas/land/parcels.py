"""Parcels of the land register."""

from __future__ import annotations

from schemas import types as t
from schemas.contract import About, Contract, Field, Key, Privacy, Register


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
