"""Alpha and omega of every scale and window, from sums of products of its items."""


def model(dbt, session):
    """Work out both; the rules are in ``aimline.scoring.reliability``."""
    dbt.config(materialized="table")
    from aimline.scoring.reliability import RELIABILITY_COLUMNS, reliability_rows
    from aimline.warehouse import records, typed

    return typed(session, list(reliability_rows(records(dbt.ref("int_survey__item_products")))), RELIABILITY_COLUMNS)
