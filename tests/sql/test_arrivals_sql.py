"""Deliveries as the engineering page is given them: what came, what is late, what is to come."""

from datetime import date

from jinja2 import Environment

from aimline.warehouse import connect


def test_what_has_not_come_is_expected_due_late_or_missing(project_root):
    """Ahead it is expected, within its grace due, late when a night told so; missing where no night looked for it."""
    text = (project_root / "dbt_project/models/published/rpt_arrivals.sql").read_text(encoding="utf-8")
    made = Environment().from_string(text)  # noqa: S701 - SQL, not HTML
    sql = made.render(ref=lambda name: name, source=lambda _, name: name)
    days = [date(2026, 9, day) for day in (1, 14, 16, 17, 18, 21)]
    with connect(role="memory") as connection:
        connection.execute(
            f"""
            create table tonight as select date '2026-09-17' as as_of;
            create table stg_declared__audiences as select 'engineering' as audience_id, 'district' as scope;
            create table stg_declared__sources as select 'sis' as source_id, 'SIS' as label_en, 'Office' as owner_label;
            create table int_calendar__dates as select 2027 as school_year, date '2026-09-01' as on_date;
            create table stg_declared__obligations as
            select 'sis' as source_id, 'arrival' as kind, 2027 as school_year, cast(day as date) as due_on
            from (values {", ".join(f"('{day}')" for day in days)}) as days (day);
            create table stg_ledger__events as from (values
                ('arrival_late', date '2026-09-15', '{{"source_id": "sis", "expected_on": "2026-09-14"}}'),
                ('batch_accepted', date '2026-09-18', '{{"source_id": "sis", "expected_on": "2026-09-18"}}')
            ) as told (kind, as_of, payload);
            """
        )
        found = connection.rows(f"select expected_on, state from ({sql}) order by expected_on")
    states = ("missing", "late", "due", "expected", "accepted", "expected")
    assert [tuple(row.values()) for row in found] == list(zip(days, states, strict=True))
