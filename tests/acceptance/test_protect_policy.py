"""``aimline protect --policy``: the policy as disclosure.md 11 prints it, its presets, and what each key changes."""

import json
from itertools import product

import pytest

from aimline.cli import main
from aimline.disclosure.audit import audit_pattern
from aimline.disclosure.aware import Rule
from aimline.disclosure.instance import instance_of, read_gaps, read_instance
from aimline.disclosure.policy import with_policy
from aimline.disclosure.report import is_clean
from tests.support.sdc import data_of

TABLE = data_of({"All": (96, 61), "w": (52, 35), "b": (24, 14), "h": (16, 10), "a": (4, 2)}, {"All": "wbha"})
SPECIFIED = """
disclosure:
  preset: default
  n_min: 10
  min_interval_width: 10
  min_pool: 10
  min_minority_pool: 3
  zero_is_sensitive: false
  counts_known: false
  coalition: 1
  insider: own_unit
  link: {min_schools: 3, min_pool: 20, min_minority_pool: 5}
  caps: [{from: 10, low: 20, high: 80}, {from: 20, low: 10, high: 90}, {from: 300, low: 1, high: 99}]
  count_bands: [10, 20, 40, 100, 300]
  partitions:
    race: {printed: all}
    english_learner: {printed: ['Y']}
  coarsen: {max_small_share: 0.30, grade_bands: {K-2: [K, 1, 2], 3-5: [3, 4, 5]}, merge_groups: [native, multi]}
  on_small_change: hold
  memory_years: 5
audiences:
  - {audience_id: public, includes: [], scope: district, share: whole_percent, count: band}
  - {audience_id: staff, includes: [public], scope: school, share: whole_percent, count: own_exact}
  - {audience_id: principal, includes: [staff], scope: school, share: words, count: own_exact, knows: own_unit}
  - {audience_id: district_analyst, includes: [public], scope: district, protected: false}
"""


@pytest.fixture
def protect(tmp_path, capsys):
    """Protect an instance under a policy; return exit code, stdout, stderr."""

    def protecting(policy, data=TABLE):
        (tmp_path / "made.json").write_text(json.dumps(data), encoding="utf-8")
        (tmp_path / "policy.yml").write_text(policy, encoding="utf-8")
        code = main(["protect", str(tmp_path / "made.json"), "--policy", str(tmp_path / "policy.yml")])
        said = capsys.readouterr()
        return code, said.out, said.err

    return protecting


def asked(data, **policy):
    """Return an instance under a policy."""
    return with_policy(instance_of(data, "made.json"), policy, "policy.yml")


def test_the_policy_of_the_specification_is_taken_whole(protect):
    """Every key it prints is known, the answer is that of the thresholds it names, and what changes nothing is told."""
    code, out, err = protect(SPECIFIED)
    assert (code, json.loads(out)["secondary"], "coarsened" in json.loads(out)) == (0, ["h"], False)
    idle = ("caps", "count_bands", "partitions", "on_small_change", "memory_years", "coarsen")
    assert [line.split()[1] for line in err.splitlines()] == list(idle)


@pytest.mark.parametrize(
    ("preset", "small"),
    [("delaware", 2), ("nysed", 1), ("utah_like", 1), ("core20", 2), ("survey5", 1), ("learning_bar", 1), ("perts", 1)],
)
def test_every_preset_has_its_smallest_group(protect, preset, small):
    """Below 16, 5, 11, 20 or 5: of groups of 4, 15 and more."""
    table = data_of({"All": (95, 60), "w": (52, 35), "b": (24, 14), "h": (15, 9), "a": (4, 2)}, {"All": "wbha"})
    code, out, _ = protect(f"disclosure: {{preset: {preset}}}", table)
    assert (code, len(json.loads(out)["primary"])) == (0, small)


def test_nysed_hides_whoever_answered_alike_and_the_next_smallest(protect):
    """Twelve who all agree are no small group, and are hidden; with them the smallest other group."""
    table = data_of({"All": (88, 61), "w": (52, 35), "b": (24, 14), "h": (12, 12)}, {"All": "wbh"})
    assert json.loads(protect("preset: nysed", table)[1])["secondary"] == ["b", "h"]
    assert json.loads(protect("preset: survey5", table)[1])["secondary"] == []


