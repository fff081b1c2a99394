"""Score one file of responses by an instrument, for whatever is told of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aimline.errors import ContractError, UsageError

if TYPE_CHECKING:
    from aimline.commands._responses import Responses
    from aimline.scoring.hygiene import Judged
    from aimline.scoring.recode import Answers, Numbers, Unmapped
    from aimline.scoring.scales import People
    from schemas.instruments import InstrumentFile, Scale


@dataclass(frozen=True)
class Scored:
    """Everything that is told of one file.

    Attributes:
        instrument: The instrument.
        responses: The file.
        answers: Every answer as the instrument reads it.
        judged: What became of each response.
        people: Each response as each scale sees it.
        n_eligible: How many people were asked; None where nobody says.
        counts: Which responses count: not set aside, and unless they are wanted not flagged either.
    """

    instrument: "InstrumentFile"
    responses: "Responses"
    answers: "Answers"
    judged: "Judged"
    people: "tuple[People, ...]"
    n_eligible: int | None
    counts: "Numbers"

    def by_scale(self, scale: "Scale") -> "People":
        """Return each response as a scale sees it that need not be one of the instrument's."""
        from aimline.scoring.scales import people_of

        return people_of(self.instrument, scale, self.answers, self.counts)


@dataclass(frozen=True)
class How:
    """How a file is scored.

    Attributes:
        n_eligible: How many people were asked.
        allow_unmapped: Whether an answer that is no option is taken for skipped.
        without_flagged: Whether responses that are odd, but kept, are left out of the figures.
    """

    n_eligible: int | None = None
    allow_unmapped: bool = False
    without_flagged: bool = False


def score_responses(declared: "InstrumentFile", read: "Responses", how: How) -> Scored:
    """Score a file of responses.

    Raises:
        ContractError: An answer is no option of its item.
        UsageError: More responses are usable than people were asked.
    """
    import numpy as np

    from aimline.scoring import hygiene, recode, scales

    answers, unmapped = recode.recode(declared, read.cells)
    if unmapped and not how.allow_unmapped:
        raise ContractError(_told(unmapped), remedy="Add aliases to the options, or give --allow-unmapped.")
    judged = hygiene.judge(declared, answers, read.sent)
    flagged = [bool(mine) and how.without_flagged for mine in judged.flags]
    told = zip(judged.dispositions, flagged, strict=True)
    counts = np.array([each in hygiene.SCORED and not odd for each, odd in told], dtype=bool)
    people = tuple(scales.people_of(declared, scale, answers, counts) for scale in declared.scales)
    n_usable = judged.dispositions.count("usable")
    if how.n_eligible is not None and n_usable > how.n_eligible:
        message = f"{n_usable} responses are usable and only {how.n_eligible} people were asked."
        raise UsageError(message, remedy="Give --eligible the number of people who could have answered.")
    return Scored(declared, read, answers, judged, people, how.n_eligible, counts)


def _told(unmapped: Sequence["Unmapped"]) -> str:
    lines = [f"{each.item_id}: '{each.text[:60]}' ({each.count})" for each in unmapped]
    head = "1 answer is" if len(unmapped) == 1 else f"{len(unmapped)} answers are"
    return "\n".join([f"{head} no option of the item:", *lines])
