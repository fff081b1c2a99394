"""Write what people are told in words: an alert, and where the indicators of a unit stand. To whom and how is not here.

A heading names no unit and no group: it is read on locked screens. A message holds only what its reader's pages show.
"""

from typing import Any

from reports.channels.base import Message
from reports.context import Rows

_ORDER = ("off track", "watch", "cannot tell", "on track")


def alert_message(event_id: str, row: Any, site_title: str) -> Message:
    """Write one alert: what, how sure, since when, who, what next.

    Args:
        event_id: The event of the alert that is told.
        row: A row of ``rpt_alerts``, its columns as attributes.
        site_title: Title of the site, which the reader knows.
    """
    word = {"resolved": "back on its line"}.get(row.state, "off its line")
    certainty = row.figure.certainty
    parts = [row.sentence]
    if certainty and certainty not in row.sentence:
        parts.append(f"How sure: {certainty}.")
    if row.owner_label and row.owner_label not in row.sentence:
        parts.append(f"Owner: {row.owner_label}.")
    if row.next_step and row.next_step.rstrip(".") not in row.sentence:
        parts.append(f"Next: {row.next_step.rstrip('.')}.")
    return Message(event_id, f"{site_title}: {row.indicator_label} {word}", "\n".join(parts))


def digest_message(event_id: str, subject: str, status: Rows) -> Message:
    """Write where every indicator of a unit stands, those that are off first.

    Args:
        event_id: What is told: a review, or a day.
        subject: The heading.
        status: Rows of ``rpt_indicator_status`` of the unit.
    """
    lines: list[str] = []
    for word in _ORDER:
        found = status.where(status=word)
        if found:
            lines += ["", f"{word} ({len(found)})", *(f"- {_line(row)}" for row in found)]
    return Message(event_id, subject, "\n".join(["Where the indicators stand.", *lines, "", "Your pages say more."]))


def _line(row: Any) -> str:
    """Write one indicator: value, expected, how far, how sure."""
    figure = row.figure
    parts = (
        f"{row.indicator_label}: {figure.text}",
        f"{figure.expected} expected" if figure.is_exact and figure.expected else None,
        f"cannot tell: {figure.reason}"
        if figure.reason
        else figure.prospect or (figure.certainty if figure.is_exact else None),
        row.period_label,
    )
    return ", ".join(part for part in parts if part) + "."
