"""``aimline protect --deployment``: the gaps of every population, what they cost each audience, what readers derive."""

import json

import pytest

from aimline import transform
from aimline.cli import main
from aimline.disclosure.policy import Policy
from aimline.transform import WAREHOUSE, BuildReport
from aimline.warehouse import connect
from tests.support.published_rows import AS_OF

FIGURES = {"D": (148, 75.0), "s1": (9, 5.0), "s2": (30, 15.0), "s3": (47, 25.0), "s4": (62, 30.0)}
OUTCOMES = (
    "population_id varchar, measure_id varchar, layer varchar, cell_id varchar, unit_type varchar, unit_id varchar, "
    "group_set_id varchar, group_id varchar, value_unit varchar, value double, numerator double, denominator double, "
    "n_people bigint"
)
PATTERN = "population_id varchar, measure_id varchar, cell_id varchar, is_suppressed boolean, reason varchar, "
PATTERN += "policy_version varchar, pattern_sha256 varchar"
READERS = "audience_id varchar, reader_unit_id varchar, unit_id varchar, unit_type varchar"


def kind(unit):
    """Return what a unit is."""
    return "district" if unit == "D" else "school"


def cell(unit):
    """Return the cell of everybody in a unit."""
    return f"p|{kind(unit)}|{unit}|all|all"


@pytest.fixture
def protect(tmp_path, monkeypatch, capsys):
    """Protect a district whose warehouse hides some schools; return exit code and the answer."""
    state = tmp_path / "state"
    state.mkdir()
    report = BuildReport("b", AS_OF, "unchanged", WAREHOUSE)
    changes = []

    def built(_request):
        for change in changes:
            with connect(state / WAREHOUSE, role="build") as connection:
                connection.execute(change)
        return report

    monkeypatch.setattr(transform, "build", built)

    def protecting(*words, hidden=(), change=""):
        changes[:] = [change] if change else []
        if hidden:
            (state / WAREHOUSE).unlink(missing_ok=True)
            write(state / WAREHOUSE, hidden)
        code = main(["protect", "--deployment", "riverbend", "--as-of", str(AS_OF), "--state", str(state), *words])
        return code, capsys.readouterr().out

    return protecting


def write(path, hidden):
    """Write the tables that protection is about."""
    with connect(path, role="build") as connection:
        connection.execute(f"create table int_disclosure__outcomes ({OUTCOMES})")
        connection.execute(f"create table int_disclosure__pattern ({PATTERN})")
        connection.execute(f"create table int_audiences__readers ({READERS})")
        for unit, (n, x) in FIGURES.items():
            named = f"'p', 'm', 'l', '{cell(unit)}', '{kind(unit)}', '{unit}', 'all', 'all', 'share'"
            connection.execute(f"insert into int_disclosure__outcomes values ({named}, {x / n}, {x}, {n}, {n})")
            reason = ("primary" if n < 10 else "secondary") if unit in hidden else ""
            fate = f"'p', 'm', '{cell(unit)}', {unit in hidden}, '{reason}', 'v', 'digest'"
            connection.execute(f"insert into int_disclosure__pattern values ({fate})")
            connection.execute(f"insert into int_audiences__readers values ('board', 'D', '{unit}', '{kind(unit)}')")
        connection.execute("insert into int_audiences__readers values ('public', 'D', 'D', 'district')")


def test_it_tells_gaps_costs_and_proof(protect):
    """By population, by audience over the units it holds, by reader; JSON where nobody looks."""
    code, out = protect(hidden={"s1", "s2"})
    answer = json.loads(out)
    assert code == 0
    assert list(answer) == ["id", "policy_version", "populations", "audiences", "views", "passed"]
    gaps = {"cells": 5, "shown": 3, "small": 1, "hidden_to_protect_them": 1}
    assert answer["populations"] == {"p": gaps | {"pattern_sha256": "digest"}}
    assert answer["audiences"]["board"] == gaps | {"shown_percent": 60.0}
    assert answer["audiences"]["public"]["shown_percent"] == 100.0
    assert (answer["views"]["board"]["targets"], answer["views"]["board"]["exact"], answer["passed"]) == (1, 0, True)
    assert answer["policy_version"] == Policy(10).version


def test_a_pattern_that_is_not_safe_exits_6_with_the_whole_answer(protect):
    """The only gap is the total minus the rest."""
    code, out = protect(hidden={"s1"})
    assert (code, json.loads(out)["views"]["board"]["exact"]) == (6, 1)


def test_people_read_tables(protect):
    """Populations, audiences with the share that is shown, readers."""
    _, out = protect("--format", "table", hidden={"s1", "s2"})
    assert "board     5      1      1               3      60.0" in out
    assert out.rstrip().endswith("Passed.")


def test_only_what_changed_is_listed_when_asked(protect):
    """A population whose gaps are what they were is left out; its cost and proof are told all the same."""
    assert json.loads(protect("--changed-only", hidden={"s1", "s2"})[1])["populations"] == {}
    answer = json.loads(
        protect("--changed-only", change="update int_disclosure__pattern set pattern_sha256 = 'new'")[1]
    )
    assert list(answer["populations"]) == ["p"]
    assert answer["audiences"]["board"]["cells"] == 5


@pytest.mark.parametrize("words", [[], ["made.json", "--deployment", "riverbend"]])
def test_it_takes_a_file_or_a_district(words, capsys):
    """One of them, never both."""
    assert main(["protect", *words]) == 2
    assert "protect takes a file or --deployment." in capsys.readouterr().err
