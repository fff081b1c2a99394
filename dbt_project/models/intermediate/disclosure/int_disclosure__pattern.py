"""The pattern of hidden cells, of every population at once."""


def model(dbt, session):
    """Decide which cells are hidden; the rules are in ``aimline.disclosure``."""
    dbt.config(materialized="table")
    from aimline.disclosure import PATTERN_COLUMNS, Outcomes, protect_population
    from aimline.disclosure.policy import policy_of
    from aimline.warehouse import records, typed
    from schemas.published import POPULATIONS

    given = [records(dbt.ref("int_disclosure__cells")), records(dbt.ref("int_disclosure__relations"))]
    proof = [records(dbt.ref("int_disclosure__outcomes")), records(dbt.ref("int_audiences__readers"))]
    policy = policy_of(records(dbt.ref("stg_declared__district")))
    kinds = {measure: counted.kind for measure, counted in POPULATIONS.items()}
    rows = protect_population(*given, kinds, policy, outcomes=Outcomes.of(*proof, policy))
    return typed(session, rows, PATTERN_COLUMNS)
