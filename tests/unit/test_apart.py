"""Tests that share what a file or a folder has set up share a process."""

from __future__ import annotations

from tests.support.apart import set_up_of


def test_a_folder_with_fixtures_of_its_own_stays_together() -> None:
    ids = (
        "tests/journeys/rebuild/test_rebuild.py::test_a",
        "tests/journeys/rebuild/test_restore.py::test_b[1]",
    )
    assert {set_up_of(one) for one in ids} == {"tests/journeys/rebuild"}


def test_other_files_are_handed_out_one_by_one() -> None:
    assert set_up_of("tests/journeys/test_retraction.py::test_a") == "tests/journeys/test_retraction.py"
    assert set_up_of("tests/test_top.py::test_a") == "tests/test_top.py"
