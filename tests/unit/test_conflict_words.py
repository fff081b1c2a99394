"""What windows are told when their rules cannot all hold: short, whole, and no more than is known."""

from itertools import combinations

from aimline.commands._conflicts import left_words, names_of, refusal
from aimline.schedule import Conflict

NAMES = tuple(f"w{number}" for number in range(9))
GAPS = tuple(f"min_gap({one},{other})" for one, other in combinations(NAMES, 2))


def test_the_distances_of_many_windows_are_one_thing():
    """All pairs of nine windows are said in one word; with one pair missing they are counted."""
    assert left_words(Conflict(NAMES, "all", None, GAPS)) == "min_gap of every two of 9 windows"
    assert left_words(Conflict(NAMES, "all", None, GAPS[1:])) == "35 min_gap rules among 9 windows"


def test_few_rules_are_listed():
    """Each with the windows it is about."""
    rules = ("min_gap(a,b)", "latest_close(a,mid_year)", "earliest_open(b,b.setup)")
    assert left_words(Conflict(("a", "b"), "all", None, rules)) == ", ".join(rules)


def test_rules_of_one_kind_are_counted_when_they_are_many():
    """Beside what is listed."""
    rules = (*(f"earliest_open({name},x)" for name in NAMES), "capacity(analysts)")
    assert left_words(Conflict(NAMES, "all", None, rules)) == "earliest_open of 9 windows, capacity(analysts)"


def test_a_set_that_may_be_smaller_says_so():
    """And one that is not known at all says that too, in the message and as what is left."""
    words = left_words(Conflict(("a", "b"), "all", None, ("min_gap(a,b)",), is_proved=False))
    assert words == "min_gap(a,b) (not proved that all of these are needed)"
    message, _ = refusal(Conflict(("a", "b"), "student/all/all", None, is_proved=False))
    assert message == (
        "a and b cannot be shown to keep their rules (student/all/all): "
        "no way was found, nor proved that there is none."
    )


def test_many_windows_are_counted_between_the_first_and_the_last():
    """Few are named."""
    assert names_of(("a", "b"), " and ") == "a and b"
    assert names_of(NAMES) == "w0, 7 more and w8"
