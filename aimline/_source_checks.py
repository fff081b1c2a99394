"""Judge sources and audiences against the other declared files and against the columns an entity has."""

from aimline._coarsen_checks import coarsen_findings
from aimline._declared_files import Loaded, unknown
from aimline._facts import Facts, Findings, doubled_findings, owner_findings, role_findings
from aimline._yaml import TreePath
from schemas.audiences import Audience, AudiencesFile
from schemas.fields import DATE, ENTITIES, WITHDRAWN
from schemas.sources import Expected, Source, SourcesFile

MADE_BY_COLLECTION = {"answer_state", "section_id", "value_state"}
"""Columns that collection fills where a source says nothing: the state of an answer or a figure, the whole day."""

DECLARED_WHOLE = frozenset({"file", "http_json", "spss"})
"""Kinds whose columns are all declared."""

_BRINGS = {
    "qualtrics": {"responses"},
    "redcap": {"responses"},
    "template": {"walkthroughs", "rubric_ratings", "activities", "school_plan", "cycle_form", "meeting_record"},
    "oneroster_csv": {"schools", "enrollment", "student_attributes", "staff"},
}
"""What a kind can bring."""

_BLOCKS = {"qualtrics": "qualtrics", "redcap": "redcap", "http_json": "http"}
"""What a kind must declare besides."""

_TWO = 2

PLACES = {"group": "group_label", "yy": "school_year", "part": "measure_code"}
"""Places of a pattern of headings that fill a column of another name."""


def source_findings(facts: Facts) -> Findings:
    """Yield everything wrong with ``sources.yml`` beyond its shape."""
    loaded = facts.sources
    if loaded.shape is None:
        return
    yield from doubled_findings(loaded, ("sources",), "source_id", [each.source_id for each in loaded.shape.sources])
    yield from _claim_findings(loaded, loaded.shape)
    for number, source in enumerate(loaded.shape.sources):
        place: TreePath = ("sources", number)
        yield from owner_findings(facts, loaded, (*place, "owner"), source.owner)
        if source.escalates_to:
            yield from role_findings(facts, loaded, (*place, "escalates_to"), source.escalates_to)
        strange = [name for name in (source.entity, *source.entities) if name not in ENTITIES]
        if strange:
            message, remedy = unknown("entity", strange[0], ENTITIES)
            path: TreePath = (*place, "entities" if strange[0] in source.entities else "entity")
            yield loaded.finding(path, message, remedy, code="unknown_entity")
            continue
        yield from _column_findings(loaded, place, source)
        yield from _kind_findings(facts, loaded, place, source)
        yield from _unpivot_findings(facts, loaded, place, source)
        yield from _coverage_findings(loaded, (*place, "load", "coverage"), source)
        for position, expected in enumerate(source.arrival.expected if source.arrival else ()):
            yield from _expected_findings(facts, loaded, (*place, "arrival", "expected", position), expected)


def _claim_findings(loaded: Loaded[SourcesFile], shape: SourcesFile) -> Findings:
    """Two sources that claim the same files would read them twice."""
    seen: dict[tuple[str, str, str], str] = {}
    for number, source in enumerate(shape.sources):
        for position, pattern in enumerate(source.transport.match):
            claim = (source.transport.url, pattern, str(source.format.sheets))
            if claim in seen:
                message = f"'{seen[claim]}' claims {pattern} of the same place already."
                path: TreePath = ("sources", number, "transport", "match", position)
                yield loaded.finding(path, message, "Give each source its own pattern.", code="claimed_twice")
            seen.setdefault(claim, source.source_id)


