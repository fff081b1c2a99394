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


def outlook(**given):
    """Return what the school's year may come to."""
    told = {"indicator_id": "chronic_absence", "unit_id": "0104", "group_id": "all", "school_year": 2027}
    told |= {"p_meet": 0.97, "median": 0.15, "target": 0.178, "status": "on track", "reason": None}
    return told | given


def test_the_newest_figure_is_judged_by_its_year():
    """Earlier ones, other groups and the interval of the figure stay beside the line; the year brings its distance."""
    rows = [row(0, 0.3), row(1, 0.3), row(2, 0.3), *(row(n, 0.3, group_id="el", figure_id=f"el{n}") for n in (0, 1))]
    found = {each["figure_id"]: each for each in evaluate_panel(rows, [outlook()])}
    assert {name for name, each in found.items() if each["judged_by"] == "forecast"} == {"f2"}
    told, beside = found["f2"], {each["figure_id"]: each for each in evaluate_panel(rows)}["f2"]
    assert (told["status"], told["certainty"], told["p_meet"], told["shortfall"]) == ("on track", "clear", 0.97, -0.028)
    assert (told["interval_low"], told["interval_high"]) == (beside["interval_low"], beside["interval_high"])
    assert found["f1"]["status"] == found["el1"]["status"] == beside["status"] == "off track"


def test_a_year_says_nothing_where_its_forecast_or_its_figure_does_not():
    """A forecast of one month, of another year or without a chance; a figure that was withheld."""
    rows = [row(0, 0.3), row(1, 0.3)]
    for ahead in (
        outlook(reason="too_few_periods", status="cannot tell"),
        outlook(school_year=2026),
        outlook(p_meet=None),
    ):
        assert evaluate_panel(rows, [ahead]) == evaluate_panel(rows)
    withheld = [row(0, 0.3), row(1, 0.3, is_withheld=True)]
    assert evaluate_panel(withheld, [outlook()])[1]["reason"] == "withheld"
    unclear = outlook(reason="interval_too_wide", status="cannot tell", p_meet=0.4)
    assert evaluate_panel(rows, [unclear])[1]["reason"] == "interval_too_wide"
