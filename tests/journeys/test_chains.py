"""Chains of events from landed bytes to the history rows of the registers."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from jobs import ops, session
from jobs.lake import live
from schemas import holds
from tests.journeys import chains as c
from tests.support.dossiers import ndjson
from tests.support.line import Line, at_day

SOLD, WHOLE, NEW_A, NEW_B, AGAIN, BARE = (f"w7dxt6k1950{place}" for place in range(6))
RIGHTS = """
    select holder_name, to_char(valid_from at time zone 'Asia/Ho_Chi_Minh', 'YYYY-MM-DD HH24:MI'),
           to_char(valid_to at time zone 'Asia/Ho_Chi_Minh', 'YYYY-MM-DD HH24:MI')
    from rights_history where parcel_id = :parcel and recorded_to is null
    order by valid_from, valid_to nulls last, holder_id
"""
EXTRACTS = [
    c.extract_of("BLT1", SOLD, 1, c.right(SOLD, c.BINH, tuNgay="01/01/2010")),
    c.extract_of(
        "BLT2",
        WHOLE,
        2,
        c.right(WHOLE, c.BINH, "1/2", tuNgay="01/01/2010"),
        c.right(WHOLE, c.CUC, "1/2", tuNgay="01/01/2010"),
    ),
    c.extract_of("BLT3", BARE, 3),
]
PEOPLE = [
    c.resident("BLP1", c.AN),
    c.resident("BLP2", c.HOA),
    c.resident("BLP3", c.AN, HoVaTen="Lý Văn Khải", NgaySinh="01/02/1990") | {"CuTru": []},
]
DAY_ONE = [
    # B sells to C before A's sale to B is in the feed: arrival is not order.
    c.sale(c.code(2), SOLD, c.CUC, c.EM, "20261102150000"),
    c.sale(c.code(1), SOLD, c.BINH, c.CUC, "20261102100000"),
    c.split(c.code(3), WHOLE, [NEW_A, NEW_B], "20261102110000"),
    c.union(c.code(4), [NEW_A, NEW_B], AGAIN, "20261102140000"),
    c.sale(c.code(5), BARE, c.BINH, c.EM, "20261102100000"),
    c.move(c.code(6), c.HOA, "20/10/2026", "00008", "20261102090000"),
    c.death(c.code(7), c.HOA, "01/11/2026", "20261102093000"),
    c.renaming(c.code(8), c.NAM, "Đỗ Hữu Nam", "20261102160000"),
]
LATER_TITLE = [c.extract_of("BLT4", BARE, 3, c.right(BARE, c.BINH, tuNgay="05/11/2026"))]
EARLIER_TITLE = [c.extract_of("BLT4", BARE, 3, c.right(BARE, c.BINH, tuNgay="01/01/2012"))]


@pytest.fixture(scope="module")
def told(line: Line) -> Line:
    """Extracts and the first day, served together."""
    line.directory("01")
    line.directory("02", province="79")
    write(line, "01", "baseline", "parcels-0", EXTRACTS)
    write(line, "01", "baseline", "persons-0", PEOPLE)
    write(line, "01", "dossiers", "day-1", DAY_ONE)
    served(line, 1, "01-baseline", "01-dossiers")
    return line


def write(line: Line, stem: str, feed: str, name: str, rows: list[dict[str, Any]]) -> None:
    (line.inbox(stem, feed) / f"{name}.ndjson.gz").write_bytes(ndjson(rows))


def served(line: Line, day: int, *feeds: str) -> None:
    for feed in feeds:
        line.pull(feed, at_day(day))
    line.conform(at_day(day))
    line.merge(at_day(day))


def dispositions(line: Line, register: str, dossier: str) -> list[tuple[str, str]]:
    """Disposition and codes of a dossier's facts, as they stand."""
    rows = live.dispositions(session.connect(line.settings), ops.engine(line.settings), register)
    mine = rows.where(rows.dossier_code == dossier).orderBy("dataset", "verb", "row_key").collect()
    return [(row.disposition, row.codes) for row in mine]


def test_two_sales_on_one_day_end_two_rights_and_leave_one(told: Line) -> None:
    assert told.query("land", RIGHTS, parcel=SOLD) == [
        (c.NAMES[c.BINH], "2010-01-01 00:00", "2026-11-02 10:00"),
        (c.NAMES[c.CUC], "2026-11-02 10:00", "2026-11-02 15:00"),
        (c.NAMES[c.EM], "2026-11-02 15:00", None),
    ]
    assert told.query("land", "select holder_id from rights where parcel_id = :p", p=SOLD) == [(c.EM,)]


