"""Say in words which windows stand in each other's way, and what cannot all hold: the many are counted, not listed."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from aimline.schedule import Conflict

_MANY = 6
"""Names that are listed one by one."""

_GAP = "min_gap"
NOT_PROVED = "no way was found, nor proved that there is none"


def names_of(windows: Sequence[str], word: str = ", ") -> str:
    """List windows; of many the first and the last, and how many there are between them."""
    if len(windows) <= _MANY:
        return word.join(windows)
    return f"{windows[0]}, {len(windows) - 2} more and {windows[-1]}"


def left_words(conflict: "Conflict") -> str:
    """Say what cannot all hold; distances that every two of many windows must keep are one thing."""
    if conflict.is_left and not conflict.minimal_set:
        return NOT_PROVED
    kinds: dict[str, list[str]] = {}
    for rule in conflict.minimal_set:
        kinds.setdefault(rule.partition("(")[0], []).append(rule)
    counted = [_counted(kind, rules) if len(rules) > _MANY else ", ".join(rules) for kind, rules in kinds.items()]
    sure = "" if conflict.is_proved else " (not proved that all of these are needed)"
    return ", ".join(counted) + sure


def _counted(kind: str, rules: Sequence[str]) -> str:
    """Say how many rules of a kind there are; of distances, between how many windows."""
    if kind != _GAP:
        return f"{kind} of {len(rules)} windows"
    between = {name for each in rules for name in each[len(_GAP) + 1 : -1].split(",")}
    if 2 * len(rules) == len(between) * (len(between) - 1):
        return f"{_GAP} of every two of {len(between)} windows"
    return f"{len(rules)} {_GAP} rules among {len(between)} windows"


def refusal(conflict: "Conflict") -> tuple[str, str]:
    """Return the message and the remedy of windows whose rules cannot all hold."""
    whose, its = names_of(conflict.windows, " and "), "their" if len(conflict.windows) > 1 else "its"
    if not conflict.minimal_set:
        message = f"{whose} cannot be shown to keep {its} rules ({conflict.cell}): {NOT_PROVED}."
        return message, "Move a window by hand, shorten one, or let one ask fewer people."
    return f"{whose} cannot keep {its} rules ({conflict.cell}).", f"These cannot all hold: {left_words(conflict)}."
