"""The verb ``score``: what a file of responses says by an instrument's rules; needs no district and keeps nothing."""

import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from aimline.commands._rows import print_csv
from aimline.commands._shared import AsJson, say_json
from aimline.errors import ContractError, UsageError

if TYPE_CHECKING:
    from aimline.commands._responses import Responses
    from aimline.scoring.hygiene import Judged
    from aimline.scoring.recode import Answers, Numbers, Unmapped
    from aimline.scoring.scales import People
    from schemas.instruments import InstrumentFile

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
}

Instrument = Annotated[str, typer.Option("--instrument", metavar="FILE", help="The instrument, in YAML.")]
File = Annotated[str, typer.Argument(metavar="RESPONSES", help="The responses: CSV in UTF-8, also packed (.csv.gz).")]
Layout = Annotated[
    Literal["wide", "long"], typer.Option("--layout", metavar="LAYOUT", help="wide: a column an item; long: a row.")
]
Level = Annotated[
    Literal["scale", "item", "response", "accounting"],
    typer.Option("--level", metavar="LEVEL", help="scale, item, response or accounting."),
]
By = Annotated[str | None, typer.Option("--by", metavar="COLUMN", help="A row for each value of it too: schools.")]
Eligible = Annotated[int | None, typer.Option("--eligible", metavar="N", help="How many people were asked.", min=1)]
Allow = Annotated[bool, typer.Option("--allow-unmapped", help="Take an answer that is no option for skipped.")]
Format = Annotated[Literal["csv", "json"], typer.Option("--format", metavar="FORMAT", help="csv or json.")]


@dataclass(frozen=True)
class _Scored:
    """Everything that is told of one file."""

    instrument: "InstrumentFile"
    responses: "Responses"
    answers: "Answers"
    judged: "Judged"
    people: "tuple[People, ...]"
    n_eligible: int | None


def score(  # noqa: PLR0913 - each is an option of the command line
    responses: File,
    *,
    instrument: Instrument,
    layout: Layout = "wide",
    level: Level = "scale",
    by: By = None,
    eligible: Eligible = None,
    allow_unmapped: Allow = False,
    form: Format = "csv",
    as_json: AsJson = False,
) -> int:
    """Score a file of responses: scale means, percent favorable, reliability, and what became of every response."""
    from aimline.commands._instrument import read_instrument
    from aimline.commands._responses import read_responses
    from aimline.commands._signal_options import use_one_thread

    use_one_thread()
    declared = read_instrument(instrument)
    found = _score(declared, read_responses(responses, declared, layout=layout, by=by), eligible, allow=allow_unmapped)
    _more_than_asked(found)
    _warn(found)
    if as_json or form == "json":
        say_json(_whole(found, level))
    else:
        columns = LEVELS[level]
        print_csv(columns, [[row[name] for name in columns] for row in _rows(found, level)])
    return 0


def _score(declared: "InstrumentFile", read: "Responses", eligible: int | None, *, allow: bool) -> _Scored:
    import numpy as np

    from aimline.scoring import hygiene, recode, scales

    answers, unmapped = recode.recode(declared, read.cells)
    if unmapped and not allow:
        raise ContractError(_told(unmapped), remedy="Add aliases to the options, or give --allow-unmapped.")
    judged = hygiene.judge(declared, answers, read.sent)
    counts = np.array([each in hygiene.SCORED for each in judged.dispositions], dtype=bool)
    people = tuple(scales.people_of(declared, scale, answers, counts) for scale in declared.scales)
    return _Scored(declared, read, answers, judged, people, eligible)


def _more_than_asked(found: _Scored) -> None:
    """Refuse a number of people asked that fewer than answered: no interval could be right.

    Raises:
        UsageError: More responses are usable than people were asked.
    """
    n_usable = found.judged.dispositions.count("usable")
    if found.n_eligible is not None and n_usable > found.n_eligible:
        told = f"{n_usable} responses are usable and only {found.n_eligible} people were asked."
        raise UsageError(told, remedy="Give --eligible the number of people who could have answered.")


def _told(unmapped: Sequence["Unmapped"]) -> str:
    lines = [f"{each.item_id}: '{each.text[:60]}' ({each.count})" for each in unmapped]
    head = "1 answer is" if len(unmapped) == 1 else f"{len(unmapped)} answers are"
    return "\n".join([f"{head} no option of the item:", *lines])


def _warn(found: _Scored) -> None:
    """Name on stderr the items that run against their scale."""
    import numpy as np

    from aimline.scoring.scales import wrong_signs

    everyone = np.ones(len(found.judged.dispositions), dtype=bool)
    for people in found.people:
        for item_id in wrong_signs(found.instrument, people, found.answers, everyone):
            told = f"wrong_sign: {item_id} runs against the rest of {people.scale.scale_id}; is its reversal right?"
            print(told, file=sys.stderr)  # noqa: T201


def _whole(found: _Scored, level: str) -> dict[str, Any]:
    """Return everything as one object; single responses only where they were asked for."""
    named = {"instrument_id": found.instrument.instrument_id, "edition": found.instrument.edition}
    parts = {"accounting": "accounting", "items": "item", "scales": "scale"}
    parts |= {"responses": "response"} if level == "response" else {}
    return {"instrument": named} | {name: list(_rows(found, each)) for name, each in parts.items()}


def _rows(found: _Scored, level: str) -> Iterator[dict[str, Any]]:
    return {"scale": _scales, "item": _items, "response": _responses, "accounting": _accounting}[level](found)


def _accounting(found: _Scored) -> Iterator[dict[str, Any]]:
    from aimline.scoring.hygiene import DISPOSITIONS

    counts = Counter(found.judged.dispositions) + Counter({"unreadable": found.responses.n_unreadable})
    yield from ({"disposition": name, "n_responses": counts[name]} for name in DISPOSITIONS if counts[name])


def _items(found: _Scored) -> Iterator[dict[str, Any]]:
    import numpy as np

    from aimline.scoring.scales import item_rows

    everyone = np.ones(len(found.judged.dispositions), dtype=bool)
    for people in found.people:
        yield from item_rows(found.instrument, people, found.answers, everyone)


def _responses(found: _Scored) -> Iterator[dict[str, Any]]:
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


def _scales(found: _Scored) -> Iterator[dict[str, Any]]:
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


def _scale(found: _Scored, people: "People", name: str, rows: "Numbers") -> dict[str, Any]:
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
