"""A night on which few schools changed: the verdict of the whole audit, from proofs that still stand."""

import json
import random
from dataclasses import replace

import pytest

from aimline.cli import main
from aimline.disclosure import certificates
from aimline.disclosure.audit import audit_pattern, audit_view
from aimline.disclosure.aware import Rule
from aimline.disclosure.certificates import audiences_of
from aimline.disclosure.circles import Proof, answer
from aimline.disclosure.instance import View, instance_of
from aimline.disclosure.proofs import GONE, Fingerprint
from aimline.disclosure.protect import protect
from aimline.disclosure.report import is_clean
from benchmarks.disclosure import district, join, leave

DATA = district(7, 2, 5)


@pytest.fixture(scope="module")
def before():
    """The night before."""
    return protect(instance_of(DATA, "before"))


def changed_in(before, data):
    """The cells of a table that have other numbers than the night before."""
    return before.proofs.changed(Fingerprint.of(instance_of(data, "now")))


@pytest.mark.parametrize("seed", range(4))
def test_nights_are_as_safe_as_one_done_anew(before, seed):
    """Somebody joins or leaves one or two schools, night after night: the whole audit finds each pattern clean."""
    data, proofs = json.loads(json.dumps(DATA)), before.proofs
    chance = random.Random(seed)  # noqa: S311 - not for secrets
    for night in range(2):
        (join if (seed + night) % 3 else leave)(data, chance, 1 + seed % 2)
        instance = instance_of(data, "after")
        made = protect(instance, proofs=proofs)
        assert made.refusal == ""
        assert is_clean(audit_pattern(instance, made.gaps, Rule()))
        proofs = made.proofs


def taught(before, data):
    """What is taught of a night, of cells that changed, and those targets of it that the audit finds told."""
    instance, changed = instance_of(data, "after"), changed_in(before, data)
    reader, everything = audiences_of(instance)[0], frozenset(range(len(instance.cells)))
    small = {number for number in instance.small if instance.cells[number].is_printed}
    reader.show(before.gaps | small)
    before.proofs.teach([reader], before.proofs.losses(instance, changed))
    held, told = [], set()
    for proof, targets in reader.proved():
        if not proof.moved.isdisjoint(changed):
            view = View("who knows the rest", None, everything - proof.moved)
            view_told = audit_view(instance, view, (before.gaps | small, Rule()), targets)
            rule = view_told.rule
            assert set(targets) <= set(view_told.counts)
            told |= {*view_told.narrow, *view_told.stiff, *view_told.undecided} & set(targets)
            told |= {*rule.exact, *rule.result_known, *rule.all_or_none} & set(targets)
            held.append(proof)
    return held, told


@pytest.mark.parametrize("n_whole", [certificates._N_WHOLE, 20])
def test_what_is_taught_holds_by_the_bounds_of_the_audit(before, monkeypatch, n_whole):
    """Where all cells but those of a taught proof are known, every target of it is open: nothing of it is assumed.

    So it is of what moved school by school, and of what moved many schools together. Some of it lost somebody.
    """
    monkeypatch.setattr(certificates, "_N_WHOLE", n_whole)
    made = before if n_whole > 20 else protect(instance_of(DATA, "before"))
    assert made.refusal == ""
    outlasted = 0
    for seed in (1, 37):  # the second finds proofs that stand on somebody who left
        data = json.loads(json.dumps(DATA))
        for change in (leave, join):
            change(data, random.Random(seed), 1)  # noqa: S311 - not for secrets
        held, told = taught(made, data)
        assert not told
        losses = made.proofs.losses(instance_of(data, "now"), changed_in(made, data))
        outlasted += sum(not proof.falls.isdisjoint(losses) for proof in held)
    assert outlasted


def test_a_proof_stands_until_one_of_its_cells_has_another_number(before):
    """Nothing changed, nothing is lost; one cell changed, its proofs are gone; another shape, all are."""
    data = json.loads(json.dumps(DATA))
    assert changed_in(before, data) == frozenset()
    join(data, random.Random(1), 1)  # noqa: S311 - not for secrets
    assert 0 < len(changed_in(before, data)) < len(data["cells"]) / 2
    data["thresholds"] = {"n_min": 11}
    assert changed_in(before, data) is None


@pytest.mark.parametrize("missing", ["a school", "a sum", "a reader"])
def test_a_table_of_another_shape_is_proved_anew(before, missing):
    """A school that is gone and one that is new, a sum nobody tells any more, somebody who knows something else."""
    data = json.loads(json.dumps(DATA))
    if missing == "a school":
        data = json.loads(json.dumps(DATA).replace("S003", "S009"))
    elif missing == "a sum":
        data["relations"].pop()
    else:
        data["views"] = [{"name": "public", "knows": ["S001|all|All"]}]
    assert changed_in(before, data) is None
    instance = instance_of(data, "after")
    made = protect(instance, proofs=before.proofs)
    assert made.refusal == ""
    assert is_clean(audit_pattern(instance, made.gaps, Rule()))