def _column_findings(loaded: Loaded[SourcesFile], place: TreePath, source: Source) -> Findings:
    """Judge the columns: known to the entity, each once, none of the required ones forgotten."""
    columns = {column.name: column for column in ENTITIES[source.entity]}
    yield from doubled_findings(loaded, (*place, "columns"), "name", [each.name for each in source.columns])
    for number, column in enumerate(source.columns):
        if column.name == WITHDRAWN and source.load.mode == "delta":
            continue
        if column.name not in columns:
            message, remedy = unknown("column", column.name, columns)
            yield loaded.finding((*place, "columns", number, "name"), message, remedy, code="unknown_column")
    if source.kind not in DECLARED_WHOLE:  # the others know what fills the columns
        return
    filled = {column.name for column in source.columns} | _unpivoted(source) | MADE_BY_COLLECTION
    needed = {name for name, column in columns.items() if not column.is_nullable and column.default is None}
    for name in sorted(needed - filled):
        message = f"nothing fills '{name}', which {source.entity} needs."
        yield loaded.finding(
            (*place, "columns"), message, "Add a column with from, fact, value or when.", code="column"
        )
    for name in sorted(set(source.codes) - set(columns)):
        yield loaded.finding((*place, "codes", name), *unknown("column", name, columns), code="unknown_column")


def _kind_findings(facts: Facts, loaded: Loaded[SourcesFile], place: TreePath, source: Source) -> Findings:
    """Judge what a source of a kind declares: what it brings, and of a survey its window and its instrument."""
    for name in source.entities or (source.entity,):
        if name not in _BRINGS.get(source.kind, {name}):
            message, remedy = (
                f"{source.kind} brings no {name}.",
                f"It brings {', '.join(sorted(_BRINGS[source.kind]))}.",
            )
            path: TreePath = (*place, "entities" if name in source.entities else "entity")
            yield loaded.finding(path, message, remedy, code="unknown_entity")
    block = _BLOCKS.get(source.kind)
    if block and getattr(source, block) is None:
        yield loaded.finding((*place, "kind"), f"{source.kind} needs '{block}'.", f"Add {block}: {{…}}.", code="shape")
    survey = source.qualtrics or source.redcap
    if survey is None or block is None:
        return
    if survey.window not in facts.window_ids():
        message, remedy = unknown("window", survey.window, facts.window_ids())
        yield loaded.finding((*place, block, "window"), message, remedy, code="unknown_window")
    if survey.instrument not in facts.instrument_keys():
        message, remedy = unknown("instrument", survey.instrument, facts.instrument_keys())
        yield loaded.finding((*place, block, "instrument"), message, remedy, code="unknown_instrument")


def _coverage_findings(loaded: Loaded[SourcesFile], path: TreePath, source: Source) -> Findings:
    """Judge what a delivery says that it speaks for: days of the entity, of a delivery that replaces something."""
    coverage = source.load.coverage
    if coverage is None:
        return
    if source.load.mode != "full":
        message = f"a delivery that replaces nothing ({source.load.mode}) covers nothing."
        yield loaded.finding(path, message, "Take coverage out, or load it in full.", code="coverage")
    days = {column.name for column in ENTITIES[source.entity] if column.field.type == DATE}
    for number, name in enumerate(coverage.dates):
        if name not in days:
            yield loaded.finding((*path, "dates", number), *unknown("date", name, days), code="unknown_column")


def _unpivoted(source: Source) -> set[str]:
    """Return the columns that unpivoted headings fill."""
    if source.unpivot is None:
        return set()
    pattern = source.unpivot.pattern
    places = pattern.groupindex if pattern else {}
    return {source.unpivot.name, source.unpivot.value} | {PLACES.get(place, place) for place in places}


def _unpivot_findings(facts: Facts, loaded: Loaded[SourcesFile], place: TreePath, source: Source) -> Findings:
    if source.unpivot is None:
        return
    columns = {column.name for column in ENTITIES[source.entity]}
    for key, name in (("name", source.unpivot.name), ("value", source.unpivot.value)):
        if name not in columns:
            path: TreePath = (*place, "unpivot", key)
            yield loaded.finding(path, *unknown("column", name, columns), code="unknown_column")
    instrument = source.unpivot.instrument
    if instrument and instrument not in facts.instrument_keys():
        message, remedy = unknown("instrument", instrument, facts.instrument_keys())
        yield loaded.finding((*place, "unpivot", "instrument"), message, remedy, code="unknown_instrument")


