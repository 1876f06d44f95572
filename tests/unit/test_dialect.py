"""Mapping files: what is wrong in one is told with its place and the remedy."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from jobs.transforms import parsers
from schemas import dialect
from schemas.core.dossiers import Dossiers
from schemas.reading import PARSERS, DialectError
from tests.support.invented import dialects, table

GOOD: dict[str, Any] = {
    "header": {"dossier_code": {"path": "Ma", "parser": "text"}},
    "items": {"person": {"dataset": "population_persons", "full_name": {"path": "Ten", "parser": "name"}}},
    "groups": {"persons": {"item": "person", "path": "NguoiDan[]"}},
}


def test_a_good_mapping() -> None:
    read = dialect.read("good", GOOD)
    assert [one.path for one in read.header["dossier_code"]] == ["Ma"]
    assert read.groups["persons"].fields["full_name"][0].parser == "name"


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (
            lambda s: s["header"].update(colour={"path": "Mau", "parser": "text"}),
            r"bad\.toml: \[header\] colour: no such canonical field\. Remedy: use one of",
        ),
        *(
            (
                lambda s, name=name: s["header"].update({name: {"path": "x", "parser": "text"}}),
                rf"bad\.toml: \[header\] {name}: no sender tells it\. Remedy: leave it out",
            )
            for name in ("disposition", "register_name", "is_step_back", "submission_id", "received_at")
        ),
        (
            lambda s: s["items"]["person"]["full_name"].update(parser="guess"),
            r"bad\.toml: \[items\.person\] full_name: unknown parser 'guess'\. Remedy: use one of",
        ),
        (
            lambda s: s["items"]["person"]["full_name"].pop("path"),
            r"bad\.toml: \[items\.person\] full_name: give a path and a parser",
        ),
        (
            lambda s: s["header"]["dossier_code"].update(values={"1": "one"}),
            r"\[header\] dossier_code: the parser map, and no other, has values",
        ),
        (
            lambda s: s["items"]["person"].update(dataset="boats"),
            r"\[items\.person\]: dataset must be one of",
        ),
        (lambda s: s["groups"]["persons"].update(item="boat"), r"\[groups\] persons: name an \[items"),
        (
            lambda s: s.update(dialect={"is_baseline": "yes"}),
            r"bad\.toml: \[dialect\] is_baseline: say true or false",
        ),
        (lambda s: s.pop("groups"), r"\[header\] is needed, and \[groups\] for dossiers alone"),
        (
            lambda s: s.update(
                dialect={"rows": "documents"}, header={"subject": {"path": "Subject", "parser": "text"}}
            ),
            r"\[groups\] for dossiers alone",
        ),
        (
            lambda s: s.setdefault("dialect", {}).update(rows="findings"),
            r"\[dialect\] rows must be one of \['documents', 'dossiers'\]",
        ),
        (
            lambda s: s.update(table={"select": "select 1", "where": "x"}),
            r"bad\.toml: \[table\] where: no such key\. Remedy:",
        ),
        (
            lambda s: s.update(table={"select": "delete from t"}),
            r"bad\.toml: \[table\] select: no query\. Remedy: give a text that begins with select",
        ),
        (lambda s: s.update(table={"select": 'select "a" from t; drop table t'}), "more than a query"),
        (lambda s: s.update(table={"select": "select a from t -- all"}), "more than a query"),
        (lambda s: s.update(table={"select": "select `a` from t"}), "double quotes"),
    ],
)
def test_a_bad_mapping_names_its_place_and_the_remedy(
    spoil: Callable[[dict[str, Any]], object], told: str
) -> None:
    stated = copy.deepcopy(GOOD)
    spoil(stated)
    with pytest.raises(DialectError, match=told):
        dialect.read("bad", stated)


def test_an_unknown_dialect_names_the_known_ones() -> None:
    with pytest.raises(DialectError, match=r"morse\.toml does not exist\. Remedy: use one of .*dvcqg"):
        dialect.load("morse")


@pytest.mark.parametrize("name", sorted(path.stem for path in dialect.FOLDER.glob("*.toml")))
def test_the_projects_own_mappings_can_be_used(name: str) -> None:
    read = dialect.load(name)
    assert read.header
    assert bool(read.groups) == (read.rows is Dossiers)
    fields = [read.header, *(group.fields for group in read.groups.values())]
    used = {one.parser for part in fields for readings in part.values() for one in readings}
    assert used <= parsers.known()


def test_the_declared_parsers_are_those_that_exist() -> None:
    assert parsers.known() == PARSERS


def test_a_bad_select_is_found_by_its_line(tmp_path: Path) -> None:
    text = table("select ma from ho_so").replace("select ma", "update ma")
    with (
        dialects(tmp_path, bad=text),
        pytest.raises(DialectError, match=r"\[table\] select \(line 9\): no query"),
    ):
        dialect.load("bad")


def test_a_select_may_have_what_looks_like_more_in_its_texts() -> None:
    select = "select a as \"a;b\", '--' as c, x::text from t where d = '12:30; /* */'"
    assert dialect.select_of(dialect.read("good", {**GOOD, "table": {"select": select}})) == select
    with pytest.raises(DialectError, match=r"good\.toml: there is no \[table\]\. Remedy: state select"):
        dialect.select_of(dialect.read("good", GOOD))


@pytest.mark.parametrize("name", dialect.names())
def test_what_a_mapping_states_is_kept_with_it(name: str) -> None:
    read = dialect.load(name)
    assert dialect.of_texts(name, read.texts) == read
    assert dialect.texts(name) == read.texts


def test_another_comment_is_the_same_mapping_and_another_path_is_not() -> None:
    own = dialect.load("lgsp_en").texts["lgsp_en"]

    def digest(text: str) -> str:
        return dialect.digest("lgsp_en", {"lgsp_en": text})

    assert digest(own + "\n# read again\n") == digest(own)
    assert digest(own.replace('"docCode"', '"documentCode"')) != digest(own)
