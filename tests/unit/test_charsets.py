"""Letters of old Vietnamese encodings: what was written is read, whatever else the bytes are is told."""

from __future__ import annotations

import csv
import io
import unicodedata
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.landing import charsets
from jobs.landing.containers import judged
from jobs.landing.spreadsheet import Spreadsheet
from schemas.layout import ENCODINGS, USUAL
from tests.support.files import packed_by_font

VOWELS = [
    unicodedata.normalize("NFC", base + tone)
    for base in "aăâeêioôơuưy"
    for tone in ("", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323")
]
OLD = ("windows-1258", "tcvn3", "vni")


@pytest.mark.parametrize("encoding", OLD)
def test_every_letter_of_the_language_is_read(encoding: str) -> None:
    small = " ".join([*VOWELS, "đ"])
    capitals = "" if encoding == "tcvn3" else small.upper()
    text = f"{small} {capitals}"
    data = packed_by_font(text, encoding)
    read = charsets.text_of(io.BytesIO(data), encoding).read()
    assert unicodedata.normalize("NFC", charsets.letters(read, encoding)) == text


@given(
    st.lists(st.sampled_from([*VOWELS, "đ", *"bcghklmnpqrstvx0123456789 ,."]), max_size=60),
    st.sampled_from(OLD),
)
def test_what_a_font_wrote_is_read(letters: list[str], encoding: str) -> None:
    text = "".join(letters)
    read = charsets.text_of(io.BytesIO(packed_by_font(text, encoding)), encoding).read()
    assert unicodedata.normalize("NFC", charsets.letters(read, encoding)) == text


@given(st.binary(max_size=300), st.sampled_from(ENCODINGS), st.sampled_from([",", ";", "\t", "|", None]))
def test_any_bytes_are_rows_or_told(data: bytes, encoding: str, delimiter: str | None) -> None:
    layout = replace(USUAL, encoding=encoding, delimiter=delimiter)
    why = judged(data, "csv", layout).refusal
    try:
        list(Spreadsheet(io.BytesIO(data), replace(layout, delimiter=delimiter or ",")))
    except (csv.Error, UnicodeError):
        assert why is not None
    assert why is None or "Remedy: " in why


@given(st.binary(max_size=300))
def test_evidence_is_told_of_any_bytes(data: bytes) -> None:
    assert charsets.evidence(io.BytesIO(data))
