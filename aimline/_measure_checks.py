"""Judge indicators, definitions, groups and instruments against the other declared files."""

from fractions import Fraction

from aimline._declared_files import Loaded, unknown
from aimline._edition_checks import edition_findings
from aimline._facts import Facts, Findings, doubled_findings, known_findings, named_like, owner_findings
from aimline._indicator_checks import measure_findings
from aimline._yaml import TreePath
from schemas.indicators import OF_STUDENTS, Baseline, Indicator, IndicatorsFile, Point, Target
from schemas.instruments import InstrumentFile, Item, Scale
from schemas.profiles import SHIPPED, Profile, starts_on

_NO_EFFECT = {"severity": "warning", "code": "no_effect"}
_FEWEST_POINTS = 10
HIGHEST_TARGET = Fraction(95, 100)


def indicator_findings(facts: Facts) -> Findings:
    """Yield everything wrong with ``indicators.yml`` beyond its shape."""
    loaded = facts.indicators
    if loaded.shape is None:
        return
    shape = loaded.shape
    yield from doubled_findings(
        loaded, ("indicators",), "indicator_id", [each.indicator_id for each in shape.indicators]
    )
    yield from doubled_findings(loaded, ("groups",), "group_set_id", [each.group_set_id for each in shape.groups])
    if "min_reliability_for_ranking" in shape.quality.model_fields_set:
        message = "min_reliability_for_ranking is read and has no effect yet: nothing ranks schools."
        place_of_it = ("quality", "min_reliability_for_ranking")
        yield loaded.finding(place_of_it, message, "Keep it for later, or leave it out.", **_NO_EFFECT)
    yield from _same_series_findings(loaded, shape)
    yield from _profile_findings(facts, loaded, shape)
    yield from _attendance_findings(facts, loaded, shape)
    for number, indicator in enumerate(shape.indicators):
        place: TreePath = ("indicators", number)
        yield from owner_findings(facts, loaded, (*place, "owner"), indicator.owner)
        yield from known_findings(
            loaded, (*place, "sources"), indicator.sources, what="source", known=facts.source_ids()
        )
        sets = loaded.ids("groups", "group_set_id")
        yield from known_findings(loaded, (*place, "group_sets"), indicator.group_sets, what="group set", known=sets)
        yield from measure_findings(facts, loaded, place, indicator)
        yield from _value_findings(facts, loaded, place, indicator)
        yield from _signal_findings(facts, loaded, (*place, "signal", "rules"), indicator)


def _same_series_findings(loaded: Loaded[IndicatorsFile], shape: IndicatorsFile) -> Findings:
    """Tell where two indicators judge the same figures: a figure has one target and one status."""
    seen: dict[tuple[str | None, ...], int] = {}
    for number, each in enumerate(shape.indicators):
        series = (each.measure, each.profile or "default", each.subject, each.headline_estimator, each.period)
        if series in seen:
            first = shape.indicators[seen[series]].indicator_id
            message = (
                f"'{first}' has the same measure, profile, subject, estimator and period: a figure has one indicator."
            )
            remedy = "Declare one of the two, or give one another period."
            yield loaded.finding(("indicators", number, "measure"), message, remedy, code="doubled")
        seen.setdefault(series, number)


def _signal_findings(facts: Facts, loaded: Loaded[IndicatorsFile], place: TreePath, indicator: Indicator) -> Findings:
    """Tell where a run rule is declared for waves that come too seldom for one."""
    signal = indicator.signal
    if signal is None or signal.kind != "survey" or signal.rules is None:
        return
    asked = {_id_of(each) for each in facts.instruments if indicator.subject in each.ids("scales", "scale_id")}
    years = [year.shape for year in facts.years if year.shape]
    newest = max(years, key=lambda year: year.school_year.id, default=None)
    n = sum(str(window.instrument).partition("@")[0] in asked for window in newest.windows) if newest else 0
    if n < _FEWEST_POINTS:
        message = (
            f"kind survey with {n} windows a year can never reach {_FEWEST_POINTS} points: a run rule will not fire; "
            "the wave test applies"
        )
        yield loaded.finding(place, message, "Leave rules out.", **_NO_EFFECT)


