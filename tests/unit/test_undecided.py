"""Where the solver has no answer nobody may rely on a gap: the target is undecided, and that fails the pattern."""

from dataclasses import replace

import pytest

from aimline.disclosure.audit import audit_pattern
from aimline.disclosure.aware import AwareReader, Rule, RuleAudit
from aimline.disclosure.bounds import Polytope, Row, UndecidedError
from aimline.disclosure.dead_ends import dead_ends
from aimline.disclosure.instance import Instance, Thresholds
from aimline.disclosure.report import audit_json, failures, is_clean
from tests.support.sdc import made

CELLS = {"All": (60, 30), "Twin": (60, 30), "a": (6, 3), "b": (4, 2), "c": (50, 25)}
SUMS = {"All": "abc", "Twin": "abc"}
GAPS = (2, 3)


def torn(**asked: object) -> Instance:
    """Return cells of which two totals of the same parts say different things: no numbers fit them all."""
    instance = replace(made(CELLS, SUMS), thresholds=Thresholds(**asked))  # type: ignore[arg-type]
    cells = tuple(replace(cell, n=62, x=31) if cell.cell_id == "Twin" else cell for cell in instance.cells)
    return replace(instance, cells=cells)


def test_sums_that_nothing_fits_have_no_answer() -> None:
    """An error and no number: a bound of it would be taken for protection."""
    empty = Polytope(1, [Row({0: 1.0}, 1.0, 1.0), Row({0: 1.0}, 2.0, 2.0)])
    with pytest.raises(UndecidedError):
        empty.lowest({0: 1.0})
    with pytest.raises(UndecidedError):
        empty.highest({0: 1.0})


@pytest.mark.parametrize("counts_known", [False, True])
@pytest.mark.parametrize("rule", [None, Rule()])
def test_a_target_without_an_answer_fails_the_pattern(counts_known: bool, rule: Rule | None) -> None:
    """It is named as undecided, by itself and for whoever knows every count, and no bound is told of it."""
    audit = audit_pattern(torn(counts_known=counts_known), GAPS, rule)
    told = audit.views[0]
    assert (told.undecided, told.counts, told.favourable) == ([2, 3], {}, {})
    named = {each["target"] for each in failures(told, audit.instance) if each["check"] == "undecided"}
    assert named == {"a", "b"}
    assert not is_clean(audit)


def test_who_knows_what_a_gap_means_is_undecided_too() -> None:
    """This reader has one system for both answers; of a target without an answer nothing is told."""
    rows = ({0: 1, 1: 1}, {0: 1, 1: 1})
    reader = AwareReader((rows, (5, 6), (5, 5)), [], [(2, 3), (3, 2)])
    told = RuleAudit()
    assert reader.derive(told, {7: 0, 8: 1}) == [7, 8]
    assert told == RuleAudit()


def test_a_displayed_percent_that_nothing_fits_tells_no_range() -> None:
    """Nobody says what follows of it: no range, and not that it is determined."""
    more = {"All": {"printed": {"n": 60, "pct": 50}}, "c": {"printed": {"n": 70, "pct": 50}}}
    instance = made({"All": (60, 30), "a": (10, 5), "c": (50, 25)}, {"All": "ac"}, more=more)
    instance = replace(instance, thresholds=Thresholds(n_min=20))
    view = audit_json(audit_pattern(instance, [1], None), [1])["views"]["public"]
    assert (view["a_x_range_whole_percent"], view["exact_count"]) == (None, 0)


def test_a_small_group_of_no_sum_leaves_no_total_to_leave_out() -> None:
    """It is visible and no sum tells it, so no other cell is named for it; one of a sum names its total."""
    instance = made({"All": (58, 30), "a": (8, 4), "c": (50, 26), "lone": (5, 2)}, {"All": "ac"})
    assert dead_ends(instance, [1]) == {"All": "public"}
