"""The test of every monitored week or month against its school's own level."""


def model(dbt, session):
    """Test all series at once; the rules are in ``aimline.signals``."""
    dbt.config(materialized="table")
    from aimline.signals.levels import TEST_COLUMNS, level_tests
    from aimline.warehouse import column_arrays, typed

    return typed(session, level_tests(column_arrays(dbt.ref("int_signals__series"))), TEST_COLUMNS)