def _id_of(loaded: Loaded[InstrumentFile]) -> str:
    return loaded.shape.instrument_id if loaded.shape else ""


def _profile_findings(facts: Facts, loaded: Loaded[IndicatorsFile], shape: IndicatorsFile) -> Findings:
    yield from doubled_findings(loaded, ("profiles",), "profile_id", [each.profile_id for each in shape.profiles])
    for number, profile in enumerate(shape.profiles):
        key = "based_on" if profile.based_on else "profile_id"
        name = profile.based_on or profile.profile_id
        if name not in SHIPPED:
            message, remedy = unknown("shipped definition", name, SHIPPED)
            yield loaded.finding(("profiles", number, key), message, remedy, code="unknown_profile")
        if (profile.use is None) == (profile.based_on is None):
            message = "a definition is either 'use: shipped' or 'based_on' a shipped one."
            yield loaded.finding(("profiles", number), message, "Give one of them.", code="profile")
        others = {*(each.profile_id for each in shape.profiles), *SHIPPED} - {profile.profile_id}
        if profile.replaces and profile.replaces not in others:
            message, remedy = unknown("definition", profile.replaces, others)
            yield loaded.finding(("profiles", number, "replaces"), message, remedy, code="unknown_profile")
        if profile.replaces and not profile.overlap_years:
            message = f"'{profile.profile_id}' replaces '{profile.replaces}' without an overlap year."
            remedy = "Add overlap_years so that both are computed once."
            yield loaded.finding(("profiles", number), message, remedy, code="profile")
        yield from _start_findings(facts, loaded, number, profile)


def _start_findings(facts: Facts, loaded: Loaded[IndicatorsFile], number: int, profile: Profile) -> Findings:
    """Judge from when a definition counts: in the middle of a year a decision has to confirm it."""
    place: TreePath = ("profiles", number)
    if profile.confirmed_by is not None:
        if profile.effective_from is None:
            message = "confirmed_by confirms the day of effective_from, which is not there."
            yield loaded.finding((*place, "confirmed_by"), message, "Add effective_from.", code="profile")
        yield from _confirmed_findings(facts, loaded, (*place, "confirmed_by"), profile.confirmed_by)
        return
    years = [each.shape.school_year for each in facts.years if each.shape]
    start = starts_on(profile, [(each.first_day, each.last_day) for each in years])
    if start != profile.effective_from:
        message = f"{profile.effective_from} is inside a school year: '{profile.profile_id}' starts on {start}."
        remedy = "Name the decision that confirms the day under confirmed_by, or write the first day of a year."
        path: TreePath = (*place, "effective_from")
        yield loaded.finding(path, message, remedy, severity="warning", code="definition_waits")


def _confirmed_findings(facts: Facts, loaded: Loaded[IndicatorsFile], place: TreePath, named: str) -> Findings:
    known = {each.decision_id: each for file in facts.decisions if file.shape for each in file.shape.decisions}
    if named not in known:
        yield loaded.finding(place, *unknown("decision", named, known), code="unknown_decision")
    elif known[named].status != "decided":
        message = f"'{named}' is {known[named].status}."
        yield loaded.finding(place, message, "Only what was decided confirms a day.", code="profile")


def _attendance_findings(facts: Facts, loaded: Loaded[IndicatorsFile], shape: IndicatorsFile) -> Findings:
    """Judge how attendance is read: a feed of counts has no students, and its weights come from a list of schools."""
    place: TreePath = ("attendance", "weight_source", "source")
    weights = shape.attendance.weight_source
    sources = {each.source_id: each for each in facts.sources.shape.sources} if facts.sources.shape else {}
    if weights and weights.source not in facts.source_ids():
        yield loaded.finding(place, *unknown("source", weights.source, facts.source_ids()), code="unknown_source")
    elif weights and weights.source in sources and sources[weights.source].entity != "schools":
        message = f"'{weights.source}' brings {sources[weights.source].entity}, not schools."
        yield loaded.finding(place, message, "Name a source of schools with n_enrolled.", code="weights")
    if shape.attendance.mode != "counts":
        return
    for number, indicator in enumerate(shape.indicators):
        if indicator.measure in OF_STUDENTS:
            message = f"{indicator.measure} needs student days; attendance.mode is counts, which holds school days."
            remedy = "Remove the indicator, or bring a feed of students."
            yield loaded.finding(("indicators", number, "measure"), message, remedy, code="no_students")


