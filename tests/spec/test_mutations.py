"""A sample of the corpus of mutated deliveries: every fault is caught by its code, none is silent.

The whole corpus, more than 600 deliveries, is ``benchmarks/mutations.py``.
"""

from pathlib import Path

import pytest

from tests.support.mutations import Bed, families, mutants

EVERY = 6


@pytest.mark.parametrize("place", range(8))
def test_mutated_delivery_is_caught_by_its_code(place: int, shared_data: Path, tmp_path: Path) -> None:
    """Of each real table every sixth mutation; what is proposed for a renamed column is the column it was."""
    family = families(shared_data)[place]
    bed = Bed(tmp_path, family)
    sample = [each for number, each in enumerate(mutants(family, 0)) if number % EVERY == place % EVERY]
    assert len(sample) >= 4
    assert {each.mutation: bed.judge(each) for each in sample} == {each.mutation: "right" for each in sample}
    bed.bench.close()
