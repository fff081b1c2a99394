"""A night on which few schools changed: the verdict of the whole audit, from proofs that still stand."""

import json
import random
from collections import Counter
from dataclasses import replace

import pytest

from aimline.cli import main
from aimline.disclosure.audit import audit_pattern, audit_view
from aimline.disclosure.aware import Rule
from aimline.disclosure.certificates import audiences_of
from aimline.disclosure.instance import View, instance_of
from aimline.disclosure.proofs import Fingerprint
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


def test_what_is_taught_holds_by_the_bounds_of_the_audit(before):
    """Where all cells but those of a taught proof are known, every target of it is open: nothing of it is assumed."""
    data = json.loads(json.dumps(DATA))
    for seed in range(9):
        join(data, random.Random(seed), 1)  # noqa: S311 - not for secrets
    instance = instance_of(data, "after")
    reader, everything = audiences_of(instance)[0], frozenset(range(len(instance.cells)))
    small = {number for number in instance.small if instance.cells[number].is_printed}
    reader.show(before.gaps | small)
    before.proofs.teach([reader], before.proofs.fallen(instance, changed_in(before, data)))
    assert reader.proved()
    for moved, targets in reader.proved():
        view = View("who knows the rest", None, everything - moved)
        told = audit_view(instance, view, (before.gaps | small, Rule()), targets)
        assert set(targets) <= set(told.counts)
        rule = told.rule
        given_away = {*told.narrow, *told.stiff, *told.undecided, *rule.exact, *rule.result_known, *rule.all_or_none}
        assert given_away.isdisjoint(targets)


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


def test_a_number_that_only_grew_is_told_from_one_that_fell(before):
    """One more of either answer is growth; one less is not, nor one who answers otherwise, nor one too many to try."""
    data = json.loads(json.dumps(DATA)) | {"relations": []}  # nobody judges the sums
    cells = [place for place, cell in enumerate(data["cells"]) if cell["x"] and cell["n"] - cell["x"]][:7]
    changes = [(1, 1), (1, 0), (3, 2), (-1, -1), (-1, 0), (0, 1), (25, 12)]
    for place, (n, x) in zip(cells, changes, strict=True):
        data["cells"][place]["n"] += n
        data["cells"][place]["x"] += x
    instance = instance_of(data, "now")
    assert before.proofs.fallen(instance, cells) == frozenset(cells[3:])


def test_a_proof_with_a_changed_cell_is_not_taught(before):
    """Whoever moves in a proof must be who moved then."""
    learned = []

    class Listener:
        unknown = is_target = before.proofs.gaps | frozenset(range(len(DATA["cells"])))
        keep = staticmethod(lambda targets, moved: learned.extend((target, moved) for target in targets))

    uses = Counter(cell for moved, _ in before.proofs.held[0] for cell in moved)
    rarest = min(uses, key=lambda cell: (uses[cell], cell))
    before.proofs.teach([Listener()], frozenset({rarest}))
    assert 0 < len(learned) < sum(len(targets) for _, targets in before.proofs.held[0])
    assert all(rarest not in moved for _, moved in learned)


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
    "text", ["{}", '{"format": "sdc-proofs/1", "shape": "", "numbers": [], "gaps": [], "held": []}']
)
def test_a_file_that_is_no_file_of_proofs_exits_2(tmp_path, capsys, text):
    """It is not guessed at, nor is one of an earlier version."""
    table, proofs = tmp_path / "table.json", tmp_path / "proofs.json"
    table.write_text(json.dumps(DATA), encoding="utf-8")
    proofs.write_text(text, encoding="utf-8")
    assert main(["protect", str(table), "--proofs", str(proofs)]) == 2
    assert "is not an sdc-proofs/2 file" in capsys.readouterr().err
