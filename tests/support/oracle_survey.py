"""A second implementation of surveys, in plain Python over the vendor's files, to compare the warehouse with.

Here: what becomes of every response, response rates, scale means and percent favorable, in exact fractions. It shares
no code with the product and uses neither DuckDB nor pandas.
"""

import csv
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from fnmatch import fnmatchcase
from fractions import Fraction
from itertools import groupby
from pathlib import Path

PLACEHOLDERS = ("@X@*", "test*", "0000*")
MAX_PER_KEY = 5
FAVORABLE = (4, 5)
TOP_AND_BOTTOM = 6  # a reversed answer is this minus the answer

Row = Sequence[int | None]


@dataclass(frozen=True)
class Questionnaire:
    """The columns of every scale in order, and the reversed ones."""

    scales: Mapping[str, Sequence[str]]
    reversed_columns: frozenset[str]

    @property
    def columns(self) -> list[str]:
        """Every column, in the order of the questionnaire."""
        return [column for scale in self.scales.values() for column in scale]


@dataclass(frozen=True)
class Sent:
    """One response as it came: raw answers by column (None = left empty)."""

    response_id: str
    key: str
    school: str
    sent_at: str
    seconds: int | None
    is_preview: bool
    raw: Mapping[str, int | None]

    @property
    def answered(self) -> list[tuple[str, int]]:
        """The answers given, in the order of the questionnaire."""
        return [(column, value) for column, value in self.raw.items() if value is not None]


@dataclass(frozen=True)
class ScaleResult:
    """One scale over some people: mean of their own means, and percent favorable in three forms."""

    n_scored: int
    scale_mean: Fraction | None
    pooled: Fraction | None
    item_mean: Fraction | None
    person_mean: Fraction | None


def _mean(values: Sequence[Fraction]) -> Fraction | None:
    return sum(values, Fraction(0)) / len(values) if values else None


def scale_result(people: Iterable[Row], favorable: Sequence[int] = FAVORABLE) -> ScaleResult:
    """Score one scale: a person counts who answered half of its items or more (answers already turned)."""
    scored = [row for row in people if 2 * sum(v is not None for v in row) >= len(row)]
    given = [[v for v in row if v is not None] for row in scored]
    liked = [sum(v in favorable for v in row) for row in given]
    per_item = []
    for place in range(len(scored[0]) if scored else 0):
        column = [row[place] for row in scored if row[place] is not None]
        if column:
            per_item.append(Fraction(sum(v in favorable for v in column), len(column)))
    n_answers = sum(map(len, given))
    return ScaleResult(
        len(scored),
        _mean([Fraction(sum(row), len(row)) for row in given]),
        Fraction(sum(liked), n_answers) if n_answers else None,
        _mean(per_item),
        _mean([Fraction(n, len(row)) for n, row in zip(liked, given, strict=True)]),
    )


def read_sent(path: Path, form: Questionnaire) -> list[Sent]:
    """Read one export of the vendor, student or staff."""
    with path.open(encoding="utf-8", newline="") as text:
        records = list(csv.DictReader(text))
    return [
        Sent(
            record["ResponseID"],
            record.get("StudentNumber", record.get("StaffNumber", "")),
            record["School"],
            record["Submitted"],
            int(record["Secs"]) if record.get("Secs") else None,
            record.get("Status") == "Preview",
            {column: int(record[column]) if record[column] else None for column in form.columns},
        )
        for record in records
    ]


def read_list(path: Path) -> dict[str, tuple[str, bool]]:
    """Read a frozen list: person -> (school, opted out)."""
    with path.open(encoding="utf-8", newline="") as text:
        return {r["Person"]: (r["School"], r["Opt Out"] == "Y") for r in csv.DictReader(text)}


def is_straight(sent: Sent, form: Questionnaire) -> bool:
    """Tell whether one option was ticked through: 4/5 of at least six answers in one run with both kinds of item."""
    answers = sent.answered
    runs = [list(run) for _, run in groupby(answers, key=lambda pair: pair[1])]
    longest = max(runs, key=len)
    turned = {column in form.reversed_columns for column, _ in longest}
    return len(answers) >= 6 and 5 * len(longest) >= 4 * len(answers) and turned == {True, False}


def _is_kept(sent: Sent, others: Sequence[Sent], n_columns: int) -> bool:
    """Tell whether of one person's responses this is the one to keep: complete before not, then the last."""
    return max(others, key=lambda r: (2 * len(r.answered) >= n_columns, r.sent_at, r.response_id)) is sent


