"""Score scales over people: means, percent favorable by three named estimators, items, and what agrees with what."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import fsum, sqrt

import numpy as np
from scipy.special import stdtrit

from aimline.scoring import reliability
from aimline.scoring.recode import Answers, Numbers, in_order, option_counts
from schemas.instruments import InstrumentFile, Scale

_UPPER = 0.975
LEAST_FOR_SIGN = 30


@dataclass(frozen=True)
class People:
    """Every response as one scale sees it.

    Attributes:
        scale: The scale.
        places: Columns of its items.
        asked: Items of the scale that were asked, by response.
        answered: Those answered.
        totals: Sum of the answers, reversed where the item is.
        favorable: Favorable answers.
        is_scored: Who has a score: answered enough, and not set aside.
    """

    scale: Scale
    places: tuple[int, ...]
    asked: Numbers
    answered: Numbers
    totals: Numbers
    favorable: Numbers
    is_scored: Numbers

    @property
    def scores(self) -> Numbers:
        """Return the mean answer of each response; meant for scored ones."""
        return self.totals / np.maximum(self.answered, 1)


@dataclass(frozen=True)
class Favorable:
    """Percent favorable: all answers alike, all items alike, all people alike."""

    n_favorable: int
    n_valid: int
    pooled: float | None
    item_mean: float | None
    person_mean: float | None


@dataclass(frozen=True)
class Mean:
    """Mean of people's scores with its t interval."""

    n: int
    mean: float | None
    sd: float | None
    low: float | None
    high: float | None


def favorable_values(instrument: InstrumentFile, scale: Scale) -> list[int]:
    """Return the answers that count as favorable, after reversal."""
    if scale.favorable.rule == "values":
        return [int(each) for each in scale.favorable.values]
    options = next(item.options for item in instrument.items if item.item_id == scale.items[0])
    numbers = sorted(each.number for each in instrument.option_sets[options or ""] if each.number is not None)
    return numbers[-scale.favorable.of[len(numbers)] :]


def people_of(instrument: InstrumentFile, scale: Scale, answers: Answers, counts: Numbers) -> People:
    """Look at every response by one scale; ``counts`` says which responses are not set aside."""
    places = in_order(scale.items, answers)
    answered, asked = answers.answered[:, places], answers.asked[:, places]
    values = answers.values[:, places]
    n_answered, n_asked = answered.sum(axis=1), asked.sum(axis=1)
    least = scale.min_answered
    enough = (n_answered > 0) & (n_answered * least.denominator >= n_asked * least.numerator)
    liked = answered & np.isin(values, favorable_values(instrument, scale))
    totals = np.where(answered, values, 0).sum(axis=1)
    return People(scale, tuple(places), n_asked, n_answered, totals, liked.sum(axis=1), counts & enough)


def favorable(instrument: InstrumentFile, people: People, answers: Answers, rows: Numbers) -> Favorable:
    """Return percent favorable of some scored people by all three estimators."""
    chosen = np.flatnonzero(rows & people.is_scored)
    liked, valid = people.favorable[chosen], people.answered[chosen]
    n_liked, n_valid = int(liked.sum()), int(valid.sum())
    if not n_valid:
        return Favorable(0, 0, None, None, None)
    own = [int(f) / int(n) for f, n in zip(liked, valid, strict=True)]
    good = favorable_values(instrument, people.scale)
    by_item = []
    for place in people.places:
        told = answers.answered[chosen, place]
        if told.any():
            by_item.append(int((told & np.isin(answers.values[chosen, place], good)).sum()) / int(told.sum()))
    return Favorable(n_liked, n_valid, n_liked / n_valid, fsum(by_item) / len(by_item), fsum(own) / len(own))


def mean_of(scores: Sequence[float], n_eligible: int | None = None) -> Mean:
    """Return mean, standard deviation and 95 % t interval; of a finite population where its size is known."""
    n = len(scores)
    if n == 0:
        return Mean(0, None, None, None, None)
    mean = fsum(scores) / n
    if n == 1:
        return Mean(1, mean, None, None, None)
    sd = sqrt(fsum((each - mean) ** 2 for each in scores) / (n - 1))
    left = max(n_eligible - n, 0) / (n_eligible - 1) if n_eligible and n_eligible > 1 else 1.0
    half = float(stdtrit(n - 1, _UPPER)) * sd / sqrt(n) * sqrt(left)
    return Mean(n, mean, sd, mean - half, mean + half)


def complete(people: People, answers: Answers, rows: Numbers) -> Numbers:
    """Return the answers of the people, not set aside, who answered all items of the scale."""
    chosen = rows & people.is_scored & (people.answered == len(people.places))
    return answers.values[np.ix_(np.flatnonzero(chosen), np.array(people.places))]


def item_rest(whole: Numbers) -> list[float | None]:
    """Return the correlation of each item with the sum of the others, over people who answered all."""
    products = reliability.covariances(whole) if len(whole) else np.zeros((whole.shape[1], whole.shape[1]), np.int64)
    found: list[float | None] = []
    for place in range(len(products)):
        own, shared = int(products[place, place]), int(products[place].sum() - products[place, place])
        rest = int(products.sum()) - own - 2 * shared
        found.append(shared / sqrt(own * rest) if own > 0 and rest > 0 else None)
    return found


def wrong_signs(instrument: InstrumentFile, people: People, answers: Answers, rows: Numbers) -> list[str]:
    """Return the items that run against the rest of their scale: reversed by mistake, or not reversed."""
    whole = complete(people, answers, rows)
    if len(whole) < LEAST_FOR_SIGN:
        return []
    told = zip(people.places, item_rest(whole), strict=True)
    return [instrument.items[place].item_id for place, r in told if r is not None and r < 0]


def item_rows(
    instrument: InstrumentFile, people: People, answers: Answers, rows: Numbers
) -> Iterator[dict[str, object]]:
    """Yield what is told of each item of a scale, over the scored people."""
    chosen = np.flatnonzero(rows & people.is_scored)
    good = favorable_values(instrument, people.scale)
    against = item_rest(complete(people, answers, rows))
    for place, r in zip(people.places, against, strict=True):
        item = instrument.items[place]
        told = answers.answered[chosen, place]
        values = answers.values[chosen, place][told]
        liked = int(np.isin(values, good).sum())
        own = mean_of([float(value) for value in values])
        yield {
            "item_id": item.item_id,
            "scale_id": people.scale.scale_id,
            "is_reversed": item.reverse,
            "n_presented": int(answers.asked[chosen, place].sum()),
            "n_valid": own.n,
            "n_favorable": liked,
            "favorable_share": liked / own.n if own.n else None,
            "mean": own.mean,
            "sd": own.sd,
            "item_rest_r": r,
            "option_counts": option_counts(answers, place, instrument.option_sets[item.options or ""], chosen),
        }


def scores_by(people: People, groups: Mapping[str, Numbers]) -> dict[str, list[float]]:
    """Return the scores of the scored people of each group."""
    scores = people.scores
    return {name: [float(each) for each in scores[rows & people.is_scored]] for name, rows in groups.items()}
