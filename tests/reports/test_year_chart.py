"""The year at a glance: what lies where, what is pale, what is said in words."""

from datetime import date
from types import SimpleNamespace

from defusedxml import ElementTree

from reports.charts.year import draw_year, lanes_of


def row(kind, label, due_on, opens_on=None, state="planned"):
    """One dated obligation, as a page has it."""
    closes_on = due_on if opens_on else None
    return SimpleNamespace(kind=kind, label=label, opens_on=opens_on, closes_on=closes_on, due_on=due_on, state=state)


ROWS = [
    row("window", "Fall survey", date(2026, 11, 3), date(2026, 10, 14), "closed"),
    row("review_packet", "Mid-year review", date(2027, 1, 6)),
    row("review_meeting", "Mid-year review", date(2027, 1, 11)),
    row("board_meeting", "Board meeting", date(2027, 1, 12)),
    row("budget_event", "Budget: preliminary", date(2027, 2, 9)),
    row("milestone", "Call log", date(2027, 2, 1)),
]


def shapes(text, name):
    """The drawn elements of a kind: class and place."""
    return [
        each.attrib
        for each in ElementTree.fromstring(text).iter()
        if each.tag == name and "span" in each.get("class", "")
    ]


def test_windows_have_a_line_each_reviews_and_the_board_one_together():
    """What is only a task of somebody is not drawn."""
    assert [(lane.label, len(lane.spans)) for lane in lanes_of(ROWS)] == [
        ("Fall survey, Oct 14 to Nov 3", 1),
        ("Mid-year review, Jan 6 to Jan 11", 2),
        ("Board and budget", 2),
    ]


def test_a_span_is_a_bar_and_a_day_a_diamond():
    """Both within the frame; what is over is pale."""
    drawn = draw_year(ROWS, ident="year", title="The year")
    (bar,) = shapes(drawn, "rect")
    assert bar["class"] == "span over"
    assert 0 <= float(bar["x"]) < float(bar["x"]) + float(bar["width"]) <= 440
    assert [each["class"] for each in shapes(drawn, "path")] == ["span"] * 4


def test_a_longer_window_is_a_longer_bar():
    """Twice the days, about twice the length."""
    rows = [
        row("window", "Short", date(2026, 10, 10), date(2026, 10, 1)),
        row("window", "Long", date(2026, 10, 20), date(2026, 10, 1)),
    ]
    short, long = (float(each["width"]) for each in shapes(draw_year(rows, ident="y", title="t"), "rect"))
    assert abs(long / short - 2) < 0.02


def test_the_words_say_what_is_drawn():
    """A reader of the text hears the same."""
    drawn = draw_year(ROWS, ident="year", title="The year")
    (told,) = [each.text for each in ElementTree.fromstring(drawn).iter() if each.tag == "desc"]
    assert told.startswith("Fall survey, Oct 14 to Nov 3. Mid-year review, Jan 6 to Jan 11: 2 days.")


def test_labels_are_text_and_never_markup():
    """A label with a sign of markup is escaped."""
    drawn = draw_year([row("window", "A <b> & c", date(2026, 10, 10), date(2026, 10, 1))], ident="y", title="t")
    assert "A &lt;b&gt; &amp; c" in drawn


def test_a_year_without_dates_draws_nothing():
    """The page then says so in words."""
    assert draw_year([row("milestone", "Call log", date(2027, 2, 1))], ident="y", title="t") == ""
