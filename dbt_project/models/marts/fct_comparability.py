"""How far each survey wave may be compared with the one before, and how means changed, by the same people or all."""


def model(dbt, session):
    """Compare exact sums; the rules are in ``aimline.scoring.change``."""
    dbt.config(materialized="table")
    from aimline.scoring.waves import COMPARED_COLUMNS, compared_rows
    from aimline.warehouse import records, typed

    return typed(session, list(compared_rows(records(dbt.ref("int_survey__changes")))), COMPARED_COLUMNS)
