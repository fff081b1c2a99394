"""What is to be expected of the year of every school, and its chance to meet the target."""


def model(dbt, session):
    """Forecast rates from months, and chronic absence from students; the rules are in ``aimline.signals``."""
    dbt.config(materialized="table")
    from aimline.signals.outlooks import OUTLOOK_COLUMNS, is_low, outlooks
    from aimline.warehouse import column_arrays, records, typed

    indicators = dbt.ref("dim_indicators")
    if not records(indicators):  # what forecasts takes longer to load than a small district's night to build
        return typed(session, [], OUTLOOK_COLUMNS)
    from aimline.signals.chronic_outlooks import chronic_outlooks, with_months_before

    [district] = records(dbt.ref("stg_declared__district"))
    rates = outlooks(records(dbt.ref("int_signals__months")), district["district_id"])
    students = dbt.ref("int_signals__students")
    chronic = chronic_outlooks(column_arrays(students.filter("is_newest")))
    if any(map(is_low, chronic)):
        chronic = with_months_before(chronic, column_arrays(students.filter("not is_newest")))
    return typed(session, rates + chronic, OUTLOOK_COLUMNS)
