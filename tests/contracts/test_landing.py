"""The contracts of what arrives: a row that passes, one mistake, and the same answer of pandera and of the SQL."""

import warnings
from datetime import date
from functools import cache
from typing import Any

import pandas as pd
import pandera.pandas as pa
import pytest

from aimline.arrival.contract_sql import CompiledContract, compile_contract
from aimline.errors import ContractError
from aimline.warehouse import connect, quote_ident
from schemas.fields import COUNT, DATE, ENTITIES, FLAG, INSTANT, KEYS, TEXT
from schemas.landing import CONTRACTS
from schemas.landing.base import contract

DAY = date(2026, 10, 7)
SAMPLE = {TEXT: "x", DATE: DAY, INSTANT: pd.Timestamp("2026-10-07 12:00").to_pydatetime(), FLAG: True, COUNT: 3}

# What a row needs beyond a sample of each type.
ROWS: dict[str, dict[str, Any]] = {
    "enrollment": {"grade": "4", "exited_on": date(2026, 11, 1), "fte": 1.0, "school_year": 2027},
    "attendance_events": {
        "category": "excused",
        "absence_fraction": None,
        "periods_absent": 2,
        "periods_scheduled": 6,
        "minutes_absent": None,
        "minutes_scheduled": None,
    },
    "attendance_submissions": {"grade": "K"},
    "attendance_counts": {"status": "reported", "n_enrolled": 30, "n_present": 28, "attendance_share": 0.93},
    "calendar_days": {"day_kind": "regular"},
    "student_attributes": {"attribute": "english_learner", "valid_to": date(2027, 1, 1)},
    "schools": {"closes_on": date(2030, 1, 1)},
    "school_events": {"event": "merge"},
    "responses": {"respondent_class": "student", "grade": "4", "answer_state": "answered"},
    "roster": {"respondent_class": "student", "grade": "4"},
    "rubric_ratings": {"unit_type": "school", "rating": 3},
    "walkthroughs": {"rating": "not_seen"},
    "rooms": {},
    "activities": {"unit_type": "school", "status": "delivered", "adaptation": "none"},
    "pd_attendance": {},
    "staff": {"school_year": 2027},
    "school_plan": {"school_year": 2027, "line_kind": "goal"},
    "cycle_form": {"direction": "higher", "measured_every": "week", "verdict": "adopt"},
    "meeting_record": {},
    "reference_figures": {"unit_type": "school", "school_year": 2027, "value": None, "value_state": "published"},
}

