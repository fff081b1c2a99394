"""Patterns proved on the layers of a population: what the rules over counts do not foresee is hidden too."""

import json

import pytest

from aimline.disclosure.instance import Cell, Instance, Relation, Thresholds, View
from aimline.disclosure.layers import Layer, Readers, layers_of
from aimline.disclosure.proving import ASKED, PROVED, WHOLE, proved_gaps
from aimline.disclosure.release_audit import audit_figures
from aimline.disclosure.verdicts import CHOSEN_IN, KEPT_IN, chosen_once, judge_layer, remembered
from aimline.storage import LocalStore

ALL = {"unit_type": "school", "unit_id": "D"}
READERS = [{"audience_id": "board", "reader_unit_id": "D", **ALL | {"unit_type": "district"}}]
READERS += [{"audience_id": "board", "reader_unit_id": "D", **ALL, "unit_id": f"s{number}"} for number in range(1, 5)]


def figure(unit, group, n, share, layer="one"):
    """Return a row of ``int_disclosure__outcomes``: a share of students, or of something they have many of."""
    set_id, _, group_id = group.partition("/")
    return {
        "layer": layer,
        "cell_id": f"{unit}|{group}",
        "unit_type": "district" if unit == "D" else "school",
        "unit_id": unit,
        "group_set_id": set_id,
        "group_id": group_id or set_id,
        "value": share,
        "value_unit": "share",
        "numerator": n * share,
        "denominator": float(n),
        "n_people": n,
    }


def layers(rows, readers=READERS, **asked):
    """Return the layers of figures."""
    return layers_of(rows, Thresholds(**asked), Readers.of(readers, is_insider=True))


def district(shares):
    """Return the figures of schools and of the district they add up to."""
    whole = sum(n for n, _ in shares.values())
    total = sum(n * share for n, share in shares.values()) / whole
    return [figure("D", "all", whole, total), *(figure(unit, "all", *told) for unit, told in shares.items())]


def test_a_pool_with_too_few_of_one_answer_hides_more():
    """Nine and twelve stand up to subtraction, but all of them agree: the pool tells each one's answer."""
    rows = district({"s1": (9, 1.0), "s2": (12, 1.0), "s3": (40, 0.5), "s4": (60, 0.5)})
    held = proved_gaps({"s1|all": "primary", "s2|all": "secondary"}, layers(rows))
    assert set(held) - {"s1|all", "s2|all"}
    assert set(held.values()) == {"primary", "secondary", PROVED}
    assert judge_layer(layers(rows)["one"].instance, ())[0].exact == 1


def test_a_safe_pattern_stays_as_it_is():
    """Nobody small, or hidden well enough: nothing is added."""
    rows = district({"s1": (9, 0.6), "s2": (30, 0.5), "s3": (40, 0.5), "s4": (60, 0.5)})
    gaps = {"s1|all": "primary", "s2|all": "secondary"}
    assert proved_gaps(gaps, layers(rows)) == gaps


def test_a_pattern_that_is_not_found_in_so_many_rounds_hides_everything(monkeypatch):
    """Nothing is shown on the hope that the next round would have been the last."""
    monkeypatch.setattr("aimline.disclosure.proving._N_ROUNDS", 1)
    rows = district({"s1": (9, 1.0), "s2": (12, 1.0), "s3": (40, 0.5), "s4": (60, 0.5)})
    held = proved_gaps({"s1|all": "primary", "s2|all": "secondary"}, layers(rows))
    assert held.keys() == {row["cell_id"] for row in rows}
    assert WHOLE in held.values()


def test_a_principal_knows_the_own_school():
    """The partner's principal subtracts it, so a third school is hidden; without insiders two are enough."""
    principals = [
        {"audience_id": "principal", "reader_unit_id": f"s{number}", "unit_type": kind, "unit_id": unit}
        for number in (1, 2)
        for kind, unit in [("district", "D"), *(("school", f"s{each}") for each in range(1, 5))]
    ]
    rows = district({"s1": (9, 0.6), "s2": (30, 0.5), "s3": (40, 0.5), "s4": (60, 0.5)})
    gaps = {"s1|all": "primary", "s2|all": "secondary"}
    held = proved_gaps(gaps, layers(rows, [*READERS, *principals]))
    assert len(held) == 3
    outsiders = Readers.of([*READERS, *principals], is_insider=False)
    assert proved_gaps(gaps, layers_of(rows, Thresholds(), outsiders)) == gaps


