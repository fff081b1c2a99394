"""``aimline check`` tells what of a disclosure policy cannot work, and where two schools would hide each other."""

import json
import re
import shutil
from pathlib import Path

import pytest

from aimline.cli import main

POLICY = "disclosure: {preset: default, confirmed_by: superintendent, confirmed_on: 2026-07-06"


@pytest.fixture
def check(project_root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    """Check Riverbend under another policy; return exit code and what is said."""
    shutil.copytree(project_root / "deployments/riverbend", tmp_path / "riverbend")

    def checking(policy: str, schools: int | None = None, *, keeps: bool = False) -> tuple[int, str]:
        path = tmp_path / "riverbend/audiences.yml"
        origin = path if keeps else project_root / "deployments/riverbend/audiences.yml"
        text = origin.read_text(encoding="utf-8")
        path.write_text(text.replace(POLICY, f"{POLICY}, {policy}" if policy else POLICY), encoding="utf-8")
        if schools is not None:
            path = tmp_path / "riverbend/district.yml"
            text = path.read_text(encoding="utf-8")
            listed = json.dumps([f"{number:04}" for number in range(101, 101 + schools)])
            text = re.sub(r"(cluster_id: north,.*schools: )\[.*\]", rf"\g<1>{listed}", text)
            path.write_text(re.sub(r"\n  - {cluster_id: south.*", "", text), encoding="utf-8")
        code = main(["check", str(tmp_path / "riverbend"), "--as-of", "2026-09-01"])
        said = capsys.readouterr()
        return code, said.out + said.err

    return checking


BANDS = "grade_bands: {K-8: [K, 1, 2, 3, 4, 5, 6, 7, 8], 9-12: [9, 10, 11, 12]}"


def test_groups_that_are_told_together_are_taken(check):
    """Bands over groups of grades, and small groups; a group that nobody declared is named and passed over."""
    code, said = check(f"coarsen: {{max_small_share: 0.2, {BANDS}, merge_groups: [el, nativ]}}")
    assert code == 0
    assert "unknown group 'nativ'" in said
    assert "unknown group 'el'" not in said
    assert "changes nothing" not in said


@pytest.mark.parametrize(
    ("file", "old", "new", "place"),
    [
        (
            "indicators",
            "member_on: latest\n",
            "member_on: latest\n    reference: g3_5\n",
            "the reference of 'grade_band'",
        ),
        (
            "indicators",
            "targets:\n",
            "targets:\n      - {unit_type: school, group: g3_5, method: gap_halving}\n",
            "a target of",
        ),
        ("audiences", POLICY, f"{POLICY}, partitions: {{grade_band: {{printed: ['3']}}}}", "partition 'grade_band'"),
        ("plans/2026-27", "groups: [all]", "groups: [all, g3_5]", "goal '"),
    ],
)
def test_a_group_that_something_names_alone_is_not_told_together(check, tmp_path, file, old, new, place):
    """Exit 2 with the line of the band and the line that names the group."""
    path = tmp_path / f"riverbend/{file}.yml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    code, said = check(f"coarsen: {{{BANDS}}}", keeps=True)
    assert code == 2, said
    assert "audiences.yml:4" in said
    assert "group 'g3_5' is to be told together with others" in said
    assert place in said
    assert f"(riverbend/{file}.yml:" in said


def test_names_of_larger_groups_are_free(check, tmp_path):
    """A set that has the larger group already; a group of two sets; a band that no set of grades has."""
    path = tmp_path / "riverbend/indicators.yml"
    text = path.read_text(encoding="utf-8").replace("g3_5", "grades_k_8")
    path.write_text(text.replace("not_el", "k_2"), encoding="utf-8")
    code, said = check(f"coarsen: {{{BANDS}, merge_groups: [k_2, g6_8]}}", keeps=True)
    assert code == 2
    assert "has a group 'grades_k_8' of its own" in said
    assert "group 'k_2' is in the group sets english_learner, grade_band" in said
    said = check("coarsen: {grade_bands: {Band 1: [PK]}}")[1]
    assert "band 'Band 1' has a number that is not its first or last grade" in said
    assert "grade_bands change nothing" in said


@pytest.mark.parametrize(
    ("coarsen", "message"),
    [
        ("grade_bands: {K-2: [K, 1], 1-3: [1, 2]}", "grade 1 is in bands 'K-2' and '1-3'"),
        ("max_small_share: 30", "30 is above 1"),
        ("merge_group: [el, not_el]", "merge_group"),
    ],
)
def test_a_ladder_that_cannot_be_climbed_is_an_error(check, coarsen, message):
    """Exit 2 with file and line."""
    code, said = check(f"coarsen: {{{coarsen}}}")
    assert (code, message in said, "audiences.yml:4" in said) == (2, True, True), said


def test_keys_with_their_effect_are_not_told(check):
    """Thresholds, known counts, insiders, coalitions, links; bands, caps and the sides of a partition."""
    shown = "count_bands: [10, 50], caps: [{from: 10, low: 5, high: 95}], partitions: {english_learner: {printed: [Y]}}"
    code, said = check(
        f"link: {{min_schools: 4}}, min_pool: 12, counts_known: true, coalition: 2, insider: own_unit, {shown}"
    )
    assert code == 0
    assert "changes nothing" not in said


@pytest.mark.parametrize(
    ("policy", "message"),
    [
        ("partitions: {english_learner: {printed: [X]}}", "unknown group 'X'. Known: N, Y, el, not_el"),
        ("partitions: {home_language: {printed: all}}", "unknown group set 'home_language'"),
        ("caps: [{from: 20, low: 5, high: 95}, {from: 10, low: 2, high: 98}]", "caps do not rise"),
        ("caps: [{from: 20, low: 50, high: 50}]", "low is not below its high"),
    ],
)
def test_what_no_page_can_follow_is_an_error(check, policy, message):
    """Groups nobody declared and caps that contradict themselves: exit 2 with the place."""
    code, said = check(policy)
    assert (code, message in said) == (2, True), said


def test_readers_as_the_specification_prints_them_are_taken(check, tmp_path, capsys):
    """Whose pages, in words or percents, bands or counts, what is known; an unprotected reader has no page."""
    check("")
    path = tmp_path / "riverbend/audiences.yml"
    told = path.read_text(encoding="utf-8")
    rows = """  - {audience_id: public, label: {en: A}, scope: district, share: whole_percent, count: band, pages: [b]}
  - {audience_id: home, label: {en: Home}, includes: [public], scope: school, share: words, pages: ["x/**"]}
  - {audience_id: district_analyst, label: {en: A}, includes: [board], scope: district, protected: false}
"""
    path.write_text(told + rows, encoding="utf-8")
    assert main(["check", str(tmp_path / "riverbend"), "--as-of", "2026-09-01"]) == 0
    for old, new, message in (
        ("includes: [board]", "includes: [boards]", "'district_analyst' includes 'boards', which is not declared"),
        ("protected: false}", 'protected: false, pages: ["x/**"]}', "is not protected, so it has no pages"),
        (", pages: [b]", "", "audience 'public' has no pages"),
        ("share: whole_percent", "share: percent", "share"),
    ):
        path.write_text(told + rows.replace(old, new), encoding="utf-8")
        assert main(["check", str(tmp_path / "riverbend"), "--as-of", "2026-09-01"]) == 2, message
        assert message in str(capsys.readouterr())


def test_two_schools_and_insiders_are_told(check):
    """Each of two principals knows half of everything; with a reason, insiders can be left out."""
    told = "With 2 schools and insider: own_unit, district results by group will mostly be hidden."
    assert told in check("", schools=2)[1]
    assert told not in check("insider: none, because: one principal", schools=2)[1]
    assert told not in check("", schools=3)[1]
