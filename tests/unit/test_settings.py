"""Settings: the home's file, the environment over it, credentials by name, secrets that do not show."""

from __future__ import annotations

from pathlib import Path

import pytest

from jobs.errors import UsageFault
from jobs.settings import CHECKOUT, Settings, home_of, load_settings

FILE = """
# made by the stack
LIENTHONG_POPULATION_URL=postgresql://file/population
LIENTHONG_LAND_URL = postgresql://file/land?options=a=b
LIENTHONG_S3_SECRET_KEY=very-secret
LIENTHONG_CREDENTIAL_HA_NOI=client:from-file
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "settings.env").write_text(FILE, encoding="utf-8")
    return tmp_path


def test_the_environment_goes_over_the_file(home: Path) -> None:
    environ = {
        "LIENTHONG_HOME": str(home),
        "LIENTHONG_POPULATION_URL": "postgresql://environment/population",
        "PATH": "/bin",
    }
    settings = load_settings(environ)
    assert settings.home == home
    assert settings.register_url("population") == "postgresql://environment/population"
    assert settings.register_url("land") == "postgresql://file/land?options=a=b"
    assert settings.register_url("business") == ""


def test_credentials_are_kept_by_name(home: Path) -> None:
    environ = {"LIENTHONG_HOME": str(home), "LIENTHONG_CREDENTIAL_HUE": "client:from-environment"}
    told = {name: one.get_secret_value() for name, one in load_settings(environ).credentials.items()}
    assert told == {"HA_NOI": "client:from-file", "HUE": "client:from-environment"}


def test_secrets_do_not_show(home: Path) -> None:
    shown = repr(load_settings({"LIENTHONG_HOME": str(home)}))
    assert "very-secret" not in shown
    assert "from-file" not in shown


def test_without_a_home_it_lies_in_the_checkout() -> None:
    assert home_of({}) == CHECKOUT / ".lienthong"


def test_a_missing_file_is_an_empty_one(tmp_path: Path) -> None:
    assert load_settings({"LIENTHONG_HOME": str(tmp_path)}).ops_url == ""


def test_a_setting_that_is_not_known_is_refused(home: Path) -> None:
    with pytest.raises(UsageFault, match=r"LIENTHONG_POPULATON_URL.*LIENTHONG_POPULATION_URL"):
        load_settings({"LIENTHONG_HOME": str(home), "LIENTHONG_POPULATON_URL": "postgresql://elsewhere"})


@pytest.mark.parametrize("key", ["", "00", "g" * 64])
def test_entity_ids_need_a_key(tmp_path: Path, key: str) -> None:
    settings = load_settings({"LIENTHONG_HOME": str(tmp_path), "LIENTHONG_IDENTITY_KEY": key})
    with pytest.raises(UsageFault, match="LIENTHONG_IDENTITY_KEY"):
        settings.entity_key()


def test_settings_cannot_be_changed(home: Path) -> None:
    settings = load_settings({"LIENTHONG_HOME": str(home)})
    with pytest.raises(ValueError, match="frozen"):
        settings.ops_url = "postgresql://elsewhere"  # type: ignore[misc]


def test_every_setting_is_documented() -> None:
    told = (CHECKOUT / "docs" / "operations.md").read_text(encoding="utf-8")
    # Credentials have names of their own; Airflow's database is asked for by the embedded stack alone.
    names = set(Settings.model_fields) - {"home", "credentials", "airflow_db_url"}
    assert [name for name in sorted(names) if f"_{name.upper()}`" not in told] == []
