"""Judge whether a goal can be told apart from a wish: the part of SMARTIE a machine can check.

Specific, measurable, attainable, relevant, time-bound, inclusive, equitable. Whether an ambition is worthy is for
people. Source: indicators.md 1.3, reviews.md 2.
"""

from aimline._declared_files import Loaded, unknown
from aimline._facts import Facts, Findings, known_findings
from aimline._plan_checks import plan_span
from aimline._yaml import TreePath
from schemas.indicators import Indicator
from schemas.plan import Benchmark, Goal, PlanFile, Strategy

SHORTEST_TEXT = 20
ENOUGH_SOURCES = 2


def goal_findings(facts: Facts) -> Findings:
    """Yield everything that keeps a goal from being judged."""
    for loaded in facts.plans:
        if loaded.shape is None:
            continue
        for number, goal in enumerate(loaded.shape.goals):
            place: TreePath = ("goals", number)
            yield from _measurable(facts, loaded, place, goal)
            yield from _two_sources(facts, loaded, place, goal)
            yield from _relevant(facts, loaded, place, goal)
            yield from _time_bound(facts, loaded, place, goal)
            yield from _inclusive(facts, loaded, place, goal)
            for position, strategy in enumerate(goal.strategies):
                yield from _carried_out(facts, loaded, (*place, "strategies", position), strategy)


def _indicator(facts: Facts, indicator_id: str) -> Indicator | None:
    return facts.indicators.shape.indicator(indicator_id) if facts.indicators.shape else None


def _measurable(facts: Facts, loaded: Loaded[PlanFile], place: TreePath, goal: Goal) -> Findings:
    """Indicators exist, outcome and implementation both, and every outcome has a start and an end."""
    known = facts.indicator_ids()
    for number, link in enumerate(goal.indicators):
        path: TreePath = (*place, "indicators", number)
        if link.indicator_id not in known:
            message, remedy = unknown("indicator", link.indicator_id, known)
            yield loaded.finding((*path, "indicator_id"), message, remedy, code="unknown_indicator")
        elif link.role == "outcome":
            yield from _ends(facts, loaded, path, link.indicator_id)
    outcomes = [link.indicator_id for link in goal.indicators if link.role == "outcome"]
    if goal.primary and goal.primary not in outcomes and goal.primary in known:
        message, remedy = unknown("outcome of the goal", goal.primary, outcomes)
        yield loaded.finding((*place, "primary"), message, remedy, code="smartie")
    if loaded.is_whole((*place, "indicators")):
        yield from _both_roles(loaded, place, goal)


def _both_roles(loaded: Loaded[PlanFile], place: TreePath, goal: Goal) -> Findings:
    roles = {link.role for link in goal.indicators}
    if "outcome" not in roles:
        message = "no outcome indicator; without one nobody can tell whether the goal is reached."
        yield loaded.finding((*place, "indicators"), message, "Add one.", code="smartie")
    if "implementation" not in roles:
        message = "no implementation indicator; without one nobody can tell 'not done' from 'done, no effect'."
        yield loaded.finding((*place, "indicators"), message, "Add one.", code="smartie")


def _ends(facts: Facts, loaded: Loaded[PlanFile], path: TreePath, indicator_id: str) -> Findings:
    indicator = _indicator(facts, indicator_id)
    if indicator and indicator.baseline is None:
        message = f"'{indicator_id}' has no baseline in indicators.yml."
        yield loaded.finding(path, message, "Add its value and year.", code="smartie")
    if indicator and not indicator.targets:
        message = f"'{indicator_id}' has no target in indicators.yml."
        yield loaded.finding(path, message, "Say where it should be, and when.", code="smartie")


def _two_sources(facts: Facts, loaded: Loaded[PlanFile], place: TreePath, goal: Goal) -> Findings:
    """A goal that rests on one source falls with it."""
    found = [_indicator(facts, link.indicator_id) for link in goal.indicators]
    sources = {source for indicator in found if indicator for source in indicator.sources}
    if len(sources) >= ENOUGH_SOURCES or not all(found) or not loaded.is_whole((*place, "indicators")):
        return
    waived = next((each for each in goal.waivers if each.rule == "two_sources"), None)
    if waived is None:
        message = f"it rests on {len(sources)} source; {ENOUGH_SOURCES} are needed."
        remedy = "Add an indicator from another source, or a waiver with rule: two_sources."
        yield loaded.finding((*place, "indicators"), message, remedy, code="smartie")
        return
    message = f"it rests on {len(sources)} source, which {waived.approved_by} approved until {waived.until}."
    remedy = "Find a second source by then."
    yield loaded.finding((*place, "waivers"), message, remedy, severity="warning", code="waiver")


def _relevant(facts: Facts, loaded: Loaded[PlanFile], place: TreePath, goal: Goal) -> Findings:
    """Somebody looks at the goal on a day."""
    year = facts.year_of(loaded.shape.school_year) if loaded.shape else None
    if not goal.reviews:
        message = "no review looks at it."
        yield loaded.finding((*place, "reviews"), message, "Name one of years/<year>.yml.", code="smartie")
    elif year is not None:
        known = year.ids("reviews", "id")
        yield from known_findings(loaded, (*place, "reviews"), goal.reviews, what="review", known=known)


