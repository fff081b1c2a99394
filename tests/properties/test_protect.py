"""Patterns of random linked tables: clean by the audit, minimal, the fewest there can be, the same every time."""

import random
from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st

from aimline.disclosure.audit import audit_pattern
from aimline.disclosure.aware import Rule
from aimline.disclosure.instance import instance_of
from aimline.disclosure.protect import protect
from aimline.disclosure.relations import task_of
from aimline.disclosure.report import is_clean
from tests.support.sdc import random_table

SEEDS = st.integers(min_value=0, max_value=10_000)


def table(seed, **more):
    """A random table."""
    return instance_of(random_table(random.Random(seed), **more), f"seed {seed}")  # noqa: S311 - not for secrets


def is_safe(instance, gaps):
    """The audit's word."""
    return is_clean(audit_pattern(instance, gaps, Rule()))


@settings(max_examples=25, deadline=None, derandomize=True)
@given(SEEDS)
def test_tiny_tables_have_as_few_gaps_as_any_safe_pattern(seed):
    """Trying every pattern with fewer gaps finds none that is safe; where nothing is safe, it is said so."""
    instance = table(seed, n_rows=2, n_columns=2)
    made = protect(instance)
    task = task_of(instance)
    secondary = made.gaps - task.primary
    n_fewer = len(task.choices) + 1 if made.refusal else len(secondary)
    for count in range(n_fewer):
        for tried in combinations(task.choices, count):
            assert not is_safe(instance, task.primary | set(tried))
    assert made.refusal or (is_clean(made.audit) and made.at_least == len(secondary))


@settings(max_examples=25, deadline=None, derandomize=True)
@given(SEEDS)
def test_linked_tables_are_safe_for_every_reader_or_refused(seed):
    """Two releases, a rest nobody prints and an insider: all views are clean, zeroes stay visible."""
    instance = table(seed, n_rows=3, n_columns=3, is_wide=True)
    made = protect(instance)
    assert is_safe(instance, made.gaps) is not bool(made.refusal)
    assert all(instance.cells[number].n > 0 for number in made.gaps)


@settings(max_examples=15, deadline=None, derandomize=True)
@given(SEEDS)
def test_no_gap_can_be_shown_again(seed):
    """Each single gap of a pattern is needed: without it the audit refuses."""
    instance = table(seed, n_rows=3, n_columns=3)
    made = protect(instance)
    assert made.refusal or not any(is_safe(instance, made.gaps - {number}) for number in made.gaps)


@settings(max_examples=10, deadline=None, derandomize=True)
@given(SEEDS)
def test_the_same_table_has_the_same_gaps(seed):
    """Run again, the pattern is the same; after itself, it is kept whole."""
    instance = table(seed, n_rows=3, n_columns=3, is_wide=True)
    made = protect(instance)
    assert protect(instance).gaps == made.gaps
    assert made.refusal or protect(instance, previous=made.gaps).gaps == made.gaps
