"""The verb ``check``: all mistakes of all declared files at once, each with its place and what to do about it."""

from datetime import time
from typing import TYPE_CHECKING

from aimline.commands._shared import AsJson, AsOf, DeploymentName, Format, State, Year, number_of, say, say_json

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from aimline.errors import Finding
    from aimline.settings import Judged

_SHORT = {"warning": "warn"}


def check(  # noqa: PLR0913 - each is an option of the command line
    deployment: DeploymentName,
    year: Year = None,
    form: Format = "table",
    *,
    as_of: AsOf = None,
    state: State = None,
    as_json: AsJson = False,
) -> int:
    """Validate all declared facts of a deployment; with --year, those of one year and those of none.

    Where deliveries were collected, decisions that the files do not say yet are told as well.
    Returns 2 when something is wrong, 0 when there is nothing but warnings.
    """
    from aimline.commands._baselines import baseline_findings
    from aimline.commands._first_uses import changed_editions
    from aimline.commands._undeclared import undeclared_findings
    from aimline.schedule import schedule_findings
    from aimline.settings import judge_deployment

    judged = judge_deployment(deployment)
    later = schedule_findings(judged.facts.years, judged.facts.sources)
    day = as_of or _today(judged)
    later += _owner_findings(judged, later, day)
    later += _plan_findings(judged, later, state, day)
    later += undeclared_findings(judged, state, day) if judged.as_read else []
    later += changed_editions(judged, state, day)
    later += baseline_findings(judged, state, day)
    found = {each for each in (*judged.findings, *later) if year is None or _is_of(each, year)}
    findings = sorted(found, key=lambda each: (each.severity, each))
    n_errors = sum(each.severity == "error" for each in findings)
    if as_json or form == "json":
        counts = {"n_files": judged.n_files, "n_errors": n_errors, "n_warnings": len(findings) - n_errors}
        listed = [_as_json(each) for each in findings]
        say_json({"deployment": judged.folder.name, **counts, "to_write": _to_write(judged), "findings": listed})
        return 2 if n_errors else 0
    for each in findings:
        say(_line(each))
    files, errors = number_of(judged.n_files, "file"), number_of(n_errors, "error")
    say(f"{judged.folder.name}: {files}, {errors}, {number_of(len(findings) - n_errors, 'warning')}.")
    if names := _to_write(judged):
        say(f"Still to be written before the first night: {', '.join(names)}.")
    return 2 if n_errors else 0


def _owner_findings(judged: "Judged", later: "Iterable[Finding]", day: "date") -> "list[Finding]":
    """Return what nobody answers for; where more is wrong than the plans of people, that cannot be asked."""
    from aimline.schedule import agenda_for, owner_findings, resolve_dates

    errors = [each for each in (*judged.findings, *later) if each.severity == "error"]
    declared = judged.as_read
    if declared is None or any("/plans/" not in each.file for each in errors):
        return []
    return owner_findings(declared, agenda_for(declared, resolve_dates(declared), {}, day).plans)


def _plan_findings(judged: "Judged", later: "Iterable[Finding]", state: str | None, day: "date") -> "list[Finding]":
    """Return where plans miss their days, or those that were frozen; where something is wrong, that cannot be asked."""
    from aimline.commands._drift import drifted_years
    from aimline.commands._reach import unreached

    if judged.deployment is None or any(each.severity == "error" for each in later):
        return []
    return [*drifted_years(judged.deployment, state, day), *unreached(judged.deployment, state, day)]


def _to_write(judged: "Judged") -> list[str]:
    """Return the files that a year is planned without and a night needs."""
    return [each.file for each in judged.as_read.missing] if judged.as_read else []


def _today(judged: "Judged") -> "date":
    """Return the day in the district's zone."""
    from aimline.clock import clock_for

    zone = judged.as_read.district.time_zone if judged.as_read else "UTC"
    return clock_for(zone, time(), None).as_of


def _is_of(finding: "Finding", year: int) -> bool:
    """Say whether a finding concerns a school year: its file is of that year, or of no year."""
    folder, _, name = finding.file.rpartition("/")
    return not folder.endswith(("/years", "/plans")) or name == f"{year - 1}-{year % 100:02d}.yml"


def _line(finding: "Finding") -> str:
    """Write a finding as editors read it; a warning says that it is one."""
    if finding.severity == "error":
        return str(finding)
    place = f"{finding.file}:{finding.line}:{finding.column}: "
    return f"{place}warning: {str(finding).removeprefix(place)}"


def _as_json(finding: "Finding") -> dict[str, object]:
    names = ("severity", "code", "file", "line", "on_date", "message", "remedy", "column", "place")
    told = {name: getattr(finding, name) for name in names}
    return told | {"severity": _SHORT.get(finding.severity, finding.severity)}
