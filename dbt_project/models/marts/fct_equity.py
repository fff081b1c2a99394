"""Every group beside its reference: gap and ratio with intervals."""


def model(dbt, session):
    """Compare exact counts; the rules are in ``aimline.scoring.equity``."""
    dbt.config(materialized="table")
    from aimline.scoring.equity import EQUITY_COLUMNS, equity_rows
    from aimline.warehouse import records, typed

    return typed(session, list(equity_rows(records(dbt.ref("int_equity__counts")))), EQUITY_COLUMNS)
