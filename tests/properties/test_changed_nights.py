"""A night on which few schools changed: the verdict of the whole audit, from proofs that still stand."""

import json
import random
from collections import Counter

import pytest

from aimline.cli import main
from aimline.disclosure.audit import audit_pattern
from aimline.disclosure.aware import Rule
from aimline.disclosure.instance import instance_of
from aimline.disclosure.protect import protect
from aimline.disclosure.report import is_clean
from benchmarks.disclosure import district, join

DATA = district(7, 2, 5)


@pytest.fixture(scope="module")
def before():
    """The night before."""
    return protect(instance_of(DATA, "before"))


@pytest.mark.parametrize("seed", range(6))
def test_a_night_is_as_safe_as_one_done_anew(before, seed):
    """Somebody joins one or two schools: the whole audit finds the pattern clean."""
    data = json.loads(json.dumps(DATA))
    join(data, random.Random(seed), 1 + seed % 2)  # noqa: S311 - not for secrets
    instance = instance_of(data, "after")
    made = protect(instance, proofs=before.proofs)
    assert made.refusal == ""
    assert is_clean(audit_pattern(instance, made.gaps, Rule()))


def test_a_proof_stands_until_one_of_its_cells_has_another_number(before):
    """Nothing changed, nothing is lost; one cell changed, its proofs are gone; another shape, all are."""
    data = json.loads(json.dumps(DATA))
    assert before.proofs.changed(instance_of(data, "same")) == frozenset()
    join(data, random.Random(1), 1)  # noqa: S311 - not for secrets
    changed = before.proofs.changed(instance_of(data, "changed"))
    assert 0 < len(changed) < len(data["cells"]) / 2
    data["thresholds"] = {"n_min": 11}
    assert before.proofs.changed(instance_of(data, "stricter")) is None


def test_a_proof_with_a_changed_cell_is_not_taught(before):
    """Whoever moves in a proof must be who moved then."""
    learned = []

    class Listener:
        unknown = before.proofs.gaps | frozenset(range(len(DATA["cells"])))
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


def test_a_file_that_is_no_file_of_proofs_exits_2(tmp_path, capsys):
    """It is not guessed at."""
    table, proofs = tmp_path / "table.json", tmp_path / "proofs.json"
    table.write_text(json.dumps(DATA), encoding="utf-8")
    proofs.write_text("{}", encoding="utf-8")
    assert main(["protect", str(table), "--proofs", str(proofs)]) == 2
    assert "is not an sdc-proofs/1 file" in capsys.readouterr().err
