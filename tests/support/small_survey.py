"""A small survey in a small world: an instrument, its windows, a frozen list, responses as they would arrive."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

from aimline import _edition_rows, _measure_rows
from schemas.instruments import InstrumentFile
from tests.support import oracle_survey
from tests.support.small_world import ZONE, World

YEAR = 2027
LABEL = {"en": "words"}
OPTIONS = [{"value": value, "label": {"en": f"Option {value}"}} for value in range(1, 6)]


def instrument(form: oracle_survey.Questionnaire, **changed: Any) -> InstrumentFile:
    """Return an instrument with five options whose items and scales are those of a questionnaire."""
    items = [
        {"item_id": column, "options": "five", "text": LABEL, "reverse": column in form.reversed_columns}
        for column in form.columns
    ]
    scales = [
        {"scale_id": name, "label": LABEL, "items": list(columns), "favorable": {"rule": "top", "of": {5: 2}}}
        for name, columns in form.scales.items()
    ]
    facts = {
        "instrument_id": "survey",
        "edition": "1",
        "kind": "survey",
        "label": LABEL,
        "option_sets": {"five": OPTIONS},
    }
    return InstrumentFile.model_validate(facts | {"items": items, "scales": scales} | changed)


def declare_survey(world: World, form: InstrumentFile, windows: Mapping[str, tuple[date, date]]) -> None:
    """Land an instrument and the windows that use it."""
    declare_editions(world, {window_id: (form, *days) for window_id, days in windows.items()})


def declare_editions(world: World, windows: Mapping[str, tuple[InstrumentFile, date, date]]) -> None:
    """Land the windows of a year, in the order of their waves, and the editions they ask with."""
    deployment: Any = SimpleNamespace(instruments={form.key: form for form, _, _ in windows.values()})
    for name in ("instruments", "items", "options", "scales", "scale_items"):
        world.land(f"declared_{name}", getattr(_measure_rows, name)(deployment))
    for name in ("crosswalk", "subject_definitions"):
        world.land(f"declared_{name}", getattr(_edition_rows, name)(deployment))
    world.land(
        "declared_windows",
        [
            {"window_id": window_id, "school_year": YEAR, "kind": "survey", "label_en": window_id}
            | {"instrument_id": form.instrument_id, "edition": form.edition, "wave": number}
            | {"opens_on": opens, "closes_on": closes, "threshold_numerator": 4, "threshold_denominator": 5}
            for number, (window_id, (form, opens, closes)) in enumerate(windows.items(), 1)
        ],
    )


def land_list(world: World, window_id: str, listed: Mapping[str, tuple[str, bool]]) -> None:
    """Land a frozen list: person -> (school, opted out)."""
    shared = {"window_id": window_id, "roster_id": f"{window_id}.{YEAR}", "slot": f"{window_id}.{YEAR}"}
    shared |= {"respondent_class": "student", "frozen_at": datetime(2026, 10, 1)}  # noqa: DTZ001 - landed without zone
    rows = [
        shared | {"respondent_key": person, "school_id": school, "grade": "5", "is_opted_out": is_out}
        for person, (school, is_out) in listed.items()
    ]
    world.land("roster", rows, source_id=f"list_{window_id}")


def land_responses(world: World, window_id: str, responses: Iterable[oracle_survey.Sent]) -> None:
    """Land an export: a row an item, empty where nothing was ticked."""
    rows = [
        {"window_id": window_id, "slot": f"{window_id}.{YEAR}", "row_no": number, **_head(sent), **answer}
        for number, sent in enumerate(responses, 1)
        for answer in _answers(sent.raw)
    ]
    world.land("responses", rows, source_id=f"export_{window_id}")


def _head(sent: oracle_survey.Sent) -> dict[str, Any]:
    local = datetime.fromisoformat(sent.sent_at).replace(tzinfo=ZoneInfo(ZONE))
    return {
        "response_id": sent.response_id,
        "respondent_key": sent.key or None,
        "respondent_class": "student",
        "school_id": sent.school,
        "grade": "5",
        "submitted_at": local.astimezone(UTC).replace(tzinfo=None),
        "duration_seconds": sent.seconds,
        "is_preview": sent.is_preview,
    }


def _answers(raw: Mapping[str, int | None]) -> Sequence[dict[str, str]]:
    return [
        {"item_id": item, "option_value": "" if value is None else str(value)}
        | {"answer_state": "skipped" if value is None else "answered"}
        for item, value in raw.items()
    ]
