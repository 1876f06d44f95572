"""What status tells is whole whatever is committed while it reads."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from jobs import ops
from jobs.ops import batches
from jobs.ops.batches import Batch
from jobs.registry import databases
from jobs.settings import Settings
from jobs.status import status
from tests.support.databases import scratch
from tests.support.line import Line, at_day

AT = at_day(1)


def commit(engine: sa.Engine, kind: str, register: str | None, result: dict[str, Any], **plan: Any) -> int:
    batch = batches.plan(engine, kind=kind, register=register, at=AT, members=plan)
    batches.commit(engine, batch, result, AT)
    return batch.batch_id


def test_status_is_told_while_a_conform_and_a_merge_commit(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Line(settings, tmp_path).directory("01")
    committed, numbers = batches.committed, iter(range(1, 100))

    def after_others(engine: sa.Engine, kind: str | None = None, register: str | None = None) -> list[Batch]:
        name = f"01-dossiers.{next(numbers):08d}"
        counted = {"submission_id": name, "register": "land", "disposition": "effective", "rows": 1}
        conform = commit(engine, "conform", None, {"counts": [counted]}, submissions=[name])
        commit(engine, "merge", "land", {}, upto=conform, new=[conform])
        return committed(engine, kind, register)

    monkeypatch.setattr(batches, "committed", after_others)
    with scratch(settings, "ops_alone") as scratched:
        url = scratched.url.set(drivername="postgresql").render_as_string(hide_password=False)
        mine = settings.model_copy(update={"ops_url": url, "source_paths": str(tmp_path)})
        databases.migrate_ops(scratched)
        told = status(mine, at=AT)
        ops.engine(mine).dispose()
    (source,) = [one for one in told["sources"] if one["source"] == "01-dossiers"]
    assert source["registers"]["land"]["landed"] == source["registers"]["land"]["effective"] == 1
