"""Give each response of a file exactly one disposition: the first rule of the instrument that holds."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from fractions import Fraction
from statistics import median

import numpy as np

from aimline.scoring.recode import Answers, Numbers
from schemas.instruments import Hygiene, InstrumentFile, StraightLine

DISPOSITIONS = (
    *("unreadable", "preview", "outside_window", "no_key", "placeholder_key", "key_repeats", "not_on_roster"),
    *("wrong_class", "opted_out", "blank", "duplicate", "speeder", "straight_line", "too_partial", "usable"),
)
SCORED = ("usable", "too_partial")
_STAGES = {
    "elementary": ("PK", "K", "1", "2", "3", "4", "5"),
    "middle": ("6", "7", "8"),
    "high": ("9", "10", "11", "12"),
}


@dataclass(frozen=True)
class Sent:
    """What a response says besides its answers.

    Attributes:
        response_id: Its name.
        key: Who answered, one cell a column of the key; empty where the file does not say.
        submitted_at: When, as sorted text; empty where the file does not say.
        seconds: How long it took; None where the file does not say.
        is_preview: Whether nobody was asked.
        grade: The grade, where the file says; usual times are those of its stage of school.
        is_numbered: Whether its name is its place in the file, which gave it none.
    """

    response_id: str
    key: tuple[str, ...] = ()
    submitted_at: str = ""
    seconds: Fraction | None = None
    is_preview: bool = False
    grade: str = ""
    is_numbered: bool = False

    @property
    def stage(self) -> str:
        """Return the stage of school of its grade."""
        return next((name for name, grades in _STAGES.items() if self.grade in grades), "")


@dataclass(frozen=True)
class Judged:
    """Disposition and flags of every response."""

    dispositions: tuple[str, ...]
    flags: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class _Counted:
    """What the rules ask of each response."""

    answered: Numbers
    scored_answered: Numbers
    is_complete: Numbers
    is_line: Numbers


def judge(instrument: InstrumentFile, answers: Answers, sent: Sequence[Sent]) -> Judged:
    """Say what becomes of every response."""
    counted = _counted(instrument, answers)
    rules = instrument.hygiene
    early = _early(rules, sent, counted)
    second = _seconds(rules, sent, counted, early)
    flags = _flags(rules, sent, counted)
    dropped = _dropped(rules)
    found = []
    for row, disposition in enumerate(early):
        told = next((flag for flag in flags[row] if flag in dropped), "")
        late = "duplicate" if row in second else told or ("usable" if counted.is_complete[row] else "too_partial")
        found.append(disposition or late)
    return Judged(tuple(found), flags)


def _counted(instrument: InstrumentFile, answers: Answers) -> _Counted:
    scored = answers.is_scored
    answered = answers.answered[:, scored].sum(axis=1)
    asked = answers.asked[:, scored].sum(axis=1)
    least = instrument.usable.min_answered
    is_complete = answered * least.denominator >= asked * least.numerator
    rule = instrument.hygiene.straight_line if instrument.hygiene else None
    is_line = _lines(answers, rule) if rule else np.zeros(len(answered), dtype=bool)
    return _Counted(answers.answered.sum(axis=1), answered, is_complete, is_line)


def _lines(answers: Answers, rule: StraightLine) -> Numbers:
    """Say which responses tick one option throughout, also against reversed items where the rule asks for it."""
    scored = [place for place, is_scored in enumerate(answers.is_scored) if is_scored]
    turned = [answers.items[place].reverse for place in scored]
    options, answered = answers.options[:, scored], answers.answered[:, scored]
    enough = np.flatnonzero(answered.sum(axis=1) >= rule.min_items)
    found = np.zeros(len(options), dtype=bool)
    for row in enough:
        places = np.flatnonzero(answered[row])
        first, last = _longest_run(options[row, places].tolist())
        run = [turned[place] for place in places[first:last]]
        is_long = len(run) * rule.min_share.denominator >= len(places) * rule.min_share.numerator
        found[row] = is_long and (not rule.needs_reversed_item or len(set(run)) > 1)
    return found


def _longest_run(values: Sequence[int]) -> tuple[int, int]:
    """Return where the longest run of equal values begins and ends, the first of equally long ones."""
    best, begin = (0, 0), 0
    for place in range(1, len(values) + 1):
        if place == len(values) or values[place] != values[begin]:
            if place - begin > best[1] - best[0]:
                best = (begin, place)
            begin = place
    return best


def _early(rules: Hygiene | None, sent: Sequence[Sent], counted: _Counted) -> list[str]:
    """Return dispositions that depend on a response alone, and on how often its key came; empty for the others."""
    found = [_by_key(rules, each) for each in sent]
    often = Counter(each.key for each, told in zip(sent, found, strict=True) if each.key and not told)
    for row, each in enumerate(sent):
        if found[row]:
            continue
        if rules and each.key and often[each.key] > rules.duplicates.max_per_key:
            found[row] = "key_repeats"
        elif counted.answered[row] == 0:
            found[row] = "blank"
    return found


def _by_key(rules: Hygiene | None, sent: Sent) -> str:
    if sent.is_preview:
        return "preview"
    if rules is None or not sent.key:
        return ""
    if not all(sent.key):
        return "no_key"
    is_filler = any(fnmatchcase(cell, pattern) for cell in sent.key for pattern in rules.placeholder_keys)
    return "placeholder_key" if is_filler else ""


def _seconds(rules: Hygiene | None, sent: Sequence[Sent], counted: _Counted, early: Sequence[str]) -> set[int]:
    """Return the responses that are not the one of their person that counts."""
    if rules is None or rules.duplicates.policy == "keep_all":
        return set()
    by_key: dict[tuple[str, ...], list[int]] = {}
    for row, each in enumerate(sent):
        if each.key and not early[row]:
            by_key.setdefault(each.key, []).append(row)
    policy = rules.duplicates.policy

    def order(row: int) -> tuple[int, str, int, str]:
        first = counted.scored_answered[row] if policy == "most_complete" else counted.is_complete[row]
        # of rows without an id of their own, the order of the file is the order of sending
        place = (row, "") if sent[row].is_numbered else (0, sent[row].response_id)
        return int(first), sent[row].submitted_at, *place

    kept = set()
    for rows in by_key.values():
        if policy == "first_complete":
            best = max(order(row)[0] for row in rows)
            kept.add(min((row for row in rows if order(row)[0] == best), key=lambda row: order(row)[1:]))
        else:
            kept.add(max(rows, key=order))
    return {row for rows in by_key.values() for row in rows} - kept


def _flags(rules: Hygiene | None, sent: Sequence[Sent], counted: _Counted) -> tuple[tuple[str, ...], ...]:
    """Return what is odd about each response: too quick, ticked straight through, far below the usual time."""
    times: dict[str, list[Fraction]] = {}
    for each in sent:
        if each.seconds is not None:
            times.setdefault(each.stage, []).append(each.seconds)
    usual = {stage: median(mine) for stage, mine in times.items()}
    speed = rules.speed if rules else None
    found = []
    for row, each in enumerate(sent):
        mine = []
        if speed and each.seconds is not None and counted.answered[row]:
            if each.seconds < speed.min_seconds_per_item * int(counted.answered[row]):
                mine.append("speeder")
            if each.seconds < speed.slow_share_of_median * usual[each.stage]:
                mine.append("far_below_median_time")
        if counted.is_line[row]:
            mine.append("straight_line")
        found.append(tuple(mine))
    return tuple(found)


def _dropped(rules: Hygiene | None) -> set[str]:
    speed, line = (rules.speed, rules.straight_line) if rules else (None, None)
    named = {"speeder": speed, "straight_line": line}
    return {name for name, rule in named.items() if rule and rule.action == "drop"}
