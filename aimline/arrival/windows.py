"""Judge a delivery by its collection windows: what was sent outside is no answer, what comes after the seal waits.

When a window opens, closes and is sealed is decided in ``aimline/schedule``; here stand only its days. A response's day
is its local date at its school, never its UTC date. Source: schedule.md 2, 6; collection.md 9.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Protocol

from aimline.arrival.batch_checks import Hold
from aimline.warehouse import Connection, quote_ident, quote_literal
from schemas.fields import ENTITIES

if TYPE_CHECKING:
    from aimline.arrival.delivery import Delivery

AFTER_SEAL = "arrived_after_seal"
OUTSIDE = "outside_window"

_DAYS = ("on_date", "rated_on")
"""Columns that say when something was seen, of entities whose rows name no window."""

_GOOD = "from final where row_no not in (select row_no from bad)"


class _Cell(Protocol):
    """A declared column as it is read: its name, and how its typed value is written."""

    @property
    def name(self) -> str:
        """The column."""

    @property
    def typed(self) -> str:
        """The SQL of its value."""


@dataclass(frozen=True)
class WindowDays:
    """The days of a window, and the sources that deliver for it."""

    window_id: str
    school_year: int
    opens_on: date
    closes_on: date
    sources: frozenset[str] = frozenset()

    @property
    def slot(self) -> str:
        """Return what names the window among all years, as slots of deliveries do."""
        return f"{self.window_id}.{self.school_year}"


@dataclass(frozen=True)
class Zones:
    """The zone of the district, and of the schools that have another."""

    district: str
    schools: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Judging:
    """The windows one source delivers for, and the zones in which their days begin and end."""

    windows: tuple[WindowDays, ...]
    zones: Zones

    def days(self) -> tuple[str, ...]:
        """Return what decides which responses are outside: days of windows, zones of schools."""
        own = (f"{each.slot} {each.opens_on} {each.closes_on}" for each in self.windows)
        return (*own, *(f"{name} {zone}" for name, zone in sorted(self.zones.schools.items()))) if self.windows else ()

    def year_told(self, facts: Mapping[str, str], came_on: date) -> dict[str, str]:
        """Return the year of the window that a delivery names: of one that comes in summer, the year that has ended.

        Args:
            facts: What the name of the delivery told, with the school year of its date.
            came_on: When it came, where its name has no date.
        """
        if "window" not in facts:
            return {}
        day = _day(facts.get("date", "")) or came_on
        named = [each for each in self.windows if each.window_id == facts["window"]]
        begun = [each.school_year for each in named if each.opens_on <= day]
        year = max((year for year in begun if year <= int(facts["school_year"])), default=None)
        return {"school_year": str(year)} if year else {}

    def outside(self, cells: Sequence[_Cell], school_year: int) -> str | None:
        """Write the numbers of the records that were sent outside their window; None where nothing tells.

        A record that does not tell its school is outside only where it is so in every zone of the district.

        Args:
            cells: The declared columns.
            school_year: The year the delivery is of.
        """
        typed = {cell.name: cell.typed for cell in cells}
        own = [each for each in self.windows if each.school_year == school_year]
        if not own or not {"submitted_at", "window_id"} <= typed.keys():
            return None
        days = ", ".join(
            f"({quote_literal(each.window_id)}, date '{each.opens_on}', date '{each.closes_on}')" for each in own
        )
        sent = ", ".join(f"{typed.get(name, 'null')} as {name}" for name in ("window_id", "submitted_at", "school_id"))
        return (
            f"select row_no from (select row_no, {sent} from cells) as sent "
            f"inner join (values {days}) as own(window_id, opens_on, closes_on) using (window_id) "
            f"where submitted_at is not null and {self._is_outside()}"
        )

    def _is_outside(self) -> str:
        other = {school: zone for school, zone in self.zones.schools.items() if zone != self.zones.district}
        if not other:
            return _outside_in(self.zones.district)
        cases = " ".join(f"when {quote_literal(name)} then {_outside_in(zone)}" for name, zone in sorted(other.items()))
        everywhere = " and ".join(_outside_in(zone) for zone in sorted({self.zones.district, *other.values()}))
        known = f"case school_id {cases} else {_outside_in(self.zones.district)} end"
        return f"(case when school_id is null then {everywhere} else {known} end)"


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _outside_in(zone: str) -> str:
    sent_on = f"cast(timezone({quote_literal(zone)}, timezone('UTC', submitted_at)) as date)"
    return f"({sent_on} not between opens_on and closes_on)"


def windows_told(
    connection: Connection, entity: str, facts: Mapping[str, str], windows: Iterable[WindowDays]
) -> tuple[WindowDays, ...]:
    """Return the windows that good rows are of: named by the delivery or its rows, else those in whose days they lie.

    Args:
        connection: The database that holds the rows.
        entity: What they are.
        facts: What the name of the delivery told.
        windows: The windows its source delivers for.
    """
    columns = {column.name for column in ENTITIES[entity]}
    own = list(windows)
    year = int(facts.get("school_year", "0"))
    if "window" in facts:
        return tuple(each for each in own if (each.window_id, each.school_year) == (facts["window"], year))
    if "window_id" in columns:
        named = {row["window_id"] for row in connection.rows(f"select distinct window_id {_GOOD}")}
        return tuple(each for each in own if each.window_id in named and each.school_year == year)
    day = next((name for name in _DAYS if name in columns), None)
    if day is None or not own:
        return ()
    return tuple(each for each in own if connection.rows(f"select 1 {_GOOD} and {_within(day, each)} limit 1"))


def _within(day: str, window: WindowDays) -> str:
    return f"{day} between date '{window.opens_on}' and date '{window.closes_on}'"


def judge_seal(
    connection: Connection, delivery: "Delivery", told: Sequence[WindowDays], accepted: Sequence[str]
) -> list[Hold]:
    """Hold a delivery that came after the seal of one of its windows: only a person lets it in.

    Where rows name no window, those that are in already do not count: a log that grows holds the days before as well.

    Args:
        connection: The database that holds its rows.
        delivery: The delivery.
        told: The windows its rows are of.
        accepted: Files of the accepted rows of its entity.
    """
    sealed = [each for each in told if each.slot in delivery.sealed]
    is_dated = not {"window_id", "occasion_id"} & {column.name for column in ENTITIES[delivery.source.entity]}
    if is_dated:
        sealed = [each for each in sealed if _has_news(connection, delivery.source.entity, each, accepted)]
    if not sealed:
        return []
    words = ", ".join(f"{each.window_id} was sealed on {delivery.sealed[each.slot]}" for each in sealed)
    return [Hold(AFTER_SEAL, words, tuple({"restates": each.slot} for each in sealed))]


def _has_news(connection: Connection, entity: str, window: WindowDays, accepted: Sequence[str]) -> bool:
    """Say whether rows dated inside a window are not among the accepted ones."""
    names = [column.name for column in ENTITIES[entity]]
    day = next(name for name in _DAYS if name in names)
    listed, inside = ", ".join(map(quote_ident, names)), _within(day, window)
    known = ""
    if accepted:
        paths = ", ".join(map(quote_literal, accepted))
        known = f" except select {listed} from read_parquet([{paths}], hive_partitioning = false) where {inside}"
    return bool(connection.rows(f"select {listed} {_GOOD} and {inside}{known} limit 1"))
