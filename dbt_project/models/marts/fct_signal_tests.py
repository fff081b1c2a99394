"""The test of every monitored week or month against its school's own level."""


def model(dbt, session):
    """Test all series at once, those a person let begin anew by themselves; the rules are in ``aimline.signals``."""
    dbt.config(materialized="table")
    import json

    from aimline.signals.levels import TEST_COLUMNS, level_tests
    from aimline.signals.rebase import begun_anew
    from aimline.warehouse import column_arrays, records, typed

    told = records(dbt.ref("stg_ledger__events").filter("kind = 'signals_rebased'").order("seq"))
    series = begun_anew(column_arrays(dbt.ref("int_signals__series")), [json.loads(row["payload"]) for row in told])
    return typed(session, level_tests(series), TEST_COLUMNS)
