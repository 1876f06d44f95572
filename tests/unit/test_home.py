"""A home: what people write in its settings stays, and one whose services others run is left alone."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from infra.embedded.home import HomeError, adopt, prepare, write_private
from jobs.__main__ import main
from jobs.errors import UsageFault
from jobs.settings import load_settings

CREDENTIAL = "# agreed with the province\nLIENTHONG_CREDENTIAL_HA_NOI=client:secret\n"


def test_a_home_of_before_gets_what_it_lacks_and_keeps_the_rest(tmp_path: Path) -> None:
    made = prepare(tmp_path)
    known = json.loads((tmp_path / "stack.json").read_text())
    for name in ("sandbox_sftp_port", "inbox_reader_key"):
        older = {key: value for key, value in known.items() if key != name}
        (tmp_path / "stack.json").write_text(json.dumps(older))
        now = prepare(tmp_path)
        assert {key: value for key, value in now.items() if key != name} == older
        assert now[name]
        assert prepare(tmp_path) == now
    assert now["postgres_port"] == made["postgres_port"]


def test_what_is_not_the_stacks_own_stays(tmp_path: Path) -> None:
    prepare(tmp_path)
    settings = tmp_path / "settings.env"
    made = settings.read_text()
    settings.write_text(CREDENTIAL + made.replace("127.0.0.1", "elsewhere"))
    for _ in range(2):
        prepare(tmp_path)
        assert settings.read_text() == made + CREDENTIAL
    assert "HA_NOI" in load_settings({"LIENTHONG_HOME": str(tmp_path)}).credentials


def test_credentials_may_be_there_before_the_stack(tmp_path: Path) -> None:
    (tmp_path / "settings.env").write_text(CREDENTIAL)
    prepare(tmp_path)
    assert (tmp_path / "settings.env").read_text().endswith(CREDENTIAL)


@pytest.mark.parametrize("command", ["up", "demo"])
def test_a_home_whose_services_others_run_is_refused(tmp_path: Path, command: str) -> None:
    stated = f"LIENTHONG_OPS_URL=postgresql://db.example/ops\nLIENTHONG_IDENTITY_KEY={'0' * 64}\n"
    (tmp_path / "settings.env").write_text(stated)
    with pytest.raises(HomeError, match="services that others run"):
        prepare(tmp_path)
    assert main([command], {"LIENTHONG_HOME": str(tmp_path)}) == UsageFault.exit_code
    assert [path.name for path in tmp_path.iterdir()] == ["settings.env"]
    assert (tmp_path / "settings.env").read_text() == stated


def test_a_private_file_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "stack.json"
    write_private(path, "whole")
    with pytest.raises(UnicodeEncodeError):
        write_private(path, "half\ud800")
    assert path.read_text() == "whole"
    write_private(path, "newer")
    assert (path.read_text(), stat.S_IMODE(path.stat().st_mode)) == ("newer", 0o600)


def test_a_home_made_like_another_leaves_the_other_alone(tmp_path: Path) -> None:
    like, home = tmp_path / "like", tmp_path / "home"
    prepare(like, spark_memory="3g")
    (like / "settings.env").unlink()
    adopt(home, identity_key="1" * 64, like=like)
    known = json.loads((home / "stack.json").read_text())
    assert (known["spark_memory"], known["identity_key"]) == ("3g", "1" * 64)
    assert not (like / "settings.env").exists()
