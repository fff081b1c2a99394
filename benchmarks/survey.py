"""Give the large district two waves of a survey: fifty items in ten scales, nine in ten answer. For measuring only."""

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from aimline.warehouse import Connection
from tests.support.oracle_survey import Questionnaire
from tests.support.small_survey import YEAR, declare_survey, instrument
from tests.support.small_world import World

if TYPE_CHECKING:
    from benchmarks.world import Size

ENTITIES = ("roster", "responses")
N_SCALES, N_SCALE_ITEMS = 10, 5
SCALES = {f"scale_{scale}": [f"q{scale}{item}" for item in range(N_SCALE_ITEMS)] for scale in range(N_SCALES)}
FORM = Questionnaire(SCALES, frozenset(items[-1] for number, items in enumerate(SCALES.values()) if number % 2))
PARTS = 60  # a mean of one to five items is a whole number of these
_WAVES = {"fall": (20, 30), "spring": (110, 120)}  # between which school days of the year


@dataclass(frozen=True)
class Window:
    """One wave."""

    window_id: str
    opens_on: date
    closes_on: date

    @property
    def slot(self) -> str:
        """Return what its deliveries fill."""
        return f"{self.window_id}.{YEAR}"


def windows(year: list[date]) -> list[Window]:
    """Return the waves of a year of school days."""
    return [Window(name, year[first], year[last]) for name, (first, last) in _WAVES.items()]


def declare(world: World, year: list[date]) -> None:
    """Land the instrument and its windows."""
    dated = {each.window_id: (each.opens_on, each.closes_on) for each in windows(year)}
    declare_survey(world, instrument(FORM), dated)


def tables(connection: Connection, window: Window, size: "Size") -> None:
    """Make who was asked and what came of one wave as views; an answer leans on what the person thinks of the scale."""
    listed = ", ".join(
        f"({number}, '{item}', {number // N_SCALE_ITEMS}, {str(item in FORM.reversed_columns).lower()})"
        for number, item in enumerate(FORM.columns)
    )
    luck = f"hash('{window.window_id}', students.no, {size.seed})"
    connection.execute(
        f"""
        create or replace view roster_{window.window_id} as
        select '{window.slot}' as roster_id, '{window.window_id}' as window_id, student_key as respondent_key,
            'student' as respondent_class, school_id, grade, false as is_opted_out,
            timestamp '{window.opens_on} 06:00:00' as frozen_at
        from placed as students;
        create or replace view responses_{window.window_id} as
        with sent as (
            select students.no, '{window.window_id}' as window_id, printf('R%09d', students.no) as response_id,
                student_key as respondent_key, 'student' as respondent_class, school_id, grade,
                timestamp '{window.opens_on} 15:00:00' + to_days(cast({luck} % 10 as integer)) as submitted_at,
                case when {luck} // 100 % 100 = 0 then 30 else 300 end as duration_seconds,
                {luck} // 10000 % 50 = 0 as is_one_line, students.no + 1 as row_no
            from placed as students
            where {luck} // 1000000 % 10 < 9
        ),
        answered as (
            select sent.*, items.item_id, hash(items.no, sent.no, '{window.window_id}') as luck,
                1 + hash(items.scale_no, sent.no) % 3 + hash(items.no, sent.no, '{window.window_id}') % 3 as answer,
                items.is_reversed
            from sent cross join (values {listed}) as items(no, item_id, scale_no, is_reversed)
        )
        select * exclude (no, is_one_line, luck, answer, is_reversed),
            case when luck // 100 % 50 = 0 then 'skipped' else 'answered' end as answer_state,
            case when luck // 100 % 50 = 0 then ''
                when is_one_line then '4'
                when is_reversed then cast(6 - answer as varchar)
                else cast(answer as varchar) end as option_value
        from answered;
        """
    )
