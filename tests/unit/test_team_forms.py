"""The forms of a school's team come back: each row is of its shape, each fault names its cell and nobody's words."""

import csv
import io
from datetime import date

import pytest

from aimline.sources.tables import Table
from aimline.sources.template import Slot
from aimline.sources.template_files import csv_text, filled_csv
from aimline.sources.template_rows import table_of
from aimline.sources.template_sheet import Expected
from aimline.sources.template_teams import team_form

KNOWN = {"owner": {"principal:0101", "p_014"}, "goal": {"g_attend"}, "indicator": {"att_rate", "chronic"}}
CYCLE = {
    "name": "breakfast_calls",
    "change_idea": "calls",
    "aim": "Fewer absences",
    "problem": "Mondays",
    "change": "Call at breakfast",
    "direction": "higher",
    "by": "0.02",
    "prediction": "More come on Mondays",
    "predicted": "2026-10-01",
    "indicator": "att_rate",
    "smallest": "0.01",
    "starts": "2026-10-05",
    "ends": "2026-11-06",
    "owner": "principal:0101",
}
SAW = {"held": "2026-10-14", "looks_at": "att_rate, chronic", "observed": "Mondays are low."}
MEETING = SAW | {"observed_first": "yes", "n_present": "6"}


def read(name: str, *lines: tuple[int, dict[str, str]]) -> Table:
    """Return what a form becomes of which some rows were filled in."""
    form = team_form(name, Slot("smalltown", name, 2027, "0101"), lambda kind, said: said in KNOWN[kind])
    rows = list(csv.reader(io.StringIO(csv_text(form, date(2026, 10, 1)))))
    top = rows.index(list(form.headings))
    for number, said in lines:
        rows[top + number][1:] = [said.get(answer.name, "") for answer in form.answers[1:]]
    found = table_of(filled_csv(rows), Expected(form, {"window": name}, 2027, name))
    assert isinstance(found, Table)
    assert found.n_records == len(found.rows) + sum(found.ignored.values())
    return found


def test_lines_of_a_plan_come_back() -> None:
    """Who leads, a goal taken over, an activity and a meeting are lines of their kind; the others are counted."""
    found = read(
        "school_plan",
        (1, {"owner": "principal:0101"}),
        (4, {"goal": "g_attend"}),
        (5, {"indicator": "chronic", "target": "0.15"}),
        (9, {"text": "Call homes", "owner": "p_014", "due": "2026-12-01"}),
        (19, {"starts": "2026-10-14", "looks_at": "att_rate,chronic"}),
    )
    kinds = ["lead", "goal", "goal", "activity", "meeting"]
    assert ([cells[1] for _, cells in found.rows], found.refused) == (kinds, {})
    assert found.rows[1][1][0] == "goal_1"
    assert found.ignored["not_planned"] == 21


def test_cycles_and_meetings_come_back() -> None:
    """A cycle is named by year, school and its short name; the second meeting of a day is its second."""
    cycle, meetings = read("cycle_form", (1, CYCLE)), read("meeting_record", (1, MEETING), (2, MEETING))
    assert (cycle.rows[0][1][0], cycle.refused) == ("2027_0101_breakfast_calls", {})
    assert ([cells[0] for _, cells in meetings.rows], meetings.refused) == (["1", "2"], {})


@pytest.mark.parametrize(
    ("name", "row", "said", "code", "words"),
    [
        ("school_plan", 1, {"owner": "Maria Marker"}, "orphan_reference", "form!B2: no role or declared person"),
        ("school_plan", 4, {"indicator": "chronic"}, "code_unknown", "form!C5: goal: a goal of the school's own has"),
        ("school_plan", 4, {"goal": "g_other"}, "orphan_reference", "form!C5: no goal of this name"),
        ("school_plan", 9, {"text": "Call", "owner": "p_014"}, "value_missing", "form!I10: due: 'due' is missing"),
        ("cycle_form", 1, CYCLE | {"ends": "2026-10-08"}, "code_unknown", "form!P2: ends: dates: 3 days"),
        ("cycle_form", 1, CYCLE | {"by": "much"}, "code_unknown", "form!H2: by: the text is not a number"),
        ("cycle_form", 1, CYCLE | {"verdict": "adopt"}, "value_missing", "form!S2: why"),
        ("cycle_form", 1, CYCLE | {"aim": ""}, "value_missing", "form!D2: aim is missing"),
        ("meeting_record", 1, MEETING | {"next": "2026-10-14"}, "code_unknown", "form!J2: next: the next meeting"),
        ("meeting_record", 1, MEETING | {"looks_at": "mood"}, "orphan_reference", "form!C2: no indicator of this"),
    ],
)
def test_fault_names_its_cell(name: str, row: int, said: dict[str, str], code: str, words: str) -> None:
    """What is not of its shape is refused by the cell; what somebody wrote is not repeated."""
    found = read(name, (row, said))
    assert (found.refused, found.told[0][: len(words)]) == ({row: code}, words)
    assert not any(text in found.told[0] for text in ("Maria", "much", "mood", "g_other"))
