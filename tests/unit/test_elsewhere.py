"""What stands on pages of others is no pool of a reader, unless something in it is hidden."""

from dataclasses import replace

import pytest

from aimline.disclosure.audit import audit_pattern
from aimline.disclosure.instance import instance_of
from aimline.disclosure.protect import protect
from aimline.disclosure.report import is_clean

CELLS = (("district", 120, 70, "all"), ("north", 80, 31, "n"), ("south", 40, 39, "s"))


@pytest.fixture
def two_schools():
    """A district of two schools, as the principal of the north reads it; one of the south is not favourable."""
    cells = [{"id": name, "n": n, "x": x, "release": "public", "audience": page} for name, n, x, page in CELLS]
    data = {"format": "sdc-instance/1", "id": "two", "title": "", "story": "", "thresholds": {}, "cells": cells}
    relations = [{"total": "district", "parts": ["north", "south"]}]
    views = [{"name": "north", "sees": ["all", "n"], "knows": ["north"]}]
    return instance_of(data | {"relations": relations, "views": views}, "two.json")


def _district(instance):
    return replace(instance, thresholds=replace(instance.thresholds, is_shown_elsewhere_free=True))


def test_what_others_may_read_is_no_pool_in_a_district(two_schools):
    """The principal of the north may work out what everybody reads of the south."""
    assert not protect(_district(two_schools)).gaps
    assert is_clean(audit_pattern(_district(two_schools), (), None))


def test_files_hold_every_unknown_part_against_a_pattern(two_schools):
    """An instance file is judged by its own words: all the unknown parts of a total together."""
    assert not is_clean(audit_pattern(two_schools, (), None))
    assert protect(two_schools).gaps


def test_a_hidden_part_makes_it_a_pool_again(two_schools):
    """Hidden on its own page, the south is a gap, and one is too few who are not favourable."""
    told = audit_pattern(_district(two_schools), {2}, None)
    assert not is_clean(told)
