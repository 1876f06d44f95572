"""Queries as a user's server runs them: compiled. The tests' own servers interpret them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from jobs import session
from jobs.settings import Settings

_AS_USED = {"spark.sql.codegen.wholeStage": "true", "spark.sql.codegen.factoryMode": "FALLBACK"}


@contextmanager
def compiling(settings: Settings) -> Iterator[None]:
    """Compiles the queries of the process' session in the block, for tests of what an expression gives."""
    conf = session.connect(settings).conf
    before = {name: conf.get(name) for name in _AS_USED}
    try:
        for name, value in _AS_USED.items():
            conf.set(name, value)
        yield
    finally:
        # Not ``unset``: it gives Spark's own default, not the server's.
        for name, known in before.items():
            session.connect(settings).conf.set(name, str(known))
