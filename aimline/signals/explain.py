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


@dataclass(frozen=True)
class DriftFacts:
    """What the sentence of a departure from a unit's own level says; every number has the digits of the page.

    Attributes:
        indicator: Label of the indicator.
        unit: Label of the unit.
        group: Label of the group, empty for everybody.
        before: The level of the baseline.
        after: The level now.
        value_unit: share, score, ...
        students: How many students of a day the departure comes to; None when nobody knows.
        changed_on: First period after the change.
        state: The state of the alert.
        is_controlled: The share of false alerts is controlled; else their number a year.
        period_kind: week or month.
        n_baseline: How many periods tell what is usual.
        owner: Who is asked to act.
        next_step: What the district declared to do.
    """

    indicator: str
    unit: str
    group: str
    before: float
    after: float
    value_unit: str
    students: float | None
    changed_on: date
    state: str
    is_controlled: bool
    period_kind: str
    n_baseline: int
    owner: str = ""
    next_step: str = ""


def drift_sentence(facts: DriftFacts) -> str:
    """Write what left its own level as English sentences."""
    about = f"{facts.indicator} at {facts.unit}" + (f" for {facts.group}" if facts.group else "")
    before, after = (shown_text(number, facts.value_unit) for number in (facts.before, facts.after))
    if facts.state in {"resolved", "expired"}:
        return f"{about} is back at its own level: {after} now, {before} before."
    side = "higher" if facts.after > facts.before else "lower" if facts.after < facts.before else "off its level"
    students = "" if facts.students is None or round(facts.students) < 1 else _about(round(facts.students))
    rule = "the share of false alerts is controlled" if facts.is_controlled else "a fixed number of false alerts a year"
    baseline = f"the first {facts.n_baseline} {facts.period_kind}s of the school year"
    parts = [
        f"{about} has been {side} since {_day(facts.changed_on)}: {after} now, {before} before{students}.",
        f"Rule: weighted average, {rule}; compared with {baseline}.",
        f"Owner: {facts.owner}." if facts.owner and facts.state != "quiet" else "",
        f"Next: {facts.next_step.rstrip('.')}." if facts.next_step else "",
    ]
    return " ".join(part for part in parts if part)


def _about(students: int) -> str:
    return f" (about {students} {'student' if students == 1 else 'students'} a day)"


def _day(on: date) -> str:
    return f"{on:%B} {on.day}, {on.year}"


def _size(facts: AlertFacts) -> str:
    """Write the distance; shares differ by points, never by percent of a percent."""
    distance = abs(facts.value - facts.expected)
    if facts.value_unit != "share":
        return f"{shown_text(distance, facts.value_unit)} apart"
    points = round(distance * 100)
    return "less than 1 point" if points < 1 else f"{points} point{'s' if points != 1 else ''}"
