"""Settings: one frozen model, built once at the edge from the home's file and the environment."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError

from jobs.errors import UsageFault

PREFIX = "LIENTHONG_"
CHECKOUT = Path(__file__).resolve().parent.parent
_OF_THE_CALL = {"home", "person", "debug", "test_home", "spark_master"}
"""Names that the command line and the tests read themselves."""


class Settings(BaseModel):
    """Where every service is; production differs only in these values."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    home: Path
    population_url: str = Field("", repr=False)
    """Of a database, with the password; shown nowhere, as all that carries a secret."""
    land_url: str = Field("", repr=False)
    business_url: str = Field("", repr=False)
    ops_url: str = Field("", repr=False)
    airflow_db_url: str = Field("", repr=False)
    s3_endpoint: str = ""
    s3_access_key: str = ""
    s3_secret_key: SecretStr = SecretStr("")
    s3_region: str = "us-east-1"
    landing_bucket: str = "landing"
    open_bucket: str = "open-data"
    catalog_uri: str = ""
    spark_remote: str = Field("", repr=False)
    airflow_url: str = ""
    airflow_user: str = "admin"
    airflow_password: SecretStr = SecretStr("")
    sandbox_url: str = ""
    sandbox_sftp_url: str = ""
    portal_url: str = ""
    """The national public service portal's adapter; nothing is sent back where there is none."""
    portal_credentials: str = "PORTAL"
    """Name of the credential ``user:password``, or ``file:<path>#<entry>``."""
    portal_dstcode: str = "dvcqg"
    """Address of the portal on the exchange, sent with the login."""
    portal_ca_file: str = ""
    """Certificates that alone vouch for the portal; the system's otherwise."""
    portal_requests_per_second: int = Field(20, ge=1)
    identity_key: SecretStr = SecretStr("")
    """Key of the hash behind entity ids, 32 bytes in hexadecimal; it belongs to ops."""
    source_paths: str = ""
    """Folders of source files, joined by colons."""
    credentials: Mapping[str, SecretStr] = {}
    """Credentials of sources by name: ``client_id:client_secret``."""

    def entity_key(self) -> bytes:
        """The key of the hash behind entity ids.

        Raises:
            UsageFault: It is not 32 bytes in hexadecimal: without a key anyone could compute the ids.
        """
        text = self.identity_key.get_secret_value()
        if re.fullmatch(r"[0-9a-fA-F]{64}", text) is None:
            raise UsageFault(
                "LIENTHONG_IDENTITY_KEY is not 32 bytes in hexadecimal.",
                "set the key that belongs to this ops database; a new one: openssl rand -hex 32.",
            )
        return bytes.fromhex(text)

    def register_url(self, register: str) -> str:
        """URL of a register's database."""
        return str(getattr(self, f"{register}_url"))


def home_of(environ: Mapping[str, str]) -> Path:
    """The home that the environment names, ``.lienthong`` in the checkout otherwise."""
    return Path(environ.get(f"{PREFIX}HOME") or CHECKOUT / ".lienthong").resolve()


def read_file(path: Path) -> dict[str, str]:
    """KEY=VALUE lines of a settings file; empty when there is none."""
    if not path.exists():
        return {}
    lines = (line.partition("=") for line in path.read_text().splitlines() if "=" in line)
    return {key.strip(): value.strip() for key, _, value in lines if not key.startswith("#")}


def load_settings(environ: Mapping[str, str]) -> Settings:
    """Settings of a home: its ``settings.env``, each overridden by an environment variable.

    Raises:
        UsageFault: A setting is unknown or unreadable.
    """
    home = home_of(environ)
    stated = {**read_file(home / "settings.env"), **environ}
    known = set(Settings.model_fields)
    values: dict[str, object] = {"home": home}
    credentials: dict[str, str] = {}
    for key, value in stated.items():
        name = key.removeprefix(PREFIX).lower()
        if not key.startswith(PREFIX) or name in _OF_THE_CALL:
            continue
        if name.startswith("credential_"):
            credentials[key.removeprefix(f"{PREFIX}CREDENTIAL_")] = value
        elif name in known:
            values[name] = value
        else:
            close = difflib.get_close_matches(name, known, n=1)
            remedy = f"is {PREFIX}{close[0].upper()} meant?" if close else "take it out."
            raise UsageFault(f"There is no setting {key}.", remedy)
    values.setdefault("source_paths", f"{CHECKOUT / 'infra' / 'sources'}:{home / 'sources'}")
    try:
        return Settings.model_validate({**values, "credentials": credentials})
    except ValidationError as error:
        raise UsageFault(
            f"{home / 'settings.env'}: {error.error_count()} settings are unreadable."
        ) from error
