"""Write what the audit of a release found as rows for the privacy officer: counts, no cell, no reason, no value.

The rows go into the release they are about; of earlier ones the journal tells. What is audited, and what refuses,
belongs to ``aimline/disclosure``; how the page looks to ``pages/privacy``.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from fnmatch import fnmatchcase
from typing import Any

from aimline.context import Context
from aimline.disclosure import Policy
from aimline.disclosure.release_audit import CHECKS, Certificate, ReleaseAudit
from reports.numbers import day
from reports.privacy_facts import COARSENING, DELIVERIES, coarsening_rows, delivery_rows
from schemas.audiences import Audience
from schemas.shown import school_year

TABLE = "rpt_certificates"
PAGE = "privacy/index"
EVERYTHING = "all"
_MOST_RELEASES = 10
_ASKED = len(CHECKS)
_YEAR = re.compile(r"20[0-9]{2}")

Row = dict[str, Any]


def certificate_rows(
    context: Context, release_id: str, audited: ReleaseAudit, approved: Iterable[Mapping[str, Any]]
) -> dict[str, list[Row]]:
    """Return the rows of the privacy officer: of ``rpt_certificates`` by population, of earlier releases as a whole.

    Args:
        context: The run.
        release_id: The release that was audited.
        audited: What was found.
        approved: What named persons answer for in it.
    """
    policy = context.deployment.audiences.disclosure
    names = ", ".join(_answering(approved)) or None
    about = {"released_on": context.clock.as_of, "policy_version": Policy.of(policy).version, "approver": names}
    called = {each.audience_id: each.label["en"] for each in context.deployment.audiences.audiences}
    told = [_row(each, called) | about for each in audited.certificates]
    told += [each | about for each in _totals(told)]
    told += _earlier(context, release_id)
    unit_id = context.deployment.district.district_id
    readers = [
        {"audience_id": each.audience_id, "reader_unit_id": unit_id}
        for each in context.deployment.audiences.audiences
        if _holds(each) and each.scope == "district"
    ]
    tables = {TABLE: told, COARSENING: [*coarsening_rows(context)], DELIVERIES: [*delivery_rows(context)]}
    return {name: [reader | row for reader in readers for row in rows] for name, rows in tables.items()}


def _answering(approved: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return who answers, each until the day on which the first of that person's approvals is over."""
    until: dict[str, date] = {}
    for each in approved:
        by, expires = str(each["by"]), date.fromisoformat(each["expires"])
        until[by] = min(expires, until.get(by, expires))
    return [f"{by} (until {day(expires)})" for by, expires in sorted(until.items())]


def _holds(audience: Audience) -> bool:
    return any(fnmatchcase(PAGE, pattern) for pattern in audience.pages)


def _reader(view: str, called: Mapping[str, str]) -> str:
    """Return whose pages a view holds as people call them: ``School board``, ``Principals, school 0104``."""
    audience_id, _, unit_id = view.partition(":")
    name = called.get(audience_id, audience_id.replace("_", " "))
    return f"{name}, school {unit_id}" if unit_id else name


def _population(population_id: str) -> str:
    """Return a population in words; the integer of a school year is no year of anybody's: ``attendance, 2026-27``."""
    *parts, last = population_id.replace("_", " ").split(":")
    return ", ".join([*parts, school_year(int(last)) if _YEAR.fullmatch(last) else last])


def _row(certificate: Certificate, called: Mapping[str, str]) -> Row:
    return {
        "view": _reader(certificate.view, called),
        "population": _population(certificate.population_id),
        "n_layers": certificate.n_layers,
        "n_cells": certificate.n_cells,
        "n_hidden": certificate.n_hidden,
        "n_targets": certificate.n_targets,
        "n_asked": _ASKED * certificate.n_targets,
        "n_exact": certificate.exact,
        "n_results": certificate.results,
        "n_narrow": certificate.narrow,
        "n_pools": certificate.pools,
        "n_undecided": certificate.undecided,
        "n_width": None if certificate.width is None else int(certificate.width),
        "n_printed": certificate.n_printed,
        "n_unprinted": certificate.n_targets - certificate.n_printed,
        "n_moved": certificate.n_moved,
        "n_insider": certificate.n_targets if certificate.is_insider else 0,
        "n_sums": certificate.n_sums,
        "state": "passed" if certificate.passed else "approved",
    }


def _totals(rows: list[Row]) -> Iterator[Row]:
    """Yield one row a reader over all populations: counts added, the narrowest interval kept."""
    views: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        views[row["view"]].append(row)
    for view, held in sorted(views.items()):
        counts = {name: sum(row[name] for row in held) for name in held[0] if name[:2] == "n_" and name != "n_width"}
        width = min((row["n_width"] for row in held if row["n_width"] is not None), default=None)
        state = "passed" if all(row["state"] == "passed" for row in held) else "approved"
        yield {"view": view, "population": EVERYTHING, **counts, "n_width": width, "state": state}


def _earlier(context: Context, release_id: str) -> Iterator[Row]:
    """Yield one row a day over all readers, of the newest earlier releases, each by its last audit."""
    found: dict[str, dict[str, dict[str, Mapping[str, Any]]]] = defaultdict(lambda: defaultdict(dict))
    for row in context.journal.disclosure_audit():
        if row["release_id"] != release_id and _day(row["release_id"]) < context.clock.as_of:
            found[row["release_id"]][row["view"]][row["check_id"]] = row
    newest = {_day(name): name for name in found}
    for released_on in sorted(newest)[-_MOST_RELEASES:]:
        views = [checks for checks in found[newest[released_on]].values() if set(checks) >= set(CHECKS)]
        if views:
            yield _earlier_row(released_on, views)


def _earlier_row(released_on: date, views: Sequence[Mapping[str, Mapping[str, Any]]]) -> Row:
    failed = {check: sum(each[check]["n_failed"] for each in views) for check in CHECKS}
    first = [each["A1"] for each in views]
    n_targets = sum(each["n_targets"] for each in first)
    is_passed = all(check["passed"] for each in views for check in each.values())
    return {
        "released_on": released_on,
        "view": f"{len(views)} readers" if len(views) > 1 else "1 reader",
        "population": EVERYTHING,
        "n_layers": None,
        "n_cells": None,
        "n_hidden": None,
        "n_targets": n_targets,
        "n_asked": _ASKED * n_targets,
        "n_exact": failed["A1"],
        "n_results": failed["A3"],
        "n_narrow": failed["A2"],
        "n_pools": failed["A4"],
        "n_undecided": sum(each["n_undecided"] for each in first),
        "n_width": min((int(each["worst_width"]) for each in first if each["worst_width"] is not None), default=None),
        **dict.fromkeys(("n_printed", "n_unprinted", "n_moved", "n_insider", "n_sums")),
        "state": "passed" if is_passed else "refused",
        "policy_version": None,
        "approver": None,
    }


def _day(release_id: str) -> date:
    """Read the day off the name of a release."""
    return date.fromisoformat(f"{release_id[1:5]}-{release_id[5:7]}-{release_id[7:9]}")
