"""Baselines beside the official figures they name."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from aimline.cli import main
from aimline.journal import Event, open_journal
from aimline.storage import open_store
from aimline.warehouse import connect, quote_literal
from tests.support.declared import changed_copy

ROWS = """
    select 'district' as unit_type, 'all' as group_id, measure_id, profile_id, '' as subject_id, '' as estimator,
        'year_to_date' as period_kind, year as school_year, cast(day as varchar) as period_id, day as period_ends_on,
        value
    from (values
        ('chronic_absence', 'us-edfacts-195', 2026, date '2026-05-22', 0.19),
        ('chronic_absence', 'us-edfacts-195', 2026, date '2026-05-29', 0.2004),
        ('chronic_absence', 'us-edfacts-195', 2027, date '2026-12-04', 0.11),
        ('chronic_absence', 'nj-spr', 2026, date '2026-05-29', 0.5)
    ) as rows (measure_id, profile_id, year, day, value)
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A state root in which the figures of a year were sealed."""
    store = open_store(tmp_path / "state")
    journal = open_journal(store)
    file = store.path("sealed/final_2026.parquet")
    file.parent.mkdir(parents=True)
    with connect(role="memory") as connection:
        connection.execute(f"copy ({ROWS}) to {quote_literal(str(file))} (format parquet)")
    payload = {"snapshot_id": "final_2026", "key": "sealed/final_2026.parquet"}
    journal.append(
        [Event("snapshot_sealed", "final_2026", date(2026, 6, 20), "sealed", payload)],
        at=datetime(2026, 6, 20, tzinfo=UTC),
    )
    journal.close()
    return tmp_path / "state"


@pytest.mark.parametrize(
    ("baseline", "told"),
    [
        ("value: 0.197, snapshot: final_2026", ""),
        ("value: 0.19, snapshot: final_2026", "value: 0.19 is not what 'final_2026' sealed: 0.2004. Write 0.2004."),
        ("value: 0.197, snapshot: final_2025", "snapshot: nothing is sealed as 'final_2025'. Sealed: final_2026."),
        ("value: 0.19", ""),
    ],
)
def test_a_baseline_is_what_its_snapshot_sealed(
    baseline: str, told: str, root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The last figure of the year by the same definition is meant; less than half a change that matters is none."""
    was = "baseline: {year: 2026, value: 0.197}"
    folder = changed_copy(tmp_path, "indicators.yml", was, f"baseline: {{year: 2026, {baseline}}}")
    code = main(["check", str(folder), "--state", str(root), "--as-of", "2026-08-01"])
    found = [line for line in capsys.readouterr().out.splitlines() if "indicators[1].baseline" in line]
    assert (code, [line.partition("baseline.")[2] for line in found]) == (0, [told] if told else [])
