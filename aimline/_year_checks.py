"""Judge the district and its years against the other declared files. Counting school days is ``aimline/schedule``."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any, get_args

from aimline._declared_files import Loaded, unknown
from aimline._facts import Facts, Findings, doubled_findings, known_findings, named_like, role_findings
from aimline._yaml import TreePath
from aimline._yaml import place as place_of
from schemas._base import is_day
from schemas.district import District
from schemas.instruments import InstrumentFile
from schemas.rules import Rule
from schemas.years import CONSENTS, EACH_SCHOOL, MODES, REVIEW_STEPS, WINDOW_STEPS, LeadKind, Review, Window, YearFile


def district_findings(facts: Facts) -> Findings:
    """Yield what is wrong in the district's file: roles, schools that no cluster has, where state is kept."""
    if facts.district.shape is None:
        return
    yield from _bare_findings(facts.district)
    yield from _role_findings(facts, facts.district, facts.district.shape)
    yield from _place_findings(facts, facts.district, facts.district.shape)


def _role_findings(facts: Facts, loaded: Loaded[District], shape: District) -> Findings:
    yield from doubled_findings(loaded, ("roles",), "role", [each.role for each in shape.roles])
    for number, role in enumerate(shape.roles):
        for key, name in (("deputy", role.deputy), ("escalates_to", role.escalates_to)):
            if name:
                yield from role_findings(facts, loaded, ("roles", number, key), name)
        if role.deputy == role.role:
            message = f"{role.role} is its own deputy."
            yield loaded.finding(("roles", number, "deputy"), message, "Name another role.", code="deputy")


def _place_findings(facts: Facts, loaded: Loaded[District], shape: District) -> Findings:
    """Judge clusters and schools, targets, and the hour of the night."""
    yield from doubled_findings(loaded, ("clusters",), "cluster_id", [each.cluster_id for each in shape.clusters])
    yield from doubled_findings(loaded, ("schools",), "school_id", [each.school_id for each in shape.schools])
    for number, school in enumerate(shape.schools):
        yield from _school_findings(facts, loaded, ("schools", number, "school_id"), (school.school_id,))
    for name, target in shape.targets.items():
        if target.encryption is None and name != "demo":
            message = f"nobody says how the state of '{name}' is encrypted."
            remedy = "Add encryption: {at_rest: volume, attested_by: <role>, attested_on: <date>}."
            yield loaded.finding(("targets", name), message, remedy, code="encryption")
    if shape.nightly.is_in_clock_change:
        message = f"{shape.nightly.at} is skipped or doubled on the nights when clocks change."
        remedy = "It runs once on each, at another hour; choose a time before 01:00 or from 03:00."
        path: TreePath = ("nightly", "at")
        yield loaded.finding(path, message, remedy, severity="warning", code="nightly_in_dst_gap")


def year_findings(facts: Facts) -> Findings:
    """Yield everything wrong with the year files beyond their shape."""
    seen: dict[int, str] = {}
    for loaded in facts.years:
        yield from _bare_findings(loaded)
        if (shape := loaded.shape) is None:
            continue
        yield from named_like(loaded, ("school_year", "label"), f"years/{shape.school_year.label}.yml")
        if shape.school_year.id in seen:
            message = f"{shape.school_year.id} is declared in {seen[shape.school_year.id]} already."
            yield loaded.finding(("school_year", "id"), message, "Keep one file a year.", code="doubled")
        seen.setdefault(shape.school_year.id, loaded.tree.file)
        if facts.district.shape and shape.time_zone != facts.district.shape.time_zone:
            message = f"{shape.time_zone} is not the district's time zone, {facts.district.shape.time_zone}."
            yield loaded.finding(("time_zone",), message, "Write the same in both files.", code="time_zone")
        yield from _id_findings(facts, loaded, shape)
        yield from _named_findings(facts, loaded, shape)
        for number, window in enumerate(shape.windows):
            yield from _window_findings(facts, loaded, ("windows", number), window)
        for number, review in enumerate(shape.reviews):
            yield from _review_findings(facts, loaded, number, review)


def _bare_findings(loaded: Loaded[Any]) -> Findings:
    """A code with a leading zero needs quotes: other readers of the file take it for a number."""
    for path, text in loaded.tree.bare.items():
        message = f"{text} without quotes is a number to many readers of YAML."
        line, column = loaded.tree.where(path)
        found = loaded.finding((), message, f'Write "{text}".', code="unquoted")
        yield replace(found, line=line, column=column, place=place_of(path))


