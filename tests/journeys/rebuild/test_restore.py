"""A line's truth saved in a folder and made into a home elsewhere, which verifies (reliability R22)."""

from __future__ import annotations

import json
import shutil
import stat
from pathlib import Path

import pytest

from jobs import objects
from jobs.__main__ import main
from jobs.cli.rebuild import start
from jobs.errors import IntegrityFault, UsageFault
from jobs.ledger.verify import verify
from jobs.rebuild import backup, restore
from jobs.rebuild.digests import Digests, differences, digests
from jobs.rebuild.origins import SEAL
from jobs.settings import load_settings
from tests.support.line import Line, at_day, reset

FEED = "01-dossiers"
OBJECT = f"{FEED}/00000001/000001.ndjson.gz"
REPLACED = f"{FEED}/00000001/000009.ndjson.gz"


@pytest.fixture(scope="module")
def saved(lived: tuple[Line, Digests], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A backup that was interrupted before its seal and gone on with."""
    folder = tmp_path_factory.mktemp("backup") / "saved"
    (folder / "landing" / OBJECT).parent.mkdir(parents=True)
    (folder / "landing" / OBJECT).write_bytes(b"half")
    (folder / "landing" / REPLACED).write_bytes(b"erased since")
    with pytest.raises(UsageFault, match="something else"):
        backup(lived[0].settings, to=folder, at=at_day(3))
    (folder / f"{SEAL}.part").touch(mode=0o600)
    told = backup(lived[0].settings, to=folder, at=at_day(3))
    assert told["objects"] == len(
        set(objects.keys(objects.client(lived[0].settings), lived[0].settings.landing_bucket, ""))
    )
    return folder


@pytest.fixture(scope="module")
def emptied(lived: tuple[Line, Digests], home: Path) -> Path:
    """The second home, with nothing in its stores any more."""
    start(lived[0].settings.identity_key.get_secret_value(), home, like=lived[0].settings.home)
    reset(load_settings({"LIENTHONG_HOME": str(home)}))
    return home


def test_only_its_owner_can_read_it(saved: Path) -> None:
    assert stat.S_IMODE(saved.stat().st_mode) == 0o700
    written = [path for path in saved.rglob("*") if path.is_file()]
    assert len(written) > 10
    assert {stat.S_IMODE(path.stat().st_mode) for path in written} == {0o600}


def test_what_landing_has_no_more_is_not_kept(saved: Path) -> None:
    assert (saved / "landing" / OBJECT).is_file()
    assert not (saved / "landing" / REPLACED).exists()


@pytest.mark.long
def test_a_restored_home_is_the_same_and_verifies(
    lived: tuple[Line, Digests], saved: Path, emptied: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["restore", "--from", str(saved), "--into", str(emptied), "--json"], {}) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["carried_out"] == list(range(1, told["batches"] + 1))
    restored = load_settings({"LIENTHONG_HOME": str(emptied)})
    assert differences(lived[1], digests(restored)) == []
    assert verify(restored)["first_difference"] is None


@pytest.mark.long
@pytest.mark.usefixtures("lived")
def test_restoring_again_does_nothing(saved: Path, emptied: Path) -> None:
    assert restore(saved, into=emptied)["carried_out"] == []


def test_a_finished_backup_is_not_overwritten(lived: tuple[Line, Digests], saved: Path) -> None:
    with pytest.raises(UsageFault, match="finished backup"):
        backup(lived[0].settings, to=saved, at=at_day(3))


def test_a_folder_of_something_else_is_refused(lived: tuple[Line, Digests], tmp_path: Path) -> None:
    (tmp_path / "letters").mkdir()
    with pytest.raises(UsageFault, match="something else"):
        backup(lived[0].settings, to=tmp_path, at=at_day(3))


@pytest.mark.parametrize("name", ["ops/submissions", f"landing/{OBJECT}"])
def test_a_backup_that_was_changed_is_named(saved: Path, emptied: Path, tmp_path: Path, name: str) -> None:
    changed = tmp_path / "changed"
    shutil.copytree(saved, changed)
    data = (changed / name).read_bytes()
    (changed / name).write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    with pytest.raises(IntegrityFault, match=name.partition("/")[2]):
        restore(changed, into=emptied)


def test_a_home_with_another_key_is_refused_and_keeps_its_key(saved: Path, tmp_path: Path) -> None:
    settings = tmp_path / "settings.env"
    settings.write_text(f"LIENTHONG_IDENTITY_KEY={'0' * 64}\n")
    (tmp_path / "stack.json").write_text("{}")
    told = main(["restore", "--from", str(saved), "--into", str(tmp_path)], {})
    assert told == UsageFault.exit_code
    assert "0" * 64 in settings.read_text()


def test_a_folder_without_its_seal_is_no_backup(saved: Path, emptied: Path, tmp_path: Path) -> None:
    unsealed = tmp_path / "unsealed"
    shutil.copytree(saved, unsealed)
    (unsealed / SEAL).unlink()
    with pytest.raises(UsageFault, match="no backup"):
        restore(unsealed, into=emptied)
