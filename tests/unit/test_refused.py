"""A mapping file that is written wrong, or does not fit what it fills, is refused where it is loaded."""

from __future__ import annotations

from pathlib import Path

import pytest

from schemas import dialect
from schemas.dialect import Dialect
from schemas.reading import DialectError
from tests.support.invented import dialects

CODE = 'dossier_code = { path = "a", parser = "text" }'
NAME = 'full_name = { path = "n", parser = "name" }'
GROUP = 'persons = { item = "p", path = "P" }'
ITEM = f'[items.p]\ndataset = "population_persons"\n{NAME}'
GOOD = f"[header]\n{CODE}\n{ITEM}\n[groups]\n{GROUP}\n"
HEADER, GROUPS, PERSON = r"\[header\] dossier_code", r"\[groups\] persons", r"\[items\.p\]"


def loaded(folder: Path, text: str) -> Dialect:
    with dialects(folder, bad=text):
        return dialect.load("bad")


def first(text: str) -> str:
    """A whole file with something before its tables."""
    return f"{text}\n{GOOD}"


def code(entry: str) -> str:
    return GOOD.replace(CODE, f"dossier_code = {entry}")


def other(field: str, entry: str) -> str:
    return GOOD.replace(CODE, f"{CODE}\n{field} = {entry}")


def person(line: str) -> str:
    return GOOD.replace(NAME, line)


def group(line: str) -> str:
    return GOOD.replace(GROUP, line)


TYPES = [
    (f"header = 3\n{ITEM}\n[groups]\n{GROUP}\n", r"header: no table\. Remedy: write \[header"),
    (first("dialect = 3"), r"dialect: no table\. Remedy: write \[dialect"),
    (first("layout = 3"), r"layout: no table\. Remedy: write \[layout"),
    (first("table = 3"), r"table: no table\. Remedy: write \[table"),
    (first("interface = 3"), r"interface: no table\. Remedy: write \[interface"),
    (first('[shape]\npath = "a"\nform = "json"'), r"shape: no table\. Remedy: write \[\[shape"),
    (first("shape = [3]"), r"\[\[shape\]\] 1: no table\. Remedy: give it the keys"),
    (
        first('[[shape]]\npath = "a..b"\nform = "json"'),
        r"\[\[shape\]\] 1: path: 'a\.\.b' is no place\. Remedy:",
    ),
    (first('[[shape]]\npath = "a"\nform = ["json"]'), r"\[\[shape\]\] 1: form: no text\. Remedy:"),
    (first('[dialect]\nrows = ["dossiers"]'), r"\[dialect\]: rows: no text\. Remedy:"),
    (first("[dialect]\nitems_of = 3"), r"\[dialect\]: items_of: no text\. Remedy:"),
    (GOOD.replace("[groups]", "[[groups]]"), r"groups: no table\. Remedy: write \[groups"),
    (group('persons = "P"'), rf"{GROUPS}: no table\. Remedy: give it the keys"),
    (group('persons = { item = ["p"], path = "P" }'), rf"{GROUPS}: item: no text\. Remedy:"),
    (group('persons = { item = "p", path = 3 }'), rf"{GROUPS}: path: no text\. Remedy:"),
    (group('persons = { item = "p", path = "" }'), rf"{GROUPS}: path: '' is no place\. Remedy:"),
    (
        f"[header]\n{CODE}\n[items]\np = 3\n[groups]\n{GROUP}\n",
        r"items\.p: no table\. Remedy: write \[items\.p",
    ),
    (GOOD.replace('"population_persons"', '["a"]'), rf"{PERSON} dataset: no text\. Remedy:"),
    (person('full_name = "n"'), rf"{PERSON} full_name: no reading\. Remedy: give a path and a parser"),
    (person("full_name = []"), rf"{PERSON} full_name: no reading\. Remedy: give a path and a parser"),
    (code('{ path = "a", parser = ["text"] }'), rf"{HEADER}: parser: no text\. Remedy:"),
    (code('{ path = 3, parser = "text" }'), rf"{HEADER}: path: no text\. Remedy:"),
    *(
        (
            code(f'{{ path = "{path}", parser = "text" }}'),
            rf"{HEADER}: path: '.*' is no place\. Remedy: join keys",
        )
        for path in ("", "a..b", "[]", ".a", "a.")
    ),
    *(
        (
            code(f'{{ path = "a", parser = "map", values = {values} }}'),
            rf"{HEADER}: values: no code list\. Remedy:",
        )
        for values in ('["a"]', "{}", '{ "1" = 2 }', '"a"')
    ),
]
FITS = [
    (
        person('birth_date = { path = "n", parser = "text" }'),
        rf"{PERSON} birth_date: parser: 'text' gives text, and",
    ),
    (
        person('old_birth_date = { path = "n", parser = "integer" }'),
        r"the field is date\. Remedy: use one of \['date",
    ),
    (
        person('from_date = { path = "n", parser = "instant" }'),
        rf"{PERSON} from_date: parser: 'instant' gives instant",
    ),
    (
        code('{ path = "a", parser = "date" }'),
        rf"{HEADER}: parser: 'date' gives date, and the field is text\. Remedy",
    ),
    (
        other("is_paid_online", '{ path = "a", parser = "text" }'),
        r"is_paid_online: parser: 'text' gives text, and the field is boolean\. Remedy: use one of",
    ),
    (
        other("is_paid_online", '{ path = "a", parser = "map", values = { "1" = "yes" } }'),
        r"is_paid_online: values: 'yes' is no flag\. Remedy: write boolean as 'true'",
    ),
    (
        other("status", '{ path = "a", parser = "map", values = { "1" = "999" } }'),
        r"\[header\] status: values: '999' is no .*\. Remedy: use one of \['1'",
    ),
    (
        person('birth_date = { path = "n", parser = "map", values = { "1" = "02/11/2026" } }'),
        rf"{PERSON} birth_date: values: '02/11/2026' is no date\. Remedy: write date as '1990-05-17'",
    ),
    *(
        (
            code(f"{{ path = 'a', parser = 'map', values = {{ '1' = '2' }}, part = '{part}' }}"),
            rf"{HEADER}: part: .* is not read alike by Python and Java\. Remedy:",
        )
        for part in ("(?P<x>[0-9])", r"(\d)", "(a{,3})", "(?i)(a)", "([[]a)", "(a{)", "(?>a)(b)", "([a&&b])")
    ),
    (
        group(f'{GROUP}\nnosuch = {{ item = "p", path = "P" }}'),
        r"\[groups\] nosuch: no effect reads it\. Remedy: use",
    ),
    (
        group('parcels = { item = "p", path = "P" }'),
        r"\[groups\] parcels: its items are persons, and effects read parcels there\. Remedy: name an",
    ),
]