def _school_findings(facts: Facts, loaded: Loaded[Any], path: TreePath, schools: Iterable[str]) -> Findings:
    """Yield a finding for each school that no cluster has; without clusters only the data know the schools."""
    known = facts.district.ids("clusters", "schools")
    for number, school_id in enumerate(schools):
        if known and school_id not in known:
            where = path if path[-1] == "school_id" else (*path, number)
            yield loaded.finding(where, *unknown("school", school_id, known), code="unknown_school")


def _named_findings(facts: Facts, loaded: Loaded[YearFile], shape: YearFile) -> Findings:
    """Judge what a year names: schools, steps that are pinned, steps that use a resource."""
    for key in ("closures", "overrides", "blackouts"):
        for number, each in enumerate(getattr(shape, key)):
            yield from _school_findings(facts, loaded, (key, number, "schools"), each.schools or ())
    known = {*_references(loaded), *_held_by_schools(facts, shape)}
    for name in shape.pins:
        if name not in known:
            message, remedy = unknown("item", name, known)
            yield loaded.finding(("pins", name), message, remedy, at_key=True, code="unknown_reference")
    for number, resource in enumerate(shape.resources):
        path: TreePath = ("resources", number, "used_by")
        steps = {*get_args(LeadKind), *known}
        yield from known_findings(loaded, path, resource.used_by, what="step", known=steps)


def _held_by_schools(facts: Facts, shape: YearFile) -> Iterator[str]:
    """Yield the items of the reviews that every school holds for itself."""
    for review in (each for each in shape.reviews if each.scope == EACH_SCHOOL):
        for school in _schools(facts):
            yield f"{review.id}.{school}"
            yield from (f"{review.id}.{school}.{part}" for part in REVIEW_STEPS)


def _schools(facts: Facts) -> list[str]:
    """Return the schools that the district names."""
    return sorted({*facts.district.ids("clusters", "schools"), *facts.district.ids("schools", "school_id")})


def _id_findings(facts: Facts, loaded: Loaded[YearFile], shape: YearFile) -> Findings:
    """Window, review and source ids are one list, since rules and needs name all three."""
    yield from doubled_findings(loaded, ("windows",), "id", [each.id for each in shape.windows])
    yield from doubled_findings(loaded, ("reviews",), "id", [each.id for each in shape.reviews])
    for key in ("budget", "blackouts", "resources"):
        yield from doubled_findings(loaded, (key,), "id", [each.id for each in getattr(shape, key)])
    windows = {each.id for each in shape.windows}
    for number, review in enumerate(shape.reviews):
        if review.id in windows | facts.source_ids():
            message = f"'{review.id}' names a window or a source already."
            yield loaded.finding(("reviews", number, "id"), message, "Give the review another id.", code="doubled")
    for number, window in enumerate(shape.windows):
        if window.id in facts.source_ids():
            message = f"'{window.id}' names a source already."
            yield loaded.finding(("windows", number, "id"), message, "Give the window another id.", code="doubled")


def _window_findings(facts: Facts, loaded: Loaded[YearFile], place: TreePath, window: Window) -> Findings:
    yield from known_findings(loaded, (*place, "sources"), window.sources, what="source", known=facts.source_ids())
    yield from _rule_findings(loaded, (*place, "opens"), window.opens)
    if window.closes:
        yield from _rule_findings(loaded, (*place, "closes"), window.closes)
    known = facts.instrument_keys()
    if window.instrument and window.instrument not in known:
        message, remedy = unknown("instrument", window.instrument, known)
        severity = "error" if known else "warning"  # a year can be planned before its instruments are written
        yield loaded.finding((*place, "instrument"), message, remedy, severity=severity, code="unknown_instrument")
    elif window.kind == "survey" and window.instrument is None:
        message, remedy = f"survey '{window.id}' has no instrument: nobody can score it.", "Name one, or another kind."
        yield loaded.finding(place, message, remedy, severity="warning", code="instrument")
    shapes = {each.shape.key: each.shape for each in facts.instruments if each.shape}
    for respondent, asked in window.respondents.items():
        path: TreePath = (*place, "respondents", respondent)
        yield from _school_findings(facts, loaded, (*path, "schools"), asked.schools or ())
    if window.instrument in shapes:
        yield from _instrument_findings(loaded, place, window, shapes[window.instrument])


