"""Say an alert in one sentence: how far, how sure, since when, who, what next. No model text, no judgement."""

from dataclasses import dataclass
from datetime import date

from schemas.published import shown_text


@dataclass(frozen=True)
class AlertFacts:
    """What the sentence says; every number is one the page shows.

    Attributes:
        indicator: Label of the indicator.
        unit: Label of the unit.
        group: Label of the group, empty for everybody.
        value: The newest figure.
        expected: The aim line on its date.
        value_unit: share, score, …
        certainty: clear, likely or possible.
        since_on: First period that was off.
        period_on: Day of the figure: the newest one, or the one that ended the episode.
        owner: Who is asked to act.
        next_step: What the district declared to do.
        state: The state of the alert; resolved and expired ones are over.
        is_back: The newest figure is on the good side of the line, and the episode not over yet.
    """

    indicator: str
    unit: str
    group: str
    value: float
    expected: float
    value_unit: str
    certainty: str
    since_on: date
    period_on: date
    owner: str
    next_step: str
    state: str
    is_back: bool = False


def sentence(facts: AlertFacts) -> str:
    """Write the alert as English sentences."""
    about = f"{facts.indicator} at {facts.unit}" + (f" for {facts.group}" if facts.group else "")
    value, expected = (shown_text(number, facts.value_unit) for number in (facts.value, facts.expected))
    if facts.state in {"resolved", "expired"}:
        return f"{about} came back to its aim line on {_day(facts.period_on)}: {value} then, {expected} expected."
    numbers = f"{value} now, {expected} expected"
    if facts.is_back:
        return f"{about} has been off its aim line since {_day(facts.since_on)}; the newest figure is back: {numbers}."
    side = "above" if facts.value > facts.expected else "below"
    since = _day(facts.since_on)
    parts = [
        f"{about} has been {side} its aim line since {since}: {numbers} ({_size(facts)}, {facts.certainty}).",
        f"Owner: {facts.owner}." if facts.owner else "",
        f"Next: {facts.next_step.rstrip('.')}." if facts.next_step else "",
    ]
    return " ".join(part for part in parts if part)


def _day(on: date) -> str:
    return f"{on:%B} {on.day}, {on.year}"


def _size(facts: AlertFacts) -> str:
    """Write the distance; shares differ by points, never by percent of a percent."""
    distance = abs(facts.value - facts.expected)
    if facts.value_unit != "share":
        return f"{shown_text(distance, facts.value_unit)} apart"
    points = round(distance * 100)
    return "less than 1 point" if points < 1 else f"{points} point{'s' if points != 1 else ''}"
