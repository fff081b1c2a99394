"""Collect what has arrived. The same function is a step of the night and a flow of its own."""

from flows._runtime import Did, Tonight, is_last_try, on_demand, step


@step("collect", retries=True)
def collect(tonight: Tonight) -> Did:
    """Land the declared facts, then every source; one that still fails after the last try does not stop the night."""
    from aimline.commands.collection import collect as collect_all
    from aimline.commands.night import move_windows

    move_windows(tonight.context, arrivals_are_in=False)  # what comes into a window that closed is late
    report = collect_all(tonight.context)
    move_windows(tonight.context)  # what waited for a delivery that came tonight goes on; what nobody sent blocks
    if not is_last_try():
        report.raise_transient()
    return Did("unchanged" if report.is_unchanged else "done", report)


collection = on_demand(collect)
