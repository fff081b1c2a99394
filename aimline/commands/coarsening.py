"""Build, and decide how coarsely a school year new to the warehouse is told, before anything of it is published.

The level of a year is an event of the journal, one for good. Years whose groups a release has told already stay as
they were told: fine and coarse figures of the same people would tell the difference.
"""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from aimline.journal import Event

if TYPE_CHECKING:
    from aimline.context import Context
    from aimline.disclosure.yearly import Choice, Counts, Size
    from aimline.transform import BuildReport
    from schemas.policy import Coarsen

CHOSEN = "coarsening_chosen"
AS_DECLARED = "as_declared"

_ROSTER = """
    select
        coalesce(spans.school_id, '') as unit_id,
        members.group_set_id,
        members.declared_group_id as group_id,
        count(distinct members.student_key) as n,
    from int_groups__memberships as members
    inner join int_enrollment__spans as spans using (student_key, school_year)
    where members.school_year = ?
    group by grouping sets
        ((spans.school_id, members.group_set_id, members.declared_group_id),
        (members.group_set_id, members.declared_group_id))
"""
_YEARS = "select distinct school_year from int_groups__memberships order by school_year"
_TOLD_YEARS = "select distinct school_year from rpt_measures where group_set_id <> 'all'"


def build_told(context: "Context", *, full: bool = False) -> "BuildReport":
    """Build the warehouse; where that brings a year whose level is not chosen yet, choose it and build with it.

    Args:
        context: The run.
        full: Make everything anew, whatever has changed.
    """
    from aimline.transform import BuildRequest, build
    from aimline.transform.builds import WAREHOUSE

    district_id = context.deployment.district.district_id
    request = BuildRequest(district_id, context.store, context.journal, context.clock, full=full)
    report = build(request)
    if report.key != WAREHOUSE or not choose_levels(context):
        return report
    again = build(replace(request, full=False))
    return replace(
        again,
        n_models=report.n_models + again.n_models,
        n_tests=report.n_tests + again.n_tests,
        n_touched_days=max(report.n_touched_days, again.n_touched_days),
        seconds=report.seconds + again.seconds,
    )


def choose_levels(context: "Context") -> bool:
    """Choose the level of every year of the warehouse that has a roster and no level; say whether groups change.

    Years that are chosen in one night are told alike, so that they can be compared.
    """
    known = {int(event.subject_id) for event in context.journal.events(CHOSEN)}
    coarsen = context.deployment.audiences.disclosure.coarsen
    if coarsen is None and not known:
        return False
    rosters = _rosters(context, known)
    if rosters is None:
        return False
    told_already = _told_years(context)
    events = []
    for year in rosters.years:
        payload: Mapping[str, Any]
        if year in told_already or coarsen is None:
            payload = {"name": AS_DECLARED, "told": []} | {"why": "told" if year in told_already else "not_declared"}
        else:
            payload = _payload(rosters, _choice(context, rosters, coarsen))
        key = f"{CHOSEN}|{year}"
        events.append(Event(CHOSEN, str(year), context.clock.as_of, key, payload, context.run_id))
    context.journal.append(events, at=context.clock.instant())
    return any(event.payload["told"] for event in events)


@dataclass(frozen=True)
class _Rosters:
    """The years to choose for, and the roster they are chosen from.

    Attributes:
        years: Those with a roster and without a level.
        counts: Students of the roster by unit, set and group.
        roster_year: Whose roster it is: of the year before the newest, where the warehouse has one.
    """

    years: tuple[int, ...]
    counts: "Counts"
    roster_year: int


def _rosters(context: "Context", known: set[int]) -> _Rosters | None:
    """Read the years that wait for a level, and the roster; None where none waits."""
    from aimline.transform.builds import WAREHOUSE
    from aimline.warehouse import connect

    with connect(context.store.path(WAREHOUSE), role="night") as connection:
        all_years = [row["school_year"] for row in connection.rows(_YEARS)]
        years = tuple(year for year in all_years if year not in known)
        if not years:
            return None
        last = years[-1] - 1
        roster_year = last if last in all_years else years[-1]
        rows = connection.rows(_ROSTER, [roster_year])
    return _Rosters(years, dict(_printed(context, rows)), roster_year)


def _printed(context: "Context", rows: "list[dict[str, Any]]") -> "Iterator[tuple[tuple[str, str, str], int]]":
    """Yield the counts of groups that stand on pages."""
    from aimline._told_groups import values_of

    sets = {each.group_set_id: each for each in context.deployment.indicators.groups}
    partitions = context.deployment.audiences.disclosure.partitions
    for row in rows:
        name, group = row["group_set_id"], row["group_id"]
        printed = partitions[name].printed if name in partitions else "all"
        values = values_of(sets[name], group) if name in sets else []
        if printed == "all" or {group, *values} & {*printed}:
            yield (row["unit_id"], name, group), row["n"]


def _choice(context: "Context", rosters: _Rosters, coarsen: "Coarsen") -> "Choice":
    from aimline.disclosure.yearly import choose

    declared = context.deployment
    least = declared.audiences.disclosure.smallest_group
    return choose(rosters.counts, declared.indicators.groups, coarsen, least)


def _payload(rosters: _Rosters, choice: "Choice") -> Mapping[str, Any]:
    """Return what the journal keeps of a choice: level, why, counts before and after, what is told as what."""
    return {
        "name": choice.rung.name,
        "level": choice.rung.level,
        "n_merged": choice.rung.n_merged,
        "why": "chosen",
        "roster_year": rosters.roster_year,
        "before": _sizes(choice.before),
        "after": _sizes(choice.after),
        "told": [asdict(each) for each in choice.told],
    }


def _sizes(size: "Size") -> dict[str, int]:
    return asdict(size)


def _told_years(context: "Context") -> set[int]:
    """Return the school years of which the release that readers see tells groups."""
    from aimline.ledger.releases import current
    from aimline.warehouse import open_release

    release = current(context.store)
    if release is None:
        return set()
    with open_release(release.snapshot) as connection:
        return {row["school_year"] for row in connection.rows(_TOLD_YEARS)}
