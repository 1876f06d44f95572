"""What names of fields say: each word stands for one concept."""

from __future__ import annotations

import pytest

from jobs.sources.draft.names import by_words, concepts, likeness


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("SoTo", {"number", "sheet"}),
        ("citizenName", {"applicant", "name"}),
        ("TenCongDan", {"applicant", "name"}),
        ("NGUOINOPHOSO", {"representative"}),
        ("validUntil", {"valid", "to"}),
        ("to_date", {"to"}),
        ("denNgay", {"to"}),
    ],
)
def test_a_name_says_what_its_words_stand_for(name: str, said: set[str]) -> None:
    assert concepts(name) == said


def test_a_citizen_of_a_dossier_is_its_applicant() -> None:
    assert likeness("citizenName", ["full_name", "applicant_name"]) == (1.0, "applicant_name")


@pytest.mark.parametrize(("one", "other"), [("to", "to;map"), ("ho so", "so;hoso")])
def test_a_word_of_two_concepts_is_refused(one: str, other: str) -> None:
    rows = [{"concept": "first", "words": f"a;{one}"}, {"concept": "second", "words": other}]
    with pytest.raises(ValueError, match="stands for first and second"):
        by_words(rows)
    assert by_words(rows[:1])["a",] == "first"
