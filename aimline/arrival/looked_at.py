"""Look at a whole delivery once its rows are made: what it is compared with, and every check that may hold it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

from aimline.arrival import batch_checks
from aimline.arrival.batch_checks import Hold, Judged, YearAsked
from aimline.arrival.bench import Bench
from aimline.arrival.cells import repairs
from aimline.arrival.codes import LOOKED_BACK, MOST_UNKNOWN, CodeList, gone
from aimline.arrival.headings import Expected, Matched, is_dropped, norm
from aimline.arrival.overlap import Asked, judge_overlap
from aimline.arrival.profiles import Told, changed, profile
from aimline.arrival.records import Loaded
from aimline.arrival.renames import Proposal
from aimline.arrival.rosters import people_on
from aimline.arrival.rows import Made
from aimline.arrival.unlisted import Unlisted, remedy_for, unlisted
from aimline.arrival.written import Slots, accepted_key, profile_key
from aimline.arrival.years import YEAR_HEADINGS
from aimline.warehouse import Connection
from schemas.fields import COUNT, ENTITIES, PSEUDONYMS

if TYPE_CHECKING:
    from datetime import date

    from schemas.sources import Source

_MOST_SLOTS = 400
_LEAST_CELLS = 20
_PERSONAL = r"[^@\s]+@[^@\s]+\.[A-Za-z]{2,}|\(?\d{3}\)?[ .-]\d{3}[ .-]\d{4}"
_PERSONAL_SHARE = 0.05
_LATER_SLOTS = 5


@dataclass(frozen=True)
class Read:
    """One member as it was read, with the accounts of the source's accepted deliveries before it."""

    loaded: Loaded
    match: Matched
    expected: Expected
    made: Made
    earlier: tuple[Mapping[str, Any], ...]

    @property
    def facts(self) -> Mapping[str, str]:
        """Return what the name of the delivery told."""
        return self.made.shaping.layout.facts

    def looked(self, connection: Connection, sizes: Mapping[str, int]) -> dict[str, Any]:
        """Return what later deliveries are compared with: counts and headings, no value of a row."""
        told: dict[str, Any] = {"layout": dict(self.loaded.layout)}
        if len(sizes) <= _MOST_SLOTS:
            told["sizes"] = dict(sizes)
        if cells := _cells(connection, self):
            told["cells"] = cells
        if newest := batch_checks.newest_day(connection, self.made.shaping.source.entity):
            told["newest_on"] = newest.isoformat()
        return told


def _cells(connection: Connection, read: Read) -> dict[str, int]:
    """Return the published cells of a wide table by what each says, and those that were refused alone."""
    source = read.made.shaping.source
    if source.entity != "reference_figures" or source.unpivot is None:
        return {}
    rows = connection.rows(
        "select value_state, count(*) as n from final where row_no not in (select row_no from bad) "
        "group by 1 order by 1"
    )
    bad = connection.rows("select code, count(*) as n from bad_cells group by 1 order by 1")
    told = {row["value_state"]: row["n"] for row in rows}
    return told | {f"quarantined.{row['code']}": row["n"] for row in bad}


def profile_of(connection: Connection, source: "Source", read: Read) -> dict[str, Any]:
    """Describe the declared columns of a delivery, and how often each code occurs."""
    places = dict.fromkeys(read.match.place[aliases[0]] for aliases in read.expected.needed)
    headings = {norm(read.loaded.headings[number]): number for number in places}
    about_people = {
        norm(heading)
        for column in source.columns
        for heading in column.from_
        if column.name in PSEUDONYMS or _sensitivity(source, column.name) != "none"
    }
    hidden = frozenset(heading for heading, number in headings.items() if _is_about(number, about_people, read))
    described = profile(connection, headings, source.format, Told(hidden, read.made.few, read.loaded.n_records))
    codes = {each.column: dict(each.counts) for each in read.made.lists}
    return {"columns": described, "codes": codes}


