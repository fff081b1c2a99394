"""Single days that were events, as pages are given them: whose they are, and who reads of them."""

from datetime import date

import pytest
from jinja2 import Environment

from aimline.warehouse import connect

STORM, FLU, OTHER = date(2026, 12, 3), date(2026, 11, 9), date(2026, 10, 5)


@pytest.fixture
def notes(project_root):
    """The rows of the model over a district of two schools, of which one is shown; three days and what followed."""
    text = (project_root / "dbt_project/models/published/rpt_notes.sql").read_text(encoding="utf-8")
    sql = Environment().from_string(text).render(ref=lambda name: name)  # noqa: S701 - SQL, not HTML
    with connect(role="memory") as connection:
        connection.execute(
            f"""
            create table int_audiences__readers as from (values
                ('board', 'd', 'd', 'district', true), ('board', 'd', 's1', 'school', true),
                ('board', 'd', 's2', 'school', true), ('principal', '*', 'd', 'district', true),
                ('principal', 's1', 's1', 'school', true), ('principal', 's2', 's2', 'school', true),
                ('analyst', 'd', 'd', 'district', false)
            ) as t (audience_id, reader_unit_id, unit_id, unit_type, is_told_figures);
            create table fct_alert_events as from (values
                ('e1', 'i', 'd', 'sudden', 'new', date '{STORM}'),
                ('e2', 'i', 'd', 'sudden', 'ongoing', date '{STORM}'),
                ('e3', 'i', 's1', 'sudden', 'new', date '{FLU}'), ('e4', 'i', 's2', 'sudden', 'new', date '{OTHER}'),
                ('e5', 'i', 's1', 'concern', 'new', date '{OTHER}')
            ) as t (event_id, indicator_id, unit_id, kind, event_type, period_on);
            create table int_signals__series as from (values ('i', 's1')) as t (indicator_id, unit_id);
            """
        )
        yield [tuple(row.values()) for row in connection.rows(f"select * exclude (note_id) from ({sql}) order by all")]


def test_day_is_told_to_whoever_reads_its_unit_and_once(notes):
    """A storm to all, a school's own day to those who read the school; of a hidden school none, of others none."""
    assert notes == [
        ("board", "d", "i", "district", "d", STORM),
        ("board", "d", "i", "school", "s1", FLU),
        ("principal", "*", "i", "district", "d", STORM),
        ("principal", "s1", "i", "school", "s1", FLU),
    ]