# entity, what is changed, the columns the failed check is about.
BROKEN: list[tuple[str, dict[str, Any], tuple[str, ...]]] = [
    ("enrollment", {"grade": "13"}, ("grade",)),
    ("enrollment", {"fte": 1.2}, ("fte",)),
    ("enrollment", {"school_year": 27}, ("school_year",)),
    ("enrollment", {"exited_on": date(2026, 1, 1)}, ("exited_on", "entered_on")),
    ("attendance_events", {"category": "late"}, ("category",)),
    ("attendance_events", {"periods_absent": -1}, ("periods_absent",)),
    ("attendance_events", {"periods_absent": 7}, ("periods_absent", "periods_scheduled")),
    ("attendance_events", {"periods_absent": 0, "periods_scheduled": 0}, ("periods_scheduled",)),
    (
        "attendance_events",
        {"periods_absent": None, "periods_scheduled": None, "minutes_absent": 9, "minutes_scheduled": 8},
        ("minutes_absent", "minutes_scheduled"),
    ),
    ("attendance_submissions", {"grade": "k"}, ("grade",)),
    ("attendance_counts", {"status": "open", "n_present": None, "attendance_share": None}, ("status",)),
    ("attendance_counts", {"n_enrolled": -1, "n_present": None}, ("n_enrolled",)),
    ("attendance_counts", {"n_present": 31}, ("n_present", "n_enrolled")),
    ("attendance_counts", {"attendance_share": 93.0}, ("attendance_share",)),
    ("attendance_counts", {"n_enrolled": None}, ("n_present", "n_enrolled")),
    ("attendance_counts", {"status": "not_submitted"}, ("n_present", "attendance_share", "status")),
    ("attendance_counts", {"n_present": None, "attendance_share": None}, ("n_present", "attendance_share", "status")),
    ("calendar_days", {"day_kind": "holiday"}, ("day_kind",)),
    ("student_attributes", {"attribute": "English learner"}, ("attribute",)),
    ("student_attributes", {"valid_to": date(2026, 1, 1)}, ("valid_to", "valid_from")),
    ("schools", {"n_enrolled": -1}, ("n_enrolled",)),
    ("schools", {"closes_on": date(2026, 1, 1)}, ("closes_on", "opens_on")),
    ("responses", {"respondent_class": "teacher"}, ("respondent_class",)),
    ("responses", {"answer_state": "yes"}, ("answer_state",)),
    ("responses", {"grade": "Four"}, ("grade",)),
    ("responses", {"duration_seconds": -1.0}, ("duration_seconds",)),
    ("roster", {"respondent_class": "pupil"}, ("respondent_class",)),
    ("roster", {"grade": "0"}, ("grade",)),
    ("rubric_ratings", {"unit_type": "room"}, ("unit_type",)),
    ("rubric_ratings", {"rating": 5}, ("rating",)),
    ("rubric_ratings", {"rating": 0}, ("rating",)),
    ("walkthroughs", {"rating": "5"}, ("rating",)),
    ("activities", {"status": "done"}, ("status",)),
    ("activities", {"n_core_delivered": 4}, ("n_core_delivered", "n_core_required")),
    ("activities", {"quality": 5}, ("quality",)),
    ("activities", {"quality": 0}, ("quality",)),
    ("activities", {"unit_type": "room"}, ("unit_type",)),
    ("activities", {"n_core_required": -1, "n_core_delivered": None}, ("n_core_required",)),
    ("activities", {"n_core_delivered": -1}, ("n_core_delivered",)),
    ("activities", {"n_eligible": -1}, ("n_eligible",)),
    ("activities", {"n_reached": -1}, ("n_reached",)),
    ("school_events", {"event": "moved"}, ("event",)),
    ("school_events", {"share": 1.5}, ("share",)),
    ("reference_figures", {"unit_type": "room"}, ("unit_type",)),
    ("reference_figures", {"school_year": 27}, ("school_year",)),
    ("attendance_counts", {"n_present": -1}, ("n_present",)),
    ("activities", {"adaptation": "some"}, ("adaptation",)),
    ("pd_attendance", {"hours": -0.5}, ("hours",)),
    ("staff", {"school_year": 27}, ("school_year",)),
    ("school_plan", {"school_year": 27}, ("school_year",)),
    ("school_plan", {"line_kind": "wish"}, ("line_kind",)),
    ("school_plan", {"due_on": date(2026, 1, 1)}, ("due_on", "starts_on")),
    ("cycle_form", {"direction": "better"}, ("direction",)),
    ("cycle_form", {"measured_every": "term"}, ("measured_every",)),
    ("cycle_form", {"verdict": "good"}, ("verdict",)),
    ("cycle_form", {"ends_on": date(2026, 1, 1)}, ("ends_on", "starts_on")),
    ("meeting_record", {"n_present": -1}, ("n_present",)),
    ("meeting_record", {"next_on": date(2026, 1, 1)}, ("next_on", "on_date")),
    ("reference_figures", {"value_state": "hidden", "numerator": None}, ("value_state",)),
    ("reference_figures", {"numerator": None}, ("numerator", "value", "value_state")),
    ("reference_figures", {"value_state": "masked"}, ("numerator", "value", "value_state")),
]
AMOUNTS = ("absence_fraction", "periods_absent", "periods_scheduled", "minutes_absent", "minutes_scheduled")
NOT_ONE_AMOUNT = [
    dict.fromkeys(AMOUNTS),
    {"absence_fraction": 0.5},
    {"periods_scheduled": None},
    {"minutes_absent": 10, "minutes_scheduled": 300},
]
BROKEN += [("attendance_events", changes, AMOUNTS) for changes in NOT_ONE_AMOUNT]
BY_MINUTES = {"periods_absent": None, "periods_scheduled": None}
BROKEN += [
    ("attendance_events", BY_MINUTES | {"absence_fraction": 1.5}, ("absence_fraction",)),
    ("attendance_events", BY_MINUTES | {"minutes_absent": -1, "minutes_scheduled": 9}, ("minutes_absent",)),
    ("attendance_events", BY_MINUTES | {"minutes_absent": 0, "minutes_scheduled": 0}, ("minutes_scheduled",)),
]


def a_row(entity: str, **changes: Any) -> dict[str, Any]:
    """Return a row that passes, with changes."""
    row = {column.name: SAMPLE.get(column.field.type, 1.0) for column in ENTITIES[entity]}
    return row | ROWS[entity] | changes


def frame(entity: str, *rows: dict[str, Any]) -> pd.DataFrame:
    """Return rows as the contract types them."""
    columns = CONTRACTS[entity].columns
    return pd.DataFrame(
        {name: pd.Series([row[name] for row in rows], dtype=str(column.dtype)) for name, column in columns.items()}
    )