def _expected_findings(facts: Facts, loaded: Loaded[SourcesFile], path: TreePath, expected: Expected) -> Findings:
    windows = facts.window_ids()
    if expected.window and expected.window not in windows:
        yield loaded.finding((*path, "window"), *unknown("window", expected.window, windows), code="unknown_window")
    origin = expected.once.from_ if expected.once else None
    name, dot, moment = (origin or "").partition(".")
    if dot and moment in {"opens", "closes"} and name not in windows:
        yield loaded.finding((*path, "once", "from"), *unknown("window", name, windows), code="unknown_window")


def _alert_findings(loaded: Loaded[AudiencesFile], place: TreePath, audience: Audience) -> Findings:
    """Yield what is wrong with the alerts of an audience: channels it has not, an escalation to nobody."""
    rules = audience.alerts
    if rules is None or loaded.shape is None:
        return
    channels = {each.id for each in audience.channels}
    for position, channel in enumerate(rules.channels):
        if channel not in channels:
            message, remedy = unknown("channel", channel, channels)
            path: TreePath = (*place, "alerts", "channels", position)
            yield loaded.finding(path, message, remedy, code="unknown_channel")
    told = {each.audience_id: each.alerts is not None for each in loaded.shape.audiences}
    if rules.escalate and not told.get(rules.escalate.to):
        to = rules.escalate.to
        message = f"escalate.to '{to}' " + ("has no alerts:." if to in told else "is not an audience.")
        remedy = f"Audiences with alerts: {', '.join(name for name, is_told in told.items() if is_told)}."
        yield loaded.finding((*place, "alerts", "escalate", "to"), message, remedy, code="unknown_audience")


def audience_findings(facts: Facts) -> Findings:
    """Yield everything wrong with ``audiences.yml`` beyond its shape."""
    loaded = facts.audiences
    if loaded.shape is None:
        return
    shape = loaded.shape
    yield from doubled_findings(loaded, ("audiences",), "audience_id", [each.audience_id for each in shape.audiences])
    for number, audience in enumerate(shape.audiences):
        place: TreePath = ("audiences", number)
        for position, language in enumerate(audience.languages):
            if language not in shape.languages:
                message, remedy = unknown("language", language, shape.languages)
                yield loaded.finding((*place, "languages", position), message, remedy, code="unknown_language")
        yield from doubled_findings(loaded, (*place, "channels"), "id", [each.id for each in audience.channels])
        yield from _alert_findings(loaded, place, audience)
    if shape.disclosure.confirmed_by is None or shape.disclosure.confirmed_on is None:
        message = f"nobody has confirmed preset '{shape.disclosure.preset}' for this district."
        remedy = "Add confirmed_by and confirmed_on under disclosure."
        yield loaded.finding(("disclosure",), message, remedy, severity="warning", code="policy_unconfirmed")
    yield from _partition_findings(facts, loaded)
    yield from coarsen_findings(facts, loaded)
    yield from _insider_findings(facts, loaded)


def _partition_findings(facts: Facts, loaded: Loaded[AudiencesFile]) -> Findings:
    """Yield partitions of which nobody declared the groups."""
    if loaded.shape is None or facts.indicators.shape is None:
        return
    known = {each.group_set_id: [*each.labels, *each.values] for each in facts.indicators.shape.groups}
    for name, partition in loaded.shape.disclosure.partitions.items():
        place: TreePath = ("disclosure", "partitions", name)
        if name not in known:
            message, remedy = unknown("group set", name, known)
            yield loaded.finding(place, message, remedy, code="unknown_group_set")
            continue
        for group in () if partition.printed == "all" else partition.printed:
            if group not in known[name]:
                message, remedy = unknown("group", group, known[name])
                yield loaded.finding((*place, "printed"), message, remedy, code="unknown_group")


def _insider_findings(facts: Facts, loaded: Loaded[AudiencesFile]) -> Findings:
    """Warn where two schools hide each other: each principal knows half of everything."""
    district, shape = facts.district.shape, loaded.shape
    if district is None or shape is None or shape.disclosure.insider == "none":
        return
    named = {school.school_id for school in district.schools}
    if len(named.union(*(cluster.schools for cluster in district.clusters))) != _TWO:
        return
    message = "With 2 schools and insider: own_unit, district results by group will mostly be hidden."
    remedy = "Consider coarsening or insider: none (needs because:)."
    yield loaded.finding(("disclosure",), message, remedy, severity="warning", code="insider")