UNITS = ("D", "s1", "s2", "s3")
PRINCIPALS = [
    {"audience_id": "principal", "reader_unit_id": own, "unit_type": "district" if unit == "D" else "school"}
    | {"unit_id": unit}
    for own in UNITS[1:]
    for unit in ("D", own)
]


def by_group(sizes):
    """Return the figures of three schools and the district, of everybody and of each group that a school has."""
    rows = []
    for unit in UNITS:
        groups = [sizes[each] for each in UNITS[1:] if unit in {"D", each}]
        names = sorted({name for held in groups for name in held})
        told = {name: sum(held.get(name, 0) for held in groups) for name in names}
        rows += [figure(unit, "all", sum(told.values()), 0.5), *(figure(unit, f"el/{k}", told[k], 0.5) for k in names)]
    return rows


LONE = {"s1": {"yes": 30, "no": 60, "unknown": 1}, "s2": {"yes": 25, "no": 50}, "s3": {"yes": 40, "no": 70}}


@pytest.mark.parametrize("coalition", [1, 2])
def test_the_districts_group_of_one_schools_own_child_is_no_secret_from_its_principal(coalition):
    """Others cannot work the child out, and the audit of the release says of these gaps what the proof says."""
    readers = Readers.of([*READERS, *PRINCIPALS], is_insider=True, coalition=coalition)
    rows = by_group(LONE)
    gaps = {"D|el/unknown": "primary", "s1|el/unknown": "primary"}
    held = proved_gaps(gaps, layers_of(rows, Thresholds(), readers))
    assert gaps.keys() < held.keys()
    assert "D|all" not in held  # the district is not hidden whole, as where nothing is safe
    told = [row | {"population_id": "p", "is_hidden": row["cell_id"] in held} for row in rows]
    assert audit_figures(told, Thresholds(), readers).failures == ()
    shown = [row | {"is_hidden": row["cell_id"] in gaps} for row in told]
    assert {each.view for each in audit_figures(shown, Thresholds(), readers).failures} >= {"board", "principal:s2"}


@pytest.mark.parametrize(
    ("change", "knowing"),
    [
        ({}, {"principal:s1", "principal:s1+principal:s2", "principal:s1+principal:s3"}),
        (
            {"s2": {"yes": 25, "no": 50, "unknown": 0}},
            {"principal:s1", "principal:s1+principal:s2", "principal:s1+principal:s3"},
        ),
        ({"s2": {"yes": 25, "no": 50, "unknown": 1}}, {"principal:s1+principal:s2"}),
    ],
)
def test_an_insider_knows_a_group_in_which_nobody_else_is(change, knowing):
    """A child of another school ends it, unless that school's principal tells; that nobody is there does not."""
    readers = Readers.of([*READERS, *PRINCIPALS], is_insider=True, coalition=2)
    instance = layers_of(by_group(LONE | change), Thresholds(), readers)["one"].instance
    lone = instance.numbers["D|el/unknown"]
    assert {view.name for view in instance.views if lone in view.knows} == knowing


def test_an_insider_does_not_know_a_total_that_is_more_than_its_printed_parts():
    """One child more than the schools have is nobody's whom a principal knows."""
    rows = [
        row | ({"n_people": 2, "denominator": 2.0, "numerator": 1.0} if row["cell_id"] == "D|el/unknown" else {})
        for row in by_group(LONE)
    ]
    instance = layers(rows, [*READERS, *PRINCIPALS])["one"].instance
    assert not any(instance.numbers["D|el/unknown"] in view.knows for view in instance.views)


def test_an_insider_knows_what_no_page_prints_where_everybody_is_of_the_own_school():
    """Nobody else is in the district's figure, so whoever of it is in no printed group is the school's too."""
    rows = [figure(unit, group, n, 0.5) for unit in ("D", "s1") for group, n in (("all", 39), ("el/yes", 30))]
    rows.append(figure("s2", "all", 0, 0.5))
    instance = layers(rows, [*READERS, *PRINCIPALS])["one"].instance
    [rest] = [each for each, cell in enumerate(instance.cells) if cell.unit_id == "D" and not cell.is_printed]
    assert {view.name for view in instance.views if rest in view.knows} == {"principal:s1"}


