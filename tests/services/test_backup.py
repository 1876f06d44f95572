"""A backup holds whatever a manifest names, or is not sealed."""

from __future__ import annotations

from pathlib import Path

import pytest

from jobs import objects
from jobs.errors import IntegrityFault
from jobs.rebuild import backup
from jobs.rebuild.origins import SEAL
from tests.support.line import Line, at_day

FEED = "01-dossiers"


def test_a_backup_that_lacks_a_sealed_object_is_not_sealed(line: Line, tmp_path: Path) -> None:
    line.directory("01")
    (line.inbox("01") / "1.ndjson").write_text("{}\n")
    line.pull(FEED, at_day(1))
    store, bucket = objects.client(line.settings), line.settings.landing_bucket
    (key,) = [key for key in objects.keys(store, bucket, FEED) if "manifest" not in key]
    whole = objects.get(store, bucket, key)
    store.remove_object(bucket_name=bucket, object_name=key)
    with pytest.raises(IntegrityFault, match=f"{key} is missing"):
        backup(line.settings, to=tmp_path / "saved", at=at_day(1))
    assert not (tmp_path / "saved" / SEAL).exists()
    objects.put(store, bucket, key, whole)
    backup(line.settings, to=tmp_path / "saved", at=at_day(1))
    assert (tmp_path / "saved" / "landing" / key).read_bytes() == whole
