"""The files of one dataset in a release, as bytes: the same table gives the same bytes."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from jobs.release import texts
from schemas.contract import Contract, Kind
from schemas.derive import dictionary

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""First characters at which a spreadsheet takes a text for a formula."""
SUMS = "SHA256SUMS"
MEDIA = {
    "csv": "text/csv; charset=utf-8",
    "parquet": "application/vnd.apache.parquet",
    "json": "application/json",
    "jsonld": "application/ld+json",
    "md": "text/markdown; charset=utf-8",
    "txt": "text/plain; charset=utf-8",
    "html": "text/html; charset=utf-8",
    "css": "text/css; charset=utf-8",
}


def media_type(name: str) -> str:
    """Content type of a file by its name."""
    return MEDIA.get(name.rpartition(".")[2], MEDIA["txt"])


def sha256(data: bytes) -> str:
    """SHA-256 in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def data_files(contract: type[Contract], rows: pa.Table) -> dict[str, bytes]:
    """The rows, as Parquet and as CSV."""
    noun = contract.table()
    return {f"{noun}.parquet": parquet(contract, rows), f"{noun}.csv": as_csv(contract, rows)}


def parquet(contract: type[Contract], rows: pa.Table) -> bytes:
    """The rows as Parquet, each column with its descriptions."""
    described = [
        field.with_metadata({"description": stated.description, "privacy": stated.privacy.name})
        for field, stated in zip(rows.schema, contract.fields, strict=True)
    ]
    buffer = io.BytesIO()
    table = pa.Table.from_arrays(rows.columns, schema=pa.schema(described))
    pq.write_table(table, buffer, compression="zstd", version="2.6", store_schema=False)
    return buffer.getvalue()


def as_csv(contract: type[Contract], rows: pa.Table) -> bytes:
    """The rows as CSV, made harmless to spreadsheets."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow(contract.names())
    kinds = [field.domain.kind for field in contract.fields]
    for batch in rows.to_batches():
        for row in zip(*(column.to_pylist() for column in batch.columns), strict=True):
            writer.writerow([cell(kind, value) for kind, value in zip(kinds, row, strict=True)])
    return buffer.getvalue().encode()


def cell(kind: Kind, value: object) -> str:
    """A value's cell; an apostrophe stands before a text that a spreadsheet would run."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime | date):
        return value.isoformat()
    text = str(value)
    return f"'{text}" if kind is Kind.TEXT and text.startswith(FORMULA) else text


def whole(
    contract: type[Contract],
    data: Mapping[str, bytes],
    *,
    version: str,
    created: str,
    body: Mapping[str, Any],
    changelog: str,
) -> dict[str, bytes]:
    """Data files with all that goes with them, the checksums last.

    Args:
        contract: The dataset.
        data: Its data files.
        version: Version of the release.
        created: Instant of the release, ISO 8601.
        body: Body of the release.
        changelog: Text of the changelog.
    """
    files = {
        **data,
        "DICTIONARY.md": dictionary.markdown(contract).encode(),
        "LICENCE.txt": texts.LICENCE.encode(),
        "README.txt": texts.CSV_NOTE.encode(),
        "CHANGELOG.md": changelog.encode(),
    }
    package = datapackage(contract, data, version=version, created=created, body=body)
    files["datapackage.json"] = json_bytes(package)
    sums = "".join(f"{sha256(content)}  {name}\n" for name, content in sorted(files.items()))
    return {**files, SUMS: sums.encode()}


def json_bytes(value: object) -> bytes:
    """A JSON document; the same value gives the same bytes."""
    return (json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def datapackage(
    contract: type[Contract],
    data: Mapping[str, bytes],
    *,
    version: str,
    created: str,
    body: Mapping[str, Any],
) -> dict[str, object]:
    """The Data Package descriptor, which CKAN imports too."""
    noun = contract.table()
    info = contract.info
    return {
        "profile": "data-package",
        "name": noun.replace("_", "-"),
        "title": f"{info.title_vi} / {info.title_en}",
        "description": (contract.__doc__ or "").strip().replace("\n    ", "\n"),
        "version": version,
        "created": created,
        "licenses": [{"name": texts.LICENCE_NAME, "path": "LICENCE.txt", "title": texts.LICENCE_TITLE}],
        "sources": [{"title": info.owner}],
        "contributors": [{"title": "Liên thông", "role": "publisher"}],
        "contract_version": info.version,
        "is_generated": body["is_generated"],
        "periods": body["periods"],
        "resources": [_csv_resource(contract, data), _parquet_resource(contract, data)],
    }


def _csv_resource(contract: type[Contract], data: Mapping[str, bytes]) -> dict[str, object]:
    name = f"{contract.table()}.csv"
    return {
        "profile": "tabular-data-resource",
        "name": contract.table().replace("_", "-"),
        "path": name,
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "dialect": {"delimiter": ",", "lineTerminator": "\r\n", "quoteChar": '"', "header": True},
        "bytes": len(data[name]),
        "hash": f"sha256:{sha256(data[name])}",
        "schema": dictionary.table_schema(contract),
    }


def _parquet_resource(contract: type[Contract], data: Mapping[str, bytes]) -> dict[str, object]:
    """The Parquet file, declared as a plain file: read through pandas, a hidden count would be a NaN."""
    name = f"{contract.table()}.parquet"
    return {
        "profile": "data-resource",
        "type": "file",
        "name": f"{contract.table().replace('_', '-')}-parquet",
        "path": name,
        "format": "parquet",
        "mediatype": MEDIA["parquet"],
        "bytes": len(data[name]),
        "hash": f"sha256:{sha256(data[name])}",
    }
