"""One piece ahead: the next is asked for while whoever asked is at work on the last."""

from __future__ import annotations

from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

from jobs.sources.delivery import Piece


def one_ahead(pieces: Generator[Piece, None, None]) -> Generator[Piece, None, None]:
    """The same pieces in the same order, each begun when the one before is handed over.

    A fault comes where the piece would have come. Whoever stops early waits for the piece that was begun;
    then the source's own pieces are closed, and with them its connection.
    """
    with closing(pieces), ThreadPoolExecutor(1, thread_name_prefix="ahead") as pool:
        following = pool.submit(next, pieces, None)
        while (piece := following.result()) is not None:
            following = pool.submit(next, pieces, None)
            yield piece
