"""Messages: an alert and a digest in plain words, with nothing a reader's pages do not show."""

from collections.abc import Callable
from typing import Any

import pytest

from aimline.warehouse import Connection
from reports.context import Row, Rows, read_table
from reports.messages import alert_message, digest_message


def test_alert_says_what_how_sure_who_and_what_next(connection: Connection) -> None:
    """An alert names its indicator and unit, since when, how sure, the owner and the next step."""
    row = read_table(connection, "rpt_alerts", "principal", "0104").where(indicator_id="chronic_absence")[0]
    message = alert_message("event", row, "Riverbend SEL progress")
    assert message.subject == "Riverbend SEL progress: Chronic absence off its line"
    for part in ("Dogwood Elementary", "November 13, 2026", "(10 points, clear)", "Owner: Principal.", "Next: Look at"):
        assert part in message.text


def test_heading_names_no_unit_and_no_group(connection: Connection) -> None:
    """Headings are read on locked screens."""
    for row in read_table(connection, "rpt_alerts", "principal", "0104"):
        assert row.unit_label not in alert_message("event", row, "Riverbend").subject


def test_sentence_is_not_said_twice(a_figure: Callable[..., Any]) -> None:
    """What the sentence of the alert says already is not repeated below it."""
    sentence = "Attendance has been below its aim line: 92% now (2 points, clear). Owner: Principal. Next: Call home."
    about = {"owner_label": "Principal", "indicator_label": "Attendance", "indicator_id": "attendance"}
    cells = {"state": "new", "kind": "off_path", "figure": a_figure(certainty="clear"), "next_step": "Call home."}
    row = Row(cells | about | {"sentence": sentence})
    assert alert_message("event", row, "Riverbend").text == sentence


def test_what_the_sentence_leaves_out_follows_it(a_figure: Callable[..., Any]) -> None:
    """An alert that is back to what is usual says neither how sure nor who; the mail does."""
    cells = {
        "state": "new",
        "kind": "off_path",
        "figure": a_figure(certainty="clear"),
        "sentence": "It is back.",
        "next_step": "Call home.",
    }
    about = {"owner_label": "Principal", "indicator_label": "Attendance", "indicator_id": "attendance"}
    told = alert_message("event", Row(cells | about), "Riverbend").text
    assert told == "It is back.\nHow sure: clear.\nOwner: Principal.\nNext: Call home."


@pytest.mark.parametrize(
    ("kind", "state", "event_type", "heading", "first"),
    [
        ("off_path", "new", "new", "off its line", "It fell."),
        ("off_path", "ongoing", "worsened", "further off its line", "It has grown by half or more since it began"),
        ("off_path", "ongoing", "escalated", "off its line", "Nobody has taken it on yet."),
        ("concern", "new", "new", "not as usual", "It fell."),
        ("concern", "acknowledged", "worsened", "further from what is usual", "It has grown by half or more"),
        ("improvement", "new", "new", "better than usual", "It fell."),
        ("concern", "resolved", "resolved", "back to what is usual", "It fell."),
    ],
)
def test_a_letter_says_what_is_new_of_its_alert(
    kind: str, state: str, event_type: str, heading: str, first: str, a_figure: Callable[..., Any]
) -> None:
    """One that grew does not read as the first did, and what left its own level is off no line."""
    cells = {"kind": kind, "state": state, "figure": a_figure(certainty="cannot tell"), "sentence": "It fell."}
    about = {"owner_label": "", "next_step": "", "indicator_label": "Attendance", "indicator_id": "attendance"}
    message = alert_message("event", Row(cells | about), "Riverbend", event_type)
    assert message.subject == f"Riverbend: Attendance {heading}"
    assert message.text.startswith(first)
    assert message.text.endswith("It fell.")


@pytest.mark.parametrize("word", ["off track", "on track"])
def test_digest_puts_what_is_off_first(word: str, connection: Connection) -> None:
    """A digest lists each indicator under its status, the worst status first."""
    status = read_table(connection, "rpt_indicator_status", "principal", "0104")
    own = Rows(row for row in status.where(unit_id="0104", group_id="all"))
    text = digest_message("event", "Riverbend: review", own).text
    assert f"{word} ({len(own.where(status=word))})" in text
    assert text.index("off track") < text.index("on track")
    assert "Chronic absence: 28%, 18% expected, meeting the year's target is very unlikely" in text
