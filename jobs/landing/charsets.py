"""Letters of a text's bytes: what is proven of them, what they look like, and the old Vietnamese fonts'."""

from __future__ import annotations

import codecs
import io
import re
import unicodedata
from collections.abc import Iterator
from typing import IO

from jobs.landing.content import PART

UTF_8, UTF_16 = "utf-8", "utf-16"
UNMARKED = UTF_16_LE, UTF_16_BE = "utf-16-le", "utf-16-be"
"""UTF-16 without a byte order mark: the lower byte of a letter is first, or the higher."""
OF_ONE_BYTE = WINDOWS, TCVN3, VNI = "windows-1258", "tcvn3", "vni"
_CODECS = {
    UTF_8: "utf-8-sig",
    **{name: name for name in (UTF_16, *UNMARKED)},
    WINDOWS: "cp1258",
    TCVN3: "latin-1",
    VNI: "cp1252",
}
"""Python's codec of each of ``schemas.layout.ENCODINGS``; of a font, of the letters that it was put over."""
_TCVN3 = str.maketrans(
    "¡¢£¤¥¦§¨©ª«¬\u00ad®µ¶·¸¹»¼½¾ÆÇÈÉÊËÌÎÏÐÑÒÓÔÕÖ×ØÜÝÞßáâãäåæçèéêëìíîïñòóôõö÷øùúûüýþ",
    "ĂÂÊÔƠƯĐăâêôơưđàảãáạằẳẵắặầẩẫấậèẻẽéẹềểễếệìỉĩíịòỏõóọồổỗốộờởỡớợùủũúụừửữứựỳỷỹýỵ",
)
"""TCVN 5712:1993 VN3, which the fonts named .Vn… show: a byte for a letter; none for capitals with a tone."""
_TONES = {"ù": "\u0301", "ø": "\u0300", "û": "\u0309", "õ": "\u0303", "ï": "\u0323"}
_HATS = {"â": "", "á": "\u0301", "à": "\u0300", "å": "\u0309", "ã": "\u0303", "ä": "\u0323"}
_BREVES = {"ê": "", "é": "\u0301", "è": "\u0300", "ú": "\u0309", "ü": "\u0303", "ë": "\u0323"}
_LETTERS = {"ô": "ơ", "ö": "ư", "ñ": "đ", "í": "í", "ì": "ì", "æ": "ỉ", "ó": "ĩ", "ò": "ị", "î": "ỵ"}
_SHOWN = {
    **{base + mark: base + tone for base in "aeouy" for mark, tone in _TONES.items()},
    **{base + mark: _LETTERS[base] + tone for base in "ôö" for mark, tone in _TONES.items()},
    **{base + mark: base + "\u0302" + tone for base in "aeo" for mark, tone in _HATS.items()},
    **{"a" + mark: "a\u0306" + tone for mark, tone in _BREVES.items()},
    **_LETTERS,
}
_VNI = {pair: unicodedata.normalize("NFC", letter) for pair, letter in _SHOWN.items()}
"""VNI for Windows: a vowel and the sign behind it, or a letter of its own."""
_OF_VNI = re.compile("|".join(sorted(_VNI, key=len, reverse=True)) + "|[\xc0-\xff]", re.IGNORECASE)
_TONE = re.compile("[\u0300\u0301\u0303\u0309\u0323]")
_SYLLABLE = re.compile(
    "(b|ch?|d|đ|gh?|gi|h|kh?|l|m|ngh?|nh?|ph?|qu|r|s|th?|tr|v|x)?"
    "(a[iouy]?|ă|â[uy]?|eo?|êu?|iêu?|i[au]?|oa[ioy]?|oă|oeo?|o[io]?|ôi?|ơi?|uây?|uôi?|uy[aêu]?|u[aeêiơ]?|ươ[iu]?"
    "|ư[aiu]?|yêu?|y)"
    "(ch?|m|ng?|nh|p|t)?"
)
"""Spelling of a syllable without its tone."""
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, UTF_16),
    (codecs.BOM_UTF16_BE, UTF_16),
    (codecs.BOM_UTF8, UTF_8),
)
_SAMPLE_BYTES = 1_000_000
_ONE_SIDED = 10
"""By how much more bytes 0 are in one half of each pair than in the other, where the pairs are letters."""
_OF_VIETNAMESE = re.compile(
    "[À-ÃÈ-ÊÌÍÒ-ÕÙÚÝà-ãè-êìíò-õùúýĂăĐđĨĩŨũƠơƯưẠ-ỹ\u0300-\u0303\u0306\u0309\u031b\u0323]"
)
_FEW = 2
"""Letters of the language beyond ASCII from which a text that is UTF-8 is so by no accident."""
_ALIKE = 0.9
"""Share of letters from which a text looks like one of an encoding."""


def text_of(stream: IO[bytes], encoding: str) -> io.TextIOWrapper:
    """The stream as text, whose lines ``letters`` reads; a byte order mark is no part of it."""
    return io.TextIOWrapper(stream, _CODECS[encoding], newline="")


