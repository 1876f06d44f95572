"""The resident Spark Connect server of the embedded stack."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

from infra.embedded.home import write_private
from infra.embedded.service import BIN, CHECKOUT, Service, listens
from infra.jars import jars

_LOGGING = Path(__file__).with_name("log4j2.properties")
_PROGRAM = CHECKOUT / "infra" / "connect.py"


def spark(home: Path, values: Mapping[str, str]) -> Service:
    """A resident Spark Connect server with the Iceberg catalogue ``lake``."""
    configuration, whole = home / "run" / "spark.conf", home / "run" / "spark.ready"
    scratch = home / "run" / "spark"

    def prepare() -> None:
        lines = _configuration(home, values, scratch)
        write_private(configuration, "".join(f"{key} {value}\n" for key, value in lines.items()))

    environment = {
        "PYSPARK_PYTHON": sys.executable,
        "PYTHONPATH": str(CHECKOUT),
        "SPARK_NO_DAEMONIZE": "1",
        "SPARK_LOCAL_IP": "127.0.0.1",
        "AWS_REGION": "us-east-1",
    }
    command = (
        *(str(BIN / "spark-submit"), "--master", values["spark_master"]),
        *("--driver-memory", values["spark_memory"]),
        *("--properties-file", str(configuration), str(_PROGRAM), str(whole), str(scratch)),
    )
    return Service(
        "spark",
        command,
        environment,
        lambda: whole.exists() and listens(values["spark_port"]),
        prepare,
        after=("store",),
        patience=120,
    )


def _configuration(home: Path, values: Mapping[str, str], scratch: Path) -> dict[str, str]:
    logging = f"-Dlog4j2.configurationFile={_LOGGING.as_uri()}"
    return {
        "spark.jars": ",".join(str(jar) for jar in jars()),
        "spark.plugins": "org.apache.spark.sql.connect.SparkConnectPlugin",
        # Sessions that share a class loader share the classes that Spark generates (decision 13).
        "spark.sql.artifact.isolation.enabled": "false",
        "spark.connect.grpc.binding.address": "127.0.0.1",
        "spark.connect.grpc.binding.port": values["spark_port"],
        "spark.connect.authenticate.token": values["spark_token"],
        "spark.driver.extraJavaOptions": f"{values['spark_java']} {logging}",
        "spark.ui.enabled": "false",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.shuffle.partitions": "4",
        # With the default of 100 a day's classes push each other out: a warm day's conform took 23 s, not 18.
        "spark.sql.codegen.cache.maxEntries": "2000",
        # Java compiles no longer method: the digest of 61 columns was one, and took twice as long.
        "spark.sql.codegen.hugeMethodLimit": "8000",
        # Else each call of a column's method walks Python's stack, looks for IPython and sends the place.
        "spark.python.sql.dataFrameDebugging.enabled": "false",
        # Executors of a cluster import what the landing's reader and the fold are made of.
        "spark.executorEnv.PYTHONPATH": str(CHECKOUT),
        "spark.local.dir": str(scratch),
        "spark.sql.warehouse.dir": str(home / "run" / "warehouse"),
        "spark.sql.extensions": "org.apache.iceberg.spark.extensions.IcebergSparkSessionExtensions",
        **{f"spark.sql.catalog.lake{key}": value for key, value in _catalogue(values).items()},
        **dict(one.split("=", 1) for one in values["spark_conf"].split()),
    }


def _catalogue(values: Mapping[str, str]) -> dict[str, str]:
    return {
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
