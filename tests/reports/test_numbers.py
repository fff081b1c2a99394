"""Figures as people read them: the gate's text, differences in points, words in the place of what is hidden."""

from collections.abc import Callable
from datetime import date

import pytest
from markupsafe import escape

from reports import numbers
from reports.numbers import Figure
from schemas.published import GAP_TEXT
from schemas.shown import school_year

HIDDEN = {"value": None, "value_text": GAP_TEXT, "shown_as": "suppressed", "is_suppressed": True}
MakeFigure = Callable[..., Figure]


def test_figure_prints_the_text_of_the_gate(a_figure: MakeFigure) -> None:
    """A page prints what the gate wrote, marked with the figure's id, and rounds nothing itself."""
    made = a_figure(value=0.1849, value_text="18%")
    assert str(escape(made)) == '<span data-figure="fig_aaaaaaaaaaaa">18%</span>'


def test_hidden_figure_prints_its_words(a_figure: MakeFigure) -> None:
    """What is hidden says so in words, and everything that would go with it is empty."""
    made = a_figure(**HIDDEN)
    assert GAP_TEXT in str(escape(made))
    assert made.is_hidden
    assert [made.n, made.expected, made.interval, made.gap, made.certainty] == [None] * 5


def test_reliability_stands_where_the_number_of_answers_does(a_figure: MakeFigure) -> None:
    """How many answered follows from a reliability, so who is not told the one is not told the other."""
    told = {"value": 3.4, "value_text": "3.40", "value_unit": "score", "reliability": 0.8164}
    assert a_figure(**told, n_text="n = 120").reliability == "0.82"
    assert a_figure(**told, n_text=None).reliability is None
    assert a_figure(**HIDDEN, reliability=0.8164, n_text="n = 120").reliability is None


def test_text_of_a_figure_is_escaped(a_figure: MakeFigure) -> None:
    """Not even the gate's text is trusted as HTML."""
    assert "<b>" not in str(escape(a_figure(value_text="<b>18%</b>")))


@pytest.mark.parametrize(
    ("gap", "unit", "text"),
    [
        (0.1, "share", "10 points above"),
        (-0.01, "share", "1 point below"),
        (0.004, "share", "less than 1 point"),
        (0.09, "score", "0.09 above"),
        (-0.001, "score", "less than 0.01"),
        (2.0, "days", "2 days above"),
        (1.0, "level", "1 level above"),
    ],
)
def test_difference_is_told_in_points(gap: float, unit: str, text: str, a_figure: MakeFigure) -> None:
    """Shares differ by points, never by percent of a percent; what rounds to nothing is told as less than one step."""
    assert a_figure(gap_to_expected=gap, value_unit=unit).gap == text


def test_group_stands_beside_its_reference(a_figure: MakeFigure) -> None:
    """A group's distance to its reference is told in points with its interval, and with a caution where it is small."""
    made = a_figure(gap=0.13, gap_low=-0.02, gap_high=0.25, is_enough=False)
    assert (made.beside, made.beside_range) == ("13 points above", "2 points below to 25 points above")
    assert made.beside_caution == "Too few to judge by"
    assert a_figure(gap=0.13, is_enough=True).beside_caution is None


def test_waves_say_how_far_they_may_be_compared(a_figure: MakeFigure) -> None:
    """A grade stands with what broke it, in words; without a grade nothing is said."""
    assert a_figure(comparability="A", comparability_reason=None).comparable == "A"
    told = a_figure(comparability="C", comparability_reason="window|response_gap").comparable
    assert told == "C: another time of the year, another response rate"
    assert a_figure(comparability=None, comparability_reason=None).comparable is None


def test_hidden_group_stands_beside_nothing(a_figure: MakeFigure) -> None:
    """Of a hidden group neither distance nor interval nor how small it is can be told."""
    made = a_figure(**HIDDEN, gap=0.13, gap_low=-0.02, gap_high=0.25, is_enough=False)
    assert [made.beside, made.beside_range, made.beside_caution] == [None] * 3


