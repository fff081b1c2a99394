"""The plain-Python survey oracle meets the golden cases, so that agreeing with it means something."""

from datetime import date
from fractions import Fraction

import pytest

from tests.support import oracle_survey as oracle

FORM = oracle.Questionnaire({"one": ("a", "b", "c", "d"), "two": ("e", "f", "g", "h")}, frozenset({"b", "f"}))
DATES = (date(2026, 10, 14), date(2026, 11, 3))
LISTED = {"1": ("0101", False), "2": ("0101", True), "3": ("0102", False)}
PEOPLE = ["5 4 2 -", "4 - 5 4", "2 3 4 -", "5 5 - 1", "3 - 4 4", "1 2 - -"]


def a_response(key: str = "1", answers: str = "3 4 3 2 4 3 5 4", **changed: object) -> oracle.Sent:
    """Return a response; `answers` in the order of the questionnaire, '-' left empty."""
    raw = {c: None if v == "-" else int(v) for c, v in zip(FORM.columns, answers.split(), strict=True)}
    facts: dict[str, object] = {"response_id": "r1", "school": "0101", "sent_at": "2026-10-20 09:00:00"}
    facts |= {"seconds": 90, "is_preview": False, "raw": raw, "key": key} | changed
    return oracle.Sent(**facts)  # type: ignore[arg-type]


def verdict(sent: oracle.Sent) -> str:
    """Return what becomes of a single response."""
    return oracle.dispositions([sent], LISTED, DATES, FORM)[0]


def test_scale_result_meets_the_golden_case() -> None:
    """Six people and four items: three forms of percent favorable and the mean of persons."""
    rows = [[None if cell == "-" else int(cell) for cell in person.split()] for person in PEOPLE]
    found = oracle.scale_result(rows)
    assert (found.n_scored, found.pooled) == (6, Fraction(10, 17))
    assert [round(float(v or 0), 6) for v in (found.item_mean, found.person_mean)] == [0.604167, 0.555556]
    assert round(float(found.scale_mean or 0), 6) == 3.305556


def test_scale_result_asks_for_half_of_the_items() -> None:
    """Two of four answers score, one of four does not; three of five score, two of five do not."""
    assert oracle.scale_result([[4, 4, None, None], [4, None, None, None]]).n_scored == 1
    assert oracle.scale_result([[4, 4, 4, None, None], [4, 4, None, None, None]]).n_scored == 1


@pytest.mark.parametrize(
    ("expected", "sent"),
    [
        ("usable", a_response()),
        ("preview", a_response(key="test01", is_preview=True)),
        ("outside_window", a_response(sent_at="2026-11-04 08:00:00")),
        ("no_key", a_response(key="")),
        ("placeholder_key", a_response(key="@X@1")),
        ("not_on_roster", a_response(key="9")),
        ("opted_out", a_response(key="2")),
        ("blank", a_response(answers="- - - - - - - -")),
        ("speeder", a_response(seconds=7)),
        ("straight_line", a_response(answers="4 4 4 4 4 4 4 2")),
        ("too_partial", a_response(answers="4 2 3 - - - - -")),
    ],
)
def test_dispositions_name_the_first_reason(expected: str, sent: oracle.Sent) -> None:
    """Every response has exactly one disposition."""
    assert verdict(sent) == expected


def test_dispositions_keep_the_last_complete_response() -> None:
    """Of several by one person the complete goes before the broken off, then the last."""
    early = a_response(response_id="r1")
    late = a_response(response_id="r2", sent_at="2026-10-20 10:00:00")
    broken = a_response(answers="4 2 - - - - - -", response_id="r3", sent_at="2026-10-20 11:00:00")
    found = oracle.dispositions([early, late, broken], LISTED, DATES, FORM)
    assert found == ["duplicate", "usable", "duplicate"]


def test_dispositions_doubt_a_key_used_too_often() -> None:
    """More than five responses under one key belong to no one person."""
    many = [a_response(response_id=f"r{n}") for n in range(6)]
    assert set(oracle.dispositions(many, LISTED, DATES, FORM)) == {"key_repeats"}


def test_turned_reverses_only_reversed_items() -> None:
    """A reversed answer is six minus the answer; an empty one stays empty."""
    assert oracle.turned(a_response(answers="5 5 - 1 3 - 3 3"), FORM.scales["one"], FORM) == [5, 1, None, 1]
    assert oracle.turned(a_response(answers="5 5 - 1 3 - 3 3"), FORM.scales["two"], FORM) == [3, None, 3, 3]


def test_response_rates_count_usable_over_the_list() -> None:
    """Gross counts everybody listed, net leaves out who opted out."""
    sent = [a_response("1"), a_response("3", school="0102", answers="4 - - - - - - -")]
    found = oracle.response_rates(sent, oracle.dispositions(sent, LISTED, DATES, FORM), LISTED)
    assert found == {"0101": (1, 2, 1), "0102": (0, 1, 1), "": (1, 3, 2)}


def test_dispositions_doubt_a_key_before_asking_whose_it_is() -> None:
    """A key used too often is doubted even where nobody on the list has it, or a response is blank."""
    many = [a_response("9", response_id=f"r{n}", answers="- " * 7 + "-" if n else "4 2 3 3 3 3 3 3") for n in range(6)]
    assert set(oracle.dispositions(many, LISTED, DATES, FORM)) == {"key_repeats"}
