"""What the people of a rehearsed district do between nights: freeze the year, send notices, settle what came late."""

from datetime import date, timedelta

from aimline.commands._dated import acknowledge, item_named
from aimline.commands._freezing import freeze
from aimline.commands.night import Tonight
from aimline.context import Context, open_context
from aimline.errors import AimlineError

_NOBODY = "rehearsal"


def work(deployment: str, state: str | None, night: date) -> None:
    """Do what people would have done before a night: only what its windows wait for."""
    context = open_context(deployment, as_of=night, state=state)
    try:
        _freeze(context, night)
        _settle(context, night)
    finally:
        context.journal.close()


def _freeze(context: Context, night: date) -> None:
    """Freeze the year that has begun, once; a plan that cannot be kept stays a proposal, and its windows say why."""
    told = Tonight(context)
    for plan in told.agenda.plans:
        year = context.deployment.years[plan.school_year]
        begins = year.fiscal_year.starts if year.fiscal_year else year.school_year.first_day
        if plan.version == 0 and begins <= night <= year.school_year.last_day:
            by = told.agenda.people.person("sel_lead", night) or _NOBODY
            try:
                freeze(context, plan.school_year, by, "the year as planned")
            except AimlineError:
                continue


def _settle(context: Context, night: date) -> None:
    """Say that notices were sent on their day, and that what is left of late answers may be let be."""
    told = Tonight(context)
    for course in told.agenda.courses:
        done = {
            "notice": course.notice_on,
            "late_accept": course.late_until_on + timedelta(days=1),
        }
        if course.version == 0:
            continue
        for part, due_on in done.items():
            item = item_named(told.agenda, f"{course.window_id}.{part}", due_on or night)
            if due_on and due_on <= night and item and item.school_year == course.school_year:
                owner = told.agenda.people.owner(item.owner, night).person if item.owner else None
                acknowledge(context, told.agenda, item, owner or _NOBODY)
