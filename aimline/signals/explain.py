"""Say an alert in one sentence: how far, how sure, since when, who, what next. No model text, no judgement.

What is said is made of phrases in English; ``reports`` says the same in other languages, by its catalogue.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from aimline.signals.alert_states import OVER
from aimline.signals.phrases import NOTHING, Named, Phrase, phrase
from schemas.shown import shown_text

Label = Named | str
Said = tuple[Phrase, ...]
"""Sentences in a row."""


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What every sentence says; all numbers have the digits of the page.

    Attributes:
        indicator: Label of the indicator.
        unit: Label of the unit.
        group: Label of the group, empty for everybody.
        value_unit: share, score, …
        owner: Who is asked to act.
        next_step: What the district declared to do.
    """

    indicator: Label
    unit: Label
    group: Label
    value_unit: str
    owner: str = ""
    next_step: str = ""


@dataclass(frozen=True, kw_only=True)
class AlertFacts(Facts):
    """What the sentence of a figure off its aim line says.

    Attributes:
        value: The newest figure.
        expected: The aim line on its date.
        certainty: clear, likely or possible.
        since_on: First period that was off.
        period_on: Day of the figure: the newest one, or the one that ended the episode.
        state: The state of the alert; resolved and expired ones are over.
        is_back: The newest figure is on the good side of the line, and the episode not over yet.
        is_out_of_reach: The limits of its control chart do not reach the target.
    """

    value: float
    expected: float
    certainty: str
    since_on: date
    period_on: date
    state: str
    is_back: bool = False
    is_out_of_reach: bool = False


def sentence(facts: AlertFacts) -> Said:
    """Say what is off its aim line."""
    about, since = _about(facts), facts.since_on
    value, expected = (shown_text(number, facts.value_unit) for number in (facts.value, facts.expected))
    numbers = {"about": about, "value": value, "expected": expected}
    if facts.state in OVER:
        told = phrase(
            "{about} came back to its aim line on {day}: {value} then, {expected} expected.",
            day=facts.period_on,
            **numbers,
        )
        return (told,)
    if facts.is_back:
        told = phrase(
            "{about} has been off its aim line since {since}; the newest figure is back: {value} now, {expected} "
            "expected.",
            since=since,
            **numbers,
        )
        return (told,)
    is_above = facts.value > facts.expected
    side = phrase("above its aim line") if is_above else phrase("below its aim line")
    told = phrase(
        "{about} has been {side} since {since}: {value} now, {expected} expected ({size}, {certainty}).",
        side=side,
        since=since,
        size=_size(facts),
        certainty=Phrase(facts.certainty),
        **numbers,
    )
    return (told, *_out_of_reach(facts), *_who_and_what(facts))


def _out_of_reach(facts: "AlertFacts | YearFacts") -> Iterator[Phrase]:
    if facts.is_out_of_reach:
        yield phrase("The limits of its control chart do not reach the target.")


def _who_and_what(facts: Facts) -> Iterator[Phrase]:
    if facts.owner:
        yield phrase("Owner: {owner}.", owner=facts.owner)
    if facts.next_step:
        yield phrase("Next: {step}.", step=facts.next_step.rstrip("."))


def _about(facts: Facts) -> Phrase:
    """Return what a sentence is about."""
    if facts.group:
        return phrase(
            "{indicator} at {unit} for {group}", indicator=facts.indicator, unit=facts.unit, group=facts.group
        )
    return phrase("{indicator} at {unit}", indicator=facts.indicator, unit=facts.unit)


@dataclass(frozen=True)
class Outlook:
    """What is to be expected of a year: chance to meet its target, the value, the target; digits of the page."""

    p_meet: float
    expected: float
    target: float


@dataclass(frozen=True, kw_only=True)
class YearFacts(Facts):
    """What the sentence of a year that will hardly meet its target says.

    Attributes:
        value: The newest figure.
        outlook: What is to be expected of the year.
        since_on: The first month that was unlikely.
        period_on: The month that ended the episode.
        is_over: The alert is over.
        is_out_of_reach: The limits of its control chart do not reach the target.
    """

    value: float
    outlook: Outlook
    since_on: date
    period_on: date
    is_over: bool = False
    is_out_of_reach: bool = False


def year_sentence(facts: YearFacts) -> Said:
    """Say how likely a year meets its target."""
    told = facts.outlook
    value, target = (shown_text(number, facts.value_unit) for number in (facts.value, told.target))
    numbers = {"about": _about(facts), "target": target, "expected": _expected(told, facts.value_unit)}
    if facts.is_over:
        ended = phrase(
            "{about} may meet this year's target of {target} again: {expected} to be expected on {day}.",
            day=facts.period_on,
            **numbers,
        )
        return (ended,)
    off = phrase(
        "{about} has been off its way to this year's target of {target} since {since}: meeting it is {chance}, "
        "{expected} is to be expected, {value} so far.",
        since=facts.since_on,
        chance=Phrase(chance_words(told.p_meet)),
        value=value,
        **numbers,
    )
    return (off, *_out_of_reach(facts), *_who_and_what(facts))


