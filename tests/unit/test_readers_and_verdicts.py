"""Whose pages a reader holds, what readers know together, which figures a sum can use, and what a night remembers."""

import json
from pathlib import Path

import pytest

from aimline.disclosure import verdicts
from aimline.disclosure.instance import Instance, Thresholds
from aimline.disclosure.layers import Readers, coalitions, layers_of
from aimline.disclosure.verdicts import CHOSEN_IN, KEPT_IN, Verdict, chosen_once, judge_layer, remembered
from aimline.storage import LocalStore
from tests.support.sdc import made

Row = dict[str, object]


def page(audience: str, reader: str, unit: str, includes: str = "") -> Row:
    """Return a unit that stands on the pages of a reader."""
    kind = "district" if unit == "D" else "school"
    return {"audience_id": audience, "reader_unit_id": reader, "unit_id": unit, "unit_type": kind, "includes": includes}


FAMILIES = [page("family", "s1", "s1"), page("family", "s2", "s2")]
PUBLIC = [page("public", "*", "D")]


@pytest.mark.parametrize(
    ("reader", "includes", "held"),
    [
        ("s1", "", set()),
        ("s1", "family", {"s1"}),
        ("D", "family", {"s1", "s2"}),
        ("s1", "public", {"D"}),
        ("s2", "public,family", {"D", "s2"}),
    ],
)
def test_a_reader_holds_the_pages_of_the_audiences_it_includes(reader: str, includes: str, held: set[str]) -> None:
    """Those of the own unit where there are such, else of all units, and what every reader of them sees."""
    readers = Readers.of([page("staff", reader, "s9", includes), *FAMILIES, *PUBLIC], is_insider=False)
    assert readers.held["staff"] == {"s9"} | held


def test_insiders_are_laid_together_where_a_sum_holds_a_part_of_each() -> None:
    """Of other sums, or where one knows no more than the other, two know nothing that one does not."""
    names = {"first": "a", "second": "b", "elsewhere": "d", "less": "ac", "nobody": ""}
    views = tuple({"name": name, "knows": list(knows)} for name, knows in names.items())
    cells = {
        "All": (60, 30),
        "a": (20, 10),
        "b": (20, 10),
        "c": (20, 10),
        "d": (30, 15),
        "e": (30, 15),
        "Two": (60, 30),
    }
    instance = made(cells, {"All": "abc", "Two": "de"}, views=views)
    assert [view.name for view in coalitions(instance)] == ["first+second", "second+less"]


def figure(unit: str, n: int | None) -> Row:
    """Return a share of students, whose count is known or not."""
    told = {"layer": "one", "cell_id": unit, "unit_type": "district" if unit == "D" else "school", "unit_id": unit}
    told |= {"group_set_id": "all", "group_id": "all", "value": 0.5, "value_unit": "share"}
    return told | {"numerator": (n or 0) / 2, "denominator": float(n or 0), "n_people": n}


@pytest.mark.parametrize("unsure", ["D", "s2"])
def test_a_sum_of_a_figure_without_a_count_is_no_sum(unsure: str) -> None:
    """Its total or a part is nobody knows how many, so nothing follows; the figure is named as unsure."""
    rows = [figure(unit, None if unit == unsure else n) for unit, n in {"D": 60, "s1": 20, "s2": 40}.items()]
    layer = layers_of(rows, Thresholds(), Readers({"board": frozenset({"D", "s1", "s2"})}, {}))["one"]
    assert (layer.unsure, layer.instance.relations) == ({unsure}, ())
    assert {cell.cell_id for cell in layer.instance.cells} == {"D", "s1", "s2"} - {unsure}


@pytest.fixture
def another_night(monkeypatch: pytest.MonkeyPatch) -> None:
    """Begin as a new process does, with nothing in mind."""
    for name in ("_kept", "_chosen"):
        monkeypatch.setattr(verdicts, name, {})
    for name in ("_used", "_used_chosen"):
        monkeypatch.setattr(verdicts, name, set())


def leaky() -> Instance:
    """Return cells of which one gap follows from the others."""
    return made({"All": (56, 30), "a": (6, 3), "b": (50, 27)}, {"All": "ab"})


@pytest.mark.usefixtures("another_night")
def test_what_an_earlier_night_left_is_taken_and_not_judged_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its verdicts and what it chose come from the file: nobody is asked a second time."""
    store, instance = LocalStore(tmp_path), leaky()
    with remembered(store):
        first = judge_layer(instance, {1})
        assert chosen_once("digest", lambda: {"a": judge_layer(instance, {1})[0].view}) == {"a": "public"}
    assert not first[0].is_clean
    monkeypatch.setattr(verdicts, "_kept", {})
    monkeypatch.setattr(verdicts, "_chosen", {})
    monkeypatch.setattr(verdicts, "audit_pattern", lambda *_: pytest.fail("judged again"))
    with remembered(store):
        assert judge_layer(instance, {1}) == first
        assert chosen_once("digest", lambda: pytest.fail("chosen again")) == {"a": "public"}


@pytest.mark.usefixtures("another_night")
def test_what_other_code_judged_says_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A verdict of an older engine that calls a leak clean is judged again, and so is what it chose."""
    store, instance = LocalStore(tmp_path), leaky()
    with remembered(store):
        told = judge_layer(instance, {1})
        chosen_once("digest", lambda: {"a": "new"})
    clean = list(vars(Verdict("public", 0, 0, 0, 0, 0, 0, True, None, 0, 0)).values())
    for key, held in ((KEPT_IN, [clean]), (CHOSEN_IN, [{"a": "old"}, []])):
        kept = json.loads(store.read(key))
        assert kept["held"]
        store.put_atomic(key, json.dumps({"engine": "older", "held": dict.fromkeys(kept["held"], held)}).encode())
    monkeypatch.setattr(verdicts, "_kept", {})
    monkeypatch.setattr(verdicts, "_chosen", {})
    with remembered(store):
        assert judge_layer(instance, {1}) == told
        assert chosen_once("digest", lambda: {"a": "new"}) == {"a": "new"}
