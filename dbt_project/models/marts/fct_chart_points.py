"""The chart of every tested series, a row a point, with what its rules tell."""


def model(dbt, session):
    """Chart all series; the rules are in ``aimline.signals``."""
    dbt.config(materialized="table")
    import json

    from aimline.signals.series_charts import POINT_COLUMNS, chart_points
    from aimline.warehouse import records, typed

    told = records(dbt.ref("stg_ledger__events").filter("kind = 'signals_rebased'").order("seq"))
    rebases = [json.loads(row["payload"]) for row in told]
    forecasts = records(dbt.ref("fct_forecasts").filter("target is not null"))
    targets = {(row["indicator_id"], row["unit_id"], row["group_id"]): row["target"] for row in forecasts}
    months = records(dbt.ref("int_signals__months"))
    apart = {}
    if months:
        from aimline.signals.year_levels import years_apart  # a second that a district without charts need not wait

        apart = years_apart(months)
    series = records(dbt.ref("int_signals__series"))
    return typed(session, chart_points(series, rebases, targets, apart), POINT_COLUMNS)
