"""Every group beside its reference: gap and ratio with intervals, of scores the standardized difference."""


def model(dbt, session):
    """Compare exact counts; the rules are in ``aimline.scoring.equity``."""
    dbt.config(materialized="table")
    from aimline.scoring.equity import EQUITY_COLUMNS, equity_rows
    from aimline.scoring.screens import score_rows
    from aimline.warehouse import records, typed

    scores = records(dbt.ref("int_survey__scale_sums").filter("not is_without_flagged"))
    rows = [*equity_rows(records(dbt.ref("int_equity__counts"))), *score_rows(scores)]
    return typed(session, rows, EQUITY_COLUMNS)
