"""What ``aimline collect`` says of feeds that are late: one line a feed, however long the gap."""

from datetime import date

from aimline.commands._collect_report import CollectReport
from aimline.commands._shared import number_of
from aimline.commands.collection import _alarms


def late(source_id: str, day: int, looks_like: str | None = None) -> dict[str, str | None]:
    """Return a late expectation as the journal tells it."""
    told = {"source_id": source_id, "expected_on": f"2026-10-{day:02}", "owner_role": "research"}
    return told | {"looks_like": looks_like}


def said(*lates: dict[str, str | None]) -> list[str]:
    """Return the lines of a run in which these were found late."""
    return list(_alarms(CollectReport(date(2026, 10, 30), (), (), lates)))


def test_a_long_gap_is_one_line_a_feed() -> None:
    """The first day, how many more, the last day, and what the file that came instead looks like."""
    assert said(late("sis", 5), late("sis", 6), late("log", 6), late("sis", 7, '"x.csv" looks like sis')) == [
        'sis is late: expected on 2026-10-05 and 2 later days to 2026-10-07, owner research. "x.csv" looks like sis.',
        "log is late: expected on 2026-10-06, owner research.",
    ]


def test_several_things_have_their_plural() -> None:
    """Words end as they are said, however they are made."""
    words = [number_of(2, thing) for thing in ("delivery", "batch", "school day", "file")]
    assert (words, number_of(1, "delivery")) == (
        ["2 deliveries", "2 batches", "2 school days", "2 files"],
        "1 delivery",
    )
