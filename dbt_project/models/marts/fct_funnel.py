"""The schools of every tested indicator beside each other, once a term."""


def model(dbt, session):
    """Compare schools in each term that is over, by its own figures where there are any; the rules are in ``peers``."""
    dbt.config(materialized="table")
    from aimline.signals.peers import FUNNEL_COLUMNS, funnels
    from aimline.warehouse import records, typed

    [district] = records(dbt.ref("stg_declared__district"))
    series, terms = dbt.ref("int_signals__series"), dbt.ref("int_calendar__terms")
    figures = dbt.ref("int_figures__terms")
    if not district["peer_terms"]:
        return typed(session, [], FUNNEL_COLUMNS)
    whole = records(figures)
    told = {(row["indicator_id"], row["group_id"]) for row in whole}
    summed = [row for row in records(series) if (row["indicator_id"], row["group_id"]) not in told]
    return typed(session, funnels([*summed, *whole], records(terms), district), FUNNEL_COLUMNS)
