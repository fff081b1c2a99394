"""The test of every monitored day, week, month or wave against its school's level, and of what all schools share."""


def model(dbt, session):
    """Test all series at once, those a person let begin anew by themselves; the rules are in ``aimline.signals``."""
    dbt.config(materialized="table")
    from aimline.signals.tested import TEST_COLUMNS
    from aimline.warehouse import column_arrays, records, typed

    indicators = dbt.ref("dim_indicators")
    if not records(indicators):  # what tests takes longer to load than a small district's night to build
        return typed(session, [], TEST_COLUMNS)
    from aimline.signals.warehouse_tests import Told, all_tests

    [district] = records(dbt.ref("stg_declared__district"))
    rebased = records(dbt.ref("stg_ledger__events").filter("kind = 'signals_rebased'").order("seq"))
    over = records(dbt.ref("stg_ledger__alert_events").filter("event_type = 'resolved'"))
    series, waves = column_arrays(dbt.ref("int_signals__series")), records(dbt.ref("int_signals__waves"))
    forecasts, funnels = records(dbt.ref("fct_forecasts")), records(dbt.ref("fct_funnel"))
    daily = records(indicators.filter("is_signal_daily").project("indicator_id"))
    days = column_arrays(dbt.ref("int_signals__days")) if daily else None
    weekly = records(indicators.filter("signal_period_kind = 'week'").project("indicator_id"))
    school_days = column_arrays(dbt.ref("int_signals__school_days")) if weekly else None
    charts = records(dbt.ref("fct_chart_points").filter("rule is not null").project("figure_id"))
    charted = frozenset(row["figure_id"] for row in charts)
    told = Told(district, rebased, over, forecasts, funnels, days, school_days, charted)
    return typed(session, all_tests(series, waves, told), TEST_COLUMNS)
