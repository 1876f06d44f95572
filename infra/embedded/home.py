"""A home: the folder that holds all state of one stack, its ports, its secrets and its settings."""

from __future__ import annotations

import json
import os
import secrets
import socket
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path

PORTS = (
    *("postgres", "s3", "s3_grpc", "catalog", "master", "master_grpc", "volume", "volume_grpc"),
    *("filer", "filer_grpc", "admin", "admin_grpc", "store_metrics", "spark", "airflow", "sandbox"),
)
DATABASES = ("ops", "population", "land", "business", "airflow")


SPARK_MEMORY = "4g"
"""Heap of the Spark server, unless the home was made with another."""
SPARK_JAVA = "-XX:+UseParallelGC -XX:ReservedCodeCacheSize=512m"
"""Options of its machine, unless the home was made with others: two cores have none to spare for a collector
that works beside them, and the lower compiler's own 48 MB for code are swept all the time."""
SPARK_JAVA_IN_HASTE = f"{SPARK_JAVA} -XX:TieredStopAtLevel=1"
"""For little data and a server that lives for minutes: the better compiler does not earn what it takes."""
SPARK_MASTER = "local[*]"
"""Where the Spark server computes, unless the home was told another."""


def prepare(
    home: Path,
    spark_memory: str = SPARK_MEMORY,
    spark_master: str | None = None,
    spark_java: str = SPARK_JAVA,
) -> dict[str, str]:
    """Makes a home ready, once: folders, free ports, generated secrets, ``settings.env``.

    Args:
        home: Its folder.
        spark_memory: Heap of the Spark server of a new home.
        spark_java: Options of its Java machine, in a new home.
        spark_master: Where the Spark server computes from now on; None keeps what the home was told.

    Returns:
        Ports, secrets and how Spark runs, by name; the same at every call.
    """
    for folder in ("", "logs", "run", "store", "sources", "sandbox", "airflow", "docs"):
        (home / folder).mkdir(parents=True, exist_ok=True)
    home.chmod(0o700)
    stack = home / "stack.json"
    kept: dict[str, str] = json.loads(stack.read_text()) if stack.exists() else _free_ports()
    values = {
        "spark_memory": spark_memory,
        "spark_java": spark_java,
        "spark_master": SPARK_MASTER,
        **_secrets(),
        **kept,
    }
    if spark_master is not None:
        values["spark_master"] = spark_master
    if values != kept:
        write_private(stack, json.dumps(values, indent=1))
    write_private(
        home / "settings.env", "".join(f"LIENTHONG_{k.upper()}={v}\n" for k, v in _settings(values))
    )
    return values


def adopt(home: Path, *, identity_key: str, like: Path | None = None) -> None:
    """Makes a home ready with the key of another one's entity ids, so that it mints the same.

    Args:
        home: Its folder.
        identity_key: The key.
        like: A home whose Spark server a new home's is made like.
    """
    known = prepare(like) if like is not None and is_home(like) else {}
    server = {name: value for name, value in known.items() if name in ("spark_memory", "spark_java")}
    values = prepare(home, **server) | {"identity_key": identity_key}
    write_private(home / "stack.json", json.dumps(values, indent=1))
    prepare(home)


def is_home(home: Path) -> bool:
    """Whether a folder is the home of an embedded stack; elsewhere the settings name the services."""
    return (home / "stack.json").exists()


def write_private(path: Path, text: str) -> None:
    """Writes a file that only its owner may read."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
    path.chmod(0o600)


def _free_ports() -> dict[str, str]:
    """Ports that are free now, all different, since all are held until the last is found."""
    with ExitStack() as held:
        found = {}
        for name in PORTS:
            probe = held.enter_context(socket.socket())
            probe.bind(("127.0.0.1", 0))
            found[f"{name}_port"] = str(probe.getsockname()[1])
    return found


def _secrets() -> dict[str, str]:
    names = (
        "postgres_password",
        "s3_access_key",
        "s3_secret_key",
        "airflow_password",
        "airflow_api_key",
        "spark_token",
    )
    plain = {name: secrets.token_urlsafe(24).replace("-", "a").replace("_", "b") for name in names}
    return plain | {
        "identity_key": secrets.token_hex(32),
        "airflow_jwt_key": secrets.token_urlsafe(64),
        "airflow_fernet_key": _fernet(),
    }


def _fernet() -> str:
    from cryptography.fernet import Fernet  # noqa: PLC0415  (only a new home needs it)

    return Fernet.generate_key().decode()


def _settings(values: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for name in DATABASES:
        key = "airflow_db_url" if name == "airflow" else f"{name}_url"
        yield (
            key,
            f"postgresql://lienthong:{values['postgres_password']}@127.0.0.1:{values['postgres_port']}/{name}",
        )
    yield "s3_endpoint", f"http://127.0.0.1:{values['s3_port']}"
    yield "s3_access_key", values["s3_access_key"]
    yield "s3_secret_key", values["s3_secret_key"]
    yield "catalog_uri", f"http://127.0.0.1:{values['catalog_port']}"
    yield "spark_remote", f"sc://localhost:{values['spark_port']}/;token={values['spark_token']}"
    yield "airflow_url", f"http://127.0.0.1:{values['airflow_port']}"
    yield "airflow_password", values["airflow_password"]
    yield "sandbox_url", f"http://127.0.0.1:{values['sandbox_port']}"
    yield "identity_key", values["identity_key"]
