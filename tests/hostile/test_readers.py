"""Bytes to rows: whatever stands between good rows, these are read, and nothing is raised."""

from __future__ import annotations

import json
from itertools import chain
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.landing.containers import judged
from jobs.landing.rows import rows_of
from schemas.forms import TEXTS
from schemas.layout import USUAL
from tests.hostile.json_rows import ROWS
from tests.hostile.kinds import REST, birth

GOOD = '{"MaHoSo":"H26"}'
_SMALL = 5_000
_KINDS = [
    text
    for kind in ROWS
    if REST in kind.through and isinstance(text := kind.text(birth(1, 1)), str) and len(text) < _SMALL
]
_JSON = st.recursive(
    st.sampled_from(["NaN", "-Infinity", "1e999", "9" * 5_000, "null", '"\\ud800"', "0.1", '"\\u0000"'])
    | st.text(max_size=5).map(json.dumps),
    lambda inner: (
        st.lists(inner, max_size=4).map(lambda items: f"[{','.join(items)}]")
        | st.lists(st.tuples(st.sampled_from(['"a"', '"id"', '"\\udc00"']), inner), max_size=4).map(
            lambda pairs: "{" + ",".join(f"{name}:{value}" for name, value in pairs) + "}"
        )
    ),
)
_DEEP = st.integers(90, 300).map(lambda depth: "[" * depth + "]" * depth)
_ROW = _JSON | _DEEP | st.sampled_from(_KINDS)


def read(data: bytes, form: str, rows: list[str]) -> None:
    """Each row has its place, and the good ones after each are read."""
    found = list(rows_of(data, form, USUAL))
    assert [row.row_no for row in found] == list(range(1, 2 * len(rows) + 1))
    assert [row.record for row in found[1::2]] == [json.loads(GOOD)] * len(rows)
    assert all((row.record is None) is (row.error is not None) for row in found)


@given(st.lists(_ROW, max_size=5))
def test_a_page(rows: list[str]) -> None:
    items = ",".join(chain.from_iterable((row, GOOD) for row in rows))
    read(f'{{"data":[{items}]}}'.encode(errors="surrogatepass"), "json", rows)


@given(st.lists(_ROW | st.text(st.characters(exclude_characters="\r\n"), min_size=1), max_size=5))
def test_lines(rows: list[str]) -> None:
    told = [row for row in rows if row.strip(" \t\x0b\x0c\x1c\x1d\x1e\x1f\x85") and row.isprintable()]
    lines = "\n".join(chain.from_iterable((row, GOOD) for row in told))
    read(lines.encode(errors="surrogatepass"), "ndjson", told)


@given(
    st.binary(max_size=300),
    st.sampled_from([form for text in TEXTS for form in (text, f"{text}.gz")]),
)
def test_any_bytes_are_taken_or_refused_with_a_remedy(data: bytes, form: str) -> None:
    why = judged(data, form, USUAL).refusal
    assert why is None or "Remedy: " in why


@pytest.mark.parametrize("place", range(0, 400, 40))
def test_a_parquet_file_with_any_byte_spoilt(tmp_path: Path, place: int) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    file = tmp_path / "a.parquet"
    pq.write_table(pa.table({"MaHoSo": ["H26", "H27"]}), file)
    data = file.read_bytes()
    spoilt = data[:place] + bytes([data[place] ^ 0xFF]) + data[place + 1 :]
    why = judged(spoilt, "parquet", USUAL).refusal
    assert why is None or "Remedy: " in why
    assert list(rows_of(spoilt, "parquet", USUAL))
