"""Bring the warehouse to the knowledge of the day. The same function is a step of the night and a flow of its own."""

from flows._runtime import Did, Tonight, on_demand, step


@step("build")
def build(tonight: Tonight) -> Did:
    """Run the models that tonight's data touch."""
    from aimline.transform import BuildRequest
    from aimline.transform import build as build_warehouse

    context = tonight.context
    district_id = context.deployment.district.district_id
    report = build_warehouse(BuildRequest(district_id, context.store, context.journal, context.clock))
    return Did(report.state, report)


modeling = on_demand(build)
