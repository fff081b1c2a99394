"""Write what people are told in words: an alert, and where the indicators of a unit stand. To whom and how is not here.

A heading names no unit and no group: it is read on locked screens. A message holds only what its reader's pages show.
"""

from typing import Any

from reports.alert_texts import alert_text
from reports.channels.base import Message
from reports.context import Rows
from reports.language import label, say_plain

_GROWN = frozenset({"worsened", "grew"})
_ORDER = ("off track", "watch", "cannot tell", "on track")


def alert_message(event_id: str, row: Any, site_title: str, event_type: str = "new") -> Message:
    """Write one alert: what is new of it, what, how sure, since when, who, what next.

    Args:
        event_id: The event of the alert that is told.
        row: A row of ``rpt_alerts``, its columns as attributes.
        site_title: Title of the site, which the reader knows.
        event_type: What happened: without a word of it, the third letter of an alert that grows reads as the first.
    """
    certainty, told = row.figure.certainty, alert_text(row)
    parts = [told]
    if event_type in _GROWN:
        parts.insert(0, say_plain("It has grown by half or more since it began or was last told."))
    if event_type == "escalated":
        parts.insert(0, say_plain("Nobody has taken it on yet."))
    if certainty and certainty != "cannot tell" and say_plain(certainty) not in told:
        parts.append(say_plain("How sure: {certainty}.", certainty=say_plain(certainty)))
    if row.owner_label and row.owner_label not in told:
        parts.append(say_plain("Owner: {owner}.", owner=row.owner_label))
    if row.next_step and row.next_step.rstrip(".") not in told:
        parts.append(say_plain("Next: {step}.", step=row.next_step.rstrip(".")))
    return Message(event_id, _heading(row, site_title, event_type), "\n".join(parts))


def _heading(row: Any, site_title: str, event_type: str) -> str:
    """Say what an alert is about, and beside what: its aim line, or what is usual."""
    about = {"title": site_title, "indicator": label("indicator", row.indicator_id, row.indicator_label)}
    if row.kind != "off_path":
        return _beside_the_usual(row, about, event_type)
    if row.state == "resolved":
        return say_plain("{title}: {indicator} back on its line", **about)
    if event_type in _GROWN:
        return say_plain("{title}: {indicator} further off its line", **about)
    return say_plain("{title}: {indicator} off its line", **about)


def _beside_the_usual(row: Any, about: dict[str, str], event_type: str) -> str:
    if row.state == "resolved":
        return say_plain("{title}: {indicator} back to what is usual", **about)
    if event_type in _GROWN:
        return say_plain("{title}: {indicator} further from what is usual", **about)
    if row.kind == "improvement":
        return say_plain("{title}: {indicator} better than usual", **about)
    return say_plain("{title}: {indicator} not as usual", **about)


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
