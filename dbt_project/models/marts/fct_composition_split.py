"""How much of a change between two years is the groups' own rates, how much is who is there."""


def model(dbt, session):
    """Split exact counts; the rules are in ``aimline.scoring.equity``."""
    dbt.config(materialized="table")
    from aimline.scoring.equity import SPLIT_COLUMNS, split_rows
    from aimline.warehouse import records, typed

    return typed(session, list(split_rows(records(dbt.ref("int_equity__counts")))), SPLIT_COLUMNS)