def _is_about(number: int, about_people: set[str], read: Read) -> bool:
    return norm(read.loaded.headings[number]) in about_people


def _sensitivity(source: "Source", name: str) -> str:
    return next((column.field.sensitivity for column in ENTITIES[source.entity] if column.name == name), "none")


def changes_of(before: Sequence[Mapping[str, Any]], told: Mapping[str, Any]) -> list[Hold]:
    """Return why the columns of a delivery hold it: emptied, swapped, of another type than last time."""
    last = before[0] if before else {}
    return [Hold(code, words) for code, words in changed(last.get("columns", {}), told["columns"])]


def codes_gone(source: "Source", before: Sequence[Mapping[str, Any]], told: Mapping[str, Any]) -> Iterator[Hold]:
    """Yield why codes that are no longer there hold a delivery; one that adds to others holds whatever happened."""
    if source.load.mode != "full":
        return
    for column, counts in told["codes"].items():
        of_column = [each.get("codes", {}).get(column, {}) for each in before]
        for code, share in sorted(gone(counts, of_column).items()):
            words = f'{column}: no row is "{code}", as {share:.0%} and more of every delivery before were'
            yield Hold("code_list_changed", words)


def profiles_before(bench: Bench, source: "Source", earlier: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return the descriptions of the source's last accepted deliveries, as many as are looked at, the newest first."""
    import json

    keys = (profile_key(source.entity, told["batch_id"]) for told in reversed(earlier))
    return [json.loads(bench.store.read(key)) for key in islice(filter(bench.store.exists, keys), LOOKED_BACK)]


def judge_people(bench: Bench, source: "Source") -> Judged:
    """Refuse rows of people on no roster, and judge how many there are; before records are counted."""
    found = Judged()
    rule = source.arrival.key_overlap if source.arrival else None
    if rule is not None:
        id_rule = source.id_rule.get("respondent", "strip_leading_zeros")

        def name_of(kind: str, raw: str) -> str:
            return bench.pseudonyms.of(kind, raw, id_rule)

        asked = Asked(rule, bench.current(rule.with_), name_of if source.entity == "responses" else None)
        judge_overlap(found, bench.connection, source.entity, asked)
    return found


def judge(bench: Bench, source: "Source", read: Read, slots: Slots) -> Judged:
    """Judge a delivery as a whole."""
    connection, found = bench.connection, Judged()
    _judge_layout(found, read)
    if source.load.mode == "full" and ("{on_date}" in source.load.slot or source.load.coverage):
        before = {slot for told in read.earlier for slot in told["slots"]}
        corrected = before.intersection(slots.covered)
        if corrected:
            found.note("late_correction", len(corrected))
    _judge_strangers(found, connection, source, read)
    alike = {each.column: {one.new for one in each.proposals} for each in read.made.lists}
    found.unlisted = unlisted(connection, source, read.loaded, alike)
    _judge_codes(found, connection, source, read)
    _judge_cells(found, connection, source)
    _judge_totals(found, connection, source, read)
    for is_repaired in repairs(read.made.shaping.layout):
        kept = f"row_no not in (select row_no from ignored) and {is_repaired}"
        if n := connection.rows(f"select count(*) as n from raw where {kept}")[0]["n"]:
            found.note("id_repaired", n)
    batch_checks.judge_year(found, connection, source, _year_asked(bench, source, read))
    sizes = slots.sizes
    if source.arrival and source.arrival.rows:
        rule, n_accepted = source.arrival.rows, sum(sizes.values())
        batch_checks.judge_least(found, rule, n_accepted)
        n_people = people_on(connection, *_roster(bench, source)) if rule.per_key is not None else 0
        looked = [told.get("looked", {}) for told in read.earlier]
        batch_checks.judge_sizes(found, rule, sizes, batch_checks.usual_sizes(rule, looked, n_people))
        batch_checks.judge_units(found, connection, source)
    batch_checks.judge_growth(found, source, sizes, [told.get("looked", {}) for told in read.earlier])
    batch_checks.judge_zeros(found, connection, source.entity)
    batch_checks.judge_respondents(found, connection, source.entity)
    batch_checks.judge_nights(found, connection, source.entity, read.made.shaping.layout.zone)
    return found


def _judge_totals(found: Judged, connection: Connection, source: "Source", read: Read) -> None:
    """Tell of totals that are not the sum of the rows they stand below."""
    place = read.match.place
    numbers = [column.from_[0] for column in source.columns if column.from_ and _is_count(source, column.name)]
    for rule in source.ignore_rows:
        asked = () if isinstance(rule.check_sum, bool) or rule.check_sum is None else rule.check_sum
        for heading in numbers if rule.check_sum is True else asked:
            if heading not in place:
                continue
            value = f"try_cast(replace(trim(c{place[heading]}), ',', '') as decimal(38, 9))"
            told = connection.rows(
                f"select sum({value}) filter (where rule = $1) as total, "
                f"sum({value}) filter (where rule is null) as rows from raw left join ignored using (row_no)",
                [rule.name],
            )[0]
            if told["total"] is not None and told["total"] != (told["rows"] or 0):
                found.note("totals_disagree")


def _is_count(source: "Source", name: str) -> bool:
    """Say whether a column holds counts, which add up; shares do not."""
    kind = next((column.field.type for column in ENTITIES[source.entity] if column.name == name), "")
    return kind == COUNT or name in {"numerator", "denominator"}


def _judge_layout(found: Judged, read: Read) -> None:
    """Tell where the heading or the sheet has moved since the last delivery."""
    before = read.earlier[-1].get("looked", {}).get("layout", {}) if read.earlier else {}
    now = read.loaded.layout
    if before and "row" in before and before["row"] != now.get("row"):
        found.note("header_moved")
    if before.get("sheet") and now.get("sheet") and before["sheet"] != now["sheet"]:
        found.note("sheet_renamed")
    if before.get("n_sheets") and now.get("n_sheets", 0) > before["n_sheets"]:
        found.note("sheet_added", now["n_sheets"] - before["n_sheets"])


def _judge_strangers(found: Judged, connection: Connection, source: "Source", read: Read) -> None:
    """Tell of columns about people that nobody declared: they end at the door."""
    if not source.contains_people:
        return
    declared = Expected((), source.drop)
    for number in read.match.strangers:
        plain = norm(read.loaded.headings[number])
        if is_dropped(plain, declared):
            continue
        if is_dropped(plain, read.expected) or _looks_personal(connection, number):
            found.note("personal_column_appeared")


def _looks_personal(connection: Connection, number: int) -> bool:
    told = connection.rows(
        f"select count(*) as n, count(*) filter (where regexp_matches(c{number}, '{_PERSONAL}')) as n_personal "
        f"from raw where trim(c{number}) <> ''"
    )[0]
    return bool(told["n_personal"] and told["n_personal"] >= _PERSONAL_SHARE * told["n"])


def _judge_codes(found: Judged, connection: Connection, source: "Source", read: Read) -> None:
    """Hold a delivery whose lists of codes have changed."""
    if not read.made.lists:
        return
    n = connection.rows("select count(*) as n from cells")[0]["n"]
    told = {each.column: each for each in found.unlisted}
    for each in read.made.lists:
        unknown = sum(each.unknown.values())
        if unknown <= MOST_UNKNOWN * max(1, n):
            continue
        seen = told.get(each.column)
        likely = _may_be_shown(each, seen, source)
        words = [f'"{one.new[:40]}" looks like "{one.gone[:40]}" ({one.score:.2f})' for one in likely[:5]]
        detail = (
            seen.words if seen else f"{each.column}: codes nobody declared: {len(each.unknown)}, in {unknown:,} rows"
        )
        proposals = tuple(
            {"code_of": each.column, "new": one.new, "gone": one.gone, "score": one.score, "confidence": one.confidence}
            for one in likely
        )
        remedy = remedy_for([seen], source) if seen else ""
        found.holds.append(Hold("code_list_changed", "; ".join([detail, *words]), proposals, remedy))


def _may_be_shown(codes: CodeList, seen: Unlisted | None, source: "Source") -> tuple[Proposal, ...]:
    """Return the proposals whose text may be shown; where rows are of people, one that few have may be a name."""
    named = {each.text for each in seen.named} if seen else set()
    return tuple(one for one in codes.proposals if not source.contains_people or one.new in named)


def _judge_cells(found: Judged, connection: Connection, source: "Source") -> None:
    """Tell of single cells that were refused, of wide columns that are empty, of shares written as percents."""
    if source.unpivot and source.entity == "reference_figures":
        for row in connection.rows("select code, count(*) as n from bad_cells group by 1 order by 1"):
            found.note(row["code"], row["n"])
        empty = connection.rows(
            "select measure_code from final group by all "
            f"having count(*) >= {_LEAST_CELLS} and count(value) = 0 and count(bound_low) = 0"
        )
        if empty:
            found.note("column_emptied", len(empty))
    for column in source.columns:
        if column.range and column.range[1] == 1 and column.from_:
            name = f'"{column.name}"'
            told = connection.rows(
                f"select count(*) as n, count(*) filter (where number > 1 and number <= 100) as n_percent "
                f"from (select try_cast({name} as double) as number from cells) where number is not null"
            )[0]
            if column.scale is None and told["n"] and 2 * told["n_percent"] > told["n"]:
                detail = f"{told['n_percent']:,} of {told['n']:,} cells of {column.name} are above 1"
                found.holds.insert(0, Hold("percent_as_100", detail))


def _year_asked(bench: Bench, source: "Source", read: Read) -> YearAsked:
    """Gather what shows the year of a delivery, and the year it is said to be of."""
    slot_year = _slot_year(source, read)
    spans: dict[int, tuple[date, date]] = {
        year: (file.school_year.first_day, file.school_year.last_day) for year, file in bench.deployment.years.items()
    }
    texts: dict[str, Sequence[str]] = {"title row": read.loaded.titles, "headings": read.loaded.headings}
    cells = _year_cells(bench.connection, read)
    if cells:
        texts["year cells"] = cells
    others = (told for told in reversed(read.earlier) if told["facts"] != dict(read.facts) and told.get("n_rows"))
    keys = (accepted_key(source.entity, told["batch_id"]) for told in islice(others, _LATER_SLOTS))
    earlier = [str(bench.store.path(key)) for key in keys]
    return YearAsked(slot_year, spans, texts, earlier, bench.current("enrollment"))


def _roster(bench: Bench, source: "Source") -> tuple[str, list[str]]:
    """Return the entity that lists the people of a source, and the files of its accepted rows."""
    rule = source.arrival.key_overlap if source.arrival else None
    entity = rule.with_ if rule else "enrollment"
    return entity, bench.current(entity)


def _slot_year(source: "Source", read: Read) -> int:
    """Return the school year a delivery is said to be of: declared, or of the day in its name or on which it came."""
    fixed = next((column.value for column in source.columns if column.name == "school_year" and column.value), None)
    if fixed and fixed.isdigit():
        return int(fixed)
    return int(read.facts["school_year"])


def _year_cells(connection: Connection, read: Read) -> list[str]:
    """Return the cells of the column that holds a school year, if there is one."""
    for number, heading in enumerate(read.loaded.headings):
        if YEAR_HEADINGS.fullmatch(norm(heading)):
            rows = connection.rows(
                f"select c{number} as told from raw where trim(c{number}) <> '' "
                "and row_no not in (select row_no from ignored)"
            )
            return [row["told"] for row in rows]
    return []
