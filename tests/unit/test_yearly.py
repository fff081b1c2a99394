"""How coarsely a school year is told is chosen from a roster: the finest place that leaves few groups small."""

from fractions import Fraction

from aimline._told_groups import told_on
from aimline.disclosure.yearly import choose, size_of
from schemas.indicators import GroupSet
from schemas.policy import Coarsen

RACE = GroupSet(
    group_set_id="race",
    attribute="race",
    values={"WH": "white", "HI": "hispanic", "AI": "native", "PI": "pacific", "MU": "multi"},
)
GRADE = GroupSet(group_set_id="grade", attribute="grade", values={"K": "g_k", "01": "g_1", "02": "g_2", "3": "g_3"})
LADDER = Coarsen(
    max_small_share=Fraction(1, 10),
    grade_bands={"K-2": ("K", "1", "2"), "3-5": ("3",)},
    merge_groups=("PI", "native", "multi"),
)


def roster(**schools: dict[str, int]) -> dict[tuple[str, str, str], int]:
    """Counts by unit, set and group with the district's own."""
    sets = {group: each.group_set_id for each in (RACE, GRADE) for group in each.labels}
    found = {(unit, sets[group], group): n for unit, held in schools.items() for group, n in held.items()}
    groups = {place[1:] for place in found}
    return found | {("", *each): sum(n for place, n in found.items() if place[1:] == each) for each in groups}


WIDE = {"g_k": 30, "g_1": 30, "g_2": 30, "g_3": 30}


def test_nothing_is_told_together_where_few_groups_are_small():
    """The declared groups stay, and that is the answer."""
    made = choose(roster(a=WIDE, b=WIDE), [RACE, GRADE], LADDER, 10)
    assert (made.rung.name, made.told, made.before) == ("as_declared", (), made.after)


def test_grades_are_told_in_bands_first_and_a_band_of_one_grade_stays():
    """Bands need two groups; grades are found however they are written; sums are those of the larger groups."""
    made = choose(roster(a={"g_k": 4, "g_1": 6, "g_2": 5, "g_3": 30}, b=WIDE), [RACE, GRADE], LADDER, 10)
    assert made.rung.name == "grade_bands"
    told = {each.group_id: (each.told_id, each.label_en, each.label_es) for each in made.told}
    assert told == dict.fromkeys(("g_k", "g_1", "g_2"), ("grades_k_2", "Grades K\N{EN DASH}2", "Grados K\N{EN DASH}2"))
    assert (made.before.n_small, made.after.n_small, made.after.n_cells) == (3, 0, 6)


def test_so_many_groups_are_merged_as_the_declared_share_asks_for():
    """In the declared order, by id or by value; of two places that hide as much the finer one."""
    some = {"white": 60, "hispanic": 40, "native": 7, "pacific": 6, "multi": 25}
    made = choose(roster(a=some, b=some), [RACE], LADDER, 10)
    assert (made.rung.name, made.rung.n_merged) == ("merged_groups", 2)
    assert [(each.group_id, each.told_id) for each in made.told] == [
        ("native", "other_groups"), ("pacific", "other_groups")
    ]  # fmt: skip
    few = {"white": 60, "hispanic": 3}
    assert choose(roster(a=few, b=few), [RACE], LADDER, 10).rung.name == "as_declared"


def test_it_climbs_no_further_than_asked_and_nowhere_that_hides_as_much():
    """Where few enough are small it stops, though more together would hide none; what hides no less is not taken."""
    some = {"white": 60, "hispanic": 40, "native": 7, "pacific": 6, "multi": 25}
    content = LADDER.model_copy(update={"max_small_share": Fraction(3, 10)})
    assert choose(roster(a=some, b=some), [RACE], content, 10).rung.name == "as_declared"
    even = {"white": 60, "native": 6, "pacific": 6, "multi": 30}
    useless = Coarsen(max_small_share=Fraction(0), merge_groups=("native", "multi"))
    assert choose(roster(a=even, b=even), [RACE], useless, 10).rung.name == "as_declared"


def test_hidden_groups_are_those_that_sums_ask_for():
    """One gap is hidden beside another, in its school and in its column; two that hold enough need no third."""
    one = roster(a={"white": 50, "hispanic": 20, "native": 4}, b={"white": 50, "hispanic": 20, "native": 30})
    assert size_of(one, 10).n_hidden == 4  # native and hispanic of both schools
    two = roster(a={"white": 50, "hispanic": 9, "native": 4}, b={"white": 50, "hispanic": 9, "native": 4})
    assert (size_of(two, 10).n_small, size_of(two, 10).n_hidden) == (5, 6)
    pool = roster(a={"white": 50, "hispanic": 4, "native": 3}, b={"white": 50, "hispanic": 40, "native": 40})
    assert size_of(pool, 10).n_hidden == 6  # four and three are too few together
    alone = roster(a={"white": 4})
    assert (size_of(alone, 10).n_small, size_of(alone, 10).n_hidden) == (2, 2)  # nothing else is there to be hidden


def test_a_set_keeps_a_group_that_would_be_alone():
    """Merging one group of a set, or grades of two bands in one group, tells nothing together."""
    mixed = GroupSet(group_set_id="level", attribute="grade", values={"2": "low", "3": "low", "K": "young"})
    told = told_on([RACE, mixed], LADDER, is_banded=True, n_merged=1)
    assert list(told) == []
