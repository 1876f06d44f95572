"""The dictionary of all datasets, for people (Markdown) and for machines (JSON).

``python -m schemas.derive.datasets docs/dictionary.md`` writes it; the suffix decides the form. The
dictionary that goes with a release is ``schemas.derive.dictionary``.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from schemas import lifecycle, reference
from schemas.contract import Contract, DomainType, Field
from schemas.public_field import PublicField
from schemas.registry import CONTRACTS

_INTRODUCTION = """# Từ điển dữ liệu · Data dictionary

Sinh ra từ các hợp đồng dữ liệu trong `schemas/`, không sửa tay. Derived from the contracts in `schemas/`;
never edited by hand: `make dictionary` writes it.

Privacy: PUBLIC (công khai), INTERNAL (nội bộ), PERSONAL (dữ liệu cá nhân cơ bản), IDENTIFIER (định danh cá
nhân), SENSITIVE (dữ liệu cá nhân nhạy cảm); Luật Bảo vệ dữ liệu cá nhân 91/2025/QH15.

Effects of rules: quarantine (giữ lại cả phiên bản hồ sơ), hold (chờ), note (chỉ báo).
"""


def entry(contract: type[Contract]) -> dict[str, Any]:
    """What the dictionary says of one dataset."""
    info = contract.info
    return {
        "dataset": contract.dataset(),
        "title_vi": info.title_vi,
        "title_en": info.title_en,
        "description": " ".join((contract.__doc__ or "").split()),
        "version": info.version,
        "owner": info.owner,
        "legal_basis": info.legal_basis,
        "retention": info.retention,
        "register": info.register.value,
        "release": info.release.value,
        "privacy": contract.privacy().name,
        "key": list(contract.key.names),
        "columns": [_column(field) for field in contract.fields],
        "rules": [
            {"code": rule.code, "effect": rule.effect.value, "vi": rule.vi, "en": rule.en}
            for rule in contract.rules
        ],
    }


def _column(field: Field) -> dict[str, Any]:
    return {
        "name": field.name,
        "type": field.domain.kind.value,
        "domain": field.domain.name,
        "required": field.required,
        "privacy": field.privacy.name,
        "vi": field.vi if isinstance(field, PublicField) else None,
        "en": field.description,
        "values": _values(field.domain),
        "unit": field.domain.unit,
        "source": field.domain.source,
    }


def _values(domain: DomainType) -> str:
    if domain.values is not None:
        return ", ".join(domain.values)
    if domain.pattern is not None:
        return domain.pattern
    if domain.minimum is not None or domain.maximum is not None:
        return f"{'' if domain.minimum is None else domain.minimum} … {domain.maximum or ''}".strip()
    return f"≤ {domain.max_length}" if domain.max_length else ""


def markdown(contracts: Iterable[type[Contract]]) -> str:
    """The dictionary as one document."""
    entries = [entry(contract) for contract in contracts]
    contents = [
        f"* [{one['dataset']}](#{one['dataset'].replace('.', '')}): {one['title_vi']} · {one['title_en']}"
        for one in entries
    ]
    contents.append(
        "* [dossier_steps](#dossier_steps): Trình tự trạng thái hồ sơ · Order of a dossier's statuses"
    )
    sections = [line for one in entries for line in _section(one)]
    return "\n".join([_INTRODUCTION, *contents, "", *sections, *_steps()]).rstrip() + "\n"


def _section(one: dict[str, Any]) -> Iterator[str]:
    yield f"## {one['dataset']}\n"
    yield f"**{one['title_vi']} · {one['title_en']}**, {one['version']}. {one['description']}\n"
    facts = ("owner", "legal_basis", "retention", "release", "privacy")
    yield f"{'; '.join(f'{name}: {one[name]}' for name in facts)}; key: {', '.join(one['key'])}.\n"
    heads = (
        "Cột · column",
        "Kiểu · type",
        "Bắt buộc · required",
        "Privacy",
        "Ý nghĩa · meaning",
        "Giá trị · values",
    )
    yield from _table(heads, map(_cells, one["columns"]))
    if one["rules"]:
        rules = ((rule["code"], rule["effect"], rule["vi"], rule["en"]) for rule in one["rules"])
        yield from _table(("Mã · rule", "Effect", "Thông báo", "Message"), rules)


def _steps() -> Iterator[str]:
    """The order of a dossier's statuses."""
    yield "## dossier_steps\n"
    yield "**Trình tự trạng thái hồ sơ · Order of a dossier's statuses** (`dossier_steps.csv`).\n"
    yield (
        "Versions count in their own order and not as they arrive, each beside the last one that did not "
        "step back. A step that is not here is quarantined (`DOS-903`), unless the version withdraws the "
        "approval or names a new correction (`corrected_at`, `correction_basis`), or a later version's "
        "correction, decided before it was changed, explains it.\n"
    )
    names = reference.status_names()
    heads = ("Trạng thái · status", "Tên · name", "Tiếp theo · followed by", "Note", "Nguồn · source")
    rows = (
        (row["status"], names[row["status"]], _following(row["status"]), row["note"], row["source"])
        for row in reference.dossier_steps()
    )
    yield from _table(heads, rows)


def _following(status: str) -> str:
    found = sorted((other for one, other in lifecycle.pairs() if one == status and other != status), key=int)
    return ", ".join(f"`{other}`" for other in found)


def _cells(column: dict[str, Any]) -> tuple[str, ...]:
    return (
        f"`{column['name']}`",
        ", ".join(filter(None, (column["type"], column["unit"]))),
        "có · yes" if column["required"] else "",
        column["privacy"],
        " · ".join(filter(None, (column["vi"], column["en"]))),
        f"`{column['values']}`" if column["values"] else "",
    )


def _table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    yield f"| {' | '.join(heads)} |"
    yield f"|{'---|' * len(heads)}"
    for row in rows:
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |"
    yield ""


def as_json(contracts: Iterable[type[Contract]]) -> str:
    """The dictionary as one JSON document: a list of datasets."""
    return json.dumps([entry(contract) for contract in contracts], ensure_ascii=False, indent=1) + "\n"


if __name__ == "__main__":
    for path in map(Path, sys.argv[1:]):
        form = as_json if path.suffix == ".json" else markdown
        path.write_text(form(CONTRACTS), encoding="utf-8")
