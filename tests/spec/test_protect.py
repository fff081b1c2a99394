"""The shared instances protected: no more secondary gaps than known, each one needed. Source: disclosure.md 14-16."""

import json

import pytest

from aimline.cli import main
from aimline.disclosure.audit import audit_pattern
from aimline.disclosure.aware import Rule
from aimline.disclosure.instance import read_gaps, read_instance
from aimline.disclosure.report import is_clean
from tests.support.sdc import NAMES, shared_file

BARS = dict(zip(NAMES, (1, 3, 1, 25), strict=True))
SUMMARY = [
    "targets",
    "exact_count",
    "result_known_exactly",
    "all_or_none_known",
    "narrower_than_threshold",
    "small_pools",
    "minority_pools",
    "undecided",
    "passed",
]


@pytest.fixture(scope="module", params=NAMES)
def protected(request, shared_data, tmp_path_factory):
    """The path of a shared instance, and that of what the verb prints about it."""
    path = shared_file(shared_data, "instances", request.param)
    answer = tmp_path_factory.mktemp("protect") / "answer.json"
    with pytest.MonkeyPatch.context() as patch, answer.open("w", encoding="utf-8") as out:
        patch.setattr("sys.stdout", out)
        assert main(["protect", str(path), "--rounds", "1"]) == 0
    return path, answer


def test_the_answer_has_its_shape_and_no_more_gaps_than_known(protected):
    """Identifier, small cells, the others that are hidden, and a summary of every view."""
    path, answer = protected
    said = json.loads(answer.read_text(encoding="utf-8"))
    assert list(said) == ["id", "primary", "secondary", "views"]
    assert said["primary"] == read_instance(path).names(read_instance(path).small)
    assert len(said["secondary"]) <= BARS[path.stem]
    assert [list(view) for view in said["views"].values()] == [SUMMARY]
    assert all(view["passed"] for view in said["views"].values())


def test_the_audit_of_the_answer_is_clean_and_every_secondary_gap_is_needed(protected):
    """Whichever is shown again, a reader derives something."""
    path, answer = protected
    instance = read_instance(path)
    gaps = read_gaps(answer, instance)
    assert is_clean(audit_pattern(instance, gaps, Rule()))
    for number in gaps - frozenset(instance.small):
        assert not is_clean(audit_pattern(instance, gaps - {number}, None)), instance.cells[number].cell_id
