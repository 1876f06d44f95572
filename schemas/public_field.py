"""Columns that anyone may read, described in both languages."""

from __future__ import annotations

from schemas.contract import DomainType, Field, Privacy


class PublicField(Field):
    """A column of a dataset that is published; its privacy class is PUBLIC by construction."""

    __slots__ = ("vi",)

    def __init__(self, domain: DomainType, english: str, vietnamese: str, *, required: bool = False) -> None:
        """Declares a public column.

        Args:
            domain: What its values are.
            english: Meaning, in one sentence.
            vietnamese: The same in Vietnamese.
            required: Whether every row has it.
        """
        if not vietnamese:
            raise ValueError("a public column needs a description in Vietnamese")
        super().__init__(domain, english, privacy=Privacy.PUBLIC, required=required)
        self.vi = vietnamese
