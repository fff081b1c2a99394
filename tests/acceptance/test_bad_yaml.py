"""What people get wrong in declared facts: the exact message of ``aimline check``, exit 2, never a traceback."""

import shutil

import pytest

from aimline.cli import main
from tests.support.declared import ROOT, changed_copy

TWIN = (
    "  - {indicator_id: twin, label: {en: Twin}, kind: outcome, measure: chronic_absence, profile: us-edfacts-195, "
    "units: [district], direction: lower, period: year_to_date, owner: {role: attendance_lead}, "
    "sources: [sis_attendance, sis_enrollment], smallest_change: 0.01}\n"
)
CASES = {
    "misspelt measure": (
        *("indicators.yml", "measure: chronic_absence\n", "measure: chronic_absense\n"),
        (
            "riverbend/indicators.yml:47:14: indicators[1].measure: unknown measure 'chronic_absense'. "
            "Did you mean 'chronic_absence'?"
        ),
    ),
    "per cent for a fraction": (
        *("indicators.yml", "{year: 2026, value: 0.197}\n    targets", "{year: 2026, value: 19.7}\n    targets"),
        (
            "riverbend/indicators.yml:57:35: indicators[1].baseline.value: 19.7 is above 1; rates are fractions. "
            "Write 0.197."
        ),
    ),
    "target in the wrong direction": (
        *("indicators.yml", "to: {year: 2029, value: 0.952}", "to: {year: 2029, value: 0.912}"),
        (
            "riverbend/indicators.yml:43:9: indicators[0].targets[0]: target 0.912 in 2029 is below baseline 0.94 but "
            "direction is 'higher'. Change the target or the direction."
        ),
    ),
    "two indicators that judge the same figures": (
        *("indicators.yml", "indicators:\n", "indicators:\n" + TWIN),
        (
            "riverbend/indicators.yml:48:14: indicators[2].measure: 'twin' has the same measure, profile, subject, "
            "estimator and period: a figure has one indicator. Declare one of the two, or give one another period."
        ),
    ),
    "one end of what was published": (
        *("instruments/student_sel.2026.yml", "anchors: {alpha: [0.70, 0.86]", "anchors: {alpha: [0.86]"),
        (
            "riverbend/instruments/student_sel.2026.yml:79:18: anchors.alpha: one number where the lowest and the "
            "highest belong. Write both: [0.70, 0.86]."
        ),
    ),
    "a key twice": (
        *("indicators.yml", "version: 1\n", "version: 1\nversion: 1\n"),
        "riverbend/indicators.yml:2:1: duplicate key 'version' (first at 1:1). Remove one.",
    ),
    "a definition that replaces another from one day to the next": (
        *("indicators.yml", "{profile_id: nj-spr, use: shipped}", "{profile_id: own, based_on: fl, replaces: nj-spr}"),
        (
            "riverbend/indicators.yml:27:5: profiles[1]: 'own' replaces 'nj-spr' without an overlap year. "
            "Add overlap_years so that both are computed once."
        ),
    ),
    "a definition that replaces none there is": (
        *("indicators.yml", "nj-spr, use: shipped", "own, based_on: fl, replaces: nj-spt, overlap_years: [2027]"),
        ("riverbend/indicators.yml:27:47: profiles[1].replaces: unknown definition 'nj-spt'. Did you mean 'nj-spr'?"),
    ),
    "a definition confirmed by a decision nobody made": (
        "indicators.yml",
        "nj-spr, use: shipped}",
        "nj-spr, use: shipped, effective_from: 2027-02-01, confirmed_by: 2027_mid_year_01}",
        (
            "riverbend/indicators.yml:27:82: profiles[1].confirmed_by: unknown decision '2027_mid_year_01'. "
            "None is declared."
        ),
    ),
    "a confirmed day that is not there": (
        "indicators.yml",
        "nj-spr, use: shipped}",
        "nj-spr, use: shipped, confirmed_by: mid_year_01}",
        (
            "riverbend/indicators.yml:27:54: profiles[1].confirmed_by: 'mid_year_01' is not the id of a decision. "
            "Write <review id>_<two digits>."
        ),
    ),
    "a bracket too many": (
        *("years/2026-27.yml", "office_closures: [", "office_closures: [["),
        (
            "riverbend/years/2026-27.yml:12:1: this is not YAML: expected ',' or ']', but got '<scalar>'. "
            "Correct the line."
        ),
    ),
    "a day that does not exist": (
        *("years/2026-27.yml", "{date: 2026-09-07, kind: holiday}", "{date: 2026-09-31, kind: holiday}"),
        "riverbend/years/2026-27.yml:6:12: closures[0].date: there is no day 2026-09-31. Correct the date.",
    ),
    "a need that names nothing": (
        *("years/2026-27.yml", "needs: [sel_survey_fall,", "needs: [sel_survey_fal,"),
        (
            "riverbend/years/2026-27.yml:77:13: reviews[0].needs[0]: unknown window or source 'sel_survey_fal'. "
            "Did you mean 'sel_survey_fall'?"
        ),
    ),
    "a total the calendar does not give": (
        *("years/2026-27.yml", "on_site_days: 178", "on_site_days: 180"),
        (
            "riverbend/years/2026-27.yml:17:24: expect.on_site_days: 180 declared, 178 computed. "
            "Correct the number, or the closures."
        ),
    ),
    "a window that waits for itself": (
        *("years/2026-27.yml", "opens: {nth_school_day: 40}", "opens: {school_days: 1, from: sel_survey_fall.closes}"),
        (
            "riverbend/years/2026-27.yml:32:12: windows[0].opens: these wait for each other: sel_survey_fall.opens → "
            "sel_survey_fall.closes → sel_survey_fall.opens. Give one of them a date."
        ),
    ),
    "a meeting before its packet": (
        *("years/2026-27.yml", "meets_on: 2027-01-11", "meets_on: 2027-01-05"),
        (
            "riverbend/years/2026-27.yml:69:5: reviews[0]: meets_on 2027-01-05 is before packet_on 2027-01-06. "
            "Give people the packet first."
        ),
    ),
    "one person for two offices": (
        *("plans/2026-27.yml", "data: data_engineer}", "data: sel_lead}"),
        (
            "riverbend/plans/2026-27.yml:3:10: process: manager and data are both sel_lead. "
            "Name two people, so that one absence does not stop the process."
        ),
    ),
    "nothing that shows the doing": (
        *("plans/2026-27.yml", "      - {indicator_id: rubric_practice, role: implementation}\n", ""),
        (
            "riverbend/plans/2026-27.yml:115:7: goals[2].indicators: no implementation indicator; without one nobody "
            "can tell 'not done' from 'done, no effect'. Add one."
        ),
    ),
    "a Python object": (
        *("district.yml", "district_id: riverbend", "district_id: !!python/object:os.system riverbend"),
        "riverbend/district.yml:2:14: this has a tag. Remove what begins with !.",
    ),
}


