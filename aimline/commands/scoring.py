"""The verb ``score``: what a file of responses says by an instrument's rules; needs no district and keeps nothing."""

import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from aimline.commands._rows import print_csv
from aimline.commands._shared import AsJson, say_json
from aimline.commands._waves import CHANGE
from aimline.commands._weighing import WEIGHTED
from aimline.errors import UsageError

if TYPE_CHECKING:
    from aimline.commands._scored import Scored
    from aimline.scoring.recode import Numbers
    from aimline.scoring.scales import People

LEVELS = {
    "scale": (
        *("instrument_id", "edition", "scale_id", "by_value", "n_received", "n_usable", "n_scored", "scale_mean"),
        *("scale_sd", "mean_low", "mean_high", "favorable_pooled", "favorable_item_mean", "favorable_person_mean"),
        *("n_favorable", "n_valid", "alpha", "omega", "omega_polychoric", "n_complete", "school_icc", "reliability"),
    ),
    "item": (
        *("item_id", "scale_id", "is_reversed", "n_presented", "n_valid", "n_favorable", "favorable_share", "mean"),
        *("sd", "item_rest_r", "option_counts"),
    ),
    "response": (
        *("response_id", "disposition", "flags", "scale_id", "n_presented", "n_answered", "is_usable", "score"),
        *("n_favorable", "favorable_share"),
    ),
    "accounting": ("disposition", "n_responses"),
    "change": CHANGE,
}

Instrument = Annotated[str, typer.Option("--instrument", metavar="FILE", help="The instrument, in YAML.")]
File = Annotated[str, typer.Argument(metavar="RESPONSES", help="The responses: CSV in UTF-8, also packed (.csv.gz).")]
Layout = Annotated[
    Literal["wide", "long"], typer.Option("--layout", metavar="LAYOUT", help="wide: a column an item; long: a row.")
]
Level = Annotated[
    Literal["scale", "item", "response", "accounting", "change"],
    typer.Option("--level", metavar="LEVEL", help="scale, item, response, accounting or change."),
]
By = Annotated[str | None, typer.Option("--by", metavar="COLUMN", help="A row for each value of it too: schools.")]
Eligible = Annotated[int | None, typer.Option("--eligible", metavar="N", help="How many people were asked.", min=1)]
Allow = Annotated[bool, typer.Option("--allow-unmapped", help="Take an answer that is no option for skipped.")]
Format = Annotated[Literal["csv", "json"], typer.Option("--format", metavar="FORMAT", help="csv or json.")]


Margins = Annotated[
    str | None,
    typer.Option("--margins", metavar="FILE", help="Weigh by it too: CSV of margin, level, n of those asked."),
]
Without = Annotated[
    bool, typer.Option("--without-flagged", help="Leave kept responses that are odd out of the figures, to compare.")
]
Earlier = Annotated[
    str | None, typer.Option("--earlier", metavar="FILE", help="Responses of the wave before, for --level change.")
]
EarlierForm = Annotated[
    str | None,
    typer.Option("--earlier-instrument", metavar="FILE", help="Its instrument, where that is another edition."),
]
EarlierEligible = Annotated[
    int | None, typer.Option("--earlier-eligible", metavar="N", help="How many people were asked then.", min=1)
]


@dataclass(frozen=True)
class _Told:
    """What is printed of a file: its scores, and what stands beside them."""

    scored: "Scored"
    beside: Mapping[str, Mapping[str, Any]]
    changes: tuple[Mapping[str, Any], ...] | None