@pytest.mark.filterwarnings("ignore:Possible:FutureWarning")  # Python says so of what Java reads otherwise
@pytest.mark.parametrize(("text", "told"), [*TYPES, *FITS])
def test_a_wrong_mapping_is_refused_with_its_place_and_the_remedy(
    tmp_path: Path, text: str, told: str
) -> None:
    assert loaded(tmp_path, GOOD).groups
    with pytest.raises(DialectError, match=rf"^bad\.toml: .*{told}"):
        loaded(tmp_path, text)


@pytest.mark.parametrize(
    "text",
    [
        code('{ path = "a", parser = "map", values = { "1" = "2", "*" = "" }, part = "::([A-Z_]+)$" }'),
        code("{ path = 'a', parser = 'map', values = { '1' = '2' }, part = '(?:x|\\()([0-9]{1,3})(?!&)' }"),
        other("is_paid_online", '{ path = "a", parser = "map", values = { "1" = "true", "0" = "" } }'),
        first('[[shape]]\npath = ""\nform = "numbered"\npattern = "(?P<list>a)(?P<number>[0-9])(?P<key>b)"'),
    ],
)
def test_a_right_mapping_is_not(tmp_path: Path, text: str) -> None:
    assert loaded(tmp_path, text).header


@pytest.mark.filterwarnings("ignore:Possible:FutureWarning")
@pytest.mark.parametrize("text", [text for text, _ in FITS])
def test_what_does_not_fit_is_read_where_a_batch_has_kept_it(text: str) -> None:
    assert dialect.of_texts("bad", {"bad": text}).header


def test_items_that_are_lent_are_looked_at_and_the_lender_is_named(tmp_path: Path) -> None:
    own = f'[dialect]\nitems_of = "lender"\n[header]\n{CODE}\n[groups]\n{GROUP}\n'
    for wrong, told in (
        (
            person('birth_date = { path = "n", parser = "text" }'),
            rf"^lender\.toml: {PERSON} birth_date: parser",
        ),
        (person("full_name = 3"), rf"^lender\.toml: {PERSON} full_name: no reading"),
    ):
        with dialects(tmp_path, bad=own, lender=wrong), pytest.raises(DialectError, match=told):
            dialect.load("bad")
