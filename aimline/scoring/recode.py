"""Read answers: which option a text means, what an item's answer is worth, and whether the item was asked at all."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from schemas.instruments import InstrumentFile, Item, Option

Numbers = Any
"""An array of numpy, whose element types mypy cannot see through its arithmetic."""

NOT_ASKED, SKIPPED, ANSWERED, UNMAPPED = 0, 1, 2, 3


@dataclass(frozen=True)
class Answers:
    """All answers to one instrument: a row for each response, a column for each item in its order.

    Attributes:
        items: The items.
        options: Number of the option chosen, -1 for none; of a multiple choice the first one.
        values: What it is worth after reversal; 0 where it has no worth.
        states: Not asked (or does not apply), skipped, answered.
    """

    items: tuple[Item, ...]
    options: Numbers
    values: Numbers
    states: Numbers

    @property
    def answered(self) -> Numbers:
        """Return where an item has an answer."""
        return self.states == ANSWERED

    @property
    def asked(self) -> Numbers:
        """Return where an item was asked: answered or skipped."""
        return (self.states == ANSWERED) | (self.states == SKIPPED)

    @property
    def is_scored(self) -> Numbers:
        """Return which items are scored at all."""
        return np.array([item.scored and not item.multi for item in self.items], dtype=bool)


@dataclass(frozen=True)
class Unmapped:
    """A text that is no option of its item, and how often it stands there."""

    item_id: str
    text: str
    count: int


def folded(text: str) -> str:
    """Return a text as it is compared: trimmed, one space between words, without case."""
    return " ".join(text.split()).casefold()


def _whole(text: str) -> str:
    """Return ``4`` for ``4.0``, as spreadsheets write whole numbers."""
    whole, point, rest = text.partition(".")
    return whole if point and rest.strip("0") == "" and whole.lstrip("-").isdigit() else text


class _Reader:
    """Tell for one item which option each text means."""

    def __init__(self, options: Sequence[Option], missing: Sequence[str]) -> None:
        self.options = options
        self._missing = set(missing)
        self._values = {each.value: number for number, each in enumerate(options)}
        self._words: dict[str, int] = {}
        for number, each in enumerate(options):
            for word in (each.value, *each.label.values(), *each.aliases):
                self._words.setdefault(folded(word), number)

    def state(self, text: str) -> tuple[int, int]:
        """Return number of the option and state of a text."""
        bare = text.strip()
        number = self._values.get(_whole(bare), self._words.get(folded(bare)))
        if number is None:
            return -1, SKIPPED if bare in self._missing else UNMAPPED
        return number, NOT_ASKED if self.options[number].counts_as else ANSWERED


def worth(item: Item, options: Sequence[Option]) -> list[int]:
    """Return what each option of an item is worth after reversal."""
    numbers = [each.number for each in options]
    real = [number for number in numbers if number is not None]
    turn = (min(real) + max(real)) if item.reverse and real else None
    return [0 if n is None else n if turn is None else turn - n for n in numbers]


def recode(instrument: InstrumentFile, cells: Mapping[str, Sequence[str]]) -> tuple[Answers, list[Unmapped]]:
    """Turn the texts of each item into answers.

    Args:
        instrument: The instrument.
        cells: Item id -> the text of each response; of a multiple choice its first choice.

    Returns:
        The answers, unmapped texts taken for skipped, and what could not be mapped.
    """
    n_rows = len(next(iter(cells.values()), ()))
    shape = (n_rows, len(instrument.items))
    found = Answers(instrument.items, np.full(shape, -1, np.int16), np.zeros(shape, np.int32), np.zeros(shape, np.int8))
    unmapped: list[Unmapped] = []
    for place, item in enumerate(instrument.items):
        options = instrument.option_sets.get(item.options or "", ())
        reader = _Reader(options, instrument.missing_codes)
        told = Counter(cells[item.item_id])
        meant = {text: reader.state(text) for text in told}
        worths = [*worth(item, options), 0]
        found.options[:, place] = [meant[text][0] for text in cells[item.item_id]]
        found.states[:, place] = [meant[text][1] for text in cells[item.item_id]]
        found.values[:, place] = np.array(worths)[found.options[:, place]]
        wrong = sorted((text.strip(), n) for text, n in told.items() if meant[text][1] == UNMAPPED)
        unmapped += [Unmapped(item.item_id, *each) for each in wrong]
    found.states[found.states == UNMAPPED] = SKIPPED
    _gate(instrument, found)
    return found, unmapped


def _gate(instrument: InstrumentFile, found: Answers) -> None:
    """Take items that an earlier answer did not call for as not asked, unless they were answered."""
    places = {item.item_id: place for place, item in enumerate(instrument.items)}
    for place, item in enumerate(instrument.items):
        if item.present_if is None:
            continue
        gate = places[item.present_if.item]
        options = instrument.option_sets.get(instrument.items[gate].options or "", ())
        opening = [n for n, each in enumerate(options) if each.value in item.present_if.in_]
        closed = ~np.isin(found.options[:, gate], opening) & (found.states[:, place] == SKIPPED)
        found.states[closed, place] = NOT_ASKED


def option_counts(answers: Answers, place: int, options: Sequence[Option], rows: Numbers) -> str:
    """Write how often each option of an item was chosen, as sent: ``1:23|2:45``."""
    chosen = np.bincount(answers.options[rows, place][answers.options[rows, place] >= 0], minlength=len(options))
    return "|".join(f"{each.value}:{n}" for each, n in zip(options, chosen, strict=True))


def in_order(ids: Iterable[str], answers: Answers) -> list[int]:
    """Return the columns of some items."""
    places = {item.item_id: place for place, item in enumerate(answers.items)}
    return [places[each] for each in ids]
