"""What people answered: latent traits, answers to items, who responds, the oddities of a survey export.

Here: one occasion of one questionnaire as arrays (everybody's answers, as if all had responded, then what was sent
in). Not here: files, or the product's scoring; the true means are taken from the answers of everybody eligible.
"""

from dataclasses import dataclass

import numpy as np

from aimline.demo.facts import Scale, Window, Year
from aimline.demo.streams import Flags, Floats, Ints, Table, Texts, stream

CUTS = np.array([-1.75, -1.05, -0.3, 0.75])  # latent answers to options 1..5
GENERAL_FACTOR = 0.45  # correlation of the scales within a person
STABILITY = 0.8  # correlation of a person's trait between occasions
SKIPS = 0.015
STOPS = 0.03  # share that leaves before the end
TWICE = 0.012
HASTY = 0.008
STRAIGHT = 0.007
OPTED_OUT = 0.02
BELONGING_DROP = 0.6  # in standard deviations of the trait


@dataclass(frozen=True)
class Panel:
    """Those asked on one occasion: arrays of one length; `shift` is (person x scale), in trait units."""

    person: Ints
    school: Ints
    grade: Ints
    shift: Floats
    lean: Floats  # added to the log odds of responding


@dataclass(frozen=True)
class Answers:
    """Everybody's answers (person x item, 1-5 as ticked, reversed items not turned) and the trait behind them."""

    ticked: Ints
    keyed: Ints
    trait: Floats


@dataclass(frozen=True)
class Responses:
    """What was sent in, one row a response: arrays of one length and `ticked` (response x item, 0 = left empty).

    `person` is the row in the panel, -1 for rows that belong to nobody; `kind` names a planted oddity ('' for none).
    `day` is the position in the window's days, `second` of that day; `seconds` the time taken.
    """

    person: Ints
    ticked: Ints
    kind: Texts
    day: Ints
    second: Ints
    seconds: Ints


def window_days(year: Year, window: Window) -> list[int]:
    """Return the positions of the school days on which a window is open."""
    return [n for n, day in enumerate(year.days) if window.opens_on <= day <= window.closes_on]


def school_shifts(seed: int, scales: tuple[Scale, ...], sizes: Ints) -> Floats:
    """Return the lasting difference of each school on each scale (school x scale).

    Weighted by the schools' sizes its mean is 0 and its variance the scale's ICC, so that no draw makes one too large.
    """
    draw = stream(seed, Table.TRAITS).normal(size=(len(sizes), len(scales)))
    centred = draw - np.average(draw, axis=0, weights=sizes)
    spread = np.sqrt(np.average(centred**2, axis=0, weights=sizes))
    return np.asarray(centred / spread * np.sqrt([scale.icc for scale in scales]))


def answer(panel: Panel, scales: tuple[Scale, ...], lasting: Floats, rng: np.random.Generator) -> Answers:
    """Draw everybody's answers to every item.

    Args:
        panel: Those asked.
        scales: The questionnaire.
        lasting: Trait of each person that stays from occasion to occasion (person x scale), standard normal.
        rng: Stream of the occasion.
    """
    within = np.sqrt(1 - np.array([scale.icc for scale in scales]))
    now = STABILITY * lasting + np.sqrt(1 - STABILITY**2) * rng.normal(size=lasting.shape)
    trait = within * now + panel.shift
    keyed = []
    for place, scale in enumerate(scales):
        noise = rng.normal(size=(len(panel.person), len(scale.columns)))
        ease = np.linspace(-0.2, 0.2, len(scale.columns))
        latent = scale.loading * trait[:, [place]] + np.sqrt(1 - scale.loading**2) * noise + ease
        keyed.append(1 + np.searchsorted(CUTS, latent))
    all_keyed = np.hstack(keyed)
    turned = np.array([column in scale.reversed_columns for scale in scales for column in scale.columns])
    return Answers(np.where(turned, 6 - all_keyed, all_keyed), all_keyed, trait)


def lasting_traits(seed: int, people: Ints, n_scales: int) -> Floats:
    """Return the lasting trait of each numbered person (person x scale): a general factor and one of its own."""
    size = int(people.max(initial=0)) + 1
    rng = stream(seed, Table.TRAITS, n_scales)
    general = rng.normal(size=(size, 1))
    own = rng.normal(size=(size, n_scales))
    return np.asarray((np.sqrt(GENERAL_FACTOR) * general + np.sqrt(1 - GENERAL_FACTOR) * own)[people])


