"""What is to be expected of the year of every school, and its chance to meet the target."""


def model(dbt, session):
    """Forecast from months; the rules are in ``aimline.signals``."""
    dbt.config(materialized="table")
    from aimline.signals.outlooks import OUTLOOK_COLUMNS, outlooks
    from aimline.warehouse import records, typed

    [district] = records(dbt.ref("stg_declared__district"))
    return typed(session, outlooks(records(dbt.ref("int_signals__months")), district["district_id"]), OUTLOOK_COLUMNS)
