"""Mean scores and percent favorable weighed by what is known of everybody asked, where an instrument declares it."""


def model(dbt, session):
    """Rake cells of people; the rules are in ``aimline.scoring.weights``."""
    dbt.config(materialized="table")
    from aimline.scoring.weighing import WEIGHTED_COLUMNS, weighted_rows
    from aimline.warehouse import records, typed

    return typed(session, list(weighted_rows(records(dbt.ref("int_survey__cells")))), WEIGHTED_COLUMNS)
