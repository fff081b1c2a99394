"""Compare a scored file of responses with the file of an earlier wave, scale by scale."""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from aimline.commands._scored import Scored
    from aimline.scoring.change import Change, Compared
    from aimline.scoring.scales import People
    from schemas.instruments import InstrumentFile, Scale

CHANGE = (
    *("instrument_id", "edition", "earlier_edition", "scale_id", "compares", "items", "n_items"),
    *("n_before", "n_after", "share_before", "share_after", "mean_before", "mean_after", "change", "change_sd"),
    *("change_low", "change_high", "hedges_g", "grade", "broken", "not_known", "refused"),
)
_YEAR = 365
_DAY = 10


def change_rows(before: "Scored", after: "Scored") -> Iterator[dict[str, Any]]:
    """Yield two rows a scale: the same people twice, where keys tell who they are, and everybody each time."""
    from aimline.scoring import change

    declared = after.instrument.comparability
    limits = change.Limits(declared.window_days, declared.overlap, declared.response_gap)
    for scale in after.instrument.scales:
        exact = _exact(before.instrument, after.instrument, scale)
        told = _compared(before, after, scale, exact)
        is_anonymous = "anonymous" in (before.instrument.mode, after.instrument.mode)
        sides = _sides(before, after, scale, exact) if exact else None
        for compares in ("matched", "cross_section"):
            graded = change.grade(told, limits, anonymous_match=compares == "matched" and is_anonymous)
            if compares == "matched" and not is_anonymous and not _has_keys(before, after):
                graded = change.Grade("D", refused="no_keys")
            found = None if graded.refused or sides is None else _change(compares, before, after, sides)
            yield {**_named(before, after, scale, told), "compares": compares} | _row(found, sides) | graded.told


def _exact(before: "InstrumentFile", after: "InstrumentFile", scale: "Scale") -> dict[str, str]:
    """Return the items of a scale that went on unchanged: the later item -> the earlier one."""
    from schemas.editions import exact_items

    if before.instrument_id != after.instrument_id:
        return {}
    editions = {before.edition: before, after.edition: after}
    there = {item.item_id for item in before.items}
    exact = exact_items(editions, after.edition, before.edition)
    return {name: exact[name] for name in scale.items if exact.get(name) in there}


def _compared(before: "Scored", after: "Scored", scale: "Scale", exact: Mapping[str, str]) -> "Compared":
    from aimline.scoring.change import Compared

    one, two = before.instrument, after.instrument
    former = next((each for each in one.scales if each.scale_id == scale.scale_id), None)
    return Compared(
        n_exact=len(exact),
        n_items=max(len(scale.items), len(former.items) if former else 0),
        is_same_mode=one.mode == two.mode,
        is_same_grades=one.grades == two.grades,
        is_same_population=set(one.respondents) == set(two.respondents),
        is_same_options=_options(one, list(exact.values())) == _options(two, list(exact)),
        days_apart=_days_apart(_first_day(before), _first_day(after)),
        overlap=None,
        response_gap=_gap(before, after),
    )


def _options(instrument: "InstrumentFile", items: list[str]) -> list[int]:
    """Return how many options count of each of some items."""
    sets = {item.item_id: instrument.option_sets.get(item.options or "", ()) for item in instrument.items}
    return [sum(option.number is not None for option in sets[name]) for name in items]


def _first_day(found: "Scored") -> date | None:
    """Return the first day of a file on which a usable response was sent."""
    told = zip(found.responses.sent, found.judged.dispositions, strict=True)
    days = [sent.submitted_at[:_DAY] for sent, disposition in told if disposition == "usable"]
    try:
        return min(date.fromisoformat(each) for each in days)
    except ValueError:
        return None


def _days_apart(one: date | None, two: date | None) -> int | None:
    """Return by how many days two windows miss the same date of the year."""
    if one is None or two is None:
        return None
    apart = abs(one.timetuple().tm_yday - two.timetuple().tm_yday)
    return min(apart, _YEAR - apart)


def _gap(before: "Scored", after: "Scored") -> Fraction | None:
    if before.n_eligible is None or after.n_eligible is None:
        return None
    rates = [Fraction(each.judged.dispositions.count("usable"), each.n_eligible or 1) for each in (before, after)]
    return abs(rates[1] - rates[0])


def _sides(before: "Scored", after: "Scored", scale: "Scale", exact: Mapping[str, str]) -> "tuple[People, People]":
    """Return both waves by the same items: those that went on unchanged."""
    later = scale.model_copy(update={"items": tuple(exact)})
    earlier = scale.model_copy(update={"items": tuple(exact.values())})
    return before.by_scale(earlier), after.by_scale(later)


def _has_keys(*waves: "Scored") -> bool:
    return all(any(sent.key for sent in each.responses.sent) for each in waves)


def _change(compares: str, before: "Scored", after: "Scored", sides: "tuple[People, People]") -> "Change":
    from aimline.scoring import change

    if compares == "matched":
        return change.matched(_by_key(before, sides[0]), _by_key(after, sides[1]))
    one, two = ([float(score) for score in each.scores[each.is_scored]] for each in sides)
    return change.cross_section(one, two)


def _by_key(found: "Scored", people: "People") -> dict[str, float]:
    """Return the score of each usable person; a key with several usable responses is nobody's."""
    held = [
        ("\x1f".join(sent.key), float(people.scores[row]))
        for row, sent in enumerate(found.responses.sent)
        if found.judged.dispositions[row] == "usable" and people.is_scored[row] and sent.key
    ]
    often = Counter(key for key, _ in held)
    return {key: score for key, score in held if often[key] == 1}


def _named(before: "Scored", after: "Scored", scale: "Scale", told: "Compared") -> dict[str, Any]:
    from aimline.scoring.waves import ALL, COMMON

    return {
        "instrument_id": after.instrument.instrument_id,
        "edition": after.instrument.edition,
        "earlier_edition": before.instrument.edition,
        "scale_id": scale.scale_id,
        "items": ALL if told.n_exact == told.n_items else COMMON,
        "n_items": told.n_exact,
    }


def _row(found: "Change | None", sides: "tuple[People, People] | None") -> dict[str, Any]:
    names = CHANGE[CHANGE.index("n_before") : CHANGE.index("grade")]
    if found is None or sides is None:
        return dict.fromkeys(names)
    all_of = [int(each.is_scored.sum()) for each in sides]
    shares = [n / of if of else None for n, of in zip((found.n_before, found.n_after), all_of, strict=True)]
    figures = (found.mean_before, found.mean_after, found.change, found.sd, found.low, found.high, found.g)
    return dict(zip(names, (found.n_before, found.n_after, *shares, *figures), strict=True))
