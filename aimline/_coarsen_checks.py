"""Judge ``coarsen`` of ``audiences.yml``: what is told together with others must be named alone nowhere."""

from collections.abc import Iterator
from typing import Any

from aimline._declared_files import Loaded, unknown
from aimline._facts import Facts, Findings
from aimline._told_groups import OTHERS, Told, band_of, is_span, told_on, values_of
from aimline._yaml import TreePath
from schemas.audiences import AudiencesFile
from schemas.indicators import GroupSet, IndicatorsFile
from schemas.policy import Coarsen

_Named = tuple[str, str, str]
"""A group that is named alone, the file and line that do, and what names it."""

_ROOT: TreePath = ("disclosure", "coarsen")


def coarsen_findings(facts: Facts, loaded: Loaded[AudiencesFile]) -> Findings:
    """Yield groups that cannot be told together, names that clash, and what changes nothing."""
    shape, indicators = loaded.shape, facts.indicators.shape
    if shape is None or indicators is None or shape.disclosure.coarsen is None:
        return
    coarsen = shape.disclosure.coarsen
    yield from _unknown_groups(loaded, indicators, coarsen)
    alone = list(_named_alone(facts, loaded, indicators))
    together = list(_told_together(indicators, coarsen))
    for path, groups, told in together:
        group = told.group_id
        for name, where, what in alone:
            if name in {group, f"{groups.group_set_id}={group}"}:
                message = f"group '{group}' is to be told together with others, and {what} ({where}) names it alone."
                remedy = f"Leave it out of {path[2]}, or name it nowhere by itself."
                yield loaded.finding(path, message, remedy, code="coarsened_group")
        if told.told_id in groups.labels:
            message = f"group set '{groups.group_set_id}' has a group '{told.told_id}' of its own."
            yield loaded.finding(path, message, "Give it another id: larger groups take this one.", code="name_taken")
    yield from _band_findings(facts, loaded, coarsen, is_banded=any(told.told_id != OTHERS for _, _, told in together))


def _band_findings(facts: Facts, loaded: Loaded[AudiencesFile], coarsen: Coarsen, *, is_banded: bool) -> Findings:
    """Yield bands whose names no page may say, and what changes nothing."""
    for band in coarsen.grade_bands:
        if not is_span(band) and any(sign.isdigit() for sign in band):
            message = f"band '{band}' has a number that is not its first or last grade."
            remedy = "Write it as K-2, or without a number: pages may say no number that is no figure."
            yield loaded.finding((*_ROOT, "grade_bands", band), message, remedy, code="band_name")
    sources = facts.sources.shape.sources if facts.sources.shape else ()
    if not any(source.entity == "enrollment" for source in sources):
        message = (
            "coarsen changes nothing: the level of a year is chosen from rosters, and no source brings enrollment."
        )
        remedy = "Declare a source of enrollment, or leave coarsen out."
        yield loaded.finding(_ROOT, message, remedy, severity="warning", code="no_effect")
    if coarsen.grade_bands and not is_banded:
        message = "grade_bands change nothing in a district's nights: no group set tells grades that a band holds."
        remedy = "Declare a group set of attribute grade, or leave them out."
        yield loaded.finding((*_ROOT, "grade_bands"), message, remedy, severity="warning", code="no_effect")


def _unknown_groups(loaded: Loaded[AudiencesFile], indicators: IndicatorsFile, coarsen: Coarsen) -> Findings:
    """Yield groups to merge that no set has, or several have: these are not one group."""
    holding = {each.group_set_id: {*each.labels, *each.values} for each in indicators.groups}
    known = sorted({name for held in holding.values() for name in held})
    for number, group in enumerate(coarsen.merge_groups):
        path = (*_ROOT, "merge_groups", number)
        sets = sorted(name for name, held in holding.items() if group in held)
        if not sets:
            yield loaded.finding(path, *unknown("group", group, known), severity="warning", code="unknown_group")
        elif len(sets) > 1:
            message = f"group '{group}' is in the group sets {', '.join(sets)}."
            yield loaded.finding(path, message, "Give each group an id of its own.", code="ambiguous_group")


def _told_together(indicators: IndicatorsFile, coarsen: Coarsen) -> Iterator[tuple[TreePath, GroupSet, Told]]:
    """Yield every group that some level tells together with others, with its set, and the line that says so."""
    sets = {each.group_set_id: each for each in indicators.groups}
    for told in told_on(indicators.groups, coarsen, is_banded=True, n_merged=len(coarsen.merge_groups)):
        groups = sets[told.group_set_id]
        if told.told_id == OTHERS:
            names = {told.group_id, *values_of(groups, told.group_id)}
            number = next(number for number, name in enumerate(coarsen.merge_groups) if name in names)
            yield (*_ROOT, "merge_groups", number), groups, told
        else:
            yield (*_ROOT, "grade_bands", band_of(groups, told.group_id, coarsen) or ""), groups, told


def _named_alone(facts: Facts, audiences: Loaded[AudiencesFile], indicators: IndicatorsFile) -> Iterator[_Named]:
    """Yield every group that a fact names by itself; the newest plan's alone, as older years are told as they were."""
    for number, groups in enumerate(indicators.groups):
        place: TreePath = ("groups", number)
        own = f"{groups.group_set_id}="
        if groups.reference in groups.labels:
            what = f"the reference of '{groups.group_set_id}'"
            yield f"{own}{groups.reference}", _line(facts.indicators, (*place, "reference")), what
        for position, state in enumerate(groups.state):
            where = _line(facts.indicators, (*place, "state", position))
            yield f"{own}{state.group}", where, f"state of '{groups.group_set_id}'"
    for number, indicator in enumerate(indicators.indicators):
        place = ("indicators", number)
        for position, target in enumerate(indicator.targets):
            where = _line(facts.indicators, (*place, "targets", position))
            yield target.group, where, f"a target of '{indicator.indicator_id}'"
        for group in indicator.signal.groups if indicator.signal else ():
            where = _line(facts.indicators, (*place, "signal", "groups"))
            yield group, where, f"signal: groups of '{indicator.indicator_id}'"
    yield from _named_in_partitions(audiences, indicators)
    yield from _named_in_plans(facts)


def _named_in_partitions(audiences: Loaded[AudiencesFile], indicators: IndicatorsFile) -> Iterator[_Named]:
    values = {each.group_set_id: each.values for each in indicators.groups}
    for name, partition in audiences.shape.disclosure.partitions.items() if audiences.shape else ():
        where = _line(audiences, ("disclosure", "partitions", name))
        for group in () if partition.printed == "all" else partition.printed:
            yield f"{name}={values.get(name, {}).get(group, group)}", where, f"partition '{name}'"


def _named_in_plans(facts: Facts) -> Iterator[_Named]:
    newest = max((plan.shape.school_year for plan in facts.plans if plan.shape), default=0)
    for plan in facts.plans:
        is_newest = plan.shape is not None and plan.shape.school_year == newest
        for number, goal in enumerate(plan.shape.goals) if is_newest and plan.shape else ():
            for key, groups in (("group_focus", goal.group_focus), ("population", goal.population.groups)):
                for group in groups:
                    yield group, _line(plan, ("goals", number, key)), f"goal '{goal.goal_id}'"
    for cycle in facts.cycles:
        if cycle.shape:
            yield cycle.shape.measure.group, _line(cycle, ("measure",)), f"cycle '{cycle.shape.cycle_id}'"


def _line(loaded: Loaded[Any], path: TreePath) -> str:
    """Say where a fact stands: file and line."""
    found = loaded.finding(path, "")
    return f"{found.file}:{found.line}"
