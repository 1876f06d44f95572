"""Mapping files: what is wrong in one is told with its place and the remedy."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from jobs.landing.rows import READERS
from jobs.transforms import parsers
from schemas import dialect
from schemas.core.dossiers import Dossiers
from schemas.forms import ARCHIVE, FORMS, MESSAGE
from schemas.reading import PARSERS, DialectError
from schemas.stated import require_known
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


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (
            lambda s: s.update(iterface={"auth": "basic"}),
            r"bad\.toml: \[iterface\]: no such table\. Remedy: use one of .*'interface'",
        ),
        (lambda s: s.update(rows="documents"), r"\[rows\]: no such table"),
        (lambda s: s.update(groups=[]), r"bad\.toml: groups: no table\. Remedy: write \[groups\]"),
        (
            lambda s: s.update(shape={"path": "", "form": "json"}),
            r"shape: no table\. Remedy: write \[\[shape",
        ),
        (
            lambda s: s.update(dialect={"is_baselin": True}),
            r"\[dialect\]: no such key 'is_baselin'\. Remedy: use one of .*'is_baseline'",
        ),
        (
            lambda s: s["groups"]["persons"].update(pth="x"),
            r"\[groups\] persons: no such key 'pth'\. Remedy: use one of \['item', 'path'\]",
        ),
        (lambda s: s["groups"].update(persons="person"), r"\[groups\] persons: no table\. Remedy: give it"),
        (
            lambda s: s.update(shape=[{"path": "a", "form": "json", "patern": "x"}]),
            r"\[\[shape\]\] 1: no such key 'patern'",
        ),
        (
            lambda s: s.update(dialect={"file_form": "exml"}),
            r"\[dialect\] file_form: no such format\. Remedy",
        ),
        (lambda s: s.update(dialect={"items_of": "dvcqg"}), r"state items_of or \[items\], not both"),
        *(
            (
                lambda s, name=name: s["header"].update({name: {"path": "x", "parser": "text"}}),
                rf"bad\.toml: \[header\] {name}: no sender tells it\. Remedy: leave it out",
            )
            for name in ("disposition", "register_name", "is_step_back", "submission_id", "received_at")
        ),
    ],
)
def test_what_nobody_reads_may_not_be_stated(spoil: Callable[[dict[str, Any]], object], told: str) -> None:
    stated = copy.deepcopy(GOOD)
    require_known("bad", stated)
    spoil(stated)
    with pytest.raises(DialectError, match=told):
        require_known("bad", stated)


def test_a_file_is_refused_where_it_is_loaded_and_a_kept_mapping_is_read_as_it_was(tmp_path: Path) -> None:
    text = f"{table('select 1')}\n[iterface]\nauth = 'basic'\n"
    with (
        dialects(tmp_path, bad=text),
        pytest.raises(DialectError, match=r"bad\.toml: \[iterface\]: no such table"),
    ):
        dialect.load("bad")
    assert dialect.of_texts("bad", {"bad": text}).header


def test_every_format_is_one_that_rows_are_read_of() -> None:
    assert {one.removesuffix(".gz") for one in (*FORMS, MESSAGE)} == {*READERS, ARCHIVE} - {"rows"}


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
