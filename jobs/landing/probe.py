"""A Parquet file read to its end by a process whose memory has an end: what it states of itself may lie.

``python probe.py MOST_ROWS MOST_BYTES < file`` writes one word: ``good``, ``rows``, ``bytes``, ``memory`` or
``broken``. A process that ends without a word had no memory left. Its environment is ``ENVIRONMENT``.
"""

from __future__ import annotations

import resource
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

ENVIRONMENT = {"ARROW_DEFAULT_MEMORY_POOL": "system", "PYTHONPATH": ":".join(sys.path)}
"""Arrow's own pool would reserve a gigabyte at once."""
BATCH = 256
"""Rows that are unpacked at a time, here and by whoever reads the file later."""
_SPARE_BYTES = 128 << 20


def word(data: bytes, most_rows: int, most_bytes: int) -> str:
    """What a file turns out to be, as far as it had to be read."""
    size = 0
    try:
        file = pq.ParquetFile(pa.BufferReader(data), pre_buffer=False)
        if file.metadata.num_rows > most_rows:
            return "rows"
        for batch in file.iter_batches(batch_size=BATCH, use_threads=False):
            size += batch.nbytes
            if size > most_bytes:
                return "bytes"
    except MemoryError:
        return "memory"
    except (pa.ArrowException, OSError, ValueError):
        return "broken"
    return "good"


def _end_memory() -> None:
    """Lets the process have little more than it has now; threads would ask for more."""
    pa.set_cpu_count(1)
    pa.set_io_thread_count(1)
    status = Path("/proc/self/status").read_text(encoding="ascii")
    used = int(status.partition("VmData:")[2].split()[0]) * 1024
    resource.setrlimit(resource.RLIMIT_DATA, (used + _SPARE_BYTES, used + _SPARE_BYTES))


def main() -> None:
    """Reads the file, then its own limit, then what is in it."""
    data = sys.stdin.buffer.read()
    _end_memory()
    sys.stdout.write(word(data, int(sys.argv[1]), int(sys.argv[2])))


if __name__ == "__main__":
    main()
