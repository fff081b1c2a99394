"""Roll the years over: say in which state each is, and which is missing. Every night does it before it collects."""

from flows._runtime import Did, Tonight, on_demand, step


@step("due")
def roll(tonight: Tonight) -> Did:
    """Write down the years that came into another state, and tell of one that has begun without a file."""
    from aimline.commands.night import tell_missing_year
    from aimline.commands.years import record_years

    moved = record_years(tonight.context)
    tell_missing_year(tonight.context)
    return Did("done" if moved else "not_due", moved)


rollover = on_demand(roll)
