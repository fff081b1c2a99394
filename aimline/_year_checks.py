"""Judge the district and its years against the other declared files. Counting school days is ``aimline/schedule``."""

from collections.abc import Iterator

from aimline._declared_files import Loaded, unknown
from aimline._facts import Facts, Findings, doubled_findings, known_findings, named_like, role_findings
from aimline._yaml import TreePath
from schemas.years import Review, Rule, Window, YearFile


def district_findings(facts: Facts) -> Findings:
    """Yield what is wrong among the roles: doubled, a deputy or an escalation that is no role."""
    loaded = facts.district
    if loaded.shape is None:
        return
    yield from doubled_findings(loaded, ("roles",), "role", [each.role for each in loaded.shape.roles])
    for number, role in enumerate(loaded.shape.roles):
        for key, name in (("deputy", role.deputy), ("escalates_to", role.escalates_to)):
            if name:
                yield from role_findings(facts, loaded, ("roles", number, key), name)
        if role.deputy == role.role:
            message = f"{role.role} is its own deputy."
            yield loaded.finding(("roles", number, "deputy"), message, "Name another role.", code="deputy")


def year_findings(facts: Facts) -> Findings:
    """Yield everything wrong with the year files beyond their shape."""
    seen: dict[int, str] = {}
    for loaded in facts.years:
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
        for number, window in enumerate(shape.windows):
            yield from _window_findings(facts, loaded, ("windows", number), window)
        for number, review in enumerate(shape.reviews):
            yield from _review_findings(facts, loaded, number, review)


def _id_findings(facts: Facts, loaded: Loaded[YearFile], shape: YearFile) -> Findings:
    """Window, review and source ids are one list, since rules and needs name all three."""
    yield from doubled_findings(loaded, ("windows",), "id", [each.id for each in shape.windows])
    yield from doubled_findings(loaded, ("reviews",), "id", [each.id for each in shape.reviews])
    yield from doubled_findings(loaded, ("budget",), "id", [each.id for each in shape.budget])
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
        yield loaded.finding((*place, "instrument"), message, remedy, code="unknown_instrument")
    elif window.kind == "survey" and window.instrument is None:
        yield loaded.finding(place, f"survey '{window.id}' has no instrument.", "Name one.", code="instrument")
    shapes = {each.shape.key: each.shape for each in facts.instruments if each.shape}
    asked = shapes[window.instrument].respondents if window.instrument in shapes else ()
    for respondent in window.respondents:
        if window.instrument in shapes and respondent not in asked:
            message = f"{window.instrument} does not ask {respondent}."
            path: TreePath = (*place, "respondents", respondent)
            yield loaded.finding(path, message, f"It asks {', '.join(asked)}.", at_key=True, code="respondents")


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
    steps = {f"budget.{step}" for step in loaded.ids("budget", "id")}
    if review.feeds and review.feeds not in steps:
        message, remedy = unknown("budget step", review.feeds, steps)
        yield loaded.finding((*place, "feeds"), message, remedy, code="unknown_budget_step")


def _rule_findings(loaded: Loaded[YearFile], path: TreePath, rule: Rule) -> Findings:
    """Judge what a rule counts from: something of this year that has a date."""
    named = (("from", rule.from_), ("event", rule.event))
    for key, word in named:
        if word and word not in (known := set(_references(loaded))):
            message, remedy = unknown("reference", word, known)
            yield loaded.finding((*path, key), message, remedy, code="unknown_reference")
    terms = (
        {f"{kind}.{n}" for kind, ends in loaded.shape.terms.items() for n in range(1, len(ends) + 1)}
        if loaded.shape
        else set()
    )
    for key, term in (("of", rule.of), ("term_start", rule.term_start), ("term_end", rule.term_end)):
        if term and term != "year" and term not in terms:
            yield loaded.finding((*path, key), *unknown("term", term, terms), code="unknown_term")


def _references(loaded: Loaded[YearFile]) -> Iterator[str]:
    """Yield everything of a year that a rule may count from."""
    yield from ("year.first_day", "year.last_day")
    for window in loaded.ids("windows", "id"):
        yield from (f"{window}.opens", f"{window}.closes")
    yield from (f"{review}.on" for review in loaded.ids("reviews", "id"))
    yield from (f"budget.{step}" for step in loaded.ids("budget", "id"))
    if loaded.shape:
        yield from (
            f"term.{kind}.{n}.end" for kind, ends in loaded.shape.terms.items() for n in range(1, len(ends) + 1)
        )
        meetings = loaded.shape.board_meetings
        yield from (f"board.{day}" for day in (meetings.dates if meetings else ()))
