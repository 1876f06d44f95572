"""The suite of a submission: it passes on usual measures and fails on each mutation, by its code."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from expectations.thresholds import THRESHOLDS, Threshold
from jobs.quality.validation import RESULT_FORMAT, Validation

AT = datetime(2026, 11, 2, 16, 30, tzinfo=UTC)
USUAL: dict[str, float | None] = {
    "unreadable_share": 0.01,
    "quarantined_share": 0.03,
    "key_missing_share": 0.0,
    "duplicate_share": 0.1,
    "unknown_code_share": 0.0,
    "violations_left": 0.0,
    "stale_days": 0.2,
    "volume_ratio": 1.1,
    "quarantined_rise": 0.01,
    "status_drift": 0.1,
    "procedure_drift": 0.1,
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("docs")


@pytest.fixture(scope="module")
def validation(folder: Path) -> Validation:
    return Validation(folder, run="conform-000001", at=AT)


def _mutations() -> list[tuple[Threshold, float]]:
    below = [(one, one.low - 0.01) for one in THRESHOLDS if one.low is not None]
    above = [(one, one.high + 0.01) for one in THRESHOLDS if one.high is not None]
    return below + above


def test_usual_measures_pass(validation: Validation) -> None:
    assert validation.of_submission("usual", USUAL) == []


def test_what_cannot_be_measured_passes(validation: Validation) -> None:
    first = dict.fromkeys(USUAL) | {"violations_left": 0.0}
    assert validation.of_submission("first", first) == []
    assert validation.of_submission("ours", first | {"violations_left": 1.0}) == ["GAT-005"]


@pytest.mark.parametrize(("threshold", "value"), _mutations(), ids=lambda one: getattr(one, "measure", one))
def test_each_mutation_fails(validation: Validation, threshold: Threshold, value: float) -> None:
    name = f"{threshold.rule.code}-{value}"
    failed = validation.of_submission(name, USUAL | {threshold.measure: value})
    assert threshold.rule.code in failed
    assert failed == sorted(one.rule.code for one in THRESHOLDS if _breaks(one, threshold.measure, value))


def _breaks(one: Threshold, measure: str, value: float) -> bool:
    below = one.low is not None and value < one.low
    above = one.high is not None and value > one.high
    return one.measure == measure and (below or above)


def test_pages_and_results_are_written_without_values(validation: Validation, folder: Path) -> None:
    validation.of_submission("79-dossiers.00000007", USUAL | {"volume_ratio": 0.01})
    validation.publish()
    assert (folder / "data" / "index.html").exists()
    pages = list((folder / "data" / "validations").rglob("*.html"))
    assert any("79-dossiers.00000007" in page.name for page in pages)
    results = [json.loads(path.read_text()) for path in (folder / "results").rglob("*.json")]
    assert results
    for result in results:
        for one in result["results"]:
            assert one["result"].get("partial_unexpected_list", []) == []
            assert "unexpected_list" not in one["result"]
    assert RESULT_FORMAT["partial_unexpected_count"] == 0


def test_old_runs_are_dropped_from_the_pages(tmp_path: Path) -> None:
    for number in range(1, 11):
        one = Validation(tmp_path, run=f"conform-{number:06d}", at=AT.replace(day=number))
        one.of_submission("01-dossiers.00000001", USUAL)
        one.publish()
    runs = {path.parts[-3] for path in (tmp_path / "data" / "validations").rglob("*.html")}
    assert runs == {f"conform-{number:06d}" for number in range(3, 11)}
