"""The alerts of a build, those told before and those that are new."""


def model(dbt, session):
    """Tell what has changed since the alerts before; the rules are in ``aimline.signals``."""
    dbt.config(materialized="table")
    from aimline.signals import ALERT_COLUMNS, Judged, Labels, tell_alerts
    from aimline.warehouse import records, typed

    indicators = records(dbt.ref("dim_indicators"))
    units = records(dbt.ref("dim_units"))
    groups = records(dbt.ref("dim_groups"))
    forecasts = records(dbt.ref("fct_forecasts"))
    previous = records(dbt.ref("stg_ledger__alert_events"))
    [district] = records(dbt.ref("stg_declared__district"))
    tests = records(dbt.ref("fct_signal_tests"))
    charts = records(dbt.ref("fct_chart_points").filter("assurance_type = 'consistent_fail'"))
    failing = frozenset((row["indicator_id"], row["unit_id"], row["group_id"]) for row in charts)
    outlooks = {(row["indicator_id"], row["unit_id"], row["group_id"]): row for row in forecasts}
    judged = Judged(records(dbt.ref("fct_judged_figures")), tests, district["signal_evaluate"], failing, outlooks)
    [through] = records(dbt.source("landed", "through"))
    labels = Labels(
        {row["indicator_id"]: row for row in indicators},
        {row["unit_id"]: row["unit_label"] for row in units},
        {row["group_id"]: row["label_en"] for row in groups},
    )
    return typed(session, tell_alerts(previous, judged, labels, through["as_of"]), ALERT_COLUMNS)
