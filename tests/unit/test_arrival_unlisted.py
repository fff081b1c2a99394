"""Codes that no list has: which they are, where they stand, where to declare them; and never who is in the file."""

import json
from collections.abc import Iterator

import pytest

from aimline.arrival import Outcome
from tests.support.door import HEADING, Door, good_rows, marks

SEEN = "declared are A, I, P, S, T, U"
HIDDEN = "not shown here: a text may tell of a person"


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    """One door for all tests of this file; each hands in bytes of its own."""
    opened = Door(tmp_path_factory.mktemp("door"))
    yield opened
    opened.close()


def marked(code: str, n: int, first: int, on: str = "10/07/2026") -> list[str]:
    """Return marks of so many students under one code."""
    return [f"{first + number},0101,{on},{code},6,6" for number in range(n)]


def told(outcome: Outcome) -> str:
    """Return everything the journal and the terminal are told of a delivery, but its columns' names."""
    return json.dumps([outcome.detail, outcome.remedy, outcome.proposals, outcome.looked], default=str)


def test_codes_are_named_with_their_first_line_and_the_key(door: Door) -> None:
    """Those that ten people have, most rows first; what is declared, and the key where a code is declared."""
    outcome = door.marks(*good_rows(50), *marked("R", 10, 200_000), *marked("XQ", 12, 300_000))
    named = '"XQ" in 12 rows, first in line 62; "R" in 10 rows, first in line 52'
    assert outcome.reason == "code_list_changed"
    assert outcome.detail == f"category: codes nobody declared: 2, in 22 rows: {named}; {SEEN}"
    where = "Declare under codes.category of sis_attendance in sources.yml what each means"
    assert outcome.remedy == f"{where}, then collect again, or ask the sender to restore it."


NAMES = {
    "surnames": ["Nguyen", "Garcia", "Lee"],
    "short_names_among_codes": ["XQ", "R", "Cruz"],
    "numbers": ["1001", "1002", "1003"],
    "days_of_birth": ["3/4/2015", "9/1/2014", "2/2/2015"],
}


@pytest.mark.parametrize("texts", NAMES.values(), ids=NAMES)
def test_column_that_may_hold_persons_is_counted_alone(texts: list[str], door: Door) -> None:
    """A column of teachers' names by mistake, each of many students: one text that is no code hides all of them."""
    rows = [row for number, text in enumerate(texts, 2) for row in marked(text, 12, 100_000 * number)]
    outcome = door.marks(*good_rows(20), *rows)
    counted = f"category: codes nobody declared: 3, in 36 rows: first in lines 22, 34, 46, {HIDDEN}; {SEEN}"
    assert (outcome.detail, outcome.proposals) == (counted, ())
    assert "Look at these lines of the file" in outcome.remedy
    assert not any(text in told(outcome) for text in texts if len(text) > 2)


def test_code_of_few_people_is_told_by_its_line(door: Door) -> None:
    """Nine people are too few, also where they have many rows, and where the text looks like a declared code."""
    days = ("10/05/2026", "10/06/2026", "10/07/2026")
    outcome = door.marks(*good_rows(10), *(row for day in days for row in marked("A1", 9, 200_000, day)))
    assert (outcome.reason, outcome.proposals) == ("code_list_changed", ())
    assert outcome.detail == f"category: codes nobody declared: 1, in 27 rows: first in line 12, {HIDDEN}; {SEEN}"
    assert "A1" not in told(outcome)


def test_column_about_a_person_is_never_told(door: Door) -> None:
    """A grade tells of its students, whatever it looks like."""
    heading = "STU ID,Site #,Gr,Enter Dt,Leave Dt,Leave Cd,Primary?,FTE,SY"
    rows = [f"{100_001 + number},0101,Sr,08/20/2026,,,Y,1,2026-27" for number in range(12)]
    (outcome,) = door.take("sis_enrollment", "roster_20261005.csv", marks(*rows, heading=heading))
    words = f"grade: codes nobody declared: 1, in 12 rows: first in line 2, {HIDDEN}"
    assert (outcome.reason, outcome.detail) == ("code_unknown", f"12 rows, all there are; {words}")
    assert "codes.grade of sis_enrollment in sources.yml" in outcome.remedy


def test_code_of_one_school_is_named_where_nobody_is_in_the_file(door: Door) -> None:
    """A list of schools is about no person: a kind that one school has is named, with what is declared."""
    rows = ["0101,Alder,CH,ELEM,08/15/1998", "0104,Dogwood,REG,ELEM,08/15/1998"]
    (outcome,) = door.take(
        "sis_schools", "schools_20260702.csv", marks(*rows, heading="Site #,Site Name,Type,Level,Opened")
    )
    words = 'kind: codes nobody declared: 1, in 1 row: "CH" in 1 row, first in line 2; declared are REG'
    assert (outcome.reason, outcome.detail) == ("code_list_changed", words)


def test_many_texts_are_no_list_of_codes(door: Door) -> None:
    """Twenty-one texts are not shown, each short enough and of enough people; the first line of them all is told."""
    texts = [f"{letter}{number}" for letter in "KLM" for number in range(7)]
    rows = [
        row for number, text in enumerate(texts, 2) for row in marked(text, 10 + number % 2, 10_000 * (10 + number))
    ]
    outcome = door.marks(*good_rows(10), *rows)
    assert "codes nobody declared: 21, in" in outcome.detail
    assert "rows: first in lines 12," in outcome.detail
    assert "K0" not in told(outcome)


def test_place_is_a_line_only_where_lines_tell_it(door: Door) -> None:
    """Titles count; where a cell holds a line break a record has its number and no line."""
    rows = [*good_rows(5), *marked("XQ", 12, 200_000)]
    (outcome,) = door.take("sis_attendance", "att_20261007.csv", marks(HEADING, *rows, heading="Attendance of October"))
    assert "first in line 8;" in outcome.detail
    broken = f'{rows[0][:-1]}"6\n"'
    outcome = door.marks(broken, *rows[1:])
    assert "first in record 6;" in outcome.detail


def test_few_unknown_codes_are_told_of_what_is_accepted(door: Door) -> None:
    """Below the limits rows alone are refused; which code it was is told all the same."""
    outcome = door.marks(*good_rows(600), *marked("XQ", 10, 200_000))
    assert (outcome.reason, outcome.n_accepted) == ("", 600)
    named = '"XQ" in 10 rows, first in line 602'
    assert outcome.looked["unlisted"] == f"category: codes nobody declared: 1, in 10 rows: {named}; {SEEN}"


def test_delivery_without_unknown_codes_tells_of_none(door: Door) -> None:
    """Known codes, and rows refused for something else."""
    outcome = door.marks(*good_rows(), "100999,0101,02/30/2026,A,6,6")
    assert "unlisted" not in outcome.looked
