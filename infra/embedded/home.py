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
    "sandbox_sftp",
)
DATABASES = ("ops", "population", "land", "business", "airflow")
INBOX = "inbox"
"""Bucket into which provinces put files."""
READER, WRITER = "inbox-reader", "inbox-provinces"
"""Who may list and get there, and who may put and delete too; neither may do anything elsewhere."""


SPARK_MEMORY = "4g"
"""Heap of the Spark server, unless the home was made with another."""
SPARK_JAVA = "-XX:+UseParallelGC -XX:ReservedCodeCacheSize=512m"
"""Options of its machine, unless the home was made with others: two cores have none to spare for a collector
that works beside them, and the lower compiler's own 48 MB for code are swept all the time."""
SPARK_JAVA_IN_HASTE = f"{SPARK_JAVA} -XX:TieredStopAtLevel=1"
"""For little data and a server that lives for minutes: the better compiler does not earn what it takes."""
SPARK_CONF_IN_HASTE = "spark.sql.codegen.wholeStage=false spark.sql.codegen.factoryMode=NO_CODEGEN"
"""For little data too: plans are interpreted, since writing a query's program takes longer than its rows."""
SPARK_MASTER = "local[*]"
"""Where the Spark server computes, unless the home was told another."""


_STACK = "stack.json"
_FOLDERS = ("logs", "run", "store", "sources", "sandbox", "airflow", "docs")


class HomeError(RuntimeError):
    """Services that others run are named in a home; the message says what helps."""


def prepare(
    home: Path,
    spark_memory: str = SPARK_MEMORY,
    spark_master: str | None = None,
    spark_java: str = SPARK_JAVA,
    spark_conf: str = "",
) -> dict[str, str]:
    """Makes a home ready, once: folders, free ports, generated secrets, ``settings.env``.

    Settings that are not the stack's own, such as credentials of sources, stay.

    Args:
        home: Its folder.
        spark_memory: Heap of the Spark server of a new home.
        spark_master: Where the Spark server computes from now on; None keeps what the home was told.
        spark_java: Options of its Java machine, in a new home.
        spark_conf: More properties of it, in a new home: ``key=value``, parted by spaces.

    Returns:
        Ports, secrets and how Spark runs, by name; the same at every call.

    Raises:
        HomeError: The home's settings name services, and no stack was made here.
    """
    kept = _stack(home) if is_home(home) else {}
    server = {"spark_memory": spark_memory, "spark_java": spark_java, "spark_conf": spark_conf}
    values = {"spark_master": SPARK_MASTER, **server, **_secrets(), **_free_ports(kept), **kept}
    if spark_master is not None:
        values["spark_master"] = spark_master
    settings = _settings_file(home, values)
    for folder in _FOLDERS:
        (home / folder).mkdir(parents=True, exist_ok=True)
    home.chmod(0o700)
    if values != kept:
        _write_stack(home, values)
    write_private(home / "settings.env", settings)
    return values


def _settings_file(home: Path, values: Mapping[str, str]) -> str:
    """The stack's own settings, then the lines of the file that are not the stack's.

    Raises:
        HomeError: The file states settings of the stack and no stack was made here.
    """
    path, ours = home / "settings.env", dict(_settings(home, values))
    known = path.read_text().splitlines() if path.exists() else []
    kept = [line for line in known if line.partition("=")[0].strip() not in ours]
    if len(kept) < len(known) and not is_home(home):
        raise HomeError(
            f"{path} names services that others run. Remedy: set LIENTHONG_HOME to an empty folder."
        )
    return "".join(f"{line}\n" for line in [*(f"{key}={value}" for key, value in ours.items()), *kept])


def _stack(home: Path) -> dict[str, str]:
    found: dict[str, str] = json.loads((home / _STACK).read_text())
    return found


def _write_stack(home: Path, values: Mapping[str, str]) -> None:
    write_private(home / _STACK, json.dumps(values, indent=1))


def adopt(home: Path, *, identity_key: str, like: Path | None = None) -> None:
    """Makes a home ready with the key of another one's entity ids, so that it mints the same.

    Args:
        home: Its folder.
        identity_key: The key.
        like: A home whose Spark server a new home's is made like.
    """
    known = _stack(like) if like is not None and is_home(like) else {}
    server = {name: known[name] for name in ("spark_memory", "spark_java", "spark_conf") if name in known}
    values = prepare(home, **server) | {"identity_key": identity_key}
    _write_stack(home, values)
    prepare(home)


def is_home(home: Path) -> bool:
    """Whether a folder is the home of an embedded stack; elsewhere the settings name the services."""
    return (home / _STACK).exists()


def write_private(path: Path, text: str) -> None:
    """Writes a file that only its owner may read, whole or not at all."""
    part = path.with_name(f"{path.name}.part")
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)


def _free_ports(kept: Mapping[str, str]) -> dict[str, str]:
    """Ports of services without one: free now, all different, since all are held until the last is found."""
    with ExitStack() as held:
        found = {}
        for name in PORTS:
            if f"{name}_port" in kept:
                continue
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
        "inbox_reader_key",
        "inbox_writer_key",
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


def _settings(home: Path, values: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """What the pipeline is told of the stack, by the names of ``settings.env``."""
    for name in DATABASES:
        key = "AIRFLOW_DB" if name == "airflow" else name.upper()
        yield (
            f"LIENTHONG_{key}_URL",
            f"postgresql://lienthong:{values['postgres_password']}@127.0.0.1:{values['postgres_port']}/{name}",
        )
    yield "LIENTHONG_S3_ENDPOINT", f"http://127.0.0.1:{values['s3_port']}"
    yield "LIENTHONG_S3_ACCESS_KEY", values["s3_access_key"]
    yield "LIENTHONG_S3_SECRET_KEY", values["s3_secret_key"]
    yield "LIENTHONG_CATALOG_URI", f"http://127.0.0.1:{values['catalog_port']}"
    yield "LIENTHONG_SPARK_REMOTE", f"sc://localhost:{values['spark_port']}/;token={values['spark_token']}"
    yield "LIENTHONG_AIRFLOW_URL", f"http://127.0.0.1:{values['airflow_port']}"
    yield "LIENTHONG_AIRFLOW_PASSWORD", values["airflow_password"]
    yield "LIENTHONG_SANDBOX_URL", f"http://127.0.0.1:{values['sandbox_port']}"
    yield "LIENTHONG_SANDBOX_SFTP_URL", f"sftp://127.0.0.1:{values['sandbox_sftp_port']}"
    yield "LIENTHONG_CREDENTIAL_INBOX", f"{READER}:{values['inbox_reader_key']}"
    yield "LIENTHONG_PORTAL_URL", f"http://127.0.0.1:{values['sandbox_port']}/_portal"
    yield "LIENTHONG_PORTAL_CREDENTIALS", f"file:{home}/sandbox/credentials.json#portal"
    yield "LIENTHONG_IDENTITY_KEY", values["identity_key"]
