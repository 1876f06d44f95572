"""What the open bucket shows at its root: the page, the catalogue, the pointers to the newest version."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from jobs.release import files, texts
from jobs.release.periods import DEFAULT, Policy
from jobs.release.records import Release
from jobs.release.store import TOMBSTONE, folder
from schemas.contract import Contract
from schemas.registry import OPEN
from schemas.zone import HANOI

_TEMPLATES = Path(__file__).parent / "templates"
_LANGUAGES = ("vi", "en")


def pages(known: Sequence[Release]) -> dict[str, bytes]:
    """Every file of the root, by key, from the releases alone."""
    public = [release for release in known if release.state in {"published", "withdrawn"}]
    pointers = {
        f"datasets/{contract.table()}/latest.json": files.json_bytes(_pointer(contract, public))
        for contract in OPEN
        if public
    }
    return {
        **pointers,
        "catalog.jsonld": files.json_bytes(catalogue(public)),
        "style.css": (_TEMPLATES / "style.css").read_bytes(),
        "index.html": index(public).encode(),
    }


def newest(contract: type[Contract], public: Sequence[Release]) -> Release | None:
    """The newest release that stands and has the dataset."""
    standing = [r for r in public if r.state == "published" and contract.table() in r.body["datasets"]]
    return standing[-1] if standing else None


def _pointer(contract: type[Contract], public: Sequence[Release]) -> dict[str, object]:
    release = newest(contract, public)
    noun = contract.table()
    if release is None:
        return {"dataset": noun, "version": None}
    return {
        "dataset": noun,
        "version": release.version,
        "path": f"{release.version}/",
        "files": release.body["datasets"][noun]["files"],
    }


def index(public: Sequence[Release]) -> str:
    """The page: plain HTML in two languages, nothing from elsewhere, nothing that runs."""
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    latest = next((r for r in reversed(public) if r.state == "published"), None)
    environment.filters |= {"grouped": grouped, "size": size, "day": day}
    return environment.get_template("index.html.j2").render(
        datasets=[_shown(contract, public) for contract in OPEN],
        versions=list(reversed(public)),
        newest=latest,
        nouns=[contract.table() for contract in OPEN],
        largest_hidden=(Policy(**latest.body["policy"]) if latest else DEFAULT).minimum - 1,
        licence=texts.LICENCE_TITLE,
        tombstone=TOMBSTONE,
    )


def _shown(contract: type[Contract], public: Sequence[Release]) -> dict[str, Any]:
    release, noun = newest(contract, public), contract.table()
    stated = release.body["datasets"][noun] if release else None
    order = (f"{noun}.csv", f"{noun}.parquet")
    return {
        "noun": noun,
        "info": contract.info,
        "about_vi": texts.ABOUT_VI[noun],
        "about": (contract.__doc__ or "").strip().partition("\n")[0],
        "columns": contract.fields,
        "release": release,
        "rows": stated["rows"] if stated else 0,
        "data": [(name, stated["files"][name]) for name in order] if stated else [],
        "more": sorted(set(stated["files"]) - set(order)) if stated else [],
        "folder": folder(noun, release.version) if release else "",
    }


def grouped(number: int) -> str:
    """A number with narrow spaces between thousands, which both languages read alike."""
    return f"{number:,}".replace(",", "\N{NARROW NO-BREAK SPACE}")


def size(count: int) -> str:
    """A number of bytes for people."""
    for unit, factor in (("MB", 1_000_000), ("kB", 1_000)):
        if count >= factor:
            return f"{count / factor:.1f} {unit}"
    return f"{count} B"


def day(instant: datetime | str) -> str:
    """The day of an instant in Viet Nam, ISO 8601."""
    known = datetime.fromisoformat(instant) if isinstance(instant, str) else instant
    return known.astimezone(HANOI).date().isoformat()


def catalogue(public: Sequence[Release]) -> dict[str, object]:
    """The catalogue as DCAT 3 in JSON-LD; addresses are relative to the document."""
    return {
        "@context": {
            "dcat": "http://www.w3.org/ns/dcat#",
            "dct": "http://purl.org/dc/terms/",
            "foaf": "http://xmlns.com/foaf/0.1/",
            "spdx": "http://spdx.org/rdf/terms#",
            "xsd": "http://www.w3.org/2001/XMLSchema#",
        },
        "@id": "./",
        "@type": "dcat:Catalog",
        "dct:title": _texts({"vi": "Dữ liệu mở Liên thông", "en": "Liên thông open data"}),
        "dct:publisher": {"@type": "foaf:Agent", "foaf:name": "Liên thông"},
        "foaf:homepage": {"@id": "index.html"},
        "dcat:dataset": [entry for contract in OPEN for entry in _entries(contract, public)],
    }


def _entries(contract: type[Contract], public: Sequence[Release]) -> list[dict[str, object]]:
    release = newest(contract, public)
    if release is None:
        return []
    info, noun = contract.info, contract.table()
    stated = release.body["datasets"][noun]
    place = folder(noun, release.version)
    before = [
        r.version
        for r in public
        if r.state == "published" and r is not release and noun in r.body["datasets"]
    ]
    entry: dict[str, object] = {
        "@id": f"{place}/",
        "@type": "dcat:Dataset",
        "dct:identifier": contract.dataset(),
        "dct:title": _texts({"vi": info.title_vi, "en": info.title_en}),
        "dct:description": (contract.__doc__ or "").strip().replace("\n    ", "\n"),
        "dct:creator": {"@type": "foaf:Agent", "foaf:name": info.owner},
        "dct:issued": {"@type": "xsd:dateTime", "@value": release.built_at.isoformat()},
        "dct:license": {"@id": f"{place}/LICENCE.txt"},
        "dct:accrualPeriodicity": {
            "@id": "http://publications.europa.eu/resource/authority/frequency/MONTHLY"
        },
        "dcat:version": release.version,
        "dcat:distribution": [
            _distribution(place, f"{noun}.{form}", stated["files"][f"{noun}.{form}"])
            for form in ("csv", "parquet")
        ],
    }
    if before:
        entry["dcat:previousVersion"] = {"@id": f"{folder(noun, before[-1])}/"}
    return [entry]


def _distribution(place: str, name: str, stated: Mapping[str, Any]) -> dict[str, object]:
    media = files.media_type(name).partition(";")[0]
    return {
        "@type": "dcat:Distribution",
        "@id": f"{place}/{name}",
        "dcat:downloadURL": {"@id": f"{place}/{name}"},
        "dcat:mediaType": {"@id": f"https://www.iana.org/assignments/media-types/{media}"},
        "dcat:byteSize": {"@type": "xsd:nonNegativeInteger", "@value": str(stated["bytes"])},
        "spdx:checksum": {
            "@type": "spdx:Checksum",
            "spdx:algorithm": {"@id": "spdx:checksumAlgorithm_sha256"},
            "spdx:checksumValue": stated["sha256"],
        },
    }


def _texts(by_language: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"@language": code, "@value": by_language[code]} for code in _LANGUAGES]