@pytest.mark.parametrize(
    ("key", "value", "least"),
    [
        ("n_min", "5", "10"),
        ("min_interval_width", "4", "10"),
        ("min_pool", "9", "10"),
        ("min_minority_pool", "2", "3"),
        ("memory_years", "4", "5"),
        ("insider", "none", "own_unit"),
    ],
)
def test_weaker_than_the_preset_needs_a_reason(protect, key, value, least):
    """Any such key: exit 2 with key, value and what the preset asks; with a reason it is taken."""
    code, out, err = protect(f"disclosure: {{{key}: {value}}}")
    assert (code, out) == (2, "")
    assert f"{key} {value} is weaker than preset 'default' ({least})." in err
    assert protect(f"disclosure: {{{key}: {value}, because: small district}}")[0] == 0


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("disclosure: {link: {min_school: 3}}", "disclosure.link.min_school: unknown key 'min_school'."),
        ("disclosure: {caps: [{from: 10, low: 20}]}", "disclosure.caps.0: 'high' is missing."),
        ("disclosure: {count_bands: [20, 10]}", "count_bands do not rise."),
        ("{n_min: 5}", "policy.yml is not a policy: n_min 5 is weaker than preset 'default' (10)."),
        ("audiences: [{audience_id: staff, includes: [public]}]", "audience 'staff' includes 'public', which is not"),
        (
            "audiences: [{audience_id: aa, includes: [bb]}, {audience_id: bb, includes: [aa]}]",
            "audience 'aa' includes itself by way of 'bb'.",
        ),
    ],
)
def test_what_is_wrong_in_a_policy_is_named_with_its_place(protect, text, message):
    """Keys that nobody knows, at any depth, and audiences that cannot be."""
    code, out, err = protect(text)
    assert (code, out) == (2, "")
    assert message in err


def test_a_reader_holds_the_pages_of_those_it_includes():
    """Whoever reads staff pages reads public ones too, so a total there is no protection."""
    data = data_of({"All": (60, 30), "w": (40, 20), "a": (20, 10)}, {"All": "wa"}) | {
        "views": [{"name": "staff", "sees": ["staff"]}]
    }
    made = asked(data, audiences=[{"audience_id": "public"}, {"audience_id": "staff", "includes": ["public"]}])
    assert made.views[0].sees == {"public", "staff"}


def possible_results(instance, gaps, target):
    """Return every number of favourable students a target may have, by trying all, when counts are known."""
    hidden = sorted(gaps)
    ranges = [range(instance.cells[cell].n + 1) for cell in hidden]
    found = set()
    for guess in product(*ranges):
        x = {place: cell.x for place, cell in enumerate(instance.cells)} | dict(zip(hidden, guess, strict=True))
        if all(x[each.total] == sum(x[part] for part in each.parts) for each in instance.relations):
            found.add(x[target])
    return found


@pytest.mark.parametrize("favourable", [0, 1, 2, 4])
def test_with_known_counts_the_bounds_are_what_trying_every_answer_finds(favourable):
    """The result of the smallest group, and of two groups that hide each other."""
    x = {"w": 35, "b": 14, "h": 3, "a": favourable}
    data = data_of(
        {"All": (86, sum(x.values())), "w": (52, 35), "b": (24, 14), "h": (6, 3), "a": (4, favourable)}, {"All": "wbha"}
    )
    instance = asked(data, counts_known=True)
    gaps = frozenset(instance.numbers[name] for name in "ha")
    [told] = audit_pattern(instance, gaps, None).views
    for target in gaps:
        found = possible_results(instance, gaps, target)
        assert told.favourable[target] == (min(found), max(found))
        assert told.counts[target] == (instance.cells[target].n,) * 2


def test_with_known_counts_a_safe_pattern_is_found_and_is_clean(protect, tmp_path):
    """The count is no secret then, so width is asked of the result; each other gap is needed."""
    code, out, _ = protect("counts_known: true")
    instance = asked(TABLE, counts_known=True)
    (tmp_path / "answer.json").write_text(out, encoding="utf-8")
    gaps = read_gaps(tmp_path / "answer.json", instance)
    assert code == 0
    assert is_clean(audit_pattern(instance, gaps, Rule()))
    assert not is_clean(audit_pattern(instance, frozenset({instance.numbers["a"]}), Rule()))


def schools(numbers):
    """Return a district total over schools of which every principal knows its own."""
    cells = {name: (n, n // 2) for name, n in numbers.items()}
    whole = (sum(n for n, _ in cells.values()), sum(x for _, x in cells.values()))
    data = data_of({"D": whole, **cells}, {"D": list(cells)})
    return data | {"views": [{"name": f"principal:{name}", "knows": [name]} for name in cells]}


def test_a_coalition_of_two_knows_what_each_of_two_knows(protect):
    """Three hidden schools stand up to one principal; two together subtract what both know from the total."""
    table = schools({"s1": 4, "s2": 30, "s3": 31, "s4": 32, "s5": 33})
    one, two = [asked(table, coalition=number) for number in (1, 2)]
    gaps = frozenset(one.numbers[name] for name in ("s1", "s2", "s3"))
    assert is_clean(audit_pattern(one, gaps, Rule()))
    told = {view.name: view.exact for view in audit_pattern(two, gaps, Rule()).views if view.exact}
    assert told == {"principal:s2+principal:s3": [two.numbers["s1"]]}
    answer = json.loads(protect("coalition: 2", table)[1])
    assert len(answer["views"]) == 15
    assert all(view["passed"] for view in answer["views"].values())


def test_an_instance_without_a_policy_stays_as_it_is(tmp_path):
    """Counts are not known, nobody meets, nothing more is hidden."""
    (tmp_path / "made.json").write_text(json.dumps(schools({"s1": 4, "s2": 30})), encoding="utf-8")
    assert asked(schools({"s1": 4, "s2": 30}), preset="default") == read_instance(tmp_path / "made.json")
