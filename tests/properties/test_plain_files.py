"""Whatever a file holds, the verbs on plain files answer or refuse: no traceback, no warning, exit code 0 or 2."""

import random
from pathlib import Path

import pytest

from tests.support.charted import Cells, said, write

PANEL = ("--unit", "u", "--period", "t", "--numerator", "d", "--denominator", "n")
CHART = ("--y", "d", "--n", "n", "--x", "t", "--facet", "u")
VALUES = ("usual", "constant", "none", "all", "sparse", "impossible")


def _value(rng: random.Random, kind: str, n: int) -> object:
    fixed = {"constant": 5, "none": 0, "all": n, "impossible": rng.choice([-1, 0, n, n + 3])}
    if kind in fixed:
        return fixed[kind]
    return "" if kind == "sparse" and rng.random() < 0.7 else rng.randint(0, n)


def _rows(rng: random.Random, kind: str) -> list[Cells]:
    """Return a panel of few units and periods, a few rows missing; periods are numbers or text."""
    periods, prefix = rng.choice([10, 13, 24]), rng.choice(["", "p"])
    return [
        {"u": f"u{unit}", "t": f"{prefix}{10 + t}", "d": str(_value(rng, kind, n)), "n": str(n)}
        for unit in range(rng.choice([2, 5, 16]))
        for t in range(periods)
        if rng.random() > 0.02
        for n in (rng.choice([5, 12, 50, 500]),)
    ]


@pytest.mark.parametrize("kind", VALUES)
@pytest.mark.parametrize("seed", [1, 2])
def test_verbs_answer_or_refuse(kind: str, seed: int, tmp_path: Path) -> None:
    """Panels of every kind through every verb."""
    rng = random.Random(f"{kind}{seed}")  # noqa: S311 - not for secrets
    file = write(tmp_path / "p.csv", _rows(rng, kind))
    year = ("--periods-per-year", rng.choice([3, 4, 10]))
    asked = [
        *(
            ("detect", file, *PANEL, "--baseline", 8, "--kind", each, *year)
            for each in ("proportion", "count", "score")
        ),
        ("forecast", file, *PANEL, *year, "--target", 0.2, "--draws", 100),
        *(
            ("chart", file, "--chart", each, *CHART)
            for each in ("run", "i", "mr", "pp", "up", "c", "g", "t", "ip", "s")
        ),
        ("chart", file, "--rules", "nhs", *CHART, "--format", "svg"),
        ("chart", file, "--chart", "xbar", "--y", "d", "--x", "u", "--rules", "nelson", "--format", "json"),
        *((verb, file, "--y", "d", "--x", "t", "--facet", "u") for verb in ("ewma", "cusum")),
        ("funnel", file, "--unit", "u", "--numerator", "d", "--denominator", "n", "--type", rng.choice(["pr", "sr"])),
    ]
    for words in asked:
        found = said(*words)
        assert found.code in {0, 2}, words
        assert bool(found.out) == (found.code == 0), words


def test_year_of_which_nothing_was_seen_has_a_note(tmp_path: Path) -> None:
    """A unit that is missing from a whole year is neither on nor off its target."""
    rows = [
        {"u": unit, "t": str(t), "d": "" if unit == "A" and t >= 20 else "8", "n": "100"}
        for unit in "ABC"
        for t in range(10, 30)
    ]
    found = said("forecast", write(tmp_path / "p.csv", rows), *PANEL, "--target", 0.2).rows
    assert [(row["p_meet"], row["note"]) for row in found] == [("", "nothing seen of this year"), ("0", ""), ("0", "")]
