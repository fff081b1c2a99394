"""The pattern of hidden cells, of every population at once."""


def model(dbt, session):
    """Decide which cells are hidden; the rules are in ``aimline.disclosure``."""
    dbt.config(materialized="table")
    from aimline.disclosure import PATTERN_COLUMNS, Policy, protect_population
    from aimline.warehouse import records, typed
    from schemas.published import POPULATIONS

    cells = records(dbt.ref("int_disclosure__cells"))
    relations = records(dbt.ref("int_disclosure__relations"))
    [district] = records(dbt.ref("stg_declared__district"))
    kinds = {measure: counted.kind for measure, counted in POPULATIONS.items()}
    return typed(session, protect_population(cells, relations, kinds, Policy(district["n_min"])), PATTERN_COLUMNS)