@dataclass(frozen=True, kw_only=True)
class DriftFacts(Facts):
    """What the sentence of a departure from a unit's own level says.

    Attributes:
        before: The level of the baseline.
        after: The level now.
        students: How many students of a day the departure comes to; None when nobody knows.
        changed_on: First period after the change.
        state: The state of the alert.
        is_controlled: The share of false alerts is controlled; else their number a year.
        period_kind: week, month or window.
        n_baseline: How many periods tell what is usual; of a rubric's occasion, how many items were compared.
        baseline_days: First and last day of the baseline; None for the first periods of the year.
        kind: concern, improvement, change or district.
        causes: What else may have made it, as ``levels`` names it.
        outlook: Chance to meet the year's target, the target, the value to expect; None where nothing is forecast.
        is_of_entries: Its periods tell who is new in a figure to date.
    """

    before: float
    after: float
    students: float | None
    changed_on: date
    state: str
    is_controlled: bool
    period_kind: str
    n_baseline: int
    baseline_days: tuple[date, date] | None = None
    kind: str = "concern"
    causes: tuple[str, ...] = ()
    outlook: Outlook | None = None
    is_of_entries: bool = False


CAUSES = {
    "definition_change": "what is counted was defined anew since the baseline began",
    "denominator_jump": "the number of students differs by more than a fifth from the baseline's",
    "calendar_change": "the period has fewer or more days of school than those of the baseline",
    "missing_periods": "some periods since then have no figure",
    "trim": "the answer depends on how many of the most extreme schools are tempered",
    "common_part": "all schools moved the same way, and more than this school by itself",
}
"""What may be behind a departure beside what it seems to be, in words."""


def drift_sentence(facts: DriftFacts) -> Said:
    """Say what left its own level."""
    before, after = (shown_text(number, facts.value_unit) for number in (facts.before, facts.after))
    about, numbers = _about(facts), {"after": after, "before": before}
    if facts.state in OVER:
        if facts.kind == "sudden" or facts.is_of_entries:
            return (phrase("{about} is back to what is usual.", about=about),)
        return (phrase("{about} is back at its own level: {after} now, {before} before.", about=about, **numbers),)
    if facts.kind == "peer":
        told = phrase(
            "{about} is unusual among the schools in the term to {day}: {after}, {before} of all.",
            about=about,
            day=facts.changed_on,
            **numbers,
        )
        rule = phrase("Rule: funnel that allows for how schools differ; the share of false alerts is controlled.")
        return _joined(facts, told, rule)
    if facts.is_of_entries:
        return _joined(facts, _entries(facts), _rule_and_baseline(facts))
    if facts.kind == "sudden":
        return _joined(facts, _sudden(facts), _RULE_OF_DAYS)
    told = phrase(
        "{about} has been {side}{whose} since {since}: {after} now, {before} before{students}.",
        about=about,
        side=_side(facts),
        whose=_whose(facts),
        since=facts.changed_on,
        students=_students(facts),
        **numbers,
    )
    return _joined(facts, told, _rule_and_baseline(facts))


def _side(facts: DriftFacts) -> Phrase:
    if facts.after == facts.before:
        return phrase("off its level")
    return phrase("higher") if facts.after > facts.before else phrase("lower")


def _whose(facts: DriftFacts) -> Phrase:
    return phrase(" in all schools alike") if facts.kind == "district" else NOTHING


def _students(facts: DriftFacts) -> Phrase:
    """Say how many students the departure comes to; nothing below one."""
    n = 0 if facts.students is None else round(facts.students)
    if n < 1:
        return NOTHING
    who = phrase("{n} student", n=str(n)) if n == 1 else phrase("{n} students", n=str(n))
    is_of_days = facts.period_kind != "window"
    return (
        phrase(" (about {students} a day)", students=who) if is_of_days else phrase(" (about {students})", students=who)
    )


def _entries(facts: DriftFacts) -> Phrase:
    """Say that more or fewer students became part of a figure; without numbers, since months of it stand on no page."""
    way = phrase("more students") if facts.after > facts.before else phrase("fewer students")
    return phrase(
        "{about}: {way} a month are new in it{whose} since {since}.",
        about=_about(facts),
        way=way,
        whose=_whose(facts),
        since=facts.changed_on,
    )