def score(  # noqa: PLR0913 - each is an option of the command line
    responses: File,
    *,
    instrument: Instrument,
    layout: Layout = "wide",
    level: Level = "scale",
    by: By = None,
    eligible: Eligible = None,
    allow_unmapped: Allow = False,
    margins: Margins = None,
    without_flagged: Without = False,
    earlier: Earlier = None,
    earlier_instrument: EarlierForm = None,
    earlier_eligible: EarlierEligible = None,
    form: Format = "csv",
    as_json: AsJson = False,
) -> int:
    """Score a file of responses: scale means, percent favorable, reliability, and what became of every response."""
    from aimline.commands._instrument import read_instrument
    from aimline.commands._responses import read_responses
    from aimline.commands._scored import How, score_responses
    from aimline.commands._signal_options import use_one_thread

    use_one_thread()
    _refuse_odd_options(level, earlier, earlier_instrument, earlier_eligible)
    declared = read_instrument(instrument)
    how = How(eligible, allow_unmapped, without_flagged)
    found = score_responses(declared, read_responses(responses, declared, layout=layout, by=by), how)
    changes = None
    if earlier is not None:
        former = read_instrument(earlier_instrument) if earlier_instrument else declared
        before = read_responses(earlier, former, layout=layout, by=None)
        changes = _changes(
            score_responses(former, before, How(earlier_eligible, allow_unmapped, without_flagged)), found
        )
    _warn(found)
    _tell_anchors(found)
    told = _Told(found, _weighted(found, margins), changes)
    if as_json or form == "json":
        say_json(_whole(told, level))
    else:
        columns = LEVELS[level] + (WEIGHTED if level == "scale" and margins else ())
        print_csv(columns, [[row.get(name) for name in columns] for row in _rows(told, level)])
    return 0


def _refuse_odd_options(level: str, earlier: str | None, *beside: object) -> None:
    """Refuse options that say something of a wave before where there is none.

    Raises:
        UsageError: There is no file of it.
    """
    if earlier is None and (level == "change" or any(each is not None for each in beside)):
        raise UsageError("a change needs two waves.", remedy="Give --earlier the responses of the wave before.")


def _changes(before: "Scored", after: "Scored") -> tuple[Mapping[str, Any], ...]:
    from aimline.commands._waves import change_rows

    return tuple(change_rows(before, after))


def _weighted(found: "Scored", margins: str | None) -> dict[str, Mapping[str, Any]]:
    """Return the weighted figures of each scale; nothing without margins."""
    from aimline.commands._weighing import read_margins, weighted

    if margins is None:
        return {}
    known = read_margins(margins, found.n_eligible)
    return {people.scale.scale_id: weighted(found, people, known) for people in found.people}


def _warn(found: "Scored") -> None:
    """Name on stderr the items that run against their scale."""
    import numpy as np

    from aimline.scoring.scales import wrong_signs

    everyone = np.ones(len(found.judged.dispositions), dtype=bool)
    for people in found.people:
        for item_id in wrong_signs(found.instrument, people, found.answers, everyone):
            told = f"wrong_sign: {item_id} runs against the rest of {people.scale.scale_id}; is its reversal right?"
            print(told, file=sys.stderr)  # noqa: T201


def _tell_anchors(found: "Scored") -> None:
    """Put what was published of the scales beside the reliability of ours, on stderr."""
    from aimline.scoring import reliability
    from aimline.scoring.scales import complete

    if found.instrument.anchors is None or found.instrument.anchors.alpha is None:
        return
    low, high = found.instrument.anchors.alpha
    for people in found.people:
        whole = complete(people, found.answers, found.counts)
        ours = reliability.alpha(whole) if len(whole) > 1 else None
        side = "" if ours is None or low <= ours <= high else ", below it" if ours < low else ", above it"
        told = "none" if ours is None else f"{ours:.2f}"
        published = f"published {float(low):.2f} to {float(high):.2f}"
        print(f"{people.scale.scale_id}: alpha {told}{side}; {published}", file=sys.stderr)  # noqa: T201


def _whole(told: _Told, level: str) -> dict[str, Any]:
    """Return everything as one object; single responses and changes only where they were asked for."""
    found = told.scored
    named: dict[str, Any] = {"instrument_id": found.instrument.instrument_id, "edition": found.instrument.edition}
    named |= {"anchors": _anchors(found)} if found.instrument.anchors else {}
    parts = {"accounting": "accounting", "items": "item", "scales": "scale"}
    parts |= {"responses": "response"} if level == "response" else {}
    parts |= {"changes": "change"} if told.changes is not None else {}
    return {"instrument": named} | {name: list(_rows(told, each)) for name, each in parts.items()}


def _anchors(found: "Scored") -> dict[str, list[float]]:
    """Return what was published of the scales, lowest and highest."""
    told = found.instrument.anchors
    named = {"alpha": told.alpha, "icc": told.icc} if told else {}
    return {name: [float(end) for end in ends] for name, ends in named.items() if ends}


