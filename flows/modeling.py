"""Bring the warehouse to the knowledge of the day. The same function is a step of the night and a flow of its own."""

from flows._runtime import Did, Tonight, on_demand, step


@step("build")
def build(tonight: Tonight) -> Did:
    """Run the models that tonight's data touch; a year that is new is told as coarsely as its groups ask for."""
    from aimline.commands.coarsening import build_told

    report = build_told(tonight.context)
    return Did(report.state, report)


modeling = on_demand(build)
