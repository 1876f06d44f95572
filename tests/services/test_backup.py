"""A backup holds whatever a manifest names; what is made of it takes no other line's place."""

from __future__ import annotations

from pathlib import Path

import pytest

from jobs import objects, ops
from jobs.errors import IntegrityFault, UsageFault
from jobs.rebuild import backup, rebuild, restore
from jobs.rebuild.origins import SEAL
from jobs.settings import Settings, load_settings
from tests.support.databases import scratch
from tests.support.line import Line, at_day

FEED = "01-dossiers"


@pytest.fixture(scope="module")
def landed(line: Line) -> Line:
    """A line with one landed object."""
    line.directory("01")
    (line.inbox("01") / "1.ndjson").write_text("{}\n")
    line.pull(FEED, at_day(1))
    return line


def test_a_backup_that_lacks_a_sealed_object_is_not_sealed(landed: Line, tmp_path: Path) -> None:
    store, bucket = objects.client(landed.settings), landed.settings.landing_bucket
    (key,) = [key for key in objects.keys(store, bucket, FEED) if "manifest" not in key]
    whole = objects.get(store, bucket, key)
    store.remove_object(bucket_name=bucket, object_name=key)
    with pytest.raises(IntegrityFault, match=f"{key} is missing"):
        backup(landed.settings, to=tmp_path / "saved", at=at_day(1))
    assert not (tmp_path / "saved" / SEAL).exists()
    objects.put(store, bucket, key, whole)
    backup(landed.settings, to=tmp_path / "saved", at=at_day(1))
    assert (tmp_path / "saved" / "landing" / key).read_bytes() == whole


def home(folder: Path, settings: Settings, **other: str) -> Path:
    """A home with the stores of another one, but for what is named."""
    known = (settings.home / "settings.env").read_text()
    stated = [f"LIENTHONG_{name.upper()}={value}" for name, value in other.items()]
    folder.mkdir()
    (folder / "settings.env").write_text("\n".join([known, *stated]))
    return folder


@pytest.mark.parametrize(
    "shared", [("landing_bucket", "landing"), ("open_bucket", "open-data"), ("landing_bucket", "open-data")]
)
def test_a_rebuild_into_buckets_of_the_original_is_refused(
    settings: Settings, tmp_path: Path, shared: tuple[str, str]
) -> None:
    urls = ("ops_url", "population_url", "land_url", "business_url", "catalog_uri", "spark_remote")
    places = dict.fromkeys(urls, "elsewhere") | {"landing_bucket": "mine", "open_bucket": "mine-too"}
    into = home(tmp_path / "into", settings, **(places | dict([shared])))
    with pytest.raises(UsageFault, match=f"has the bucket {shared[1]} of the old one"):
        rebuild(settings, into=into)


def test_a_restore_into_buckets_of_a_line_is_refused(landed: Line, tmp_path: Path) -> None:
    settings, saved = landed.settings, tmp_path / "saved"
    store, bucket = objects.client(settings), settings.landing_bucket
    backup(settings, to=saved, at=at_day(1))
    (key,) = [key for key in objects.keys(store, bucket, FEED) if "manifest" in key]
    objects.put(store, bucket, key, b"newer")
    with scratch(settings, "ops_alone") as engine:
        url = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
        into = home(tmp_path / "into", settings, ops_url=url)
        with pytest.raises(UsageFault, match="bucket landing is not empty"):
            restore(saved, into=into)
        ops.engine(load_settings({"LIENTHONG_HOME": str(into)})).dispose()
    assert objects.get(store, bucket, key) == b"newer"
