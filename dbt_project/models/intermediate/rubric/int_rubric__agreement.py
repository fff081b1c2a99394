"""How far the raters of a rubric agree, of every occasion and school."""


def model(dbt, session):
    """Compare single ratings; the rules are in ``aimline.scoring.agreement``."""
    dbt.config(materialized="table")
    from aimline.scoring.agreement import AGREEMENT_COLUMNS, agreement_rows
    from aimline.warehouse import records, typed

    ratings = dbt.ref("stg_landed__rubric_ratings").filter("not is_consensus and rating is not null")
    named = ratings.project("slot, unit_id, item_id, rater_key, rating").order("all")
    return typed(session, list(agreement_rows(records(named))), AGREEMENT_COLUMNS)
