"""The program of the Spark server: it holds the context in which Spark Connect answers as a plugin.

Spark's own server class gives each session a class loader of its own, and generated classes are kept by
class loader: every task of a day would compile again what the one before it had compiled.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from pyspark.sql import SparkSession


def main(ready: Path, scratch: Path) -> None:
    """Starts the context, says in a file that it is whole, and waits until its Java machine ends."""
    ready.unlink(missing_ok=True)
    # What a killed server spilled is rows; nothing reads it again, and its supervisor runs this alone.
    shutil.rmtree(scratch, ignore_errors=True)
    SparkSession.builder.getOrCreate()
    ready.touch()
    sys.stdin.read()


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
