"""Two releases of one figure: what a few people changed is printed as it was, or not at all."""

from dataclasses import replace
from datetime import date

import pytest

from aimline.disclosure import release_gate
from aimline.disclosure.gate import audit_release
from aimline.disclosure.memory import HELD_WORDS, Memory, hold, printed
from tests.support.disclosure_tables import cell_id, district
from tests.support.gate_bench import gaps_of, release

DAY = date(2027, 3, 1)
SCHOOLS = {
    "s1": {"all": 140, "set/a": 60, "set/b": 80},
    "s2": {"all": 160, "set/a": 75, "set/b": 85},
    "s3": {"all": 190, "set/a": 90, "set/b": 100},
}


def changed(**moved):
    """Return the schools with some groups of the first larger by a few, in all sums."""
    first = dict(SCHOOLS["s1"])
    for group, more in moved.items():
        first[f"set/{group}"] += more
        first["all"] += more
    return SCHOOLS | {"s1": first}


def made(schools, gaps=None):
    """Return a release of a closed month."""
    layers = [district(schools)]
    evidence = release(layers, gaps_of(layers) if gaps is None else gaps)
    evidence.connection.execute("update rpt_measures set period_ends_on = date '2027-02-01', n_text = 'n'")
    return evidence


@pytest.fixture
def after(tmp_path):
    """Publish one release, then another; return how many figures were held and the second's evidence."""

    def publishing(second, first=None, how="hold", has_snapshot=True, without=""):
        before = first or made(SCHOOLS)
        assert hold(before, Memory([], DAY)) == 0
        rows = [row | {"as_of": "2027-02-02"} for row in printed(before)]
        path = tmp_path / "snapshot.duckdb"
        if has_snapshot:
            before.connection.execute(f"attach '{path}' as kept")
            for table in (each for each in before.figure_tables if each.name != without):
                before.connection.execute(f"create table kept.main.{table.name} as from {table.name}")
            before.connection.execute("detach kept")
        memory = Memory(rows, DAY, how, path if has_snapshot else None)
        return hold(second, memory), replace(second, is_laid_out=True)

    return publishing


def texts(evidence):
    """Return what is printed of the first school's groups."""
    query = "select group_id, value_text, hold_reason from rpt_measures where unit_id = 's1' order by group_id"
    return [(row["group_id"], row["value_text"], row["hold_reason"]) for row in evidence.connection.rows(query)]


def test_one_who_joins_moves_no_figure(after):
    """The whole layer stays as it was printed, with its note, and passes gate and audit with its own numbers."""
    second = made(changed(a=1))
    second.connection.execute("update rpt_measures set value = 0.75, value_text = '75%'")
    n_held, evidence = after(second)
    assert n_held == 1
    assert texts(evidence) == [("a", "50%", HELD_WORDS), ("all", "50%", HELD_WORDS), ("b", "50%", HELD_WORDS)]
    release_gate(evidence)
    assert not audit_release(evidence).failures
    assert printed(evidence) == []


def test_a_group_that_is_new_to_a_held_figure_is_nobody_in_it(after):
    """The first child of a group moves the figure; what stays printed knows neither, and passes the gate."""
    first = SCHOOLS["s1"] | {"set/c": 1, "all": 141}
    n_held, evidence = after(made(SCHOOLS | {"s1": first}))
    assert n_held == 1
    assert [name for name, _, _ in texts(evidence)] == ["a", "all", "b"]
    release_gate(evidence)
    assert not audit_release(evidence).failures


@pytest.mark.parametrize("moved", [{}, {"a": 10}, {"a": 25, "b": 11}])
def test_nobody_or_enough_let_a_figure_move(after, moved):
    """The same people, or ten more of a group, are printed anew and remembered."""
    n_held, evidence = after(made(changed(**moved)), has_snapshot=False)
    assert (n_held, len(printed(evidence)) > 0) == (0, bool(moved))
    release_gate(evidence)


@pytest.mark.parametrize("moved", [{"a": 30, "b": -25}, {"a": -9}, {"a": -1}, {"a": 12, "b": 3}])
def test_a_few_are_found_behind_any_sum(after, moved):
    """A total that moved by a few though its parts did not, some or one who left or was erased, one part of two."""
    assert after(made(changed(**moved)), has_snapshot=False)[0] == 1


def test_a_group_that_was_hidden_stays_hidden_for_that_figure(after):
    """Shown now, with the other hidden in its place, both releases together would tell the small one."""
    first = made(SCHOOLS, {cell_id(("s1", "set/a")), cell_id(("s1", "set/b"))})
    n_held, evidence = after(made(SCHOOLS), first)
    assert n_held == 1
    hidden = "Not shown to protect privacy"
    assert [text for _, text, _ in texts(evidence)] == [hidden, "50%", hidden]


@pytest.mark.parametrize(("how", "has_snapshot"), [("suppress", True), ("hold", False)])
def test_the_policy_may_hide_instead_and_so_does_who_cannot_keep(after, how, has_snapshot):
    """on_small_change: suppress hides the figure; so does a release whose predecessor is gone."""
    n_held, evidence = after(made(changed(a=1)), None, how, has_snapshot)
    assert n_held == 1
    assert {text for _, text, _ in texts(evidence)} == {"Not shown to protect privacy"}
    release_gate(evidence)


def test_an_earlier_release_of_another_shape_keeps_nothing(after):
    """Where one of its tables is missing nobody can say what it printed there, so all that is held is hidden."""
    n_held, evidence = after(made(changed(a=1)), without="rpt_alerts")
    assert n_held == 1
    assert {text for _, text, _ in texts(evidence)} == {"Not shown to protect privacy"}
    release_gate(evidence)


@pytest.mark.parametrize(("how", "n_paths"), [("suppress", 0), ("hold", 3)])
def test_an_aim_line_goes_with_the_figure_that_is_held_back(after, how, n_paths):
    """A figure that is hidden now loses its path, so that the gate lets the rest pass; one that is kept keeps it."""
    first, second = made(SCHOOLS), made(changed(a=1))
    for each in (first, second):
        each.connection.execute("update rpt_measures set indicator_id = 'belonging'")
    second.connection.execute(
        "insert into rpt_trajectories by name select audience_id, reader_unit_id, indicator_id, unit_type, unit_id, "
        "group_set_id, group_id, date '2027-01-31' as on_date, 0.5 as expected from rpt_measures where unit_id = 's1'"
    )
    n_held, evidence = after(second, first, how)
    assert n_held == 1
    assert evidence.connection.rows("select count(*) as n from rpt_trajectories")[0]["n"] == n_paths
    release_gate(evidence)


def test_open_periods_are_new_figures(after):
    """A period that is not over is printed every night."""
    second = made(changed(a=1))
    second.connection.execute("update rpt_measures set period_ends_on = date '2027-03-01'")
    assert after(second, has_snapshot=False)[0] == 0
