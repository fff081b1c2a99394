"""Publish a release. The same function is a step of the night and a flow of its own."""

from flows._runtime import Did, Tonight, on_demand, step


@step("publish")
def publish(tonight: Tonight) -> Did:
    """Freeze the build, pass the gate, write the pages, move the pointer, deliver."""
    from reports.publishing import publish as publish_release

    report = publish_release(tonight.context)
    return Did(report.state, report)


publishing = on_demand(publish)