def _instrument_findings(
    loaded: Loaded[YearFile], place: TreePath, window: Window, instrument: InstrumentFile
) -> Findings:
    """A window asks whom its instrument asks, keeps answers as strictly, and asks families for as much."""
    asked = instrument.respondents
    for respondent in window.respondents:
        if respondent not in asked:
            message = f"{window.instrument} does not ask {respondent}."
            path: TreePath = (*place, "respondents", respondent)
            yield loaded.finding(path, message, f"It asks {', '.join(asked)}.", at_key=True, code="respondents")
    if window.mode and MODES.index(window.mode) < MODES.index(instrument.mode):
        message = f"'{window.id}' is {window.mode}, {window.instrument} is {instrument.mode}."
        remedy = "A window may only be stricter than its instrument."
        yield loaded.finding((*place, "mode"), message, remedy, code="mode_weaker")
    asks = window.notice
    if asks != "from_instrument" and CONSENTS.index(asks) < CONSENTS.index(instrument.consent):
        message = f"'{window.id}' asks for {asks}, {window.instrument} for {instrument.consent}."
        remedy = "A window may ask families for more than its instrument, never for less."
        yield loaded.finding((*place, "notice"), message, remedy, code="notice_weaker")


def _review_findings(facts: Facts, loaded: Loaded[YearFile], number: int, review: Review) -> Findings:
    place: TreePath = ("reviews", number)
    for key, role in (("chair", review.chair), ("scribe", review.scribe)):
        yield from role_findings(facts, loaded, (*place, key), role)
    evidence = loaded.ids("windows", "id") | facts.source_ids()
    yield from known_findings(loaded, (*place, "needs"), review.needs, what="window or source", known=evidence)
    if review.on:
        yield from _rule_findings(loaded, (*place, "on"), review.on)
    goals = facts.plan_ids("goals", "goal_id")
    yield from known_findings(loaded, (*place, "goals"), review.goals or (), what="goal", known=goals)
    if review.scope == EACH_SCHOOL and not _schools(facts):
        message, remedy = "each school holds it, and district.yml names no school.", "Name them under clusters."
        yield loaded.finding((*place, "scope"), message, remedy, severity="warning", code="unknown_school")
    steps = {f"budget.{step}" for step in loaded.ids("budget", "id")}
    if review.feeds and review.feeds not in steps:
        message, remedy = unknown("budget step", review.feeds, steps)
        yield loaded.finding((*place, "feeds"), message, remedy, code="unknown_budget_step")


def _rule_findings(loaded: Loaded[YearFile], path: TreePath, rule: Rule) -> Findings:
    """Judge what a rule counts from: something of this year that has a date."""
    for number, each in enumerate(rule.choices):
        yield from _rule_findings(loaded, (*path, rule.form, number), each)
    named = {"from": rule.from_} | {key: getattr(rule, key) for key in _REFERRING}
    for key, word in named.items():
        if word and not is_day(word) and word not in (known := set(_references(loaded))):
            message, remedy = unknown("reference", word, known)
            yield loaded.finding((*path, key), message, remedy, code="unknown_reference")
    terms = set(_terms(loaded))
    for key, term in (("of", rule.of), ("term_start", rule.term_start), ("term_end", rule.term_end)):
        if term and term not in terms and not (key == "of" and term == "year"):
            yield loaded.finding((*path, key), *unknown("term", term, terms), code="unknown_term")


_REFERRING = ("event", "first_board_meeting_after", "last_board_meeting_before")
"""Forms of a rule whose value names something that has a date."""


def _terms(loaded: Loaded[YearFile]) -> Iterator[str]:
    terms = loaded.shape.terms if loaded.shape else {}
    yield from (f"{kind}.{n}" for kind, ends in terms.items() for n in range(1, len(ends) + 1))


def _references(loaded: Loaded[YearFile]) -> Iterator[str]:
    """Yield everything of a year that has a date, and so may be counted from."""
    yield from ("year.first_day", "year.last_day", "annual_notice")
    for window in loaded.ids("windows", "id"):
        yield window
        yield from (f"{window}.{part}" for part in ("opens", "closes", "sealed", *WINDOW_STEPS))
    for review in loaded.ids("reviews", "id"):
        yield review
        yield from (f"{review}.{part}" for part in ("on", *REVIEW_STEPS))
    yield from (f"budget.{step}" for step in loaded.ids("budget", "id"))
    yield from (f"term.{term}.end" for term in _terms(loaded))
    meetings = loaded.shape.board_meetings if loaded.shape else None
    yield from (f"board.{day}" for day in (meetings.dates if meetings else ()))
