"""The fold of a whole clean world equals its truth: two months of births, sales, splits, withdrawals."""

from __future__ import annotations

from pathlib import Path

import pytest

from infra.sandbox import truth
from infra.sandbox.build import build
from schemas.contract import REGISTERS
from tests.support import plainly
from tests.support.truth import stated

DAY = 60


@pytest.mark.parametrize("seed", ["3", "4"])
def test_every_entity_of_a_clean_world_equals_truth(tmp_path: Path, seed: str) -> None:
    build(tmp_path, seed=seed, scale=0.02, profile="clean", days=DAY)
    found = plainly.facts(tmp_path, day=DAY)
    for register in REGISTERS:
        golden = plainly.folded(register, found[register])
        entities = list(truth.entities(tmp_path, day=DAY, register=register.value))
        true = {one.key: stated(register, one) for one in entities}
        assert {key for key, state in true.items() if state is not None} == set(golden)
        wrong = [key for key, state in true.items() if state != golden.get(key)]
        assert not wrong
        assert len(golden) > 100