def _sent_when(sent: Sent, dates: tuple[date, date]) -> str | None:
    """Return the disposition decided by when and under what key a response was sent, or None."""
    on = datetime.fromisoformat(sent.sent_at).date()
    checks = {
        "preview": sent.is_preview,
        "outside_window": not dates[0] <= on <= dates[1],
        "no_key": not sent.key,
        "placeholder_key": any(fnmatchcase(sent.key, pattern) for pattern in PLACEHOLDERS),
    }
    return next((name for name, holds in checks.items() if holds), None)


def _sent_by(sent: Sent, listed: Mapping[str, tuple[str, bool]]) -> str | None:
    """Return the disposition decided by who sent a response and whether anything is in it, or None."""
    checks = {
        "not_on_roster": sent.key not in listed,
        "opted_out": listed.get(sent.key, ("", False))[1],
        "blank": not sent.answered,
    }
    return next((name for name, holds in checks.items() if holds), None)


def _inside(sent: Sent, form: Questionnaire) -> str:
    """Return the disposition decided by the answers of a response that is kept."""
    answered = len(sent.answered)
    if sent.seconds is not None and sent.seconds < answered:
        return "speeder"
    if is_straight(sent, form):
        return "straight_line"
    return "too_partial" if 2 * answered < len(form.columns) else "usable"


def dispositions(
    responses: Sequence[Sent], listed: Mapping[str, tuple[str, bool]], dates: tuple[date, date], form: Questionnaire
) -> list[str]:
    """Return what becomes of every response, in their order.

    Args:
        responses: One export.
        listed: The frozen list.
        dates: First and last day of the window.
        form: The questionnaire.
    """
    first = [_sent_when(sent, dates) for sent in responses]
    tries = Counter(s.key for s, verdict in zip(responses, first, strict=True) if verdict is None)
    early = []
    for sent, verdict in zip(responses, first, strict=True):
        repeats = "key_repeats" if tries[sent.key] > MAX_PER_KEY else None
        early.append(verdict or repeats or _sent_by(sent, listed))
    same: dict[str, list[Sent]] = defaultdict(list)
    for sent, verdict in zip(responses, early, strict=True):
        if verdict is None:
            same[sent.key].append(sent)
    found = []
    for sent, verdict in zip(responses, early, strict=True):
        is_one_of_several = verdict is None and not _is_kept(sent, same[sent.key], len(form.columns))
        found.append("duplicate" if is_one_of_several else verdict or _inside(sent, form))
    return found


def turned(sent: Sent, scale: Sequence[str], form: Questionnaire) -> list[int | None]:
    """Return the answers of one scale with reversed items turned."""
    values = []
    for column in scale:
        value = sent.raw[column]
        is_turned = value is not None and column in form.reversed_columns
        values.append(TOP_AND_BOTTOM - value if is_turned and value is not None else value)
    return values


def scale_results(
    responses: Sequence[Sent], verdicts: Sequence[str], form: Questionnaire, listed: Mapping[str, tuple[str, bool]]
) -> dict[tuple[str, str], ScaleResult]:
    """Return the result of every (school of the list or '', scale); '' is the district.

    Usable and too partial ones may score.
    """
    scored = [s for s, v in zip(responses, verdicts, strict=True) if v in {"usable", "too_partial"}]
    schools = sorted({listed[sent.key][0] for sent in scored})
    found = {}
    for school in ["", *schools]:
        mine = [sent for sent in scored if school in {"", listed[sent.key][0]}]
        for name, scale in form.scales.items():
            found[school, name] = scale_result(turned(sent, scale, form) for sent in mine)
    return found


def response_rates(
    responses: Sequence[Sent], verdicts: Sequence[str], listed: Mapping[str, tuple[str, bool]]
) -> dict[str, tuple[int, int, int]]:
    """Return per school of the list and '' (district): usable, eligible, eligible without those opted out."""
    usable = Counter(listed[s.key][0] for s, v in zip(responses, verdicts, strict=True) if v == "usable")
    eligible = Counter(school for school, _ in listed.values())
    willing = Counter(school for school, out in listed.values() if not out)
    found = {school: (usable[school], eligible[school], willing[school]) for school in sorted(eligible)}
    return found | {"": (usable.total(), eligible.total(), willing.total())}
