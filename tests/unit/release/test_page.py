"""Page, catalogue and pointers, from releases alone."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any

import pytest

from jobs.release import page, records, texts
from jobs.release.records import Release
from schemas.registry import OPEN

BUILT = datetime(2026, 11, 2, 16, 30, tzinfo=UTC)


def made(version: str, state: str = "published", **more: Any) -> Release:
    files = {
        noun: {
            "rows": 1234,
            "files": {
                name: {"sha256": "a" * 64, "bytes": 2048}
                for name in (f"{noun}.csv", f"{noun}.parquet", "LICENCE.txt", "SHA256SUMS")
            },
        }
        for noun in (contract.table() for contract in OPEN)
    }
    body = {"datasets": files, "periods": ["2026-10"], "is_generated": True, "data_digest": "b" * 64}
    body |= {"policy": {"minimum": 10, "minimum_provinces": 32, "window_months": 24}, **more}
    return Release(version, version, state, BUILT, "Steward", BUILT, body)


WITHDRAWN = {"reason": "<b>wrong</b>", "withdrawn_at": BUILT.isoformat()}


class Links(HTMLParser):
    """Addresses and inline code of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.strange: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name in {"href", "src"}:
                self.links.append(value or "")
            if name == "style" or name.startswith("on"):
                self.strange.append(name)
        if tag in {"script", "style", "iframe", "img", "form"}:
            self.strange.append(tag)


def test_links_are_relative_and_lead_to_files_of_the_release() -> None:
    found = Links(page.index([made("2026.10.1"), made("2026.11.1")]))
    assert found.strange == []
    known = {"style.css", "catalog.jsonld", "#datasets"}
    for link in set(found.links) - known:
        assert link.startswith("datasets/"), link
    assert "datasets/dossier_counts/2026.11.1/dossier_counts.csv" in found.links


def test_a_withdrawn_release_is_named_with_its_reason_and_not_offered() -> None:
    text = page.index([made("2026.10.1"), made("2026.11.1", "withdrawn", **WITHDRAWN)])
    assert "&lt;b&gt;wrong&lt;/b&gt;" in text
    assert "datasets/procedures/2026.10.1/procedures.csv" in text
    assert "datasets/procedures/2026.11.1/procedures.csv" not in text
    assert "datasets/procedures/2026.11.1/TOMBSTONE.json" in text


@pytest.mark.parametrize("public", [[], [made("2026.11.1", "withdrawn", **WITHDRAWN)]])
def test_a_page_without_a_standing_release(public: list[Release]) -> None:
    assert ".csv" not in page.index(public)
    assert page.catalogue(public)["dcat:dataset"] == []


def test_every_dataset_is_described_in_both_languages() -> None:
    assert set(texts.ABOUT_VI) == {contract.table() for contract in OPEN}


def test_pointers_name_the_newest_that_stands() -> None:
    every = [made("2026.10.1"), made("2026.11.1", "withdrawn", **WITHDRAWN), made("2026.11.2", "candidate")]
    pointer = json.loads(page.pages(every)["datasets/procedures/latest.json"])
    assert pointer["version"] == "2026.10.1"
    gone = json.loads(page.pages([every[1]])["datasets/procedures/latest.json"])
    assert gone == {"dataset": "procedures", "version": None}


def test_the_catalogue_names_previous_versions_and_checksums() -> None:
    catalogue = page.catalogue([made("2026.10.1"), made("2026.11.1")])
    entries: Any = catalogue["dcat:dataset"]
    assert [entry["dct:identifier"] for entry in entries] == [contract.dataset() for contract in OPEN]
    first = entries[0]
    assert first["dcat:previousVersion"] == {"@id": "datasets/dossier_counts/2026.10.1/"}
    assert {one["spdx:checksum"]["spdx:checksumValue"] for one in first["dcat:distribution"]} == {"a" * 64}


def test_no_name_of_a_person_who_decided() -> None:
    assert all(b"Steward" not in data for data in page.pages([made("2026.11.1")]).values())


def test_versions_count_on_within_a_month() -> None:
    known = [made("2026.11.1"), made("2026.11.10", "candidate"), made("2026.10.4")]
    assert records.next_version(BUILT, known) == "2026.11.11"
    assert records.next_version(BUILT, []) == "2026.11.1"
    assert records.next_version(datetime(2026, 11, 30, 17, 0, tzinfo=UTC), known) == "2026.12.1"
