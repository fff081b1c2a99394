"""What an attacker derives from naive gaps: the shared expected files. Source: disclosure.md 5, 15."""

import json

import pytest

from aimline.cli import main
from tests.support.sdc import NAMES, read, shared_file

SETS = ("result_known_exactly", "all_or_none_known", "narrower_than_threshold", "exact_if_rule_known")
BOUNDS = ("count_bounds", "favourable_bounds")


@pytest.fixture(params=NAMES)
def pair(request, shared_data, capsys):
    """What the verb says of a shared instance, and what is expected."""
    main(["audit", str(shared_file(shared_data, "instances", request.param))])
    return json.loads(capsys.readouterr().out), read(shared_file(shared_data, "expected", request.param))


def test_the_report_has_the_keys_of_the_expected_file_in_their_order(pair):
    """Same keys above and in every view."""
    said, expected = pair
    assert list(said) == list(expected)
    assert {name: list(view) for name, view in said["views"].items()} == {
        name: list(view) for name, view in expected["views"].items()
    }


def test_every_set_is_the_expected_one(pair):
    """Sizes, small cells, exact cells, known results, narrow cells and small pools; null is not compared."""
    said, expected = pair
    for key in ("id", "n_cells", "n_relations", "primary"):
        assert said[key] == expected[key]
    for name, view in expected["views"].items():
        assert (said["views"][name]["targets"], said["views"][name]["exact_count"]) == (
            view["targets"],
            view["exact_count"],
        )
        for key in ("exact", "small_pools"):
            by_text = [sorted(json.dumps(each) for each in told[key]) for told in (said["views"][name], view)]
            assert by_text[0] == by_text[1]
        for key in SETS:
            assert view[key] is None or set(said["views"][name][key]) == set(view[key])


def test_every_bound_is_the_expected_one(pair):
    """Within a millionth; null stands for no upper bound."""
    said, expected = pair
    for name, view in expected["views"].items():
        for key in BOUNDS:
            assert said["views"][name][key].keys() == view[key].keys()
            for cell, bounds in view[key].items():
                assert said["views"][name][key][cell] == pytest.approx(bounds, abs=1e-6)
