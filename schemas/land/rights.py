"""Rights of the land register."""

from __future__ import annotations

from schemas import types as t
from schemas.contract import About, Contract, Field, Key, Privacy, Register


class Rights(Contract):
    """Who holds what share of which parcel.

    Grain: one row per parcel, holder and period. The holder is named as sent; the link to a
    person or a business is a view, never a copy.
    """

    info = About(
        noun="rights",
        title_vi="Quyền sử dụng đất",
        title_en="Land rights",
        version="1.0",
        owner="Bộ Nông nghiệp và Môi trường",
        legal_basis="Luật Đất đai 31/2024/QH15",
        retention="permanent",
        register=Register.LAND,
        aggregate="parcel",
    )

    parcel_id = Field(t.ParcelId, "Parcel the right is on.", privacy=Privacy.INTERNAL, required=True)
    holder_id_kind = Field(t.IdKind, "Kind of the holder's identifier.", privacy=Privacy.INTERNAL, required=True)
    holder_id = Field(t.IdNumber, "Holder's identifier as sent.", privacy=Privacy.IDENTIFIER, required=True)
    holder_name = Field(t.HolderName, "Holder's name as sent.", privacy=Privacy.PERSONAL)
    share_numerator = Field(t.ShareNumber, "Numerator of the share.", privacy=Privacy.PERSONAL)
    share_denominator = Field(t.ShareNumber, "Denominator of the share.", privacy=Privacy.PERSONAL)
    right_kind = Field(t.RightKind, "Kind of right.", privacy=Privacy.INTERNAL)

    key = Key((parcel_id, holder_id_kind, holder_id))
