"""Queries as a user's server runs them: compiled. The tests' own servers interpret them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from jobs import session
from jobs.settings import Settings

_AS_USED = {"spark.sql.codegen.wholeStage": "true", "spark.sql.codegen.factoryMode": "FALLBACK"}


@contextmanager
def compiling(settings: Settings) -> Iterator[None]:
    """Compiles the queries of the process' session in the block.

    For what says how an expression behaves; that both ways give the same is Spark's promise, and the
    national day, the bench and the soak keep it compiled from end to end.
    """
    for name, value in _AS_USED.items():
        session.connect(settings).conf.set(name, value)
    yield
    for name in _AS_USED:
        session.connect(settings).conf.unset(name)
