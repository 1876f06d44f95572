"""Pieces one ahead: in order, begun early, and closed with whoever asks."""

from __future__ import annotations

import threading
from collections.abc import Generator
from contextlib import closing

import pytest

from jobs.sources.ahead import one_ahead
from jobs.sources.delivery import Piece


class Delivery:
    """Five pieces, one of which may fail, and whether their source is closed."""

    def __init__(self, fails_at: int | None = None) -> None:
        self.begun = 0
        self.is_closed = False
        self._fails_at = fails_at

    def pieces(self) -> Generator[Piece, None, None]:
        try:
            for number in range(5):
                self.begun += 1
                if number == self._fails_at:
                    raise ZeroDivisionError
                yield Piece(str(number), b"", "")
        finally:
            self.is_closed = True


def test_the_pieces_come_in_order_and_the_next_is_begun() -> None:
    delivery, begun = Delivery(), threading.Event()

    def watched() -> Generator[Piece, None, None]:
        for piece in delivery.pieces():
            if piece.name == "1":
                begun.set()
            yield piece

    pieces = one_ahead(watched())
    assert next(pieces).name == "0"
    assert begun.wait(5)
    assert [piece.name for piece in pieces] == ["1", "2", "3", "4"]
    assert delivery.is_closed


def test_a_fault_comes_where_its_piece_would_have_come() -> None:
    pieces = one_ahead(Delivery(fails_at=2).pieces())
    assert [next(pieces).name, next(pieces).name] == ["0", "1"]
    with pytest.raises(ZeroDivisionError):
        next(pieces)


def test_who_stops_early_closes_the_source_even_while_a_fault_is_told() -> None:
    delivery = Delivery()
    pieces = delivery.pieces()

    def landing() -> None:
        with closing(one_ahead(pieces)) as ahead:
            for piece in ahead:
                raise LookupError(piece.name)

    with pytest.raises(LookupError, match="0"):
        landing()
    assert delivery.is_closed
    assert delivery.begun <= 2
    assert next(pieces, None) is None
