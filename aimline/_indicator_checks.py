"""Judge what an indicator is declared on: its measure, period, definition, estimator and subject."""

from aimline._declared_files import Loaded, unknown
from aimline._facts import Facts, Findings, known_findings
from aimline._yaml import TreePath
from aimline.errors import Finding
from schemas.indicators import BESIDE, MEASURES, Indicator, IndicatorsFile, Measure
from schemas.profiles import SHIPPED, starts_on


def measure_findings(facts: Facts, loaded: Loaded[IndicatorsFile], place: TreePath, indicator: Indicator) -> Findings:
    """Judge measure, period, definition, estimator and subject of one indicator."""
    measure = indicator.declared_measure
    if measure is None:
        yield _unknown_measure(loaded, (*place, "measure"), indicator.measure)
        return
    yield from _period_findings(facts, loaded, (*place, "period"), indicator)
    yield from _definition_findings(loaded, place, indicator)
    yield from _later_definition(facts, loaded, place, indicator)
    if indicator.estimator and indicator.estimator not in measure.estimators:
        message, remedy = unknown("estimator", indicator.estimator, measure.estimators)
        yield loaded.finding((*place, "estimator"), message, remedy, code="unknown_estimator")
    yield from _subject_findings(facts, loaded, place, indicator)


def _period_findings(facts: Facts, loaded: Loaded[IndicatorsFile], path: TreePath, indicator: Indicator) -> Findings:
    """Tell of periods that a measure has no figures of, or that no indicator is judged by."""
    periods = MEASURES[indicator.measure].periods
    if indicator.period == "day" and "week" in periods:
        message = "no indicator is judged by single days: of so few marks the gate would hide most."
        remedy = f"Write week; aimline measures --measure {indicator.measure} tells the days."
        yield loaded.finding(path, message, remedy, code="period")
    elif indicator.period not in periods:
        message = f"{indicator.measure} has no figures of the period '{indicator.period}'."
        yield loaded.finding(path, message, f"Write {' or '.join(periods)}.", code="period")
    elif indicator.period == "term" and not any(year.shape and year.shape.terms for year in facts.years):
        message = "the period is a term, and no year declares terms."
        yield loaded.finding(path, message, "Declare terms in years/<year>.yml.", code="period")


def _unknown_measure(loaded: Loaded[IndicatorsFile], path: TreePath, name: str) -> Finding:
    """Tell why no indicator can be declared on a measure that is worked out, or that there is no such measure."""
    if name in BESIDE:
        message = f"no indicator is declared on '{name}': {BESIDE[name]}."
        return loaded.finding(path, message, f"Read it with aimline measures --measure {name}.", code="beside")
    message, remedy = unknown("measure", name, MEASURES)
    return loaded.finding(path, message, remedy, code="unknown_measure")


def _definition_findings(loaded: Loaded[IndicatorsFile], place: TreePath, indicator: Indicator) -> Findings:
    """Judge the definitions of an indicator: they are known, and its measure has some."""
    needs_profile = MEASURES[indicator.measure].needs_profile
    profiles = {*loaded.ids("profiles", "profile_id"), *SHIPPED}
    yield from _older_definition(loaded, place, indicator)
    if needs_profile:
        also = (*place, "also_show")
        yield from known_findings(loaded, also, indicator.also_show, what="definition", known=profiles)
    if needs_profile and indicator.profile not in profiles:
        message, remedy = unknown("definition", indicator.profile, profiles)
        yield loaded.finding((*place, "profile"), message, remedy, code="unknown_profile")
    elif not needs_profile and indicator.profile != "default":
        yield loaded.finding(
            (*place, "profile"),
            f"{indicator.measure} has no definitions to choose from.",
            "Remove profile.",
            code="profile",
        )


def _subjects(facts: Facts, measure: Measure) -> set[str] | None:
    """Return what a measure's subject may be; None where what is declared does not tell."""
    kind = measure.subject
    if measure.subjects:
        told = facts.audiences.ids("audiences", "audience_id") if kind == "way" else ()
        return {*measure.subjects, *(f"report_tiers_{each}" for each in told)}
    if kind == "training":
        return None
    if kind in {"activity", "goal"}:
        return facts.activity_ids() if kind == "activity" else facts.plan_ids("goals", "goal_id")
    if kind == "instrument":
        return {each for file in facts.instruments for each in file.ids("instrument_id")}
    keys = ("scales", "scale_id") if kind == "scale" else ("items", "item_id")
    return {each for file in facts.instruments for each in file.ids(*keys)}


def _subject_findings(facts: Facts, loaded: Loaded[IndicatorsFile], place: TreePath, indicator: Indicator) -> Findings:
    measure = MEASURES[indicator.measure]
    if not measure.subject:
        if indicator.subject:
            message = f"{indicator.measure} has no subject."
            yield loaded.finding((*place, "subject"), message, "Remove subject.", code="subject")
        return
    known = _subjects(facts, measure)
    if not indicator.subject:
        if measure.needs_subject:
            message = f"{indicator.measure} needs a subject."
            listed = f": {', '.join(measure.subjects)}" if measure.subjects else ""
            yield loaded.finding(place, message, f"Name the {measure.subject} it is about{listed}.", code="subject")
    elif known is not None and indicator.subject not in known:
        message, remedy = unknown(measure.subject, indicator.subject, known)
        yield loaded.finding((*place, "subject"), message, remedy, code=f"unknown_{measure.subject}")


def _older_definition(loaded: Loaded[IndicatorsFile], place: TreePath, indicator: Indicator) -> Findings:
    """Tell of a baseline that was taken before the definition of its indicator began."""
    shape = loaded.shape
    found = [each for each in shape.profiles if each.profile_id == indicator.profile] if shape else []
    began = min((year for each in found if each.replaces for year in each.overlap_years), default=0)
    if indicator.baseline and indicator.baseline.year < began:
        message = f"the baseline of {indicator.baseline.year} is of another definition than '{indicator.profile}'."
        remedy = f"Declare baseline and targets from {began} on; until then the status is 'cannot tell'."
        place = (*place, "baseline", "year")
        yield loaded.finding(place, message, remedy, severity="warning", code="new_definition")


def _later_definition(facts: Facts, loaded: Loaded[IndicatorsFile], place: TreePath, indicator: Indicator) -> Findings:
    """Tell of a definition that counts in no declared year: until it does, name the one it replaces."""
    spans = [(each.shape.school_year.first_day, each.shape.school_year.last_day) for each in facts.years if each.shape]
    mine = [each for each in loaded.shape.profiles if each.profile_id == indicator.profile] if loaded.shape else []
    for each in mine:
        start = starts_on(each, spans)
        if each.replaces and start and spans and start > max(last for _, last in spans):
            message = f"'{each.profile_id}' counts from {start}; until then the status is 'cannot tell'."
            remedy = f"Until then name '{each.replaces}' here, and '{each.profile_id}' under also_show."
            path = (*place, "profile")
            yield loaded.finding(path, message, remedy, severity="warning", code="definition_later")
