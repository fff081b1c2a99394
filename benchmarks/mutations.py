"""Take in more than 500 deliveries with a known fault each, made from tables of real data, and count what was told.

``python -m benchmarks.mutations FOLDER``: the folder of the shared data. The bars: every fault caught, 99 % by their
code, 95 % of the proposals right, none silent.
"""

import json
import sys
import tempfile
from collections import Counter
from pathlib import Path

from tests.support.mutations import Bed, families, mutants

SEEDS = 3
_CODE, _PROPOSED = 0.99, 0.95


def main(words: list[str]) -> int:
    """Take all of them in, print one JSON line; 1 when a bar is broken."""
    told: Counter[str] = Counter()
    n_proposals = 0
    for family in families(Path(words[0])):
        with tempfile.TemporaryDirectory() as root:
            bed = Bed(Path(root), family)
            for mutant in (each for seed in range(SEEDS) for each in mutants(family, seed)):
                told[bed.judge(mutant)] += 1
                n_proposals += mutant.proposal is not None
            bed.bench.close()
    n = told.total()
    held = not told["silent"] and n - told["other"] >= _CODE * n
    held &= n_proposals - told["proposal"] >= _PROPOSED * n_proposals
    line = {"name": "mutations", "n": n, **{word: told[word] for word in ("right", "other", "proposal", "silent")}}
    sys.stdout.write(json.dumps(line | {"n_proposals": n_proposals, "ok": held}) + "\n")
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