def _value_findings(facts: Facts, loaded: Loaded[IndicatorsFile], place: TreePath, indicator: Indicator) -> Findings:
    """Judge baseline, smallest change and targets."""
    if indicator.smallest_change <= 0:
        message = "the smallest change that matters is not above 0."
        yield loaded.finding((*place, "smallest_change"), message, "Write a size, without a sign.", code="value")
    if indicator.baseline:
        yield from _rate_findings(loaded, (*place, "baseline", "value"), indicator, indicator.baseline.value)
    for number, target in enumerate(indicator.targets):
        where: TreePath = (*place, "targets", number)
        for key, point in (("from", target.from_), ("to", target.to)):
            if point:
                yield from _rate_findings(loaded, (*where, key, "value"), indicator, point.value)
        for value in target.steps.values():
            yield from _rate_findings(loaded, (*where, "steps"), indicator, value)
        if target.group != "all" and target.group not in facts.group_ids():
            message, remedy = unknown("group", target.group, facts.group_ids())
            yield loaded.finding((*where, "group"), message, remedy, code="unknown_group")
        yield from _target_findings(loaded, where, indicator, target)


def _rate_findings(loaded: Loaded[IndicatorsFile], path: TreePath, indicator: Indicator, value: Fraction) -> Findings:
    measure = indicator.declared_measure
    if measure and measure.unit == "share" and not 0 <= value <= 1:
        remedy = f"Write {float(value / 100):g}." if value > 1 else "Write a number from 0 to 1."
        message = f"{float(value):g} is {'above 1' if value > 1 else 'below 0'}; rates are fractions."
        yield loaded.finding(path, message, remedy, code="value")


def _target_findings(loaded: Loaded[IndicatorsFile], where: TreePath, indicator: Indicator, target: Target) -> Findings:
    """Judge a target: beyond its start in the declared direction, and not beyond what any program reached."""
    start = target.from_ or indicator.baseline
    if target.method in {"steps", "gap_halving"} and start is None:
        message = f"{target.method} needs a start."
        yield loaded.finding(where, message, "Add from, or a baseline of the indicator.", code="target")
    ends = [(target.to.year, target.to.value)] if target.to else sorted(target.steps.items())
    for year, value in ends:
        if start:
            yield from _end_findings(loaded, where, indicator, (start, Point(year=year, value=value)))
    if not ends:
        return
    last = ends[-1][1]
    if indicator.kind == "implementation" and last > HIGHEST_TARGET and _is_share(indicator):
        message = f"target {float(last):g} is above 0.95; no study reached full implementation."
        place = (*where, "to", "value") if target.to else (*where, "steps")
        yield loaded.finding(place, message, "Aim for 0.80 first.", severity="warning", code="target")


def _end_findings(
    loaded: Loaded[IndicatorsFile], where: TreePath, indicator: Indicator, points: tuple[Point | Baseline, Point]
) -> Findings:
    """Judge where a target ends: after its start, and beyond it in the declared direction."""
    start, end = points
    gain = end.value - start.value
    wrong = gain >= 0 if indicator.direction == "lower" else gain <= 0
    if indicator.direction != "maintain" and wrong:
        side = "above" if gain > 0 else "below" if gain < 0 else "no further than"
        message = (
            f"target {float(end.value):g} in {end.year} is {side} baseline {float(start.value):g} "
            f"but direction is '{indicator.direction}'."
        )
        yield loaded.finding(where, message, "Change the target or the direction.", code="target")
    if end.year <= start.year:
        message = f"target year {end.year} is not after {start.year}."
        yield loaded.finding(where, message, "Give a later year: a target takes time.", code="target")


def _is_share(indicator: Indicator) -> bool:
    return indicator.declared_measure is not None and indicator.declared_measure.unit == "share"


