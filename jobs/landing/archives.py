"""Files in a zip archive, by the order of their names; none is ever written to a disk under its own."""

from __future__ import annotations

import io
import stat
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import IO, cast

from jobs.landing.content import PART, kept, opened, parts_of
from jobs.landing.forms import Unfit, form_of, most_plain_bytes, plain
from schemas.forms import ARCHIVE, TABLES, TEXTS

MAX_MEMBERS = 1_000
_AGAIN = "Remedy: pack the files anew, as .zip with the usual compression, and send it again."
_ALONE = "Remedy: put the files themselves into one archive."
_ENCRYPTED = 0x1
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_ASIDE = ("__MACOSX", ".DS_Store")
"""What a Mac puts beside the files."""


@dataclass(frozen=True, slots=True)
class Member:
    """One file of an archive."""

    info: zipfile.ZipInfo
    form: str
    archive: zipfile.ZipFile

    @property
    def name(self) -> str:
        """Its name in the archive."""
        return self.info.filename

    def opened(self) -> IO[bytes]:
        """Its bytes; a table is unpacked whole, since its readers go to and fro."""
        packed = cast("io.RawIOBase", self.archive.open(self.info))
        stream = cast("IO[bytes]", io.BufferedReader(packed, PART))
        return opened(kept(parts_of(stream))) if self.form in TABLES else stream


def package(stream: IO[bytes], kind: str = "zip archive", again: str = _AGAIN) -> zipfile.ZipFile:
    """An archive whose parts can be unpacked.

    Args:
        stream: The archive.
        kind: What it should be, in words.
        again: The remedy where it is not.

    Raises:
        Unfit: It is none, or unpacks to more than it may.
    """
    try:
        archive = zipfile.ZipFile(stream)
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError) as error:
        raise Unfit(f"not a {kind}, or a broken one ({type(error).__name__}). {again}") from error
    for fault in _faults_of(archive.infolist(), stream.seek(0, io.SEEK_END), again):
        raise Unfit(fault)
    return archive


def members(stream: IO[bytes]) -> list[Member]:
    """The files of an archive.

    Raises:
        Unfit: It is no archive, or has something that is not taken.
    """
    archive = package(stream)
    files = sorted((one for one in archive.infolist() if _is_file(one)), key=lambda one: one.filename)
    if not files:
        raise Unfit(f"an archive without a file. {_ALONE}")
    for number, info in enumerate(files, 1):
        for fault in _faults_of_file(info):
            raise Unfit(f"file {number} of the archive, by name: {fault}")
    return [Member(info, form_of(info.filename) or "", archive) for info in files]


def _faults_of(infos: list[zipfile.ZipInfo], size: int, again: str) -> Iterator[str]:
    """What is wrong with an archive as a whole."""
    if len(infos) > MAX_MEMBERS:
        yield f"more than {MAX_MEMBERS} files in it. Remedy: send fewer and larger files."
    if len({one.filename for one in infos}) < len(infos):
        yield f"two files in it have one name. {again}"
    if sum(one.file_size for one in infos) > (most := most_plain_bytes(size)):
        yield f"more than {most} bytes when unpacked. Remedy: send it in parts."
    if any(one.flag_bits & _ENCRYPTED for one in infos):
        yield "it is encrypted. Remedy: send it without a password."
    for method in {one.compress_type for one in infos}.difference(_METHODS):
        yield f"packed by method {method}. {again}"


def _faults_of_file(info: zipfile.ZipInfo) -> Iterator[str]:
    """What is wrong with a file of an archive; its size is what may be read of it, whatever it unpacks to."""
    form = form_of(info.filename)
    if _leads_out(info.filename):
        yield f"its name leads out of the archive. {_AGAIN}"
    if stat.S_ISLNK(info.external_attr >> 16):
        yield f"it is a link. {_AGAIN}"
    if form == ARCHIVE or (form is not None and plain(form) != form):
        yield f"it is packed itself. {_ALONE}"
    if form is None:
        yield f"unknown format. Remedy: have in it only files {', '.join((*TEXTS, *TABLES))}."


def _is_file(info: zipfile.ZipInfo) -> bool:
    return not info.is_dir() and not any(part in _ASIDE for part in PurePosixPath(info.filename).parts)


def _leads_out(name: str) -> bool:
    return name.startswith(("/", "\\")) or ":" in name or ".." in name.replace("\\", "/").split("/")
