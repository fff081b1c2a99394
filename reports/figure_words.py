"""Say in words what goes with a figure: what sets its wave apart, how likely its year meets the target."""

from aimline.signals import FORECAST, REASONS, REASONS_OF_YEAR, chance_words

_UNLIKE = {
    "items": "other items",
    "mode": "another promise of who knows",
    "grades": "other grades",
    "window": "another time of the year",
    "overlap": "other people asked",
    "response_gap": "another response rate",
    "no_exact_item": "no item stayed as it was",
    "other_options": "other options to answer",
    "other_population": "other people",
}
"""What sets two waves apart, in words."""

_HALF = 0.5


def unlike_words(reasons: str) -> list[str]:
    """Return what sets two waves apart, in words, of reasons as the warehouse joins them."""
    return [_UNLIKE.get(each, each.replace("_", " ")) for each in reasons.split("|") if each]


def reason_words(reason: str, judged_by: str | None) -> str:
    """Say why a status cannot be told: of a year that is forecast, or of the figure beside its aim line."""
    usual = REASONS.get(reason, reason.replace("_", " "))
    return REASONS_OF_YEAR.get(reason, usual) if judged_by == FORECAST else usual


def prospect_words(chance: float, certainty: str | None) -> str:
    """Say how likely a year meets its target, by the chance that is shown and how sure its status is.

    The lowest chance that is shown stands for less too; how sure the status is says which.
    """
    told = 0.0 if chance < _HALF and certainty == "clear" else chance
    return f"meeting the year's target is {chance_words(told)}"
