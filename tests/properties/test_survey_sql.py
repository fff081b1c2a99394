"""What SQL makes of a survey equals the plain-Python second implementation, to the row and to the last fraction."""

from collections import Counter
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from random import Random
from statistics import median
from typing import Any

import pytest

from aimline.scoring import change
from tests.support import oracle_survey as oracle
from tests.support.small_survey import declare_survey, instrument, land_list, land_responses
from tests.support.small_world import DISTRICT, World, weekdays

FORM = oracle.Questionnaire(
    {"one": ("a1", "a2", "a3", "a4"), "two": ("b1", "b2", "b3", "b4", "b5")}, frozenset({"a2", "b2"})
)
OPENS, CLOSES = date(2026, 10, 14), date(2026, 11, 3)
WINDOWS = [f"w{number}" for number in range(12)]


@dataclass(frozen=True)
class Case:
    """One random survey, and what the oracle makes of it."""

    listed: dict[str, tuple[str, bool]]
    sent: list[oracle.Sent]
    verdicts: list[str]


def a_response(number: int, key: str, rng: Random) -> oracle.Sent:
    """Return one response, now and then odd in one of the ways a vendor's export is."""
    blanks = rng.choice([0, 0, 0, 0.3, 0.6, 1])
    ticked = rng.choice([None, None, None, rng.randint(1, 5)])
    raw = {c: None if rng.random() < blanks else (ticked or rng.randint(1, 5)) for c in FORM.columns}
    day = rng.choice([*range(14, 32)] * 3 + [13])
    sent_at = f"2026-10-{day} {rng.randint(0, 23):02d}:{rng.randint(0, 1) * 30:02d}:00"
    seconds = rng.choice([None, 8, 9, 90, 90])
    return oracle.Sent(f"r{number:03d}", key, rng.choice("AB"), sent_at, seconds, rng.random() < 0.05, raw)


def a_case(seed: int) -> Case:
    """Return a random survey: a dozen persons in three schools, some of whom answer more than once."""
    rng = Random(seed)  # noqa: S311 - nothing secret is drawn
    listed = {f"p{n}": (rng.choice("ABC"), rng.random() < 0.1) for n in range(12)}
    keys = [rng.choice([*listed, *listed, "", "stranger"]) for _ in range(rng.randint(1, 25))]
    keys += [rng.choice(list(listed))] * rng.choice([0, 0, 6])
    sent = [a_response(number, key, rng) for number, key in enumerate(keys)]
    return Case(listed, sent, oracle.dispositions(sent, listed, (OPENS, CLOSES), FORM))


