"""The verb ``check``: all mistakes of all declared files at once, each with its place and what to do about it."""

from typing import TYPE_CHECKING

from aimline.commands._shared import AsJson, DeploymentName, number_of, say, say_json

if TYPE_CHECKING:
    from aimline.errors import Finding


def check(deployment: DeploymentName, as_json: AsJson = False) -> int:
    """Validate all declared facts of a deployment.

    Returns 2 when something is wrong, 0 when there is nothing but warnings.
    """
    from aimline.schedule import schedule_findings
    from aimline.settings import judge_deployment

    judged = judge_deployment(deployment)
    later = schedule_findings(judged.facts.years, judged.facts.sources)
    findings = sorted({*judged.findings, *later}, key=lambda each: (each.severity, each))
    n_errors = sum(each.severity == "error" for each in findings)
    if as_json:
        counts = {"n_files": judged.n_files, "n_errors": n_errors, "n_warnings": len(findings) - n_errors}
        listed = [_as_json(each) for each in findings]
        say_json({"deployment": judged.folder.name, **counts, "findings": listed})
        return 2 if n_errors else 0
    for each in findings:
        say(_line(each))
    files, errors = number_of(judged.n_files, "file"), number_of(n_errors, "error")
    say(f"{judged.folder.name}: {files}, {errors}, {number_of(len(findings) - n_errors, 'warning')}.")
    return 2 if n_errors else 0


def _line(finding: "Finding") -> str:
    """Write a finding as editors read it; a warning says that it is one."""
    if finding.severity == "error":
        return str(finding)
    place = f"{finding.file}:{finding.line}:{finding.column}: "
    return f"{place}warning: {str(finding).removeprefix(place)}"


def _as_json(finding: "Finding") -> dict[str, object]:
    names = ("severity", "code", "file", "line", "column", "place", "message", "remedy")
    return {name: getattr(finding, name) for name in names}