def responds(panel: Panel, answers: Answers, base: Floats, rng: np.random.Generator) -> Flags:
    """Draw who responds: the content and the present do so more often."""
    odds = np.log(base / (1 - base)) + panel.lean + 0.35 * answers.trait.mean(axis=1)
    return np.asarray(rng.random(len(panel.person)) < 1 / (1 + np.exp(-odds)))


def _stop_early(ticked: Ints, stops: Flags, rng: np.random.Generator) -> None:
    """Empty the items after the point where somebody stopped (0 = opened, nothing answered)."""
    n_items = ticked.shape[1]
    last = rng.integers(0, n_items, len(ticked))
    ticked[stops[:, None] & (np.arange(n_items)[None, :] >= last[:, None])] = 0


def _odd_rows(ticked: Ints, kind: Texts, rng: np.random.Generator) -> Flags:
    """Make some respondents tick one option throughout; mark them and the hasty; return who stops early."""
    count = len(ticked)
    straight = rng.random(count) < STRAIGHT
    ticked[straight] = rng.integers(1, 6, count)[straight][:, None]
    hasty = (rng.random(count) < HASTY) & ~straight
    kind[straight], kind[hasty] = "straight_line", "speeder"
    return (rng.random(count) < STOPS) & ~straight & ~hasty


def collect(answers: Answers, who: Flags, n_days: int, rng: np.random.Generator) -> Responses:
    """Turn answers of those who respond into responses, with skips, early stops, haste, second tries.

    Args:
        answers: What each of those asked would answer.
        who: Who responds.
        n_days: School days the window is open.
        rng: Stream of the occasion.
    """
    rows = np.flatnonzero(who)
    ticked = answers.ticked[rows].copy()
    kind = np.full(len(rows), "", dtype=object)
    stops = _odd_rows(ticked, kind, rng)
    plain = kind == ""
    ticked[(rng.random(ticked.shape) < SKIPS) & plain[:, None]] = 0
    _stop_early(ticked, stops, rng)
    per_item = np.exp(rng.normal(1.75, 0.3, len(rows)))
    seconds = np.maximum((per_item * np.maximum((ticked > 0).sum(axis=1), 1)).astype(int), 40)
    seconds = np.where(kind == "speeder", rng.integers(5, 12, len(rows)), seconds)
    day = np.minimum((rng.beta(1.1, 1.8, len(rows)) * n_days).astype(int), n_days - 1)
    second = rng.integers(8 * 3600 + 1800, 14 * 3600, len(rows))
    first = Responses(rows, ticked, kind, day, second, seconds)
    return _second_tries(first, answers, rng)


def _second_tries(first: Responses, answers: Answers, rng: np.random.Generator) -> Responses:
    """Let some plain respondents send a second, complete response an hour later; half had broken off before."""
    plain = (first.kind == "") & (first.ticked > 0).all(axis=1)
    again = np.flatnonzero(plain & (rng.random(len(first.person)) < TWICE / (1 - SKIPS) ** 25))
    broken = again[::2]
    first.ticked[broken, 5:] = 0
    first.kind[again] = "duplicate"
    ticked = answers.ticked[first.person[again]]
    return Responses(
        np.concatenate([first.person, first.person[again]]),
        np.vstack([first.ticked, ticked]),
        np.concatenate([first.kind, np.full(len(again), "", dtype=object)]),
        np.concatenate([first.day, first.day[again]]),
        np.concatenate([first.second, first.second[again] + 3600]),
        np.concatenate([first.seconds, rng.integers(120, 400, len(again))]),
    )


def scale_means(answers: Answers, scales: tuple[Scale, ...], keep: Flags) -> list[float | None]:
    """Return the mean of each scale over the kept people, all items answered, reversed items turned."""
    means: list[float | None] = []
    start = 0
    for scale in scales:
        block = answers.keyed[keep, start : start + len(scale.columns)]
        means.append(float(block.mean()) if len(block) else None)
        start += len(scale.columns)
    return means