CASES = {window: a_case(seed) for seed, window in enumerate(WINDOWS)}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A district with a dozen random surveys, built once."""
    made = World(tmp_path_factory.mktemp("survey"), today=date(2026, 11, 4))
    made.declare()
    made.calendar(weekdays(date(2026, 8, 19), 90))
    made.land(
        "schools",
        [
            {"school_id": school, "name": school, "kind": "regular", "level": "middle", "valid_from": date(2026, 7, 1)}
            for school in "ABC"
        ],
    )
    weights = {"margins": ["grade", ["school", "grade"]]}
    declare_survey(made, instrument(FORM, weights=weights), dict.fromkeys(WINDOWS, (OPENS, CLOSES)))
    for window, case in CASES.items():
        land_list(made, window, case.listed)
        land_responses(made, window, case.sent)
    made.build()
    yield made
    made.close()


def figures(world: World, measure: str, window: str, *estimators: str) -> dict[tuple[str, str], Fraction]:
    """Return the figures of a window for everybody, as exact fractions by (unit, subject)."""
    named = ", ".join(f"'{each}'" for each in estimators or ("", "pooled", "gross"))
    rows = world.rows(
        f"select unit_id, subject_id, numerator, denominator from msr_{measure} where period_id = '{window}' "
        f"and group_id = 'all' and estimator in ({named})"
    )
    place = {DISTRICT: ""}
    return {
        (place.get(row["unit_id"], row["unit_id"]), row["subject_id"]): Fraction(row["numerator"])
        / Fraction(row["denominator"])
        for row in rows
    }


def test_random_surveys_meet_every_disposition() -> None:
    """The cases are worth comparing: together they hold every disposition that the build decides."""
    found = Counter(verdict for case in CASES.values() for verdict in case.verdicts)
    wanted = "preview outside_window no_key key_repeats not_on_roster opted_out blank duplicate speeder straight_line"
    assert set(found) >= {*wanted.split(), "too_partial", "usable"}


@pytest.mark.parametrize("window", WINDOWS)
def test_dispositions_equal_the_oracle(world: World, window: str) -> None:
    """Every response has the disposition that plain Python gives it."""
    rows = world.rows(f"select response_id, disposition from int_survey__dispositions where window_id = '{window}'")
    case = CASES[window]
    expected = {sent.response_id: verdict for sent, verdict in zip(case.sent, case.verdicts, strict=True)}
    assert {row["response_id"]: row["disposition"] for row in rows} == expected


@pytest.mark.parametrize("window", WINDOWS)
def test_scores_equal_the_oracle(world: World, window: str) -> None:
    """Scale means and percent favorable are the same fractions, by school and for the district."""
    case = CASES[window]
    results = oracle.scale_results(case.sent, case.verdicts, FORM, case.listed)
    scored = {key: result for key, result in results.items() if result.n_scored}
    assert figures(world, "scale_mean", window) == {key: result.scale_mean for key, result in scored.items()}
    assert figures(world, "percent_favorable", window) == {key: result.pooled for key, result in scored.items()}


@pytest.mark.parametrize("window", WINDOWS)
def test_response_rates_equal_the_oracle(world: World, window: str) -> None:
    """Usable responses of the frozen list, by its schools."""
    case = CASES[window]
    rates = oracle.response_rates(case.sent, case.verdicts, case.listed)
    expected = {(school, "survey"): Fraction(usable, eligible) for school, (usable, eligible, _) in rates.items()}
    assert figures(world, "response_rate", window) == expected


def test_accounting_conserves_to_the_row(world: World) -> None:
    """Dispositions sum to what was received, window by window."""
    rows = world.rows(
        "select window_id, cast(sum(n_responses) as integer) as n from fct_survey_accounting group by all"
    )
    assert {row["window_id"]: row["n"] for row in rows} == {window: len(case.sent) for window, case in CASES.items()}


def is_odd(sent: oracle.Sent, usual: float) -> bool:
    """Say whether a response is too quick, ticked straight through, or far below the median time."""
    if sent.answered and oracle.is_straight(sent, FORM):
        return True
    return sent.seconds is not None and (sent.seconds < len(sent.answered) or 10 * sent.seconds < 3 * usual)


@pytest.mark.parametrize("window", WINDOWS)
def test_figures_without_odd_responses_equal_the_oracle(world: World, window: str) -> None:
    """Where a kept response is odd, all estimators stand once more without such responses; elsewhere they do not."""
    case = CASES[window]
    usual = median(sent.seconds for sent in case.sent if sent.seconds is not None)
    odd = {sent.response_id for sent in case.sent if is_odd(sent, usual)}
    kept = ["odd" if s.response_id in odd else v for s, v in zip(case.sent, case.verdicts, strict=True)]
    everybody = oracle.scale_results(case.sent, case.verdicts, FORM, case.listed)
    results = oracle.scale_results(case.sent, kept, FORM, case.listed)
    told = {key for key, result in results.items() if result.n_scored}
    told &= {key for key in results if everybody["", key[1]].n_scored > results["", key[1]].n_scored}
    for measure, estimator, name in (
        ("scale_mean", "_no_flags", "scale_mean"),
        ("percent_favorable", "pooled_no_flags", "pooled"),
        ("percent_favorable", "person_mean_no_flags", "person_mean"),
        ("percent_favorable", "item_mean_no_flags", "item_mean"),
    ):
        found = figures(world, measure, window, estimator)
        expected = {key: float(getattr(results[key], name)) for key in told}
        assert {key: float(value) for key, value in found.items()} == pytest.approx(expected, abs=1e-9)


def by_person(window: str) -> dict[tuple[str, str], float]:
    """Return the score of each usable person on each scale, in plain Python."""
    case = CASES[window]
    found = {}
    for sent, verdict in zip(case.sent, case.verdicts, strict=True):
        for scale, columns in FORM.scales.items():
            told = [each for each in oracle.turned(sent, columns, FORM) if each is not None]
            if verdict == "usable" and 2 * len(told) >= len(columns):
                found[sent.key, scale] = sum(told) / len(told)
    return found


def test_changes_between_waves_equal_the_file_scorer(world: World) -> None:
    """Wave after wave the same people, and everybody, give the change that plain scores of persons give."""
    rows = world.rows(
        f"select * from fct_comparability where unit_id = '{DISTRICT}' and compares = 'matched' and refused is null"
    )
    assert rows
    for row in rows:
        one, two = by_person(row["earlier_window_id"]), by_person(row["window_id"])
        sides = [
            {key: value for (key, scale), value in each.items() if scale == row["scale_id"]} for each in (one, two)
        ]
        told = change.matched(*sides)
        expected = (told.n_after, told.change, told.low, told.high, told.g)
        found = tuple(row[name] for name in ("n_after", "change", "low", "high", "g"))
        assert [each or 0 for each in found] == pytest.approx([each or 0 for each in expected], abs=1e-9)


@pytest.mark.parametrize("window", WINDOWS[:4])
def test_margins_without_enough_answers_leave_figures_unweighted(world: World, window: str) -> None:
    """Of a dozen people no level has ten answers: all are joined, and weighted figures are the plain ones."""
    plain = {key[1]: value for key, value in figures(world, "scale_mean", window).items() if not key[0]}
    rows = world.rows(
        f"select subject_id, value, n_eligible from msr_scale_mean where period_id = '{window}' "
        f"and estimator = 'weighted' and unit_id = '{DISTRICT}'"
    )
    assert {row["subject_id"]: row["value"] for row in rows} == pytest.approx(plain)
    assert {row["n_eligible"] for row in rows} == {12}
