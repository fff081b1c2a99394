"""Test the judgement of a panel: each period by what was seen up to it, and only of this year."""

from datetime import date, timedelta

from aimline.signals import EVALUATION_COLUMNS, evaluate_panel

RULE = {"direction": "lower", "smallest_change": 0.01, "on_track": 0.8, "watch": 0.5, "interval_share": 0.8}
RULE |= {"is_new_definition": False}


def row(number, value, **given):
    """Return one row of the panel: a week of a school's figure to date."""
    place = {"indicator_id": "chronic_absence", "unit_type": "school", "unit_id": "0104", "group_set_id": "all"}
    place |= {"group_id": "all", "school_year": 2027, "period_kind": "year_to_date", "period_id": str(number)}
    figure = {"figure_id": f"f{number}", "period_on": date(2026, 9, 4) + timedelta(weeks=number), "value": value}
    figure |= {"value_unit": "share", "sampling_se": None, "n_people": 400, "is_record": False, "is_share": True}
    figure |= {"reliability": None, "is_withheld": False, "expected": 0.178, "baseline": 0.197, "is_current": True}
    return place | figure | RULE | given


def test_first_period_of_a_year_cannot_be_told():
    """One period is not enough; from the second on each is judged."""
    found = evaluate_panel([row(0, 0.3), row(1, 0.3)])
    assert [(each["status"], each["reason"]) for each in found] == [
        ("cannot tell", "too_few_periods"),
        ("off track", None),
    ]


def test_a_baseline_of_another_definition_tells_nothing():
    """Until baseline and target are declared under the new definition, nobody can tell; not even without a line."""
    told = [row(number, 0.3, is_new_definition=True, expected=None) for number in (0, 1)]
    assert [each["reason"] for each in evaluate_panel(told)] == ["new_definition"] * 2


def test_order_of_rows_does_not_matter():
    """The same panel in another order gives the same rows."""
    rows = [row(number, 0.2 + number / 100) for number in range(4)]
    assert evaluate_panel(rows) == evaluate_panel(rows[::-1])


def test_earlier_years_are_not_judged():
    """A figure of an earlier year has its place in the panel and no evaluation."""
    assert evaluate_panel([row(0, 0.3, is_current=False), row(1, 0.3, is_current=False)]) == []


def test_rows_have_the_columns_of_the_table():
    """Every row has every column, and numbers carry twelve digits at most."""
    found = evaluate_panel([row(0, 0.3), row(1, 1 / 3)])
    assert list(found[0]) == list(EVALUATION_COLUMNS)
    assert all(len(f"{each['p_meet']:.17g}") <= 22 for each in found if each["p_meet"] is not None)