def test_what_is_hidden_above_schools_stays_so(before):
    """It changes every night, and shown again it would take nearly every proof along."""
    data = json.loads(json.dumps(DATA))
    join(data, random.Random(2), 1)  # noqa: S311 - not for secrets
    instance = instance_of(data, "after")
    shown = next(cell for cell in instance.beyond if instance.cells[cell].n > 99 and cell not in before.gaps)
    made = protect(instance, proofs=replace(before.proofs, gaps=before.gaps | {shown}))
    assert made.refusal == ""
    assert shown in made.gaps


def test_who_left_is_told_by_answer(before):
    """One more is no loss; one less is one, also where it was made good; too many to try, and all may have left."""
    data = json.loads(json.dumps(DATA)) | {"relations": []}  # nobody judges the sums
    numbers = [place for place, cell in enumerate(data["cells"]) if 9 > cell["x"] > 1 < cell["n"] - cell["x"] < 9]
    changes = [(1, 1), (3, 2), (-1, -1), (-1, 0), (0, 1), (-2, -2), (25, 12)]
    lost = [(0, 0), (0, 0), (1, 0), (0, 1), (0, 1), (GONE, GONE), (GONE, GONE)]
    asked = dict(zip(numbers, zip(changes, lost, strict=True), strict=False))
    for place, ((n, x), _) in asked.items():
        data["cells"][place]["n"] += n
        data["cells"][place]["x"] += x
    losses = before.proofs.losses(instance_of(data, "now"), asked)
    assert len(asked) == len(changes)
    for place, (_, gone) in asked.items():
        assert tuple(losses.get(answer(place, letter), 0) for letter in "xy") == gone


def test_one_who_is_left_alone_may_not_fall_and_of_hundreds_anybody_may_leave(before):
    """A gap of one student is one by itself; no move needs more than two hundred."""
    data = json.loads(json.dumps(DATA)) | {"relations": []}
    large, pair = (
        data["cells"][0],
        next(cell for cell in data["cells"] if cell["n"] == 2 and cell["release"] == "public"),
    )
    place = data["cells"].index(pair)
    large["n"], large["x"] = 900, 500
    pair["n"], pair["x"] = 1, max(0, pair["x"] - 1)
    losses = before.proofs.losses(instance_of(data, "now"), [0, place])
    assert losses == {answer(place, "x"): GONE, answer(place, "y"): GONE}


def heard(proofs, losses):
    """The proofs that are taught to somebody to whom every cell is a gap and a target."""
    learned = []

    class Listener:
        unknown = is_target = frozenset(range(len(DATA["cells"])))
        keep = staticmethod(lambda targets, proof: learned.append((proof, tuple(targets))))

    proofs.teach([Listener()], losses)
    return learned


def test_a_proof_stands_where_one_left_who_was_spared_and_only_once(before):
    """Whoever falls and left one behind may lose one; then nobody more, nor two at once, nor a target itself."""
    target = before.proofs.held[0][0][1][0]
    made = Proof(frozenset({1, 2, target}), frozenset({2, 3, 5}), frozenset({3}))
    proofs = replace(before.proofs, held=((((made, (target,))),),))
    spent = made._replace(spent=frozenset({2, 3}))
    assert heard(proofs, {}) == heard(proofs, {4: GONE}) == [(made, (target,))]
    assert heard(proofs, {2: 1}) == [(spent, (target,))]
    assert heard(replace(proofs, held=((((spent, (target,))),),)), {2: 1}) == []
    assert heard(proofs, {2: 2}) == heard(proofs, {3: 1}) == []
    assert heard(proofs, {answer(target, "y"): 1}) == [(made, ())]


def test_the_file_of_proofs_is_read_when_it_is_there_and_says_no_count(tmp_path, capsys, before):
    """The verb writes it, reads it the next time, and prints the same pattern."""
    table, proofs = tmp_path / "table.json", tmp_path / "proofs.json"
    table.write_text(json.dumps(DATA), encoding="utf-8")
    words = ["protect", str(table), "--proofs", str(proofs)]
    assert main(words) == 0
    said = capsys.readouterr().out
    assert main(words) == 0
    assert capsys.readouterr().out == said
    assert set(json.loads(proofs.read_text())) == {"format", "shape", "numbers", "gaps", "held"}
    assert before.proofs.gaps == frozenset(json.loads(proofs.read_text())["gaps"])


@pytest.mark.parametrize(
    "text", ["{}", '{"format": "sdc-proofs/2", "shape": "", "numbers": [], "gaps": [], "held": []}']
)
def test_a_file_that_is_no_file_of_proofs_exits_2(tmp_path, capsys, text):
    """It is not guessed at, nor is one of an earlier version."""
    table, proofs = tmp_path / "table.json", tmp_path / "proofs.json"
    table.write_text(json.dumps(DATA), encoding="utf-8")
    proofs.write_text(text, encoding="utf-8")
    assert main(["protect", str(table), "--proofs", str(proofs)]) == 2
    assert "is not an sdc-proofs/3 file" in capsys.readouterr().err
