"""M7: the next wave of the same people hides what the last one hid, whatever they answer."""

import random

from aimline.disclosure import Outcomes, Policy, protect_population
from aimline.disclosure.layers import Readers
from schemas.published import POPULATIONS
from tests.support.disclosure_tables import MEASURE, POPULATION, cell_id, cell_rows, district, relation_rows

SCHOOLS = [f"s{number}" for number in range(9)]
READERS = Readers(
    {"board": frozenset({"D", *SCHOOLS}), **{f"p:{name}": frozenset({"D", name}) for name in SCHOOLS}}, {}
)


def people(seed):
    """Return a district: schools by learners and by four groups of unlike size."""
    chance = random.Random(seed)  # noqa: S311 - not for secrets
    schools = {}
    for name in SCHOOLS:
        sizes = [chance.randint(low, high) for low, high in ((40, 90), (20, 60), (3, 25), (1, 14))]
        learners = chance.randint(6, sum(sizes) // 2)
        groups = {f"race/g{number}": size for number, size in enumerate(sizes)}
        schools[name] = groups | {"el/el": learners, "el/not": sum(sizes) - learners}
    return district(schools)


def answers(layer, seed):
    """Let the people of every school answer: the rows of one figure, in which every sum holds."""
    chance = random.Random(seed)  # noqa: S311 - not for secrets
    x = {}
    for name in SCHOOLS:
        for part in ("el/el", "el/not"):
            x[name, part] = sum(chance.random() < 0.6 for _ in range(layer[name, part]))
        left = x[name, "all"] = x[name, "el/el"] + x[name, "el/not"]
        groups = [(name, f"race/g{number}") for number in range(4)]
        for place, key in enumerate(groups):
            rest = sum(layer[each] for each in groups[place + 1 :])
            x[key] = min(layer[key], left, max(left - rest, round(layer[key] * left / (layer[key] + rest))))
            left -= x[key]
    x |= {("D", group): sum(x[name, group] for name in SCHOOLS) for _, group in [key for key in layer if key[0] == "D"]}
    return [
        {
            "population_id": POPULATION, "layer": "one", "cell_id": cell_id(key),
            "unit_type": "district" if key[0] == "D" else "school", "unit_id": key[0],
            "group_set_id": key[1].partition("/")[0], "group_id": key[1].partition("/")[2] or "all",
            "value": 0.5, "value_unit": "share", "numerator": float(x[key]), "denominator": float(n), "n_people": n,
        }
        for key, n in layer.items()
    ]  # fmt: skip


def hidden(layer, seed):
    """Return what is hidden of a wave."""
    kinds = {MEASURE: POPULATIONS[MEASURE].kind}
    rows = cell_rows([layer]), relation_rows([layer])
    made = protect_population(*rows, kinds, Policy(10), outcomes=Outcomes(answers(layer, seed), READERS))
    return {row["cell_id"] for row in made if row["is_suppressed"]}


def test_the_next_wave_of_the_same_people_keeps_its_gaps():
    """At least 95 of 100 gaps of the fall stand in the spring too, over two districts of nine schools."""
    kept = total = 0
    for seed in range(2):
        layer = people(seed)
        fall, spring = hidden(layer, seed), hidden(layer, seed + 100)
        kept, total = kept + len(fall & spring), total + len(fall)
    assert total
    assert kept >= 0.95 * total, (kept, total)
