"""The program of the Spark server: it holds the context in which Spark Connect answers as a plugin.

Spark's own server class gives each session a class loader of its own, and generated classes are kept by
class loader: every task of a day would compile again what the one before it had compiled.
"""

from __future__ import annotations

import sys
from pathlib import Path

from pyspark.sql import SparkSession


def main(ready: Path) -> None:
    """Starts the context, says in a file that it is whole, and waits until its Java machine ends."""
    ready.unlink(missing_ok=True)
    SparkSession.builder.getOrCreate()
    ready.touch()
    sys.stdin.read()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