def _rows(told: _Told, level: str) -> Sequence[Mapping[str, Any]]:
    if level == "change":
        return told.changes or ()
    if level == "scale":
        return [
            {**row, **({} if row["by_value"] else told.beside.get(row["scale_id"], {}))} for row in _scales(told.scored)
        ]
    return list({"item": _items, "response": _responses, "accounting": _accounting}[level](told.scored))


def _accounting(found: "Scored") -> Iterator[dict[str, Any]]:
    from aimline.scoring.hygiene import DISPOSITIONS

    counts = Counter(found.judged.dispositions) + Counter({"unreadable": found.responses.n_unreadable})
    yield from ({"disposition": name, "n_responses": counts[name]} for name in DISPOSITIONS if counts[name])


def _items(found: "Scored") -> Iterator[dict[str, Any]]:
    import numpy as np

    from aimline.scoring.scales import item_rows

    everyone = np.ones(len(found.judged.dispositions), dtype=bool)
    for people in found.people:
        yield from item_rows(found.instrument, people, found.answers, everyone)


def _responses(found: "Scored") -> Iterator[dict[str, Any]]:
    for row, sent in enumerate(found.responses.sent):
        for people in found.people:
            is_scored, n_answered = bool(people.is_scored[row]), int(people.answered[row])
            n_favorable = int(people.favorable[row])
            yield {
                "response_id": sent.response_id,
                "disposition": found.judged.dispositions[row],
                "flags": "|".join(found.judged.flags[row]),
                "scale_id": people.scale.scale_id,
                "n_presented": int(people.asked[row]),
                "n_answered": n_answered,
                "is_usable": is_scored,
                "score": int(people.totals[row]) / n_answered if is_scored else None,
                "n_favorable": n_favorable,
                "favorable_share": n_favorable / n_answered if is_scored else None,
            }


def _scales(found: "Scored") -> Iterator[dict[str, Any]]:
    """Yield a row a scale, with one a group after it where responses are grouped."""
    import numpy as np

    from aimline.commands._responses import grouped
    from aimline.scoring import reliability
    from aimline.scoring.scales import scores_by

    texts = np.array(found.responses.groups, dtype=object)
    groups = {name: texts == name for name in grouped(found.responses.groups)}
    everyone = np.ones(len(texts), dtype=bool)
    for people in found.people:
        split = reliability.between_schools(scores_by(people, groups)) if groups else None
        icc = split.icc if split and split.n_schools >= reliability.LEAST_SCHOOLS else None
        yield _scale(found, people, "", everyone) | {"school_icc": icc}
        for name, rows in groups.items():
            row = _scale(found, people, name, rows)
            n_people = row["n_scored"]
            told = reliability.of_school_mean(n_people, icc) if icc is not None and n_people else None
            yield row | {"reliability": told}


def _scale(found: "Scored", people: "People", name: str, rows: "Numbers") -> dict[str, Any]:
    from aimline.scoring import reliability
    from aimline.scoring.scales import complete, favorable, mean_of

    scores = [float(each) for each in people.scores[rows & people.is_scored]]
    whole = complete(people, found.answers, rows)
    mean = mean_of(scores, None if name else found.n_eligible)
    liked = favorable(found.instrument, people, found.answers, rows)
    told = [each for each, is_in in zip(found.judged.dispositions, rows, strict=True) if is_in]
    return {
        "instrument_id": found.instrument.instrument_id,
        "edition": found.instrument.edition,
        "scale_id": people.scale.scale_id,
        "by_value": name,
        "n_received": len(told) + (0 if name else found.responses.n_unreadable),
        "n_usable": told.count("usable"),
        "n_scored": mean.n,
        "scale_mean": mean.mean,
        "scale_sd": mean.sd,
        "mean_low": mean.low,
        "mean_high": mean.high,
        "favorable_pooled": liked.pooled,
        "favorable_item_mean": liked.item_mean,
        "favorable_person_mean": liked.person_mean,
        "n_favorable": liked.n_favorable,
        "n_valid": liked.n_valid,
        "alpha": reliability.alpha(whole) if len(whole) > 1 else None,
        "omega": reliability.omega(whole).value,
        "omega_polychoric": None if name else reliability.omega_polychoric(whole).value,
        "n_complete": len(whole),
        "school_icc": None,
        "reliability": None,
    }
