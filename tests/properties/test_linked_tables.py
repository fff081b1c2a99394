"""Random linked tables and small districts: safe by the audit's own word, and every needed gap is missed."""

import random

import pytest

from aimline.disclosure.audit import audit_pattern
from aimline.disclosure.aware import Rule
from aimline.disclosure.instance import instance_of
from aimline.disclosure.proof import prove_pattern
from aimline.disclosure.protect import LARGE, protect
from aimline.disclosure.report import is_clean
from benchmarks.disclosure import district
from benchmarks.linked_tables import is_fewest, is_safe, linked_table, needed_gaps


def table(seed, rows, columns, **more):
    """A random linked table."""
    return instance_of(linked_table(random.Random(seed), rows, columns, **more), f"seed {seed}")  # noqa: S311


@pytest.fixture(scope="module", params=[0, 2])
def protected(request):
    """A district that is protected school by school, with so many insiders, and its pattern."""
    data = district(7, 2, 5)
    for school in range(request.param):
        knows = [cell["id"] for cell in data["cells"] if cell["unit_id"] == f"S{school:03}"]
        data["views"].append({"name": f"principal {school}", "knows": knows})
    instance = instance_of(data, "made")
    assert len(instance.cells) > LARGE
    return instance, protect(instance)


@pytest.mark.parametrize("seed", range(12))
def test_a_linked_table_is_safe_or_nothing_is(seed):
    """Crossing bands, a rest, a later release, an insider: safe, or not even all gaps together are."""
    instance = table(seed, 3, 3)
    made = protect(instance, n_rounds=1)
    assert is_safe(instance, made.gaps) is not bool(made.refusal)


@pytest.mark.parametrize("seed", range(3))
def test_every_needed_gap_that_is_shown_again_is_refused(seed):
    """One at a time."""
    instance = table(seed, 3, 3, is_wide=False)
    made = protect(instance, n_rounds=1)
    assert not any(is_safe(instance, made.gaps - {gap}) for gap in needed_gaps(instance, made))


@pytest.mark.parametrize("seed", range(4))
def test_a_tiny_table_has_the_fewest_gaps_of_all(seed):
    """Every smaller pattern is tried."""
    instance = table(seed, 2, 2, is_wide=False)
    assert is_fewest(instance, protect(instance))


def test_a_district_is_safe_by_the_whole_audit(protected):
    """What was proved by points is what bounds over everything say."""
    instance, made = protected
    assert made.refusal == ""
    assert is_clean(made.audit)
    assert is_clean(audit_pattern(instance, made.gaps, Rule()))


def test_points_and_bounds_judge_alike_when_a_gap_is_shown(protected):
    """Some are needed, some are not; both ways of auditing say which."""
    instance, made = protected
    for gap in sorted(made.gaps)[::23]:
        shown = made.gaps - {gap}
        assert is_clean(prove_pattern(instance, shown)) is is_clean(audit_pattern(instance, shown, Rule()))


def test_a_district_has_the_same_gaps_again_and_keeps_its_own(protected):
    """Nothing is decided by a clock; after itself a pattern stays."""
    instance, made = protected
    assert protect(instance).gaps == made.gaps
    assert protect(instance, made.gaps).gaps == made.gaps
