"""Tampering with landed objects and manifests."""

from __future__ import annotations

import json

import pytest

from jobs import objects
from tests.journeys.ledger.tampering import (
    FEED,
    S1,
    S2,
    altered_object,
    difference,
    key_of,
)
from tests.support.line import Line


@pytest.mark.usefixtures("verified_again")
def test_a_landed_objects_bytes(lived: Line) -> None:
    key = key_of(lived, S2)
    with altered_object(lived, key):
        found = difference(lived)
    assert (found["where"], found["what"]) == (f"landing/{key}", "sha256")


def test_a_landed_object_that_is_gone(lived: Line) -> None:
    key = key_of(lived, S1)
    with altered_object(lived, key, lambda _: None):
        assert difference(lived) == {
            "where": f"landing/{key}",
            "what": "object",
            "expected": "present",
            "found": "absent",
        }


def test_a_manifest(lived: Line) -> None:
    key = f"{FEED}/00000001/manifest.json"

    def change(data: bytes) -> bytes:
        manifest = json.loads(data)
        manifest["objects"][0]["rows"] += 1
        return json.dumps(manifest).encode()

    with altered_object(lived, key, change):
        found = difference(lived)
    assert found == {
        "where": f"landing/{key}",
        "what": "manifest.objects[0].rows",
        "expected": 6,
        "found": 7,
    }


def test_two_landed_objects_swapped(lived: Line) -> None:
    store, bucket = objects.client(lived.settings), lived.settings.landing_bucket
    other = objects.get(store, bucket, key_of(lived, S2))
    with altered_object(lived, key_of(lived, S1), lambda _: other):
        found = difference(lived)
    assert (found["where"], found["what"]) == (f"landing/{key_of(lived, S1)}", "bytes")
