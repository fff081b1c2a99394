"""What ``aimline explain`` prints: a figure, its definition, its tables, its files."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from aimline.cli import main
from aimline.commands.explaining import _tell, _told
from aimline.errors import UsageError
from aimline.journal import open_journal
from aimline.ledger.explain import Delivery, Explained, _may_matter, explain
from aimline.ledger.restate import Cause, Counts, Restated
from aimline.storage import open_store

KEY: dict[str, Any] = {"measure_id": "chronic_absence", "profile_id": "fl", "school_year": 2027, "period_kind": "year"}
KEY |= {"period_id": "2027", "unit_type": "school", "unit_id": "0101", "group_set_id": "all", "group_id": "all"}
KEY |= {"subject_id": "", "estimator": ""}
COUNTED: dict[str, Any] = {
    "period_starts_on": date(2026, 8, 19),
    "period_ends_on": date(2027, 5, 28),
    "numerator": Decimal("12.0"),
}
COUNTED |= {"numerator": Decimal("12.0"), "denominator": Decimal("60.000")}
COUNTED |= {"value": 0.2, "value_unit": "share", "quality_state": "ok"}
COUNTED |= {"hold_reason": None, "as_of": date(2027, 6, 1), "build_id": "b1"}


def test_figure_is_told_from_page_to_file(capsys: pytest.CaptureFixture[str]) -> None:
    """Key, count, definition, build, tables, readers, and one line for each entity with its first and last file."""
    files = [Delivery("enrollment", "sis", f"roster_{n}.csv", f"{n}" * 64, "2026-08-19", 5, ("2027",)) for n in (1, 2)]
    shown = ({"release_id": "r1", "audience_id": "board", "reader_unit_id": "", "value_text": "20%"},)
    made = ("int_enrollment__spans", "msr_chronic_absence")
    _tell(Explained("fig_aaaaaaaaaaaa", KEY, COUNTED, "Absent.", "aca1", made, shown, tuple(files)))
    told = capsys.readouterr().out.splitlines()
    assert told[:3] == [
        "fig_aaaaaaaaaaaa: chronic_absence, school 0101, all all",
        "period      year 2027 of 2027: 2026-08-19 to 2027-05-28",
        "value       12 / 60 = 0.2 share (ok)",
    ]
    assert told[6] == "shown       20% to board in r1"
    assert told[-1].split() == ["enrollment", "sis", "2", "roster_1.csv", "1" * 12, "roster_2.csv", "2" * 12, "10"]


@pytest.mark.parametrize(
    ("slot", "matters"),
    [("2026-09-01", True), ("2026-08-18", False), ("2027", True), ("2026", False), ("fall.2026", False), ("all", True)],
)
def test_parts_of_other_days_and_years_do_not_matter(slot: str, *, matters: bool) -> None:
    """A day outside the period and another school year hold nothing of a figure; what names neither may."""
    assert _may_matter(slot, KEY | COUNTED) == matters


def test_what_is_no_figure_is_told(tmp_path: Path) -> None:
    """A text that is no id, and a district without a build, are told with what to do."""
    store = open_store(tmp_path)
    journal = open_journal(store)
    with pytest.raises(UsageError, match="is no figure"):
        explain(store, journal, "figure 3")
    with pytest.raises(UsageError, match="nothing has been built yet"):
        explain(store, journal, "fig_aaaaaaaaaaaa")
    journal.close()


def test_change_between_two_days_is_told_by_cause(capsys: pytest.CaptureFixture[str]) -> None:
    """Both ends with their counts, then a line a cause; a figure that was not there changes by all it counts."""
    ends = [Counts(*(None if n is None else Decimal(n) for n in each)) for each in ((None, None), (12, 60), (13, 61))]
    causes = (Cause("enrollment", ends[0], ends[1]), Cause("corrections", ends[1], ends[2]))
    days = (date(2026, 11, 20), date(2026, 11, 23))
    _told("fig_aaaaaaaaaaaa", Restated("fig_aaaaaaaaaaaa", KEY, *days, ends[0], ends[2], causes), as_json=False)
    told = capsys.readouterr().out.splitlines()
    assert told[1:3] == ["as of 2026-11-20  none / none = none", "as of 2026-11-23  13 / 61 = 0.21311475409836064"]
    assert [line.split()[:5] for line in told[-2:]] == [
        ["enrollment", "12", "60", "12", "60"],
        ["corrections", "1", "1", "13", "61"],
    ]


@pytest.mark.parametrize(
    "words", [(), ("fig_aaaaaaaaaaaa", "--restated"), ("--restated", "--diff", "2026-11-06", "2026-11-13")]
)
def test_one_figure_is_explained_or_all_that_were_restated(
    words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    """Neither a figure nor --restated, or both, is no question."""
    assert main(["explain", "riverbend", *words]) == 2
    assert "Give FIGURE, or --restated." in capsys.readouterr().err