def _check(folder, capsys):
    code = main(["check", str(folder)])
    told = capsys.readouterr()
    assert "Traceback" not in told.out + told.err
    return code, told.out.splitlines()


@pytest.mark.parametrize("name", CASES)
def test_one_mistake_gets_one_message(name, tmp_path, capsys):
    """The mistake is told once, with file, line, column, what is wrong and what to do; nothing else is told."""
    file, old, new, message = CASES[name]
    code, lines = _check(changed_copy(tmp_path, file, old, new), capsys)
    assert (code, lines) == (2, [message, "riverbend: 15 files, 1 error, 0 warnings."])


def test_all_mistakes_are_told_in_one_run(tmp_path, capsys):
    """Mistakes of several files come together, sorted by file, line and column."""
    folder = changed_copy(tmp_path, "indicators.yml", "    direction: higher\n", "    directon: higher\n")
    for file, old, new in (("plans/2026-27.yml", "a_training]", "a_trainig]"), ("sources.yml", "by: ", "bye: ")):
        text = (folder / file).read_text(encoding="utf-8")
        (folder / file).write_text(text.replace(old, new, 1), encoding="utf-8")
    code, lines = _check(folder, capsys)
    assert code == 2
    assert [line.split(": ")[0] for line in lines[:-1]] == [
        "riverbend/indicators.yml:29:5",
        "riverbend/indicators.yml:35:5",
        "riverbend/plans/2026-27.yml:52:21",
        "riverbend/sources.yml:42:39",
    ]
    assert "Did you mean 'direction'?" in lines[1]
    assert "Did you mean 'a_training'?" in lines[2]


def test_a_warning_is_shown_and_does_not_fail(capsys):
    """New York City aims for more than any program has reached: said, and exit 0."""
    code, lines = _check("nyc", capsys)
    assert code == 0
    assert "warning: " in lines[0]
    assert lines[-1] == "nyc: 8 files, 0 errors, 1 warning."


def test_a_definition_that_begins_inside_a_year_is_told_when_it_starts(tmp_path, capsys):
    """Nobody confirms the day: a warning with the day from which it counts."""
    shipped, own = "nj-spr, use: shipped}", "nj-spr, use: shipped, effective_from: 2027-02-01}"
    code, lines = _check(changed_copy(tmp_path, "indicators.yml", shipped, own), capsys)
    assert code == 0
    assert lines[0] == (
        "riverbend/indicators.yml:27:56: warning: profiles[1].effective_from: 2027-02-01 is inside a school year: "
        "'nj-spr' starts on 2027-07-01. Name the decision that confirms the day under confirmed_by, or write the first "
        "day of a year."
    )


@pytest.mark.parametrize(("start", "is_told"), [("2027-07-01", True), ("2026-07-01", False)])
def test_a_definition_that_counts_later_is_told_where_it_is_judged(tmp_path, capsys, start, is_told):
    """Until it counts the indicator cannot be told, and the one it replaces would still be judged where it is named."""
    shipped = "us-edfacts-195, use: shipped"
    own = f"{shipped}, replaces: nj-spr, overlap_years: [2027], effective_from: {start}"
    code, lines = _check(changed_copy(tmp_path, "indicators.yml", f"{shipped}}}", f"{own}}}"), capsys)
    told = (
        f"riverbend/indicators.yml:48:14: warning: indicators[1].profile: 'us-edfacts-195' counts from {start}; "
        "until then the status is 'cannot tell'. Until then name 'nj-spr' here, and 'us-edfacts-195' under also_show."
    )
    assert (code, told in lines) == (0, is_told)


def test_a_folder_without_a_district_is_named(tmp_path, capsys):
    """What is no deployment at all says which there are."""
    assert main(["check", "riverbnd"]) == 2
    assert capsys.readouterr().err.startswith("there is no deployment 'riverbnd'. Name one of nyc, riverbend")


def test_a_file_under_a_wrong_name_is_told(tmp_path, capsys):
    """A file nothing would read is a mistake, not a silence."""
    folder = tmp_path / "riverbend"
    shutil.copytree(ROOT / "deployments" / "riverbend", folder)
    (folder / "audience.yml").write_text("version: 1\n", encoding="utf-8")
    code, lines = _check(folder, capsys)
    assert (code, lines[0]) == (2, "riverbend/audience.yml:1:1: this file is not read. Correct its name, or remove it.")
