"""Files as provinces deliver them: archives, workbooks, XML, texts in the encodings of old fonts."""

from __future__ import annotations

import io
import unicodedata
import warnings
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from xml.sax.saxutils import escape

import openpyxl

from jobs.landing import charsets

_MARKS = "\u0300\u0301\u0303\u0309\u0323"


def zipped(
    files: Mapping[str, bytes],
    *,
    times: int = 1,
    method: int = zipfile.ZIP_DEFLATED,
    flags: int = 0,
    mode: int = 0o100644,
) -> bytes:
    """An archive of files, each put into it so many times."""
    out = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(out, "w", method) as archive:
        warnings.simplefilter("ignore")  # That a name stands there twice is what is asked for.
        for name, data in [*files.items()] * times:
            info = zipfile.ZipInfo(name, (2026, 11, 2, 0, 0, 0))
            info.compress_type, info.external_attr = method, mode << 16
            archive.writestr(info, data)
        for info in archive.infolist():
            info.flag_bits |= flags
    return out.getvalue()


def workbook(*sheets: Iterable[Sequence[Any]], titles: Sequence[str] = ()) -> bytes:
    """A workbook with the rows of each sheet."""
    book, out = openpyxl.Workbook(), io.BytesIO()
    for number, rows in enumerate(sheets):
        sheet = book.active if number == 0 else book.create_sheet()
        assert sheet is not None
        sheet.title = titles[number] if titles else f"S{number + 1}"
        for row in rows:
            sheet.append(list(row))
    book.save(out)
    return out.getvalue()


def elements(name: str, value: Any) -> str:
    """A value of JSON as elements: lists repeat theirs."""
    if isinstance(value, list):
        return "".join(elements(name, one) for one in value)
    if isinstance(value, Mapping):
        return f"<{name}>{''.join(elements(key, inner) for key, inner in value.items())}</{name}>"
    return f"<{name}>{'' if value is None else escape(str(value))}</{name}>"


def packed_by_font(text: str, encoding: str) -> bytes:
    """A text as an old program wrote it, to be shown by a font of that encoding.

    It is what reads back as the text, found letter by letter.
    """
    return b"".join(_letter(one, encoding) for one in unicodedata.normalize("NFC", text))


def _letter(letter: str, encoding: str) -> bytes:
    if letter.isascii():
        return letter.encode()
    if encoding == "windows-1258":
        return _of_windows(letter)
    base = "latin-1" if encoding == "tcvn3" else "cp1252"
    high = [bytes([number]) for number in range(0xA0, 0x100)]
    tried = (
        high
        if encoding == "tcvn3"
        else [*high, *(f"{one}".encode(base) + b for one in "aeouyôöAEOUYÔÖ" for b in high)]
    )
    for one in tried:
        try:
            if charsets.letters(one.decode(base), encoding) == letter:
                return one
        except UnicodeError:
            continue
    if encoding == "tcvn3":  # The font of capitals shows small letters.
        return _letter(letter.lower(), encoding)
    raise ValueError(letter)


def _of_windows(letter: str) -> bytes:
    parts = unicodedata.normalize("NFD", letter)
    tone = "".join(one for one in parts if one in _MARKS)
    plain = unicodedata.normalize("NFC", "".join(one for one in parts if one not in _MARKS))
    return (plain + tone).encode("cp1258")
