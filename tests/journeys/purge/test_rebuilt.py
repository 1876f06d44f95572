"""Homes made from a line with erasures, and erasures made again in a home from before them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from jobs import objects, ops
from jobs.__main__ import main
from jobs.errors import UsageFault
from jobs.ledger.verify import verify
from jobs.ops import erasures
from jobs.rebuild import copies
from jobs.rebuild.origins import Home
from jobs.registry import databases
from jobs.settings import Settings, load_settings
from schemas import ops as schema
from tests.journeys import worked_example as w
from tests.journeys.purge.traces import environ, places, standing
from tests.support.databases import scratch
from tests.support.line import Line, at_day, reset

AT = at_day(4)


def test_what_is_not_the_same_here_is_left(
    erased: Line, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A home that was restored and has pulled since may have other rows at the same places, or none."""
    file = tmp_path / "erasures.json"
    words = ["purge", "--again", str(file), "--at", AT.isoformat(), "--json"]
    capsys.readouterr()
    assert main(["purge", "--list", "--json"], environ(erased.settings)) == 0
    known = json.loads(capsys.readouterr().out)
    assert {name: set(one) for name, one in known[0]["offered"].items()} == {
        name: set(one) for name, one in known[0]["places"].items()
    }
    other = {f"{w.FEED}.00000001": {"1": [[2, 2]]}, f"{w.FEED}.00000099": {"1": [[1, 1]]}}
    offered = {name: {"1": "0" * 64} for name in other}
    file.write_text(json.dumps([*known, known[0] | {"places": other, "offered": offered}]))
    assert main(words, environ(erased.settings)) == 0
    (told,) = json.loads(capsys.readouterr().out)
    assert (told["state"], told["left"]) == ("left", [f"{name}/1" for name in other])
    assert len(erasures.listed(ops.engine(erased.settings))) == len(known)
    for text in ("[", '[{"places": 1}]', "{}"):
        file.write_text(text)
        assert main(words, environ(erased.settings)) == UsageFault.exit_code
    file.unlink()
    assert main(words, environ(erased.settings)) == UsageFault.exit_code


@pytest.fixture
def begun(erased: Line) -> Iterator[Settings]:
    """A home in which a rebuild was begun: its own ops and landing, empty until something is copied."""
    store, bucket = objects.client(erased.settings), "begun"
    with scratch(erased.settings, bucket) as engine:
        databases.migrate_ops(engine)
        store.make_bucket(bucket_name=bucket)
        url = engine.url.render_as_string(hide_password=False)
        yield erased.settings.model_copy(update={"ops_url": url, "landing_bucket": bucket})
        for key in list(objects.keys(store, bucket, "")):
            store.remove_object(bucket_name=bucket, object_name=key)
        store.remove_bucket(bucket_name=bucket)


def test_a_rebuild_is_not_gone_on_with_when_it_has_what_was_erased_since(
    erased: Line, begun: Settings
) -> None:
    origin, engine = Home(erased.settings), ops.engine(begun)
    every, keys = copies.operations(origin, engine)
    with engine.begin() as connection:
        connection.execute(schema.erasures.delete())
        connection.execute(schema.batches.insert().values(every[0]))
    with pytest.raises(UsageFault, match="erased since"):
        copies.operations(origin, engine)
    with engine.begin() as connection:
        connection.execute(schema.batches.delete())
    copies.operations(origin, engine)

    store, old = objects.client(begun), f"{w.FEED}/00000001/000001.ndjson.gz"
    assert old not in keys
    objects.put(store, begun.landing_bucket, old, b"copied before the erasure")
    copies.landing(origin, begun, keys)
    assert set(objects.keys(store, begun.landing_bucket, "")) == keys


@pytest.mark.long
@pytest.mark.timeout(1800)  # Alone it has the folder's set-up in its time: 576 s and 250 s on a slow machine.
def test_a_home_rebuilt_from_it_is_the_same(erased: Line, second_home: Path) -> None:
    """Batches before the erasures cannot be compared; what stands in the end is equal, and verifies."""
    assert main(["rebuild", "--into", str(second_home), "--json"], environ(erased.settings)) == 0
    rebuilt = Line(load_settings({"LIENTHONG_HOME": str(second_home)}), erased.folder)
    assert standing(rebuilt) == standing(erased)
    assert verify(rebuilt.settings)["first_difference"] is None


@pytest.mark.long
def test_a_backup_from_before_is_erased_again(
    erased: Line,
    kept: Path,
    second_home: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    reset(load_settings({"LIENTHONG_HOME": str(second_home)}))
    assert main(["restore", "--from", str(kept), "--into", str(second_home), "--json"], {}) == 0
    capsys.readouterr()
    assert main(["purge", "--list", "--json"], environ(erased.settings)) == 0
    (tmp_path / "erasures.json").write_text(capsys.readouterr().out)
    restored = Line(load_settings({"LIENTHONG_HOME": str(second_home)}), erased.folder)
    assert w.D1 in places(restored.settings)
    words = ["purge", "--again", str(tmp_path / "erasures.json"), "--at", AT.isoformat(), "--json"]
    assert main(words, {"LIENTHONG_HOME": str(second_home)}) == 0
    assert {w.D1, w.D3} & set(places(restored.settings)) == set()
    assert standing(restored) == standing(erased)
    assert verify(restored.settings)["first_difference"] is None
