"""How every open survey window will end, by school: what is usual by now, a forecast with its interval, the lack."""


def model(dbt, session):
    """Forecast from the windows before; the rules are in ``aimline.arrival.pace``."""
    dbt.config(materialized="table")
    from aimline.arrival.pacing import PACE_COLUMNS, paced
    from aimline.warehouse import records, typed

    return typed(session, paced(records(dbt.ref("int_survey__arrived"))), PACE_COLUMNS)
