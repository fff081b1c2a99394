"""Judge a delivery as a whole: its year, its number of rows, its people, its codes. Single rows are ``refusals``.

A check gives holds, which keep the whole delivery out until a person decides, and notes. Source: collection.md 7.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from statistics import median
from typing import TYPE_CHECKING, Any

from aimline.arrival.rosters import roster_sign
from aimline.arrival.years import Sign, day_sign, judged, label_signs
from aimline.warehouse import Connection, quote_ident, quote_literal
from schemas.fields import DATE, ENTITIES

if TYPE_CHECKING:
    from aimline.arrival.unlisted import Unlisted
    from schemas.sources import RowBands, Source

_LAST = 20
_LEAST_BATCHES = 3
_MOST_MISSING = 0.05
_SHRUNK = Fraction(99, 100)
_ZERO_SHARE = 0.05
_SAME_ROWS, _LEAST_ROWS = 0.90, 20
_MOST_REPEATS = 10
_NIGHT_SHARE = 0.01
_GOOD = "from final where row_no not in (select row_no from bad)"


@dataclass(frozen=True)
class Hold:
    """A reason to keep a whole delivery out, in words without values of people, and what a person may accept.

    ``remedy`` says what to do where more is known than the catalogue's words for every such fault.
    """

    code: str
    detail: str
    proposals: tuple[Mapping[str, Any], ...] = ()
    remedy: str = ""


@dataclass
class Judged:
    """What the checks of a delivery found: reasons to hold it, in order, and notes with how often each holds.

    ``unlisted`` has what no list of codes has, by column.
    """

    holds: list[Hold] = field(default_factory=list)
    notes: dict[str, int] = field(default_factory=dict)
    unlisted: "tuple[Unlisted, ...]" = ()

    def note(self, code: str, count: int = 1) -> None:
        """Add to the count of a note."""
        self.notes[code] = self.notes.get(code, 0) + count


def judge_sizes(found: Judged, rule: "RowBands", sizes: Mapping[str, int], usual: Sequence[Fraction | int]) -> None:
    """Compare the rows of each slot with the usual number: what is usual, or the number in the slots beside it."""
    if not usual:
        usual = list(sizes.values()) if len(sizes) >= _LEAST_BATCHES else []
    if not usual:
        return
    middle = Fraction(median(map(Fraction, usual)))
    ratios = [Fraction(n) / middle for n in sizes.values()] if middle else []
    outside = [ratio for ratio in ratios if not rule.warn[0] <= ratio <= rule.warn[1]]
    held = [ratio for ratio in ratios if not rule.hold[0] <= ratio <= rule.hold[1]]
    if outside:
        found.note("rows_out_of_band", len(outside))
    if held:
        worst = max(held, key=lambda ratio: abs(ratio - 1))
        detail = f"{float(worst):.0%} of the usual {float(middle):,.0f} rows"
        more = f", and so are {len(held) - 1} more slots" if len(held) > 1 else ""
        found.holds.append(Hold("rows_out_of_band", detail + more))


def usual_sizes(rule: "RowBands", earlier: Sequence[Mapping[str, Any]], n_people: int) -> Sequence[Fraction | int]:
    """Return how many rows a slot usually has: as declared for each person on the roster, else as it had lately.

    Args:
        rule: What is declared.
        earlier: What is known of the source's accepted deliveries.
        n_people: People on the roster; 0 where nobody knows.
    """
    if rule.per_key is not None and n_people:
        return (rule.per_key * n_people,)
    usual = [n for told in earlier[-_LAST:] for n in told.get("sizes", {}).values()][-_LAST:]
    return usual if len(usual) >= _LEAST_BATCHES else ()


def judge_least(found: Judged, rule: "RowBands", n_accepted: int) -> None:
    """Hold a delivery with fewer rows than there must be."""
    if 0 < n_accepted < rule.min:
        found.holds.append(Hold("rows_shrunk", f"{n_accepted:,} rows, at least {rule.min:,} are expected"))


def judge_growth(
    found: Judged, source: "Source", sizes: Mapping[str, int], earlier: Sequence[Mapping[str, Any]]
) -> None:
    """Hold a delivery of a feed that only grows when it brings fewer rows of a slot than the one before."""
    if source.entity != "responses" or source.load.mode != "full":
        return
    for slot, n in sizes.items():
        before = next((told["sizes"][slot] for told in reversed(earlier) if slot in told.get("sizes", {})), None)
        if before and Fraction(n, before) < _SHRUNK:
            found.holds.append(Hold("rows_shrunk", f"{n:,} rows of {slot}, {before:,} before"))
            return


def judge_units(found: Judged, connection: Connection, source: "Source") -> None:
    """Tell of schools on the list that have no rows; too many of them hold the delivery."""
    columns = {column.name for column in ENTITIES[source.entity]}
    if "school_id" not in columns or source.entity == "schools":
        return
    told = connection.rows(
        "select count(*) as n, count(*) filter (where school_id not in "
        f"(select school_id {_GOOD} and school_id is not null)) as n_missing from known_schools"
    )[0]
    if not told["n_missing"]:
        return
    found.note("unit_missing", told["n_missing"])
    if told["n_missing"] > _MOST_MISSING * told["n"]:
        found.holds.append(Hold("unit_missing", f"{told['n_missing']:,} of {told['n']:,} schools have no rows"))


def judge_zeros(found: Judged, connection: Connection, entity: str) -> None:
    """Hold published figures of which many are 0 of nobody: nobody can tell zero from empty."""
    if entity != "reference_figures":
        return
    told = connection.rows(
        "select count(*) as n, count(*) filter (where numerator = 0 and value = 0 and denominator is null) as n_zero "
        + _GOOD
    )[0]
    if told["n_zero"] > _ZERO_SHARE * told["n"]:
        detail = f"{told['n_zero']:,} of {told['n']:,} rows have 0 and a rate of 0, and no denominator"
        found.holds.append(Hold("zero_or_empty", detail))


def judge_respondents(found: Judged, connection: Connection, entity: str) -> None:
    """Tell of respondents with so many submissions in a window that a link or a device must have been shared."""
    if entity != "responses":
        return
    told = connection.rows(
        f"select count(*) as n from (select respondent_key {_GOOD} and respondent_key is not null "
        f"group by window_id, respondent_key having count(distinct response_id) >= {_MOST_REPEATS})"
    )[0]["n"]
    if told:
        found.note("respondent_repeats", told)


def judge_nights(found: Judged, connection: Connection, entity: str, zone: str) -> None:
    """Tell of a feed much of which was sent at night: its times may be of another zone."""
    if entity != "responses":
        return
    hour = f"hour(timezone({quote_literal(zone)}, timezone('UTC', coalesce(submitted_at, started_at))))"
    told = connection.rows(
        f"select count(*) as n, count(*) filter (where {hour} between 1 and 4) as n_night "
        f"from (select distinct response_id, submitted_at, started_at {_GOOD}) "
        "where coalesce(submitted_at, started_at) is not null"
    )[0]
    if told["n"] >= _LEAST_ROWS and told["n_night"] > _NIGHT_SHARE * told["n"]:
        found.note("timestamp_wrong_zone")


@dataclass(frozen=True)
class YearAsked:
    """What the year of a delivery is judged by.

    Attributes:
        slot_year: The year it is said to be of.
        spans: Year -> its first and last day.
        texts: Kind of text -> titles, headings, year cells.
        earlier_rows: Files of accepted rows of other slots.
        rosters: Files of accepted memberships.
    """

    slot_year: int
    spans: Mapping[int, tuple[date, date]]
    texts: Mapping[str, Iterable[str]]
    earlier_rows: Sequence[str] = ()
    rosters: Sequence[str] = ()


def judge_year(found: Judged, connection: Connection, source: "Source", asked: YearAsked) -> None:
    """Hold a delivery that shows itself to be of another year, or of none where it must show one."""
    rule = source.school_year
    if rule is None:
        return
    signs = label_signs(asked.slot_year, rule.label, asked.texts) if "labels" in rule.evidence else []
    if "dates" in rule.evidence and (sign := _days(connection, source.entity, asked)):
        signs.append(sign)
    if "roster" in rule.evidence and (sign := roster_sign(connection, source.entity, asked.slot_year, asked.rosters)):
        signs.append(sign)
    code, detail = judged(asked.slot_year, signs, must=rule.require)
    earlier = asked.earlier_rows if "rows" in rule.evidence else ()
    if (not code or code == "year_unknown") and (same := _same_rows(connection, source.entity, earlier)):
        code, detail = "same_as_earlier_year", f"{same:.0%} of its rows are those of an earlier delivery"
    if code:
        found.holds.append(Hold(code, detail))


_EVENT_DAYS = {
    "attendance_events": "on_date",
    "attendance_submissions": "on_date",
    "attendance_counts": "on_date",
    "calendar_days": "on_date",
    "activities": "on_date",
    "walkthroughs": "on_date",
    "pd_attendance": "on_date",
    "rubric_ratings": "rated_on",
    "responses": "coalesce(submitted_at, started_at)::date",
}


def newest_day(connection: Connection, entity: str) -> date | None:
    """Return the newest day that good rows are about; None where they are about no day."""
    day = _EVENT_DAYS.get(entity)
    return connection.rows(f"select max({day}) as newest {_GOOD}")[0]["newest"] if day else None


def _days(connection: Connection, entity: str, asked: YearAsked) -> Sign | None:
    """Return what the days of events say of the year."""
    day = _EVENT_DAYS.get(entity)
    if day is None:
        return None
    first, last = asked.spans.get(asked.slot_year, (date(asked.slot_year - 1, 7, 1), date(asked.slot_year, 6, 30)))
    rows = connection.rows(
        f"select year({day}) + (month({day}) >= 7)::int as school_year, count(*) as n, "
        f"count(*) filter (where {day} between date '{first}' and date '{last}') as n_inside "
        f"from final where ({day}) is not null group by 1 order by 1"
    )
    counts = {row["school_year"]: row["n"] for row in rows}
    return day_sign(asked.slot_year, (first, last), counts, sum(row["n_inside"] for row in rows))


def _same_rows(connection: Connection, entity: str, files: Sequence[str]) -> float:
    """Return the share of rows that an accepted delivery of another slot has, years and days aside; 0 when few."""
    if not files:
        return 0.0
    names = [column.name for column in ENTITIES[entity] if column.field.type != DATE and column.name != "school_year"]
    digest = f"hash({', '.join(map(quote_ident, names))})"
    connection.execute(f"create or replace temp table own_rows as select {digest} as digest {_GOOD}")
    n = connection.rows("select count(*) as n from own_rows")[0]["n"]
    if n < _LEAST_ROWS:
        return 0.0
    for path in files:
        theirs = f"select {digest} as digest from read_parquet({quote_literal(path)})"
        same = connection.rows(f"select count(*) as n from own_rows where digest in ({theirs})")[0]["n"]
        if same >= _SAME_ROWS * n:
            return float(same / n)
    return 0.0