def test_a_split_then_a_merge_carry_the_rights(told: Line) -> None:
    lives = told.query(
        "land",
        """select parcel_id, to_char(valid_from at time zone 'Asia/Ho_Chi_Minh', 'DD HH24:MI'),
                  to_char(valid_to at time zone 'Asia/Ho_Chi_Minh', 'DD HH24:MI')
           from parcels_history where parcel_id = any(:parcels) and recorded_to is null
           order by valid_from, 1""",
        parcels=[NEW_A, NEW_B, AGAIN],
    )
    assert lives == [
        (NEW_A, "02 11:00", "02 14:00"),
        (NEW_B, "02 11:00", "02 14:00"),
        (AGAIN, "02 14:00", None),
    ]
    for parcel, since, until in (
        (WHOLE, "2010-01-01 00:00", "2026-11-02 11:00"),
        (NEW_A, "2026-11-02 11:00", "2026-11-02 14:00"),
        (AGAIN, "2026-11-02 14:00", None),
    ):
        assert told.query("land", RIGHTS, parcel=parcel) == [
            (c.NAMES[c.BINH], since, until),
            (c.NAMES[c.CUC], since, until),
        ]


def test_a_death_after_a_move_ends_the_new_residence(told: Line) -> None:
    homes = told.query(
        "population",
        """select commune_code, (valid_from at time zone 'Asia/Ho_Chi_Minh')::date::text,
                  (valid_to at time zone 'Asia/Ho_Chi_Minh')::date::text
           from residences_history where personal_id = :id and recorded_to is null order by valid_from""",
        id=c.HOA,
    )
    assert homes == [("00004", "2015-06-01", "2026-10-20"), ("00008", "2026-10-20", "2026-11-01")]
    assert told.query("population", "select count(*) from residences where personal_id = :id", id=c.HOA) == [
        (0,)
    ]
    assert told.query(
        "population", "select death_date::text from persons where personal_id = :id", id=c.HOA
    ) == [("2026-11-01",)]


def test_an_equal_id_with_a_contradiction_is_held_and_decided_apart(told: Line) -> None:
    standing = told.query("population", "select full_name from persons where personal_id = :id", id=c.AN)
    held = {record: dispositions(told, "population", record) for record in ("BLP1", "BLP3")}
    codes = {code for facts in held.values() for _, text in facts for code in text.split(",")}
    assert len(standing) == 1
    assert {holds.CONTRADICTION_NAME.code, holds.CONTRADICTION_BIRTH.code} <= codes
    assert sorted({disposition for facts in held.values() for disposition, _ in facts}) == [
        "held",
        "inserted",
    ]
    with ops.engine(told.settings).connect() as connection:
        verdicts = connection.execute(sa.text("select verdict, decided_by from decisions")).all()
    assert ("apart", "rule:equal_key") in [tuple(row) for row in verdicts]


def test_a_correction_before_what_it_corrects_waits(told: Line) -> None:
    assert dispositions(told, "population", c.code(8)) == [("held", holds.CORRECTS_NOTHING.code)]
    assert told.query("population", "select 1 from persons where personal_id = :id", id=c.NAM) == []


def test_a_seller_who_owns_nothing_is_held(told: Line) -> None:
    assert {one for one, _ in dispositions(told, "land", c.code(5))} == {"held"}
    assert told.query("land", RIGHTS, parcel=BARE) == []


def test_a_later_title_releases_nothing_and_the_correction_finds_its_person(told: Line) -> None:
    write(told, "02", "baseline", "parcels-1", LATER_TITLE)
    write(told, "02", "baseline", "persons-1", [c.resident("BLP9", c.NAM)])
    served(told, 2, "02-baseline")
    assert {one for one, _ in dispositions(told, "land", c.code(5))} == {"held"}
    assert told.query("land", RIGHTS, parcel=BARE) == [(c.NAMES[c.BINH], "2026-11-05 00:00", None)]
    assert dispositions(told, "population", c.code(8)) == [("updated", "")]
    names = told.query(
        "population",
        "select full_name, valid_to from persons_history where personal_id = :id and recorded_to is null",
        id=c.NAM,
    )
    assert names == [("Đỗ Hữu Nam", None)]


def test_an_earlier_title_releases_the_sale(told: Line) -> None:
    write(told, "01", "baseline", "parcels-2", EARLIER_TITLE)
    served(told, 3, "01-baseline")
    assert {one for one, _ in dispositions(told, "land", c.code(5))} <= {"updated", "inserted"}
    assert told.query("land", RIGHTS, parcel=BARE)[:2] == [
        (c.NAMES[c.BINH], "2012-01-01 00:00", "2026-11-02 10:00"),
        (c.NAMES[c.EM], "2026-11-02 10:00", None),
    ]
