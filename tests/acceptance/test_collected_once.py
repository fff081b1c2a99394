"""A collection that is killed anywhere, or done by two at once, ends as a quiet one: every delivery once, every row."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.collected import Quiet, account, differing, in_peace, made, points, words
from tests.support.killing import Nursery

POINTS = 8

pytestmark = pytest.mark.server


@pytest.fixture(scope="module")
def quiet(tmp_path_factory: pytest.TempPathFactory, forks: Nursery) -> Quiet:
    """Collect once in peace."""
    return in_peace(tmp_path_factory.mktemp("quiet"), forks)


def test_every_row_of_the_quiet_run_is_accounted_for(quiet: Quiet) -> None:
    """Five deliveries became five batches, and what was received is accepted, quarantined or ignored."""
    told = [json.loads(payload) for kind, _, payload in quiet.events if kind in {"batch_accepted", "batch_held"}]
    batches = [each for each in told if each["entity"] == "attendance_counts"]
    assert [each["n_received"] for each in batches] == [61] * 5
    assert all(each["n_received"] == each["n_accepted"] + each["n_quarantined"] + each["n_ignored"] for each in batches)
    assert sum(each["n_accepted"] for each in batches) == 3 * 60 + 59


def test_killed_collection_run_again_ends_like_a_quiet_one(quiet: Quiet, tmp_path: Path) -> None:
    """Killed before or after an operation, the next run keeps the same bytes and tells the same events, once.

    Fifty points are in ``benchmarks/killed_collect.py``.
    """
    assert quiet.n_operations > POINTS
    assert differing(quiet, tmp_path, points(quiet, POINTS)) == []


def test_collectors_at_once_collect_once(quiet: Quiet, tmp_path: Path) -> None:
    """One of them works and the others leave it alone; all end well, and nothing is there twice."""
    district = made(tmp_path)
    code = "import sys; from aimline.cli import main; sys.exit(main(sys.argv[1:]))"
    command = [sys.executable, "-c", code, *words(district)]
    all_three = [
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) for _ in range(3)
    ]
    ended = [(each.communicate()[0], each.returncode) for each in all_three]
    assert {exit_code for _, exit_code in ended} <= {0, 4}, ended
    assert account(district) == (quiet.kept, quiet.events)
