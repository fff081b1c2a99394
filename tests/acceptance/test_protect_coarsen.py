"""``aimline protect --coarsen``: schools with many small groups are told in larger ones, as the policy declares."""

import json

import pytest

from aimline.cli import main
from aimline.disclosure.audit import audit_pattern
from aimline.disclosure.aware import Rule
from aimline.disclosure.instance import instance_of
from tests.support.sdc import shared_file

BANDS = "grade_bands: {K-2: [K, 1, 2], 3-5: [3, 4, 5]}"
GRADES, GROUPS = ("K", "1", "2", "3"), ("race:white", "race:black", "race:native", "race:multi")


def school(counts, groups=GROUPS):
    """Return one school by grade and group, with its totals; everybody but one in each cell is favourable."""
    cells, sums = {}, []
    for grade in ("all", *GRADES):
        for group in ("All", *groups):
            held = [
                counts[place][number]
                for place, each in enumerate(GRADES)
                for number, name in enumerate(groups)
                if grade in {"all", each} and group in {"All", name}
            ]
            n, x = sum(held), sum(max(each - 1, 0) for each in held)
            cells[grade, group] = {
                "id": f"{grade}|{group}", "n": n, "x": x, "release": "public", "unit": "school", "unit_id": "S1",
                "grade": grade, "group": group,
            }  # fmt: skip
    sums += [{"total": f"{grade}|All", "parts": [f"{grade}|{group}" for group in groups]} for grade in ("all", *GRADES)]
    sums += [{"total": f"all|{name}", "parts": [f"{grade}|{name}" for grade in GRADES]} for name in ("All", *groups)]
    return {"format": "sdc-instance/1", "id": "made", "cells": list(cells.values()), "relations": sums}


SMALL = school([(20, 12, 4, 2), (21, 13, 3, 3), (22, 14, 5, 3), (23, 15, 6, 4)])


@pytest.fixture
def protect(tmp_path, capsys):
    """Protect an instance with a policy; return exit code, stdout, stderr."""

    def protecting(coarsen, data=SMALL, *more):
        (tmp_path / "made.json").write_text(json.dumps(data), encoding="utf-8")
        (tmp_path / "policy.yml").write_text(f"disclosure: {{coarsen: {{{coarsen}}}}}", encoding="utf-8")
        code = main(
            ["protect", str(tmp_path / "made.json"), "--coarsen", "--policy", str(tmp_path / "policy.yml"), *more]
        )
        said = capsys.readouterr()
        (tmp_path / "answer.json").write_text(said.out, encoding="utf-8")
        return code, said.out, said.err

    return protecting


def told(out):
    """Return how the school is told."""
    level = json.loads(out)["coarsened"]["levels"]["S1"]
    return level["level"], level["n_merged"]


@pytest.mark.parametrize(
    ("coarsen", "expected"),
    [
        (f"max_small_share: 0.5, {BANDS}", (0, 0)),
        (BANDS, (1, 0)),
        (f"max_small_share: 0.1, {BANDS}, merge_groups: [native, multi]", (2, 2)),
        ("merge_groups: [native, multi]", (2, 2)),
        ("max_small_share: 0.20", (3, 0)),
        ("max_small_share: 0, merge_groups: [native, asian]", (3, 2)),
    ],
)
def test_a_school_climbs_until_few_of_its_cells_are_small(protect, coarsen, expected):
    """Grade bands, merged groups, no grade by group; what is not declared, or not there, is no step."""
    code, out, _ = protect(coarsen)
    assert code == 0
    assert told(out) == expected


def test_the_last_step_is_the_total_of_the_school(protect):
    """A school of four groups of which two are small, and no small group may be printed."""
    code, out, _ = protect("max_small_share: 0", school([(20, 12, 4, 2), (0, 0, 0, 0), (0, 0, 0, 0), (0, 0, 0, 0)]))
    assert (code, told(out)) == (0, (5, 0))
    assert json.loads(out)["coarsened"]["levels"]["S1"]["note"] == (
        "Only the school's total is shown, to protect small groups."
    )


def test_the_bands_that_are_told_stand_in_the_note(protect):
    """The sentence of the page; a band of one grade is no band."""
    note = json.loads(protect(BANDS)[1])["coarsened"]["levels"]["S1"]["note"]
    assert note == "Grades are shown together (K\N{EN DASH}2) to protect small groups."


def unreduced(data, answer):
    """Return the instance with every cell of the file, and each larger cell as a sum of them."""
    cells = {cell["id"]: dict(cell) for cell in data["cells"]}
    relations = list(data["relations"])
    for name in [
        *answer["coarsened"]["not_printed"],
        *(part for each in answer["coarsened"]["cells"] for part in each["of"]),
    ]:
        cells[name]["release"] = "hidden"
    for each in answer["coarsened"]["cells"]:
        n, x = (sum(cells[part][letter] for part in each["of"]) for letter in "nx")
        release = "public" if each["is_printed"] else "hidden"
        cells[each["id"]] = {"id": each["id"], "n": n, "x": x, "release": release}
        relations.append({"total": each["id"], "parts": each["of"]})
    return data | {"cells": list(cells.values()), "relations": relations}


