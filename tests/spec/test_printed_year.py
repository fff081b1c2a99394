"""The files that schedule.md prints load as they are printed. Source: schedule.md 4, 4.1."""

import re
import shutil
from datetime import date

import pytest

from aimline.commands.schedule import check
from aimline.schedule import resolve_dates, schedule_findings
from aimline.schedule.calendars import Calendar, Scope, working_days
from aimline.settings import judge_deployment, load_deployment

PRINTED = re.compile(r"```yaml\n(.*?)```", re.DOTALL)


@pytest.fixture(scope="module")
def printed(shared_data, project_root, tmp_path_factory):
    """Riverbend with the district and the year that the specification prints."""
    text = (shared_data.parent / "specs/schedule.md").read_text(encoding="utf-8")
    blocks = PRINTED.findall(text)
    folder = tmp_path_factory.mktemp("printed") / "riverbend"
    shutil.copytree(project_root / "deployments/riverbend", folder)
    for name, begins in (("district.yml", "version: 1\ndistrict_id:"), ("years/2026-27.yml", "school_year:")):
        (folder / name).write_text(next(each for each in blocks if each.startswith(begins)), encoding="utf-8")
    return folder


def _findings(folder):
    judged = judge_deployment(folder)
    return [*judged.findings, *schedule_findings(judged.facts.years, judged.facts.sources)]


def test_the_printed_year_has_no_error(printed, capsys):
    """Check answers 0, and warns of the date that nobody confirmed."""
    assert check(str(printed)) == 0
    assert "2027-03-09 is not confirmed" in capsys.readouterr().out


def test_the_printed_year_is_counted_as_printed(printed):
    """179 school days, the 40th on 14 October, 250 working days, 11 November a school day."""
    declared = load_deployment(printed)
    calendar = Calendar(declared.years[2027])
    days = calendar.days()
    assert (len(days), days.nth(1), days.nth(40), days.nth(-1)) == (
        *(179, date(2026, 8, 19)),
        *(date(2026, 10, 14), date(2027, 5, 27)),
    )
    assert working_days([declared.years[2027]]).count(date(2026, 7, 1), date(2027, 6, 30)) == 250
    assert date(2026, 11, 11) in days
    assert date(2026, 10, 9) not in calendar.days(Scope("0140"))
    assert resolve_dates(declared)[2027, "sel_survey_fall"]["closes_on"] == date(2026, 11, 3)


def test_the_printed_mid_year_review_takes_the_days_of_its_plan(printed):
    """It only feeds the preliminary budget: packet, meeting, decisions and close come from the backward pass."""
    days = resolve_dates(load_deployment(printed))[2027, "mid_year"]
    assert [str(day) for day in days.values()] == ["2027-01-06", "2027-01-11", "2027-01-15", "2027-02-01"]


def test_a_window_may_open_after_a_step_of_another(printed, tmp_path):
    """The walkthroughs begin the school day after the fall survey has been scored."""
    folder = shutil.copytree(printed, tmp_path / "riverbend")
    path = folder / "years/2026-27.yml"
    old, new = (
        "opens: {nth_school_day: 20, of: quarter.1}, closes: {term_end: quarter.1}",
        ("opens: {school_days: 1, from: sel_survey_fall.scoring_qa}, closes: {term_end: quarter.2}"),
    )
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    assert str(resolve_dates(load_deployment(folder))[2027, "walkthrough_fall"]["opens_on"]) == "2026-11-13"


@pytest.mark.parametrize(
    ("file", "old", "new", "code"),
    [
        ("years/2026-27.yml", 'schools: ["0140"], closed', 'schools: ["0160"], closed', "unknown_school"),
        ("years/2026-27.yml", 'schools: ["0140"], closed', "schools: [0140], closed", "unquoted"),
        ("years/2026-27.yml", "time_zone: America/Chicago", "time_zone: -06:00", "unknown_zone"),
        ("years/2026-27.yml", "of: quarter.1}", "of: quarter.9}", "unknown_term"),
        ("years/2026-27.yml", "sel_survey_fall.report_schools:", "sel_survey_fall.report:", "unknown_reference"),
        ("years/2026-27.yml", "used_by: [scoring_qa]", "used_by: [scoring]", "unknown_step"),
        ("years/2026-27.yml", "mode: confidential", "mode: identified", "mode_weaker"),
        ("district.yml", 'at: "04:30"', 'at: "01:30"', "nightly_in_dst_gap"),
        ("district.yml", "deputy: research", "deputy: researcher", "unknown_role"),
        ("district.yml", '{school_id: "0140"', '{school_id: "0160"', "unknown_school"),
        (
            "district.yml",
            ", encryption: {at_rest: kms, attested_by: data_engineer, attested_on: 2026-07-01}",
            "",
            "encryption",
        ),
    ],
)
def test_one_change_to_the_printed_files_is_found(printed, tmp_path, file, old, new, code):
    """What the change makes wrong is told once, in the line that was changed."""
    folder = shutil.copytree(printed, tmp_path / "riverbend")
    text = (folder / file).read_text(encoding="utf-8")
    assert old in text
    line = text[: text.index(old)].count("\n") + 1
    (folder / file).write_text(text.replace(old, new, 1), encoding="utf-8")
    assert [(each.code, each.line) for each in _findings(folder) if each.code == code] == [(code, line)]