def test_difference_stands_before_the_line(a_figure: MakeFigure) -> None:
    """The distance reads on into "the line" whether it is large or too small to be told."""
    assert a_figure(gap_to_expected=0.004).apart == "less than 1 point from"
    assert a_figure(gap_to_expected=0.1).apart == "10 points above"


def test_figure_has_no_value_for_pages(a_figure: MakeFigure) -> None:
    """A page cannot add, compare or format a figure: it is no number."""
    made = a_figure()
    for misuse in (lambda: made + 1, lambda: made < a_figure(), lambda: float(made), lambda: f"{made:.2f}"):
        with pytest.raises(TypeError):
            misuse()


def test_chart_draws_what_is_told(a_figure: MakeFigure) -> None:
    """A mark stands where the text says, not where the unrounded value would be."""
    assert numbers.drawn(a_figure(value=0.1849)).value == pytest.approx(0.18)


@pytest.mark.parametrize("shown_as", ["suppressed", "zero", "none", "not_reported"])
def test_chart_draws_nothing_of_what_is_not_shown(shown_as: str, a_figure: MakeFigure) -> None:
    """Were a number left behind by mistake, a chart would still not draw it."""
    made = a_figure(shown_as=shown_as, is_suppressed=shown_as == "suppressed", interval_low=0.1)
    assert numbers.drawn(made) == numbers.Drawn(None, None, None, None)


def test_reason_is_told_in_words(a_figure: MakeFigure) -> None:
    """A code of the engine becomes words of the reader; an unknown one at least loses its underscores."""
    assert a_figure(status_reason="no_target").reason == "no target is declared for this unit and group"
    assert a_figure(status_reason="some_new_code").reason == "some new code"


def test_dates_money_and_years() -> None:
    """Dates, money and school years are written as in the district."""
    assert numbers.day(date(2027, 1, 14)) == "January 14, 2027"
    assert numbers.day(date(2027, 1, 14), "short") == "Jan 14"
    assert numbers.day(None) == ""
    assert numbers.money(48000.0) == "$48,000"
    assert school_year(2027) == "2026-27"
    assert numbers.count(1204) == "1,204"


def test_rate_of_a_hidden_count_is_not_drawn(a_figure: MakeFigure) -> None:
    """The bar of a response rate needs a visible figure."""
    assert numbers.drawn_rate(a_figure(**HIDDEN, response_rate=0.5)) is None
    assert numbers.drawn_rate(a_figure(response_rate=0.834)) == pytest.approx(0.83)


def test_a_status_of_the_year_has_its_chance_in_words(a_figure: MakeFigure) -> None:
    """The lowest chance shown stands for less too; a status of the newest figure alone says nothing of the year."""
    told = [(0.05, "clear"), (0.05, "likely"), (0.15, "likely"), (0.3, "possible"), (0.75, "possible"), (0.95, "clear")]
    words = ["very unlikely", "unlikely", "unlikely", "less likely than not", "possible", "clear"]
    for (chance, certainty), word in zip(told, words, strict=True):
        figure = a_figure(forecast_chance=chance, certainty=certainty, judged_by="forecast")
        assert figure.prospect == f"meeting the year's target is {word}"
    assert a_figure(forecast_chance=0.3, certainty="clear", judged_by="aim_line").prospect is None


def test_a_reason_says_what_it_is_of(a_figure: MakeFigure) -> None:
    """The year is uncertain, or the figure; a reason of the figure alone stays as it is."""
    for judged_by, words in (("forecast", "what the year may come to"), ("aim_line", "the figure")):
        figure = a_figure(status_reason="interval_too_wide", judged_by=judged_by)
        assert figure.reason == f"{words} is too uncertain"
    assert a_figure(status_reason="withheld", judged_by="forecast").reason == a_figure(status_reason="withheld").reason
