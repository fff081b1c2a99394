"""What a year says of the other files: an instrument's terms, roles, clusters. One change each to Riverbend."""

import pytest

from aimline.settings import judge_deployment
from tests.support.declared import changed_copy

STUDENT = "instruments/student_sel.2026.yml"
YEAR = "years/2026-27.yml"


def _told(folder, instead=None):
    judged = judge_deployment(folder, instead)
    return {(each.code, each.place, each.message) for each in judged.findings}


@pytest.mark.parametrize(("asks", "is_told"), [("notice", True), ("opt_out", False), ("active", False)])
def test_a_window_may_ask_families_for_more_than_its_instrument(tmp_path, asks, is_told):
    """Never for less: an opt-out of the instrument is not a mere notice of the window."""
    folder = changed_copy(tmp_path, YEAR, "    wave: 1\n", f"    wave: 1\n    notice: {asks}\n")
    path = folder / STUDENT
    path.write_text(path.read_text(encoding="utf-8") + "consent: opt_out\n", encoding="utf-8")
    message = "'sel_survey_fall' asks for notice, student_sel@2026 for opt_out."
    assert (("notice_weaker", "windows[0].notice", message) in _told(folder)) is is_told


def test_a_role_is_its_own_deputy_is_told(tmp_path):
    """Somebody else must be able to stand in."""
    old = "{role: superintendent, label: {en: Superintendent}}"
    folder = changed_copy(tmp_path, "district.yml", old, old.replace("}}", "}, deputy: superintendent}"))
    assert ("deputy", "roles[7].deputy", "superintendent is its own deputy.") in _told(folder)


def test_standard_roles_need_no_line(tmp_path):
    """A district that gives its superintendent no line still knows the role."""
    folder = changed_copy(tmp_path, "district.yml", "  - {role: superintendent, label: {en: Superintendent}}\n", "")
    assert "unknown_role" not in {code for code, _, _ in _told(folder)}


def test_a_year_in_two_files_is_told(tmp_path):
    """The second file of a year is told, and that its name is not its label."""
    folder = changed_copy(tmp_path, YEAR, "version: 1\n", "version: 1\n")
    text = (folder / YEAR).read_bytes()
    told = _told(folder, {"years/2027-28.yml": text})
    assert ("doubled", "school_year.id", "2027 is declared in riverbend/years/2026-27.yml already.") in told


@pytest.mark.parametrize(
    ("old", "new", "code", "place"),
    [
        ("    instrument: staff_climate@2026\n", "", "instrument", "windows[3]"),
        ("respondents: {staff: all}", "respondents: {family: all}", "respondents", "windows[3].respondents.family"),
        ("{id: rubric_fall, kind", "{id: walkthrough_form, kind", "doubled", "windows[4].id"),
    ],
)
def test_a_window_fits_the_other_files(tmp_path, old, new, code, place):
    """A survey has an instrument, asks whom it asks, and has no source's name."""
    told = {(each, where) for each, where, _ in _told(changed_copy(tmp_path, YEAR, old, new))}
    assert (code, place) in told
