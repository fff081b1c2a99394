"""The status of every judged figure."""


def model(dbt, session):
    """Judge figures against their lines; the rules are in ``aimline.signals``."""
    dbt.config(materialized="table")
    from aimline.signals import EVALUATION_COLUMNS, evaluate_panel
    from aimline.warehouse import records, typed

    return typed(
        session, evaluate_panel(records(dbt.ref("int_signals__panel").filter("is_current"))), EVALUATION_COLUMNS
    )