def _time_bound(facts: Facts, loaded: Loaded[PlanFile], place: TreePath, goal: Goal) -> Findings:
    """Something should be reached on the way, in the year, between start and end."""
    if not goal.benchmarks and loaded.is_whole((*place, "benchmarks")):
        message = "no benchmark; nobody can tell before the end whether it is on its way."
        yield loaded.finding((*place, "benchmarks"), message, "Add a date and a value.", code="smartie")
    year = facts.year_of(loaded.shape.school_year) if loaded.shape else None
    span = plan_span(year.shape) if year and year.shape else None
    named = {link.indicator_id for link in goal.indicators}
    for number, benchmark in enumerate(goal.benchmarks):
        path: TreePath = (*place, "benchmarks", number)
        if benchmark.indicator_id not in named:
            message, remedy = unknown("indicator of the goal", benchmark.indicator_id, named)
            yield loaded.finding((*path, "indicator_id"), message, remedy, code="unknown_indicator")
        if span and not span[0] <= benchmark.on <= span[1]:
            message = f"{benchmark.on} is outside the year, {span[0]} to {span[1]}."
            yield loaded.finding((*path, "on"), message, "Correct the date.", code="outside_year")
        yield from _on_the_way(facts, loaded, path, benchmark)


def _on_the_way(facts: Facts, loaded: Loaded[PlanFile], path: TreePath, benchmark: Benchmark) -> Findings:
    """A benchmark lies between the baseline and the district's target."""
    indicator = _indicator(facts, benchmark.indicator_id)
    ends = [each.to for each in indicator.targets if each.to and each.unit_type == "district"] if indicator else []
    if indicator is None or indicator.baseline is None or not ends or indicator.direction == "maintain":
        return
    low, high = sorted((indicator.baseline.value, ends[0].value))
    if not low <= benchmark.value <= high:
        message = (
            f"{float(benchmark.value):g} is not between the baseline {float(indicator.baseline.value):g} "
            f"and the target {float(ends[0].value):g}."
        )
        yield loaded.finding((*path, "value"), message, "Correct the value, or the target.", code="smartie")


def _inclusive(facts: Facts, loaded: Loaded[PlanFile], place: TreePath, goal: Goal) -> Findings:
    """Groups are named or a reason is given, and the words are more than a word."""
    for key in ("ambition", "inclusion"):
        length = len(getattr(goal, key)["en"])
        if length < SHORTEST_TEXT:
            message = f"{length} characters; at least {SHORTEST_TEXT} are needed to say something."
            yield loaded.finding((*place, key), message, "Write a sentence.", code="smartie")
    if not goal.group_focus and not goal.no_group_focus_because:
        message = "no group_focus."
        remedy = "Name a group, or say why not under no_group_focus_because."
        yield loaded.finding(place, message, remedy, code="smartie")
    known = facts.group_ids() | {"all"}
    if facts.indicators.shape:
        path: TreePath = (*place, "population", "groups")
        yield from known_findings(loaded, path, goal.population.groups, what="group", known=known)
        yield from known_findings(loaded, (*place, "group_focus"), goal.group_focus, what="group", known=known)
        yield from _group_figures(facts, loaded, place, goal)


def _group_figures(facts: Facts, loaded: Loaded[PlanFile], place: TreePath, goal: Goal) -> Findings:
    """What a goal says of a group, an indicator of the goal shows for that group."""
    if any(each.rule == "group_data" for each in goal.waivers):
        return
    shape = facts.indicators.shape
    sets = {each.group_set_id: set(each.labels) for each in shape.groups} if shape else {}
    found = [_indicator(facts, link.indicator_id) for link in goal.indicators if link.role == "outcome"]
    shown = {group for each in found if each for name in each.group_sets for group in sets.get(name, ())}
    for number, group in enumerate(goal.group_focus):
        if group in facts.group_ids() - shown:
            message = f"no outcome of the goal is shown for '{group}'."
            remedy = "Add its group set to the indicator, or a waiver with rule: group_data."
            yield loaded.finding((*place, "group_focus", number), message, remedy, code="smartie")


def _carried_out(facts: Facts, loaded: Loaded[PlanFile], place: TreePath, strategy: Strategy) -> Findings:
    """It can be told whether a strategy was carried out, by more than dates met."""
    known = facts.indicator_ids()
    for number, link in enumerate(strategy.implementation):
        path: TreePath = (*place, "implementation", number)
        if link.indicator_id not in known:
            message, remedy = unknown("indicator", link.indicator_id, known)
            yield loaded.finding((*path, "indicator_id"), message, remedy, code="unknown_indicator")
        if link.partly_from > link.target:
            message = f"partly_from {float(link.partly_from):g} is above target {float(link.target):g}."
            yield loaded.finding((*path, "partly_from"), message, "Lower it.", code="value")
    required = {link.dimension for link in strategy.implementation if link.required}
    if not loaded.is_whole((*place, "implementation")):
        return
    if not required:
        message = "nothing required tells whether it is carried out."
        yield loaded.finding((*place, "implementation"), message, "Add an indicator and its dimension.", code="smartie")
    elif required == {"milestones"}:
        message = "only milestones tell whether it is carried out: dates met say nothing of what was done."
        remedy = "Add dosage, adherence, quality, responsiveness or reach."
        yield loaded.finding((*place, "implementation"), message, remedy, severity="warning", code="smartie")
