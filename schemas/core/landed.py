"""What every dataset of landed rows tells of a row, whatever the row is about."""

from __future__ import annotations

from schemas import types as t
from schemas.contract import Field, Privacy


class Landed:
    """A landed row's place, sender and fate: the first columns of a contract with this base."""

    submission_id = Field(t.Code, "Submission that brought the row.", privacy=Privacy.INTERNAL, required=True)
    object_no = Field(t.Count, "Object within the submission.", privacy=Privacy.INTERNAL, required=True)
    row_no = Field(t.Count, "Row within the object, from 1.", privacy=Privacy.INTERNAL, required=True)
    feed_id = Field(t.Code, "Feed the submission was pulled from.", privacy=Privacy.INTERNAL, required=True)
    province_code = Field(t.ProvinceCode, "Province that sent it.", privacy=Privacy.INTERNAL, required=True)
    register_name = Field(
        t.RegisterName,
        "Register its procedure belongs to; none of a document.",
        privacy=Privacy.INTERNAL,
        required=True,
    )
    disposition = Field(t.Disposition, "What became of the row.", privacy=Privacy.INTERNAL, required=True)
    content_digest = Field(
        t.Digest, "Digest of the canonical content.", privacy=Privacy.IDENTIFIER, required=True
    )


PLACE = ("submission_id", "object_no", "row_no")
"""Columns that name a landed row."""
UNTOLD = frozenset(
    {
        *(name for name, value in vars(Landed).items() if isinstance(value, Field)),
        "received_at",
        "is_step_back",
    }
)
"""Columns of landed rows that no sender tells: what we know of a row, and what became of it."""
