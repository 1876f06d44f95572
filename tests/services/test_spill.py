"""Spark's scratch folder holds rows while a query runs, and none afterwards."""

from __future__ import annotations

from pathlib import Path

from infra.embedded.home import prepare
from infra.embedded.spark import spark


def test_what_a_killed_server_left_is_gone_at_the_next_start(tmp_path: Path) -> None:
    values = prepare(tmp_path)
    left = tmp_path / "run" / "spark" / "blockmgr-1" / "00" / "shuffle_0_0_0.data"
    left.parent.mkdir(parents=True)
    left.write_text("a row")
    service = spark(tmp_path, values)
    assert service.prepare is not None
    service.prepare()
    assert not left.exists()
    assert (tmp_path / "run" / "spark.conf").exists()