def _sudden(facts: DriftFacts) -> Phrase:
    """Say what a day was like, without numbers, since figures of single days stand on no page."""
    way = phrase("far above") if facts.after > facts.before else phrase("far below")
    return phrase(
        "{about} was {way} on {day} what the weeks before led to expect.",
        about=_about(facts),
        way=way,
        day=facts.changed_on,
    )


_RULE_OF_DAYS = phrase(
    "Rule: a single day beside the forty before it; of all schools' days, one false alert in a hundred."
)


def rubric_sentence(facts: DriftFacts, n_moved: int) -> Said:
    """Say how many items of a rubric moved by a level."""
    way = phrase("rose") if facts.kind == "improvement" else phrase("fell")
    about = _about(facts)
    if facts.state in OVER:
        return (phrase("{about}: the newest occasion has no two items that {way} by a level.", about=about, way=way),)
    told = phrase(
        "{about}: {n} of {all} items {way} by a level or more on {day}.",
        about=about,
        n=str(n_moved),
        all=str(facts.n_baseline),
        way=way,
        day=facts.changed_on,
    )
    return _joined(facts, told, phrase("Rule: a level on two items; compared with the occasion before."))


def _joined(facts: DriftFacts, told: Phrase, rule: Phrase) -> Said:
    return (told, *_outlook(facts), *_causes(facts), rule, *_who_and_what(facts))


def _causes(facts: DriftFacts) -> Iterator[Phrase]:
    """Say what else may be behind it, one after the other."""
    known = [CAUSES[each] for each in facts.causes if each in CAUSES]
    if not known:
        return
    all_of_them = Phrase(known[0])
    for each in known[1:]:
        all_of_them = phrase("{causes}; {cause}", causes=all_of_them, cause=Phrase(each))
    yield phrase("Look first at this: {causes}.", causes=all_of_them)


def _rule_and_baseline(facts: DriftFacts) -> Phrase:
    return phrase("Rule: {rule}; compared with {baseline}.", rule=_rule(facts), baseline=_baseline(facts))


def _rule(facts: DriftFacts) -> Phrase:
    if facts.period_kind == "window":
        return phrase("change of a wave beside the other schools, the share of false alerts is controlled")
    if facts.is_controlled:
        return phrase("weighted average, the share of false alerts is controlled")
    return phrase("weighted average, a fixed number of false alerts a year")


def _baseline(facts: DriftFacts) -> Phrase:
    if facts.period_kind == "window":
        return phrase("the same wave of last year")
    n, is_of_weeks = str(facts.n_baseline), facts.period_kind == "week"
    periods = phrase("{n} weeks", n=n) if is_of_weeks else phrase("{n} months", n=n)
    if facts.baseline_days is not None:
        first, last = facts.baseline_days
        return phrase("the {periods} from {first} to {last}", periods=periods, first=first, last=last)
    return phrase("the first {periods} of the school year", periods=periods)


def _outlook(facts: DriftFacts) -> Iterator[Phrase]:
    """Say how likely the year's target is: downward words below one half, upward words above."""
    if facts.outlook is not None:
        yield phrase(
            "Meeting the year's target of {target} is {chance}: {expected} is to be expected.",
            target=shown_text(facts.outlook.target, facts.value_unit),
            chance=Phrase(chance_words(facts.outlook.p_meet)),
            expected=_expected(facts.outlook, facts.value_unit),
        )


def _expected(outlook: Outlook, value_unit: str) -> Phrase | str:
    """Say what is to be expected; where a miss reads as the target does, by words: "94%, of 94%" would puzzle."""
    expected, target = (shown_text(number, value_unit) for number in (outlook.expected, outlook.target))
    is_missed = outlook.p_meet < _EVEN
    return phrase("a little short of it") if is_missed and expected == target else expected


CHANCES = (
    *((0.95, "clear"), (0.80, "likely"), (0.50, "possible")),
    *((0.20, "less likely than not"), (0.05, "unlikely"), (0.0, "very unlikely")),
)
"""From which chance on which word stands; from one half up those of the certainty of a status."""


_EVEN = 0.5


def chance_words(chance: float) -> str:
    """Say a chance in words."""
    return next(word for least, word in CHANCES if chance >= least)


def _size(facts: AlertFacts) -> Phrase:
    """Say the distance; shares differ by points, never by percent of a percent."""
    distance = abs(facts.value - facts.expected)
    if facts.value_unit != "share":
        return phrase("{distance} apart", distance=shown_text(distance, facts.value_unit))
    points = round(distance * 100)
    if points < 1:
        return phrase("less than 1 point")
    return phrase("{n} point", n=str(points)) if points == 1 else phrase("{n} points", n=str(points))
