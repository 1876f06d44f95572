"""Frames kept on the server are let go of at a stated place, never by a finaliser."""

from __future__ import annotations

import pytest
from pyspark.errors import PySparkException

from jobs import session
from jobs.settings import Settings


def test_a_checkpoint_is_let_go_of_with_its_block(settings: Settings) -> None:
    spark = session.connect(settings)
    with session.checkpoints():
        kept = session.checkpoint(spark.range(3))
        name = kept._plan._relation_id
        assert kept.count() == 3
    assert kept._plan._relation_id is None
    kept._plan._relation_id = name
    with pytest.raises(PySparkException, match=name):
        kept.count()
    kept._plan._relation_id = None


def test_after_a_fault_nothing_is_asked_of_the_server(settings: Settings) -> None:
    spark = session.connect(settings)
    kept = []

    @session.checkpoints()
    def fail() -> None:
        kept.append(session.checkpoint(spark.range(3)))
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert kept[0]._plan._relation_id is None
