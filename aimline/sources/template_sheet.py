"""Hold a form that came back while its rows become cells: what is refused and why, each fault by its cell."""

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from aimline.sources.tables import Table
from aimline.sources.template import FORM, Answer, Form

_NUMBER = re.compile(r"-?\d{1,6}(\.\d{1,3})?")
_COUNT = re.compile(r"\d{1,9}(\.0+)?")
_LETTERS = 26


@dataclass(frozen=True)
class Filled:
    """A form as it came back.

    Attributes:
        stamp: What its sheet ``about`` says.
        rows: The rows of its sheet ``form``, the heading first.
        formulas: Places (row from 1, column from 0) of cells that hold a formula.
        n_above: Lines above the heading.
    """

    stamp: Mapping[str, str]
    rows: Sequence[Sequence[str]]
    formulas: frozenset[tuple[int, int]] = frozenset()
    n_above: int = 0

    @property
    def n_records(self) -> int:
        """Return all its records."""
        return self.n_above + len(self.rows)


@dataclass(frozen=True)
class Expected:
    """What is known where a form comes back.

    Attributes:
        form: The form of a window and a school as it would be issued today; None for a window nobody declared.
        facts: What the name of the delivery tells: ``window`` and ``school``.
        school_year: The year of the delivery.
        entity: What the source brings.
        rooms: Pseudonyms of the school's rooms.
        key: Makes the pseudonym of an id of one kind.
    """

    form: Form | None
    facts: Mapping[str, str]
    school_year: int
    entity: str
    rooms: Sequence[str] = ()
    key: Callable[[str, str], str] = field(default=lambda _kind, raw: raw)


@dataclass
class Sheet:
    """The rows of a form on their way to cells, with what is refused and why."""

    filled: Filled
    form: Form
    expected: Expected
    rows: list[tuple[int, tuple[str, ...]]] = field(default_factory=list)
    refused: dict[int, str] = field(default_factory=dict)
    told: list[str] = field(default_factory=list)
    ignored: Counter[str] = field(default_factory=Counter)

    def records(self, rule: str) -> list[tuple[int, dict[str, str]]]:
        """Return the rows somebody wrote into, by the names of the columns; the others are counted under a rule."""
        found = []
        for number, row in enumerate(self.filled.rows[1:], 1):
            cells = [cell.strip() for cell in row[: len(self.form.answers)]]
            cells += [""] * (len(self.form.answers) - len(cells))
            record = {answer.name: cell for answer, cell in zip(self.form.answers, cells, strict=True)}
            if any(cells[1:]) or self._formulas(number):
                found.append((number, record))
            else:
                self.ignored[rule if cells[0] else "blank_row"] += 1
        return found

    def _formulas(self, number: int) -> list[int]:
        row = number + 1
        return [place for place in range(len(self.form.answers)) if (row, place) in self.filled.formulas]

    def check(self, number: int, record: Mapping[str, str], needed: Sequence[str]) -> None:
        """Refuse a row with a formula, a missing cell, a date that is none, a choice that is none."""
        for place in self._formulas(number):
            self.refuse(number, place, "formula_cell", "a formula stands where an answer belongs")
        for place, answer in enumerate(self.form.answers):
            said = record[answer.name]
            if not said and answer.name in needed:
                self.refuse(number, place, "value_missing", f"{answer.name} is missing")
            if said and answer.kind == "choice" and said not in answer.choices:
                shown = said if _NUMBER.fullmatch(said) else "the text"
                words = f"{self._word(answer)} {shown} is not one of {', '.join(answer.choices)}"
                self.refuse(number, place, "code_unknown", words)
            if said and answer.kind == "count" and not _COUNT.fullmatch(said):
                self.refuse(number, place, "mask_unknown", f"{answer.name} is no whole number")
            if said and answer.kind == "date" and not _is_day(said):
                self.refuse(number, place, "date_impossible", f"{answer.name} is no date; write it as 2026-10-08")

    def _word(self, answer: Answer) -> str:
        return "rating" if self.form.kind == "walkthrough" else answer.name

    def refuse(self, number: int, place: int, code: str, words: str) -> None:
        """Refuse a row for what stands in one of its cells."""
        self.refused.setdefault(number, code)
        self.told.append(f"{FORM}!{chr(ord('A') + place) if place < _LETTERS else '?'}{number + 1}: {words}")

    def table(self, heads: Sequence[str], columns: Sequence[Mapping[str, object]], **more: object) -> Table:
        """Return the table of what was gathered."""
        slot = self.form.slot
        ignored = self.ignored + Counter({"title_row": self.filled.n_above, "header_row": 1})
        return Table(
            self.form.entity,
            FORM,
            tuple(heads),
            self.rows,
            columns,
            more.get("unpivot"),  # type: ignore[arg-type] # None, or what sources.yml says
            self.filled.n_records,
            +ignored,
            self.refused,
            is_state=True,
            told=tuple(self.told),
            declares={"slot": f"{slot.window_id}.{slot.school_year}.{slot.school_id}"},
        )


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
