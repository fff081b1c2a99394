"""Test the last step before publishing: what it lets pass, and every way in which it must refuse."""

from dataclasses import replace

import pytest

from aimline.disclosure import release_gate
from aimline.disclosure.gate import audit_release, lay_out
from aimline.errors import DisclosureError
from schemas.policy import Reader
from tests.support.disclosure_tables import cell_id, district
from tests.support.gate_bench import gaps_of, release

SCHOOLS = {
    "s1": {"all": 40, "set/a": 6, "set/b": 34},
    "s2": {"all": 60, "set/a": 25, "set/b": 35},
    "s3": {"all": 90, "set/a": 40, "set/b": 50},
}
LAYERS = [district(SCHOOLS)]


def refusal(evidence):
    """Return the words of a refusal."""
    with pytest.raises(DisclosureError) as caught:
        release_gate(evidence)
    return caught.value.message


def test_gate_passes_what_was_protected():
    """A release whose pattern hides the small cell and its partners passes."""
    release_gate(release(LAYERS, gaps_of(LAYERS)))


def test_gate_refuses_a_small_group_that_is_shown():
    """A shown figure about six people is refused."""
    assert "about a small group" in refusal(release(LAYERS, gaps_of(LAYERS) - {cell_id(("s1", "set/a"))}))


def test_gate_refuses_a_gap_that_a_total_gives_back():
    """The small cell alone hidden is given back by the school's total and by the district's group."""
    assert "could be computed" in refusal(release(LAYERS, {cell_id(("s1", "set/a"))}))


@pytest.mark.parametrize("partner", sorted(gaps_of(LAYERS) - {cell_id(("s1", "set/a"))}))
def test_gate_refuses_when_one_partner_is_shown(partner):
    """Every single secondary gap is needed: without it a subtraction gives a hidden cell."""
    assert "could be computed" in refusal(release(LAYERS, gaps_of(LAYERS) - {partner}))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("create table fct_measures (n integer)", "fct_measures is not a published table"),
        ("alter table rpt_units add column n_enrolled bigint", "rpt_units does not have the columns"),
        ("drop table rpt_plan", "rpt_plan does not have the columns"),
        ("update rpt_measures set is_suppressed = null where unit_id = 's2'", "neither whole nor a gap"),
        ("update rpt_measures set n_text = 'n = 6' where is_suppressed", "neither whole nor a gap"),
        ("update rpt_measures set status = 'off track' where is_suppressed", "neither whole nor a gap"),
        ("update rpt_measures set value_text = '' where is_suppressed", "neither whole nor a gap"),
        ("insert into rpt_measures select * from rpt_measures limit 1", "repeat or lack their key"),
        ("update rpt_measures set figure_id = 'fig_aaaaaaaaaaaa' where unit_id = 'D' and group_id = 'all'", "no row"),
        ("update truth.fct_measures set n_people = null where unit_id = 's3'", "without a count"),
        ("update rpt_measures set measure_id = 'reach'; update truth.fct_measures set measure_id = 'reach'", "no row"),
    ],
)
def test_gate_refuses_a_planted_violation(change, words):
    """Foreign tables, null flags, numbers in a gap, figures without a row and counts nobody knows are refused."""
    evidence = release(LAYERS, gaps_of(LAYERS))
    evidence.connection.execute(change)
    assert words in refusal(evidence)


def test_gate_refuses_a_cell_with_two_fates():
    """A cell hidden from one reader and shown to another is refused."""
    evidence = release(LAYERS, gaps_of(LAYERS))
    evidence.connection.execute(
        "insert into rpt_measures by name select * replace ('engineering' as audience_id, null as value, true as "
        "is_suppressed, 'suppressed' as shown_as, 'Not shown to protect privacy' as value_text) "
        "from rpt_measures where unit_id = 's3' and group_id = 'all'"
    )
    assert "shown in one place and hidden in another" in refusal(evidence)


def test_gate_refuses_the_aim_line_of_a_hidden_figure():
    """A path may rest on last year's figure, so the path of a hidden figure is refused."""
    evidence = release(LAYERS, gaps_of(LAYERS))
    evidence.connection.execute("update rpt_measures set indicator_id = 'belonging'")
    evidence.connection.execute(
        "insert into rpt_trajectories by name select audience_id, reader_unit_id, indicator_id, unit_type, unit_id, "
        "group_set_id, group_id, date '2027-01-31' as on_date, 0.5 as expected from rpt_measures where is_suppressed "
        "limit 1"
    )
    assert "points belong to hidden figures" in refusal(evidence)


def test_refusal_names_no_cell():
    """A refusal names measures and relations, never a school, a group or a count."""
    words = refusal(release(LAYERS, {cell_id(("s1", "set/a"))}))
    assert "percent_favorable" in words
    assert "s1" not in words


@pytest.mark.parametrize(
    ("reader", "words"),
    [
        (Reader(audience_id="board", count="band"), "audience 'board' has exact counts"),
        (Reader(audience_id="board", share="words", count="exact"), "audience 'board' has exact shares"),
        (Reader(audience_id="board", protected=False, count="exact"), "audience 'board' has figures, and is not"),
    ],
)
def test_gate_refuses_what_an_audience_may_not_be_told(reader, words):
    """A count where bands are told, a percent where words are, anything for whoever has no edition."""
    evidence = release(LAYERS, gaps_of(LAYERS))
    evidence.connection.execute(
        "update rpt_measures set n_text = 'n = 60', value_unit = 'share' where unit_id = 's2' and not is_suppressed"
    )
    assert words in refusal(replace(evidence, audiences=(reader,)))
    release_gate(replace(evidence, audiences=(Reader(audience_id="board", share="exact", count="exact"),)))


@pytest.mark.parametrize(("includes", "is_found"), [((), False), (("public",), True)])
def test_the_audit_lays_pages_together_that_one_reader_holds(includes, is_found):
    """Neither the board's pages nor the public's give the gap back; a board that has both subtracts one from other."""
    evidence = release(LAYERS, {cell_id(("s1", "set/a")), cell_id(("s1", "set/b"))})
    for audience, kind, unit in (
        ("board", "district", "D"), ("board", "school", "s1"), ("public", "school", "s2"), ("public", "school", "s3")
    ):  # fmt: skip
        evidence.connection.execute(
            f"insert into rpt_units by name select '{audience}' as audience_id, 'D' as reader_unit_id, "
            f"'{unit}' as unit_id, '{kind}' as unit_type"
        )
    lay_out(evidence)
    audiences = (Reader(audience_id="board", includes=includes), Reader(audience_id="public"))
    found = {each.view for each in audit_release(replace(evidence, audiences=audiences)).failures}
    assert found == ({"board"} if is_found else set())
