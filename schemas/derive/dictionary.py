"""Data dictionaries of public contracts, and their Table Schema (frictionless standards, 1.0)."""

from __future__ import annotations

from collections.abc import Iterator

from schemas.contract import Contract, DomainType, Field, Kind
from schemas.public_field import PublicField

_TYPES = {
    Kind.TEXT: "string",
    Kind.INTEGER: "integer",
    Kind.DECIMAL: "number",
    Kind.DATE: "date",
    Kind.INSTANT: "datetime",
    Kind.BOOLEAN: "boolean",
}


def table_schema(contract: type[Contract]) -> dict[str, object]:
    """The contract's columns as a Table Schema; an empty cell is an absent value."""
    return {
        "fields": [_field(field) for field in contract.fields],
        "primaryKey": list(contract.key.names),
        "missingValues": [""],
    }


def _field(field: Field) -> dict[str, object]:
    domain = field.domain
    constraints = {
        "required": field.required or None,
        "pattern": domain.pattern,
        "enum": list(domain.values) if domain.values else None,
        "maxLength": domain.max_length,
        "minimum": domain.minimum,
        "maximum": domain.maximum,
    }
    return {
        "name": field.name,
        "type": _TYPES[domain.kind],
        "title": _vietnamese(field),
        "description": field.description,
        "constraints": {name: value for name, value in constraints.items() if value is not None},
    }


def _vietnamese(field: Field) -> str:
    return field.vi if isinstance(field, PublicField) else field.description


def markdown(contract: type[Contract]) -> str:
    """The dictionary for people, Vietnamese first."""
    info = contract.info
    head = [
        f"# {info.title_vi} · {info.title_en}",
        "",
        f"`{contract.dataset()}` · {info.version}",
        "",
        *(contract.__doc__ or "").strip().replace("\n    ", "\n").split("\n"),
        "",
        f"- Cơ quan chủ quản / Owner: {info.owner}",
        f"- Căn cứ pháp lý / Legal basis: {info.legal_basis}",
        f"- Khóa / Key: {', '.join(f'`{name}`' for name in contract.key.names)}",
        "",
        "| Cột / Column | Kiểu / Type | Bắt buộc / Required | Ý nghĩa | Meaning | Giá trị / Values |",
        "|---|---|---|---|---|---|",
    ]
    return "\n".join([*head, *_lines(contract), ""])


def _lines(contract: type[Contract]) -> Iterator[str]:
    for field in contract.fields:
        required = "có / yes" if field.required else "không / no"
        cells = (
            f"`{field.name}`",
            _TYPES[field.domain.kind],
            required,
            _vietnamese(field),
            field.description,
            _values(field.domain),
        )
        yield "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _values(domain: DomainType) -> str:
    parts = [domain.description]
    if domain.values:
        parts.append(", ".join(f"`{value}`" for value in domain.values))
    if domain.pattern:
        parts.append(f"`{domain.pattern}`")
    if domain.unit:
        parts.append(domain.unit)
    if domain.source:
        parts.append(domain.source)
    return " · ".join(parts)
