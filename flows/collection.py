"""Collect what has arrived. The same function is a step of the night and a flow of its own."""

from flows._runtime import Did, Tonight, on_demand, step


@step("collect", retries=True)
def collect(tonight: Tonight) -> Did:
    """Land the declared facts, then every source."""
    from aimline.commands.collection import collect as collect_all

    report = collect_all(tonight.context)
    return Did("unchanged", report)


collection = on_demand(collect)
