"""The audit of a pattern: what a reader derives from sums, from pages, from the meaning of a gap."""

from dataclasses import replace

import pytest

from aimline.disclosure.audit import Audit, audit_pattern, naive_gaps
from aimline.disclosure.aware import Rule
from aimline.disclosure.forms import band_numerators, percent_numerators, strange_forms
from aimline.disclosure.instance import Form, instance_of
from aimline.disclosure.pools import Pool, derived_pools
from aimline.disclosure.report import audit_json, failures
from tests.support.sdc import data_of, made

VIEWS = ({"name": "public", "sees": ["public"]}, {"name": "principal", "knows": ["a"]})


def naive(instance) -> Audit:
    """The audit of naive gaps, with the reader who knows what they mean."""
    return audit_pattern(instance, naive_gaps(instance), Rule(high=instance.thresholds.n_min - 1))


def found(audit: Audit, view: int = 0) -> set[tuple[str, str]]:
    """Checks and targets that a view fails."""
    told = failures(audit.views[view], audit.instance)
    return {(each["check"], each.get("target", "pool")) for each in told}


def test_two_gaps_summing_to_two_are_exact_for_who_knows_the_rule():
    """Neither is empty, so each holds one; without the rule both stay open from 0 to 2."""
    told = naive(made({"All": (52, 30), "a": (1, 1), "b": (1, 0), "c": (50, 29)}, {"All": "abc"})).views[0]
    assert (told.exact, told.rule.exact) == ([], [1, 2])
    assert told.counts[1] == (0.0, 2.0)


def test_two_gaps_summing_to_eighteen_are_exact_under_naive_gaps_only():
    """A naive gap holds nine at most; a gap of a pattern may hold any number."""
    instance = made({"All": (68, 30), "a": (9, 4), "b": (9, 5), "c": (50, 21)}, {"All": "abc"})
    assert naive(instance).views[0].rule.exact == [1, 2]
    assert audit_pattern(instance, naive_gaps(instance), Rule()).views[0].rule.exact == []


def test_a_small_cell_left_visible_fails_every_interval():
    """It is exact, its result is known, its bounds are its values."""
    instance = made({"All": (54, 30), "a": (4, 4), "c": (50, 26)}, {"All": "ac"})
    told = audit_pattern(instance, [], Rule()).views[0]
    assert (told.exact, told.result_known, told.all_or_none, told.narrow, told.rule.exact) == ([1],) * 5
    assert (told.counts[1], told.favourable[1]) == ((4.0, 4.0), (4.0, 4.0))


def test_days_of_students_are_no_whole_numbers():
    """Half a day missed is half a day in every sum: the bounds hold the truth, and nobody is undecided."""
    counted = {"All": (62.0, 40.5), "a": (6.0, 2.5), "b": (6.0, 3.25), "c": (50.0, 34.75)}
    whole = made({name: (int(n), int(x)) for name, (n, x) in counted.items()} | {"All": (62, 39)}, {"All": "abc"})
    cells = tuple(replace(cell, n=n, x=x) for cell, (n, x) in zip(whole.cells, counted.values(), strict=True))
    told = audit_pattern(replace(whole, cells=cells), [1, 2], None).views[0]
    assert (told.undecided, told.favourable[1], told.counts[1]) == ([], (0.0, 5.75), (0.0, 12.0))


def test_zeroes_at_both_ends_tell_a_result():
    """Nobody favourable in the pool of gaps: everybody answered alike, whoever they are."""
    instance = made({"All": (62, 40), "a": (6, 0), "b": (6, 0), "c": (50, 40)}, {"All": "abc"})
    told = naive(instance)
    assert told.views[0].result_known == [1, 2] == told.views[0].all_or_none
    assert ("A3", "a") in found(told)


def test_a_pool_needs_both_answers():
    """Twelve in the gaps and two favourable among them: the pool tells nearly all."""
    instance = made({"All": (62, 32), "a": (6, 1), "b": (6, 1), "c": (50, 30)}, {"All": "abc"})
    assert found(naive(instance)) == {("A4", "pool")}


def test_what_a_view_knows_is_no_target_and_no_unknown():
    """A principal knows the own cell, so the other gap is the rest of the sum."""
    instance = made({"All": (64, 32), "a": (7, 3), "b": (7, 4), "c": (50, 25)}, {"All": "abc"}, views=VIEWS)
    told = naive(instance)
    assert [view.targets for view in told.views] == [[1, 2], [2]]
    assert [view.exact for view in told.views] == [[], [2]]


