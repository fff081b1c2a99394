"""Collect what has arrived. The same function is a step of the night and a flow of its own, for one window if asked."""

from dataclasses import replace
from datetime import date

from flows._runtime import Did, StepDone, Tonight, is_last_try, named_flow, step, tonight
from schemas.years import WindowName


@step("collect", retries=True)
def collect(tonight: Tonight) -> Did:
    """Land the declared facts, then every source; one that still fails after the last try does not stop the night."""
    from aimline.commands._windows import sources_of
    from aimline.commands.collection import collect as collect_all
    from aimline.commands.night import move_windows

    only = sources_of(tonight.context, tonight.window) if tonight.window else ()
    move_windows(tonight.context, arrivals_are_in=False)  # what comes into a window that closed is late
    report = collect_all(tonight.context, only=only)
    move_windows(tonight.context, arrivals_are_in=not only)  # what waited for it goes on; what nobody sent blocks
    if not is_last_try():
        report.raise_transient()
    return Did("unchanged" if report.is_unchanged else "done", report)


@named_flow
def collection(
    deployment: str, as_of: date | None = None, state: str | None = None, window: WindowName | None = None
) -> StepDone:
    """Collect everything that waits, or what waits for one window.

    Args:
        deployment: Name of the district's folder, or its path.
        as_of: The day to work as; today in the district's zone when None.
        state: The state root; the environment's or the default one when None.
        window: The window whose sources are looked at; all sources when None.
    """
    with tonight(deployment, as_of, state) as night:
        return collect(replace(night, window=window))