def refused(entity: str, *rows: dict[str, Any]) -> bool:
    """Say whether pandera refuses the rows."""
    try:
        CONTRACTS[entity].validate(frame(entity, *rows), lazy=True)
    except pa.errors.SchemaErrors:
        return True
    return False


@cache
def compiled(entity: str) -> CompiledContract:
    """Return the contract as SQL."""
    return compile_contract(CONTRACTS[entity])


def failed_checks(entity: str, row: dict[str, Any]) -> list[tuple[str, ...]]:
    """Return the columns of the checks that fail in SQL, on typed columns; a number may be out of its type's bounds."""
    checks = compiled(entity).checks
    typed = {column.name: column.field.type for column in ENTITIES[entity]}
    typed = {name: "double" if kind.startswith("DECIMAL") else kind for name, kind in typed.items()}
    cells = ", ".join(f"cast(${name} as {kind}) as {quote_ident(name)}" for name, kind in typed.items())
    tests = ", ".join(f"coalesce({check.fails}, false) as c{number}" for number, check in enumerate(checks))
    with connect(role="memory") as connection:
        (found,) = connection.rows(f"select {tests} from (select {cells})", row)
    return [check.columns for check, fails in zip(checks, found.values(), strict=True) if fails]


@pytest.mark.parametrize("entity", CONTRACTS)
def test_right_row_passes(entity: str) -> None:
    """A row that is right is accepted by both."""
    assert not refused(entity, a_row(entity))
    assert failed_checks(entity, a_row(entity)) == []


@pytest.mark.parametrize("entity", CONTRACTS)
def test_row_of_what_is_required_passes(entity: str) -> None:
    """What may be null may be null, as far as no rule between columns needs it."""
    kept = {"periods_absent", "periods_scheduled", "n_present", "n_enrolled", "numerator"}
    empty = {column.name: None for column in ENTITIES[entity] if column.is_nullable and column.name not in kept}
    assert not refused(entity, a_row(entity, **empty))
    assert failed_checks(entity, a_row(entity, **empty)) == []


@pytest.mark.parametrize("case", range(len(BROKEN)))
def test_broken_row_fails_its_check_in_both(case: int) -> None:
    """One mistake fails one check, in pandera and in the SQL made from it."""
    entity, changes, columns = BROKEN[case]
    assert refused(entity, a_row(entity, **changes))
    assert failed_checks(entity, a_row(entity, **changes)) == [columns]


@pytest.mark.parametrize("entity", CONTRACTS)
def test_required_column_is_never_null(entity: str) -> None:
    """Every column that is not marked as such must be filled."""
    required = [column.name for column in ENTITIES[entity] if not column.is_nullable]
    with pytest.raises(pa.errors.SchemaErrors) as caught:
        CONTRACTS[entity].validate(frame(entity, dict.fromkeys(a_row(entity))), lazy=True)
    cases = caught.value.failure_cases
    assert set(cases[cases["check"] == "not_nullable"]["column"]) == set(required)
    assert {(name,) for name in required} <= set(failed_checks(entity, dict.fromkeys(a_row(entity))))


@pytest.mark.parametrize("entity", CONTRACTS)
def test_two_rows_with_one_key_conflict(entity: str) -> None:
    """The key names a row; its columns belong to the entity."""
    assert refused(entity, a_row(entity), a_row(entity))
    assert compiled(entity).key == KEYS[entity]
    assert set(KEYS[entity]) <= {column.name for column in ENTITIES[entity]}


def test_every_entity_has_its_contract() -> None:
    """No column list without a contract, no contract without a key."""
    assert set(CONTRACTS) == set(ENTITIES) == set(KEYS)


def test_every_check_is_broken_here() -> None:
    """A check that no test breaks may not work: each of the rules has a row that fails it."""
    needed = {
        (entity, check.columns)
        for entity in CONTRACTS
        for check in compiled(entity).checks
        if not check.fails.endswith(" is null") or len(check.columns) > 1
    }
    broken = {(entity, columns) for entity, _, columns in BROKEN}
    assert sorted(needed - broken) == []


def test_check_of_an_unknown_column_is_an_error() -> None:
    """A check about a column the entity does not have would never run."""
    with pytest.raises(KeyError, match="rooms has no column floor"):
        contract("rooms", checks={"floor": pa.Check.ge(0)})


def test_check_without_sql_is_an_error() -> None:
    """What cannot be told to a database is refused, never skipped."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        odd = contract("rooms", checks={"school_id": pa.Check(lambda series: series != "x")})
    with pytest.raises(ContractError):
        compile_contract(odd)