def instrument_findings(facts: Facts) -> Findings:
    """Yield everything wrong with the instruments beyond their shape."""
    for loaded in facts.instruments:
        if (shape := loaded.shape) is None:
            continue
        yield from named_like(loaded, ("instrument_id",), f"instruments/{shape.instrument_id}.{shape.edition}.yml")
        yield from questionnaire_findings(loaded)
    yield from edition_findings(facts)


def questionnaire_findings(loaded: Loaded[InstrumentFile]) -> Findings:
    """Yield everything wrong inside one instrument beyond its shape."""
    if (shape := loaded.shape) is not None:
        yield from _anchor_findings(loaded, shape)
        items = loaded.ids("items", "item_id")
        for number, line in enumerate(shape.crosswalk):
            if line.to not in items:
                yield loaded.finding(("crosswalk", number, "to"), *unknown("item", line.to, items), code="unknown_item")
        yield from doubled_findings(loaded, ("items",), "item_id", [each.item_id for each in shape.items])
        yield from doubled_findings(loaded, ("scales",), "scale_id", [each.scale_id for each in shape.scales])
        if shape.kind != "survey" and not shape.levels:
            message = f"a {shape.kind} has no levels."
            yield loaded.finding((), message, "Add levels, from the lowest to the highest.", code="levels")
        for number, item in enumerate(shape.items):
            yield from _item_findings(loaded, shape, number, item)
        for number, scale in enumerate(shape.scales):
            yield from _scale_findings(loaded, shape, number, scale)


def _anchor_findings(loaded: Loaded[InstrumentFile], shape: InstrumentFile) -> Findings:
    """Tell of scales whose reliability has nothing published beside it, and of anchors of no scale."""
    if shape.anchors and not shape.scales:
        message = f"a {shape.kind} without scales has nothing to stand beside anchors."
        yield loaded.finding(("anchors",), message, "Leave anchors out.", **_NO_EFFECT)
    is_broken = shape.anchors is None and loaded.tree.data.get("anchors") is not None  # which is told already
    if shape.scales and not is_broken and (shape.anchors is None or shape.anchors.alpha is None):
        message = "no reliability anchor: nothing published stands beside the reliability of these scales."
        remedy = "Write anchors: {alpha: [0.70, 0.86]} with what was published of them."
        yield loaded.finding(("scales",), message, remedy, severity="warning", code="no_anchor")


def _item_findings(loaded: Loaded[InstrumentFile], shape: InstrumentFile, number: int, item: Item) -> Findings:
    place: TreePath = ("items", number)
    if shape.kind == "survey" and item.options is None:
        yield loaded.finding(place, f"'{item.item_id}' has no options.", "Name an option set.", code="options")
    elif item.options is not None and item.options not in shape.option_sets:
        message, remedy = unknown("option set", item.options, shape.option_sets)
        yield loaded.finding((*place, "options"), message, remedy, code="unknown_options")
    if item.present_if and item.present_if.item not in {each.item_id for each in shape.items}:
        message, remedy = unknown("item", item.present_if.item, loaded.ids("items", "item_id"))
        yield loaded.finding((*place, "present_if", "item"), message, remedy, code="unknown_item")


def _scale_findings(loaded: Loaded[InstrumentFile], shape: InstrumentFile, number: int, scale: Scale) -> Findings:
    place: TreePath = ("scales", number)
    items = {item.item_id: item for item in shape.items}
    for position, item_id in enumerate(scale.items):
        if item_id not in loaded.ids("items", "item_id"):
            message = f"'{item_id}' is not an item."
            known = f"Items: {', '.join(items)}." if items else "None is declared."
            yield loaded.finding((*place, "items", position), message, known, code="unknown_item")
    sets = {items[item_id].options for item_id in scale.items if item_id in items} - {None}
    counts = {len([each for each in shape.option_sets.get(name or "", ()) if each.number is not None]) for name in sets}
    for count in sorted(counts):
        if scale.favorable.rule == "top" and count not in scale.favorable.of:
            message = f"the items have {count} options and 'top' says nothing about {count}."
            yield loaded.finding((*place, "favorable"), message, "Add it or use rule: values.", code="favorable")
    if len(sets) > 1:
        message = "its items have different option sets, so a mean of them says nothing."
        yield loaded.finding((*place, "items"), message, "Split the scale.", code="options")