def test_a_page_not_held_stays_unknown_and_its_small_cells_stay_targets():
    """The staff page prints the small cell: the public cannot compute it, whoever holds the page reads it."""
    more = {name: {"audience": "staff"} for name in "abc"}
    views = ({"name": "public", "sees": ["public"]}, {"name": "all"})
    data = data_of({"All": (64, 32), "a": (7, 3), "b": (17, 9), "c": (40, 20)}, {"All": "abc"}, views=views, more=more)
    told = audit_pattern(instance_of(data, "made.json"), [], None)
    assert [view.exact for view in told.views] == [[], [1]]
    assert "which no cell has" in told.instance.warnings[0]


def test_a_cell_of_no_sum_has_no_upper_bound():
    """Nothing bounds it, so nothing is derived."""
    told = naive(made({"a": (4, 2)}, {}))
    assert audit_json(told, [0])["views"]["public"]["count_bounds"] == {"a": [0.0, None]}
    assert found(told) == set()


def test_a_reduced_row_of_like_signs_is_a_pool():
    """It follows from several sums, by way of visible cells; one that a single relation tells is left out."""
    instance = made(dict.fromkeys("abcd", (5, 1)), {})
    rows = [{0: 1, 1: 1}, {0: -1, 2: -1, 3: 1}, {0: 1, 1: -1}]
    told = [Pool((0, 1), 10, 2, relation=0)]
    assert derived_pools(instance, rows, {0, 1, 2}, told) == [Pool((0, 2), 10, 2, source=(3,))]


@pytest.mark.parametrize(
    ("n", "percent", "expected"),
    [(96, 64, (61, 61)), (40, 0, (0, 0)), (9, 100, (9, 9)), (200, 50, (99, 100)), (0, 0, (0, 0))],
)
def test_a_whole_percent_fixes_the_numerator_below_a_hundred(n, percent, expected):
    """Half rounds up: of 200, 49.5% is 50."""
    assert percent_numerators(n, percent) == expected


@pytest.mark.parametrize(
    ("n", "band", "expected"),
    [(96, (60, 70), (58, 67)), (10, (90, 100), (9, 10)), (20, (0, 10), (0, 1)), (0, (0, 10), (0, 0))],
)
def test_a_band_is_closed_below_and_open_above(n, band, expected):
    """The top band holds a hundred percent."""
    assert band_numerators(n, band) == expected


def test_whole_percents_give_the_gap_away_and_bands_do_not():
    """Each percent fixes its numerator, so the gap is the rest; ten-point bands leave it open within its size."""
    forms = {
        "All": {"printed": {"n": 96, "pct": 64, "band10": [60, 70]}},
        "b": {"printed": {"n": 92, "pct": 64, "band10": [60, 70]}},
        "a": {"printed": None},
    }
    instance = made({"All": (96, 61), "a": (4, 2), "b": (92, 59)}, {"All": "ab"}, more=forms)
    assert instance.cells[0].form == Form(96, 64, (60, 70))
    view = audit_json(naive(instance), naive_gaps(instance))["views"]["public"]
    assert view["numerators_from_whole_percent"] == {"All": [61, 61], "b": [59, 59]}
    assert (view["a_x_range_whole_percent"], view["a_x_range_band10"]) == ([2, 2], [0, 4])
    assert view["exact"] == [{"id": "a", "n": 4, "x": 2}]


def test_what_a_reader_knows_beside_a_percent_narrows_the_gap():
    """The total's percent leaves one student open; whoever knows the other part knows the gap to this student."""
    forms = {"All": {"printed": {"n": 200, "pct": 50}}, "a": {"printed": None}, "b": {"printed": None}}
    views = ({"name": "public"}, {"name": "principal", "knows": ["b"]})
    instance = made({"All": (200, 100), "a": (8, 4), "b": (192, 96)}, {"All": "ab"}, views=views, more=forms)
    told = audit_json(naive(instance), naive_gaps(instance))["views"]
    assert [told[name]["a_x_range_whole_percent"] for name in ("public", "principal")] == [[0, 100], [3, 4]]


def test_a_cell_that_prints_no_figure_tells_nothing_and_a_count_of_others_is_named():
    """Without the total the rest stays open; an n that is not the cell's is no more true than a percent."""
    forms = {"All": {"printed": None}, "b": {"printed": {"n": 91, "pct": 64}}}
    instance = made({"All": (96, 61), "a": (4, 2), "b": (92, 59)}, {"All": "ab"}, more=forms)
    view = audit_json(naive(instance), naive_gaps(instance))["views"]["public"]
    assert view["a_x_range_whole_percent"] == [0, None]
    assert next(iter(strange_forms(instance))) == 'cell "b": its printed n=91 is not its n=92.'
