"""The search for few gaps: where adding more to a proposal leads nowhere, another one is found."""

import pytest

from aimline.disclosure.instance import instance_of
from aimline.disclosure.relations import Rule, task_of
from aimline.disclosure.repair import cheapest
from aimline.disclosure.search import NoPatternError, Search

COUNTS = {"all": (125, 70), "small": (5, 3), "cheap": (30, 16), "other": (40, 21), "dear": (50, 30)}
TASK = task_of(
    instance_of(
        {
            "format": "sdc-instance/1",
            "id": "one sum",
            "cells": [{"id": name, "n": n, "x": x, "release": "public"} for name, (n, x) in COUNTS.items()],
            "relations": [{"total": "all", "parts": ["small", "cheap", "other", "dear"]}],
            "views": [{"name": "public", "knows": []}],
        },
        "made",
    )
)
CHEAP, OTHER = 2, 3
WEIGHTS = {0: 1.9, CHEAP: 1.0, OTHER: 1.2, 4: 1.5}
CHEAP_IS_SHOWN = Rule({CHEAP: -1.0}, 0.0)


def test_what_more_gaps_cannot_mend_is_asked_of_all_rules_at_once():
    """The cheapest cell is to stay on the page, so no pattern with it becomes safe: the next one is hidden."""
    search = Search(TASK, WEIGHTS, 0)
    assert search.first(frozenset()) == {CHEAP}
    search.learn([CHEAP_IS_SHOWN])
    assert search.first(frozenset()) == {OTHER}


def test_a_cheaper_proposal_that_cannot_be_mended_is_left():
    """It is asked for by the rules known at first; what it breaks is asked from then on."""
    search = Search(TASK, WEIGHTS, 20)
    search.learn([CHEAP_IS_SHOWN])
    assert search.cheapest(frozenset({OTHER, 4})) == {OTHER}
    assert search.at_least == 1


def test_rules_that_exclude_each_other_are_no_pattern():
    """Something is to be hidden and all of it shown: nothing is found, and nothing is made up."""
    search = Search(TASK, WEIGHTS, 0)
    search.learn([Rule({cell: -1.0}, 0.0) for cell in WEIGHTS])
    with pytest.raises(NoPatternError):
        search.first(frozenset())


def test_what_only_a_rounding_breaks_ends_the_search():
    """A rule that is known, and kept as far as numbers tell, cannot be learned again: no round without end."""
    search = Search(TASK, WEIGHTS, 0)
    [watch] = search._watches
    watch.broken = lambda _gaps, _beside=None: [search.rules[0]]
    with pytest.raises(NoPatternError):
        search.repaired(frozenset({CHEAP}))


def test_a_program_that_is_stopped_before_its_first_pattern_returns_none():
    """Twenty-one cells in a ring, two of every four: with no step allowed nothing is found, with one the fewest are."""
    steps = (0, 1, 5, 11)
    ring = [Rule({(cell + step) % 21: 1.0 for step in steps}, 2.0) for cell in range(21)]
    weights = dict.fromkeys(range(21), 1.0)
    assert cheapest(weights, ring, 0)[0] is None
    found, bound = cheapest(weights, ring, 1000)
    assert all(sum(cell in found for cell in rule.weights) >= 2 for rule in ring)
    assert bound <= len(found) < bound + 1
