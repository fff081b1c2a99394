"""Tell the owners of what left its aim line. The same function is a step of the night and a flow of its own."""

from flows._runtime import Did, Tonight, on_demand, step


@step("alert")
def tell_owners(tonight: Tonight) -> Did:
    """Write the new alert events into the journal, then tell each recipient once."""
    from reports.alerting import tell

    report = tell(tonight.context)
    return Did("done" if report.new or report.n_told else "not_due", report)


alerting = on_demand(tell_owners)