def test_days_are_told_in_students():
    """The sums are those of days; together they are as many as the students of the whole."""
    rows = district({"s1": (9, 0.5), "s2": (30, 0.5)})
    for row in rows:
        row |= {"numerator": row["numerator"] * 100, "denominator": row["denominator"] * 100}
    cells = {cell.cell_id: cell for cell in layers(rows)["one"].instance.cells}
    assert (cells["D|all"].n, cells["D|all"].x, cells["s1|all"].n) == (39.0, 19.5, 9.0)


def test_what_no_page_prints_of_a_total_is_a_cell_too():
    """Four students are in no printed group: the rest of the total is theirs, and it is small."""
    rows = [figure("s1", "all", 44, 0.5), figure("s1", "set/a", 20, 0.5), figure("s1", "set/b", 20, 0.5)]
    instance = layers(rows)["one"].instance
    [rest] = [cell for cell in instance.cells if not cell.is_printed]
    assert (rest.n, rest.x, rest.small) == (4.0, 2.0, True)
    assert set(proved_gaps({}, layers(rows)).values()) <= {PROVED, WHOLE}
    assert proved_gaps({}, layers(rows))


def test_verdicts_are_kept_in_a_file_without_cells_and_values(tmp_path):
    """What was judged once is read back as it was; other bytes are judged again."""
    rows = district({"s1": (9, 0.6), "s2": (30, 0.5), "s3": (40, 0.5)})
    store = LocalStore(tmp_path)
    with remembered(store):
        first = judge_layer(layers(rows)["one"].instance, {0})
    data = store.path(KEPT_IN).read_bytes()
    assert b"|all" not in data
    for content in (data, b"{"):
        store.put_atomic(KEPT_IN, content)
        with remembered(store):
            assert judge_layer(layers(rows)["one"].instance, {0}) == first
        assert store.path(KEPT_IN).read_bytes() == data


def test_gaps_are_chosen_once_and_their_verdicts_stay_with_them(tmp_path):
    """Equal inputs are not asked about again, not even their verdicts, which the audit of the release needs."""
    instance = layers(district({"s1": (8, 0.6), "s2": (30, 0.5), "s3": (40, 0.5)}))["one"].instance
    store, asked = LocalStore(tmp_path), []

    def choose():
        asked.append(judge_layer(instance, {0}))
        return {"c": PROVED}

    for _ in range(2):
        with remembered(store):
            assert chosen_once("digest", choose) == {"c": PROVED}
    assert len(asked) == 1
    assert all(len(json.loads(store.read(key))["held"]) == 1 for key in (KEPT_IN, CHOSEN_IN))


def test_what_a_preset_hides_besides_is_hidden_first():
    """A school where everybody agrees is no small group, and is hidden with the next smallest."""
    rows = district({"s1": (20, 1.0), "s2": (30, 0.5), "s3": (40, 0.5)})
    assert proved_gaps({}, layers(rows)) == {}
    held = proved_gaps({}, layers(rows, has_all_in_one_level=True, has_next_smallest=True))
    assert held == {"s1|all": ASKED, "s2|all": ASKED}


def test_what_no_pattern_hides_is_told_with_its_sum_and_reader():
    """Who knows the total and all parts but one has the last: the sum and the reader are named, nobody else's are."""
    cells = (Cell("D|all", 65, 30), *(Cell(f"s{each}|all", n, n // 2) for each, n in enumerate((5, 20, 40), start=1)))
    readers = (View("board"), View("principal:s2", None, frozenset({0, 2, 3})))
    instance = Instance("one", Thresholds(), cells, (Relation(0, (1, 2, 3)),), readers)
    held = proved_gaps({}, {"one": Layer(instance)})
    assert held.keys() == {cell.cell_id for cell in cells}
    assert held["D|all"] == "no_safe_pattern principal:s2"
    assert [name for name, reason in held.items() if reason.startswith("no_safe")] == ["D|all"]