def letters(text: str, encoding: str) -> str:
    """What a text means whose letters a font showed as others; the text itself in any other encoding.

    Raises:
        UnicodeError: It has a letter that the font does not show.

    >>> letters("Céng hoµ x· héi chñ nghÜa ViÖt Nam", "tcvn3")
    'Cộng hoà xã hội chủ nghĩa Việt Nam'
    >>> letters("Coäng hoøa xaõ hoäi chuû nghóa Vieät Nam", "vni")
    'Cộng hòa xã hội chủ nghĩa Việt Nam'
    """
    if text.isascii() or encoding not in (TCVN3, VNI):
        return text
    if encoding == VNI:
        return _OF_VNI.sub(_letter, text)
    if any(letter > "\xa0" and ord(letter) not in _TCVN3 for letter in text):
        raise UnicodeError("a byte that TCVN3 does not show")
    return text.translate(_TCVN3)


def _letter(found: re.Match[str]) -> str:
    shown = _VNI.get(found[0].lower())
    if shown is None:
        raise UnicodeError("a byte that VNI does not show")
    return shown.upper() if found[0][0].isupper() else shown


def proven(stream: IO[bytes]) -> str | None:
    """The encoding that a byte order mark proves, or where the bytes 0 are; None where neither does.

    >>> proven(io.BytesIO("Hà".encode("utf-16"))), proven(io.BytesIO("Ha".encode("utf-16-be")))
    ('utf-16', 'utf-16-be')
    """
    head = stream.read(_SAMPLE_BYTES)
    marked = next((name for mark, name in _MARKS if head.startswith(mark)), None)
    if marked is not None:
        return marked
    higher, lower = head[::2].count(0), head[1::2].count(0)
    if (higher + lower) * 5 <= len(head) or max(higher, lower) <= min(higher, lower) * _ONE_SIDED:
        return None
    return UTF_16_BE if higher > lower else UTF_16_LE


class Watched(io.BufferedIOBase):
    """A stream that is looked at while it is read: whether it is UTF-8, whatever it is read as."""

    def __init__(self, stream: IO[bytes]) -> None:
        """Nothing is read yet."""
        super().__init__()
        self._stream = stream
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._letters = 0
        self._can_be = True

    @property
    def is_utf8(self) -> bool:
        """Whether all that was read is UTF-8 and no accident: it has letters of the language in it."""
        return self._can_be and self._letters >= _FEW and not self._decoder.getstate()[0]

    def readable(self) -> bool:
        """It is."""
        return True

    def read1(self, size: int | None = -1, /) -> bytes:
        """The next bytes, which are looked at."""
        part = self._stream.read(-1 if size is None else size)
        if self._can_be:
            self._look(part)
        return part

    def _look(self, part: bytes) -> None:
        try:
            text = self._decoder.decode(part)
        except UnicodeDecodeError:
            self._can_be = False
            return
        if self._letters < _FEW and not text.isascii():
            self._letters += len(_OF_VIETNAMESE.findall(text))


def not_utf8(stream: IO[bytes]) -> int | None:
    """Place of the first byte that no UTF-8 text can have there; None when it is one."""
    decoder, read = codecs.getincrementaldecoder("utf-8")(), 0
    while True:
        part = stream.read(PART)
        pending = len(decoder.getstate()[0])
        try:
            decoder.decode(part, final=not part)
        except UnicodeDecodeError as error:
            return read - pending + error.start
        if not part:
            return None
        read += len(part)


def evidence(stream: IO[bytes]) -> str:
    """What a text that is not UTF-8 looks like, in words: for a person, who declares it."""
    sample = stream.read(_SAMPLE_BYTES)
    if len(sample) == _SAMPLE_BYTES:
        sample = sample[: sample.rfind(b"\n") + 1] or sample
    shares = dict(_shares(sample))
    told = ", ".join(f"{name} {share:.0%}" for name, share in shares.items())
    most = max(shares.values(), default=0.0)
    if most >= _ALIKE:
        best = " or ".join(name for name, share in shares.items() if share == most)
        return f"it looks like {best} (Vietnamese syllables among its words beyond ASCII: {told})"
    from charset_normalizer import from_bytes  # noqa: PLC0415  (for a refusal alone)

    found = from_bytes(sample).best()
    named = found.encoding if found else "no text"
    return f"it looks like nothing Vietnamese; charset-normalizer takes it for {named}"


def _shares(sample: bytes) -> Iterator[tuple[str, float]]:
    """Share of Vietnamese syllables among the words beyond ASCII, in each encoding that they can have."""
    for name in OF_ONE_BYTE:
        try:
            text = letters(sample.decode(_CODECS[name]), name)
        except UnicodeError:
            continue
        words = re.findall(r"[^\W\d_]+", unicodedata.normalize("NFC", text))
        beyond = [word for word in words if not word.isascii()]
        yield name, sum(map(_is_syllable, beyond)) / max(1, len(beyond))


def _is_syllable(word: str) -> bool:
    parts = unicodedata.normalize("NFD", word.lower())
    plain, tones = _TONE.subn("", parts)
    return tones <= 1 and _SYLLABLE.fullmatch(unicodedata.normalize("NFC", plain)) is not None
