"""What the systems share: instants and forms in other words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta, timezone
from typing import Any

HANOI = timezone(timedelta(hours=7))


def local(stamp: Any, form: str) -> Any:
    """An instant of our own feed in another writing of Viet Nam's time; what is none stays as it is."""
    try:
        return datetime.strptime(stamp, "%Y%m%d%H%M%S").replace(tzinfo=HANOI).strftime(form)
    except (TypeError, ValueError):
        return stamp


def changed(item: Mapping[str, Any]) -> datetime:
    """When an item was changed."""
    return datetime.fromisoformat(item["updated_at"])


def form_of(item: Mapping[str, Any]) -> Mapping[str, Any]:
    """The groups of an item's form."""
    found: Mapping[str, Any] = item.get("form", {}).get("body", {})
    return found


def renamed(
    body: Mapping[str, Any], groups: Mapping[str, str], fields: Mapping[str, Mapping[str, str]]
) -> dict[str, Any]:
    """Groups and their fields under other names; fields are named by the name of their group in theirs."""

    def item_of(name: str, item: Any) -> Any:
        known = fields[groups[name]]
        return {known[key]: value for key, value in item.items()} if isinstance(item, dict) else item

    return {
        groups[name]: [item_of(name, one) for one in items]
        if isinstance(items, list)
        else item_of(name, items)
        for name, items in body.items()
    }


def numbered(
    body: Mapping[str, Any], groups: Mapping[str, str], fields: Mapping[str, Mapping[str, str]], form: str
) -> Iterator[tuple[str, Any]]:
    """The fields of a form one by one, each under the name of its group, its item's number and its own."""
    for name, items in body.items():
        for number, item in enumerate(items if isinstance(items, list) else [items], 1):
            for key, value in item.items():
                yield form.format(group=groups[name], number=number, key=fields[groups[name]][key]), value
