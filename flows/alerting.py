"""Tell the owners of what left its aim line and of what is due. A step of the night and a flow of its own."""

from flows._runtime import Did, Tonight, on_demand, step


@step("alert")
def tell_owners(tonight: Tonight) -> Did:
    """Write the new alert events into the journal, tell each recipient once, remind people of what is due."""
    from reports.alerting import tell
    from reports.reminding import remind

    report = tell(tonight.context)
    remind(tonight.context)
    return Did("done" if report.new or report.n_told else "not_due", report)


alerting = on_demand(tell_owners)
