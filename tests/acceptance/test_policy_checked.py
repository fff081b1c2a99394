"""``aimline check`` tells what of a disclosure policy changes nothing, and where two schools would hide each other."""

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

    def checking(policy: str, schools: int | None = None) -> tuple[int, str]:
        path = tmp_path / "riverbend/audiences.yml"
        text = (project_root / "deployments/riverbend/audiences.yml").read_text(encoding="utf-8")
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


@pytest.mark.parametrize("policy", ["count_bands: [10, 20]", "on_small_change: suppress", "link: {min_schools: 4}"])
def test_a_key_that_changes_nothing_is_told(check, policy):
    """A warning with its place; the policy is taken."""
    code, said = check(policy)
    assert code == 0
    assert f"{policy.partition(':')[0]} is read and changes nothing yet." in said


def test_keys_with_their_effect_are_not_told(check):
    """Thresholds, known counts, insiders, coalitions."""
    code, said = check("min_pool: 12, counts_known: true, coalition: 2, insider: own_unit")
    assert code == 0
    assert "changes nothing" not in said


def test_two_schools_and_insiders_are_told(check):
    """Each of two principals knows half of everything; with a reason, insiders can be left out."""
    told = "With 2 schools and insider: own_unit, district results by group will mostly be hidden."
    assert told in check("", schools=2)[1]
    assert told not in check("insider: none, because: one principal", schools=2)[1]
    assert told not in check("", schools=3)[1]