def test_what_is_told_together_passes_the_audit_of_all_cells(protect, shared_data):
    """Of three schools, each cell of the file and each larger one is a cell of its own: nothing small is known."""
    data = json.loads(shared_file(shared_data, "instances", "s04_three_schools").read_text(encoding="utf-8"))
    code, out, _ = protect(f"max_small_share: 0.1, {BANDS}, merge_groups: [native, multi]", data)
    answer = json.loads(out)
    whole = instance_of(unreduced(data, answer), "whole.json")
    hidden = frozenset(whole.numbers[name] for name in (*answer["primary"], *answer["secondary"]))
    gaps = frozenset(cell for cell in hidden if whole.cells[cell].is_printed)
    [view] = audit_pattern(whole, gaps, Rule()).views
    assert code == 0
    assert (view.exact, view.result_known, view.all_or_none, view.narrow) == ([], [], [], [])
    assert not any(pool.is_small(whole.thresholds) for pool in (*view.pools, *view.derived))


def test_the_answer_is_audited_as_it_is_printed(protect, tmp_path, capsys):
    """``audit --hidden`` takes the larger cells of the answer; one gap shown again is refused."""
    protect(BANDS)
    answer = json.loads((tmp_path / "answer.json").read_text(encoding="utf-8"))
    audit = ["audit", str(tmp_path / "made.json"), "--hidden", str(tmp_path / "answer.json")]
    assert main(audit) == 0
    answer["secondary"] = answer["secondary"][1:]
    (tmp_path / "answer.json").write_text(json.dumps(answer), encoding="utf-8")
    assert main(audit) == 6
    capsys.readouterr()


def test_a_school_is_never_told_more_finely_than_before(protect, tmp_path):
    """The level of the previous answer is the least; gaps of cells that are gone are no mistake."""
    protect(f"max_small_share: 0.05, {BANDS}, merge_groups: [native, multi]")
    (tmp_path / "before.json").write_text((tmp_path / "answer.json").read_text(encoding="utf-8"), encoding="utf-8")
    before = told((tmp_path / "before.json").read_text(encoding="utf-8"))
    same = f"max_small_share: 0.9, {BANDS}, merge_groups: [native, multi]"
    assert told(protect(same)[1]) == (0, 0)
    code, out, _ = protect(same, SMALL, "--previous", str(tmp_path / "before.json"))
    assert (code, told(out)) == (0, before)


def test_the_ladder_must_be_there_where_it_is_asked_for_or_was_used(protect, tmp_path, capsys):
    """--coarsen without a policy, or with one that has none, is wrong usage; an earlier answer asks for it again."""
    protect(BANDS)
    made, before = str(tmp_path / "made.json"), str(tmp_path / "answer.json")
    (tmp_path / "plain.yml").write_text("disclosure: {preset: default}", encoding="utf-8")
    for words, message in (
        (["--coarsen"], "--coarsen takes a file and a policy."),
        (["--coarsen", "--policy", str(tmp_path / "plain.yml")], "declares no coarsen."),
        (["--previous", before], "tells schools in larger cells, and they must stay so."),
    ):
        assert main(["protect", made, *words]) == 2
        assert message in capsys.readouterr().err


@pytest.mark.parametrize(
    ("coarsen", "message"),
    [
        ("grade_bands: {K-2: [K, 1], 1-3: [1, 2]}", "grade 1 is in bands 'K-2' and '1-3'."),
        ("grade_bands: {K-2: [K, 13]}", "'13' is not a grade."),
        ("merge_groups: [native]", "merge_groups name 'native' alone."),
        ("merge_groups: [native, native]", "merge_groups name a group twice."),
        ("max_small_share: 30", "30 is above 1; rates are fractions."),
        ("max_share: 0.3", "unknown key 'max_share'"),
    ],
)
def test_what_is_wrong_in_the_ladder_is_named(protect, coarsen, message):
    """Exit 2 with the place and what is wrong."""
    code, _, err = protect(coarsen)
    assert code == 2
    assert message in err


def test_cells_that_name_no_grade_and_group_stay_as_they_are(protect):
    """The policy changes nothing then, and that is told."""
    bare = SMALL | {"cells": [{key: cell[key] for key in ("id", "n", "x", "release")} for cell in SMALL["cells"]]}
    code, _, err = protect(BANDS, bare)
    assert code == 0
    assert "coarsen is read and changes nothing, as no cell names its grade and group." in err
