"""The status of every judged figure."""


def model(dbt, session):
    """Judge figures against their lines; the rules are in ``aimline.signals``."""
    dbt.config(materialized="table")
    from aimline.signals import EVALUATION_COLUMNS, evaluate_panel
    from aimline.warehouse import records, typed

    panel = records(dbt.ref("int_signals__panel").filter("is_current"))
    outlooks = records(dbt.ref("fct_forecasts"))
    return typed(session, evaluate_panel(panel, outlooks), EVALUATION_COLUMNS)
