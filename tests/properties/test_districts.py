"""Districts that are protected school by school are safe by the audit's own bounds, and refusals say for whom."""

import random
from dataclasses import replace

import pytest

from aimline.disclosure import proof, protect
from aimline.disclosure.audit import audit_pattern
from aimline.disclosure.aware import Rule
from aimline.disclosure.instance import instance_of
from aimline.disclosure.proof import prove_pattern
from aimline.disclosure.report import is_clean
from benchmarks.disclosure import district
from benchmarks.linked_tables import linked_table


def insider(data, school):
    """Return a reader who knows every cell of a school."""
    return {"name": school, "knows": [cell["id"] for cell in data["cells"] if cell["unit_id"] == school]}


@pytest.mark.parametrize(("n_schools", "seed"), [(8, 2), (10, 3), (20, 1)], ids=["both", "targets", "pools"])
def test_what_schools_do_not_hide_by_themselves_is_hidden_in_the_district(n_schools, seed):
    """More is hidden for a target that schools leave open, for a pool that follows from several sums, and for both."""
    instance = instance_of(district(n_schools, 2, seed), "made")
    made = protect.protect(instance, (), 0)
    assert not made.refusal
    assert is_clean(audit_pattern(instance, made.gaps, Rule()))


def test_a_district_whose_counts_are_known_is_safe_beyond_one_school():
    """Results are hidden within each school and a few others first, and the whole is safe by the audit's bounds."""
    made = instance_of(district(9, 2, 2), "made")
    instance = replace(made, thresholds=replace(made.thresholds, counts_known=True))
    found = protect.protect(instance, (), 0)
    assert not found.refusal
    assert is_clean(audit_pattern(instance, found.gaps, Rule()))
    assert len(found.gaps) < sum(cell.is_printed and cell.n > 0 for cell in instance.cells) / 2


@pytest.mark.parametrize("seed", [22, 64, 142, 186])
def test_of_what_only_the_audit_asked_for_nothing_is_hidden_in_vain(seed):
    """Beside known counts some results stay known that no sum foresees: more is hidden, and each gap is needed."""
    chance = random.Random(seed)  # noqa: S311 - not for secrets
    made = instance_of(linked_table(chance, chance.randint(2, 4), chance.randint(2, 4)), "made")
    instance = replace(made, thresholds=replace(made.thresholds, counts_known=True))
    found = protect.protect(instance, n_rounds=0)
    assert not found.refusal
    assert is_clean(audit_pattern(instance, found.gaps, Rule()))
    for gap in found.gaps - frozenset(instance.small):
        assert not is_clean(audit_pattern(instance, found.gaps - {gap}, Rule()))


def test_a_refusal_names_the_reader_from_whom_nothing_can_be_hidden():
    """Who knows all other schools finds every group of the last one: the public, who knows none, is not blamed."""
    data = district(8, 2, 2)
    knows = [cell["id"] for cell in data["cells"] if cell["unit_id"] != "S003"]
    data["views"].append({"name": "everybody else", "knows": knows})
    instance = instance_of(data, "made")
    made = protect.protect(instance, (), 0)
    told = f'No safe pattern exists for view "everybody else": the reader knows {len(knows)} cells that determine S003|'
    assert made.refusal.startswith(told)
    assert made.gaps == {number for number, cell in enumerate(instance.cells) if cell.is_printed and cell.n > 0}


def test_a_district_of_which_a_pool_stays_open_is_refused_whole(monkeypatch):
    """Where nothing more can be hidden against a pool, no pattern is handed out that the audit found unsafe."""
    monkeypatch.setattr("aimline.disclosure.district.District._answer", lambda _self, _audit: False)
    instance = instance_of(district(8, 2, 2), "made")
    made = protect.protect(instance, (), 0)
    assert made.refusal.startswith('No safe pattern exists for view "public"')
    assert made.gaps == {number for number, cell in enumerate(instance.cells) if cell.is_printed and cell.n > 0}


@pytest.mark.parametrize(("n_schools", "seed"), [(7, 14), (5, 37)])
def test_of_a_large_district_the_same_readers_find_small_pools(n_schools, seed, monkeypatch):
    """Its rows are solved once for all: who knows a school solves on from there, in rows of other schools too."""
    data = district(n_schools, 2, seed)
    gaps = protect.protect(instance_of(data, "made"), (), 0).gaps
    data["views"] += [insider(data, f"S{school:03}") for school in range(n_schools)]
    instance = instance_of(data, "made")
    found = finders(instance, prove_pattern(instance, gaps))
    monkeypatch.setattr(proof, "_MOST_SOLVED", 0)
    assert found
    assert finders(instance, prove_pattern(instance, gaps)) == found


def test_a_pool_of_a_school_of_which_no_reader_knows_anything_is_told_once(monkeypatch):
    """Each reader knows another school: what all can compute of a third one is not lost between them."""
    data = district(5, 2, 16)
    gaps = protect.protect(instance_of(data, "made"), (), 0).gaps
    data["views"] = [insider(data, "S000"), insider(data, "S001")]
    instance = instance_of(data, "made")
    own = {number for number, cell in enumerate(instance.cells) if cell.unit_id == "S002"}
    gaps -= {min(gaps & own - set(instance.small))}
    monkeypatch.setattr(proof, "_MOST_SOLVED", 0)
    told = [pool for view in prove_pattern(instance, gaps).views for pool in (*view.pools, *view.derived)]
    assert any(pool.is_small(instance.thresholds) and own.issuperset(pool.cells) for pool in told)


def finders(instance, audit):
    """Return the readers who can compute a pool that is small or has too few of one answer."""
    limits = instance.thresholds
    return {
        view.name
        for view in audit.views
        if any(pool.is_small(limits) or pool.is_one_sided(limits) for pool in (*view.pools, *view.derived))
    }
