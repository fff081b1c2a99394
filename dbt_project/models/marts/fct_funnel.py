"""The schools of every tested indicator beside each other, once a term."""


def model(dbt, session):
    """Compare schools in each term that is over; the rules are in ``aimline.signals``."""
    dbt.config(materialized="table")
    from aimline.signals.peers import FUNNEL_COLUMNS, funnels
    from aimline.warehouse import records, typed

    [district] = records(dbt.ref("stg_declared__district"))
    series, dates = dbt.ref("int_signals__series"), dbt.ref("int_calendar__dates")
    found = funnels(records(series), records(dates), district) if district["peer_terms"] else []
    return typed(session, found, FUNNEL_COLUMNS)
