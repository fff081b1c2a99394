"""Gather all declared files for judgement, with the questions every judgement asks: is this role, id, owner known?"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from aimline._declared_files import Loaded, unknown
from aimline._review_units import schools_of, units_of
from aimline._yaml import TreePath
from aimline.errors import Finding
from schemas._base import Owner
from schemas.audiences import AudiencesFile
from schemas.cycles import CycleFile
from schemas.decisions import DecisionsFile
from schemas.district import STANDARD_ROLES, District
from schemas.indicators import IndicatorsFile
from schemas.instruments import InstrumentFile
from schemas.plan import PlanFile
from schemas.sources import SourcesFile
from schemas.years import YearFile

Findings = Iterator[Finding]


@dataclass(frozen=True)
class Facts:
    """All declared files of a deployment, as far as they can be read.

    Ids are read from the trees, so an entry that is broken in itself is still known to the files that name it.
    """

    district: Loaded[District]
    sources: Loaded[SourcesFile]
    indicators: Loaded[IndicatorsFile]
    audiences: Loaded[AudiencesFile]
    years: tuple[Loaded[YearFile], ...]
    plans: tuple[Loaded[PlanFile], ...]
    instruments: tuple[Loaded[InstrumentFile], ...]
    cycles: tuple[Loaded[CycleFile], ...]
    decisions: tuple[Loaded[DecisionsFile], ...]

    def unread(self) -> set[str]:
        """Return the kinds of files, such as ``district`` or ``years``, of which one cannot be read at all."""
        single = ("district", "sources", "indicators", "audiences")
        many = ("years", "plans", "instruments", "cycles", "decisions")
        held = {kind: (getattr(self, kind),) for kind in single} | {kind: getattr(self, kind) for kind in many}
        return {kind for kind, files in held.items() if any(each.tree.data is None for each in files)}

    def roles(self) -> set[str]:
        """Return the declared roles, and those that every district has."""
        return self.district.ids("roles", "role") | set(STANDARD_ROLES)

    def source_ids(self) -> set[str]:
        """Return the ids of all sources."""
        return self.sources.ids("sources", "source_id")

    def indicator_ids(self) -> set[str]:
        """Return the ids of all indicators."""
        return self.indicators.ids("indicators", "indicator_id")

    def window_ids(self) -> set[str]:
        """Return the ids of the windows of all years."""
        return {each for year in self.years for each in year.ids("windows", "id")}

    def group_ids(self) -> set[str]:
        """Return the groups of all group sets."""
        shape = self.indicators.shape
        return {group for groups in shape.groups for group in groups.labels} if shape else set()

    def review_ids(self, school_year: int) -> set[str]:
        """Return the short ids of the reviews of a year; those that each school holds by school."""
        loaded, district = self.year_of(school_year), self.district.shape
        if loaded is None or loaded.shape is None:
            return loaded.ids("reviews", "id") if loaded else set()
        schools = schools_of(district) if district else ()
        return {unit.id for review in loaded.shape.reviews for unit in units_of(review, schools)}

    def plan_ids(self, *keys: str) -> set[str]:
        """Return ids of all plans, such as ``("goals", "goal_id")``."""
        return {each for plan in self.plans for each in plan.ids(*keys)}

    def strategy_ids(self) -> set[str]:
        """Return the ids of all strategies."""
        return self.plan_ids("goals", "strategies", "strategy_id")

    def activity_ids(self) -> set[str]:
        """Return the ids of all activities."""
        return self.plan_ids("goals", "strategies", "activities", "activity_id")

    def instrument_keys(self) -> set[str]:
        """Return ``instrument_id@edition`` of all instruments."""
        return {f"{_first(each, 'instrument_id')}@{_first(each, 'edition')}" for each in self.instruments}

    def year_of(self, school_year: int) -> Loaded[YearFile] | None:
        """Return the file of a school year."""
        return next((each for each in self.years if each.shape and each.shape.school_year.id == school_year), None)

    def plan_of(self, school_year: int) -> Loaded[PlanFile] | None:
        """Return the plan of a school year."""
        return next((each for each in self.plans if each.shape and each.shape.school_year == school_year), None)


def _first(loaded: Loaded[Any], key: str) -> str:
    return next(iter(loaded.ids(key)), "")


def role_findings(facts: Facts, loaded: Loaded[Any], path: TreePath, role: str) -> Findings:
    """Yield a finding when a role is not declared; ``principal:0104`` is known by ``principal:*``."""
    roles = facts.roles()
    if role not in roles and f"{role.partition(':')[0]}:*" not in roles:
        yield loaded.finding(path, *unknown("role", role, roles), code="unknown_role")


def owner_findings(facts: Facts, loaded: Loaded[Any], path: TreePath, owner: Owner) -> Findings:
    """Yield what is wrong with who owns a thing."""
    if owner.role is not None:
        yield from role_findings(facts, loaded, (*path, "role"), owner.role)
        return
    people = facts.plan_ids("people", "person")
    for key, person in (("person", owner.person), ("deputy", owner.deputy)):
        if person is not None and person not in people:
            yield loaded.finding((*path, key), *unknown("person", person, people), code="unknown_person")


def known_findings(  # noqa: PLR0913 - what is named, where it is named, and what it may name
    loaded: Loaded[Any], path: TreePath, names: Iterable[str], *, what: str, known: Iterable[str]
) -> Findings:
    """Yield a finding for each name of a list that names nothing."""
    options = set(known)
    for number, name in enumerate(names):
        if name not in options:
            yield loaded.finding(
                (*path, number), *unknown(what, name, options), code=f"unknown_{what.replace(' ', '_')}"
            )


def doubled_findings(loaded: Loaded[Any], path: TreePath, key: str, ids: Iterable[str]) -> Findings:
    """Yield a finding for each id of a list that an earlier entry has."""
    seen: dict[str, int] = {}
    for number, each in enumerate(ids):
        if each in seen:
            first = loaded.finding((*path, seen[each], key), "")
            message = f"'{each}' is there already, in line {first.line}."
            yield loaded.finding((*path, number, key), message, "Ids name one thing: give it another.", code="doubled")
        seen.setdefault(each, number)


def named_like(loaded: Loaded[Any], path: TreePath, expected: str) -> Findings:
    """Yield a finding when a file does not have the name that its content gives it."""
    if not loaded.tree.file.endswith(f"/{expected}"):
        yield loaded.finding(path, f"this belongs in {expected}.", "Rename the file, or correct the id.", code="name")
