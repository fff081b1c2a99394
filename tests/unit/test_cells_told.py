"""What may stand in a file of cells, in a pattern of larger cells and in a population, and what is refused by name."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from aimline.disclosure.coarsen import Ladder, coarsen
from aimline.disclosure.extras import asked_gaps
from aimline.disclosure.instance import Cell, Thresholds
from aimline.disclosure.json_file import read_json
from aimline.disclosure.merging import Merge, Merging, merged
from aimline.disclosure.pools import Pool, derived_pools
from aimline.disclosure.population import Cell as Counted
from aimline.disclosure.population import Population, Relation
from aimline.errors import DisclosureError, DisclosureInputError
from tests.support.sdc import made

CELLS = {"All": (62, 31), "a": (6, 3), "b": (6, 3), "c": (50, 25)}


@pytest.mark.parametrize("name", ["nowhere.json", "."])
def test_a_file_that_cannot_be_read_is_told_with_what_to_do(tmp_path: Path, name: str) -> None:
    """It is not there, or is a folder."""
    with pytest.raises(DisclosureInputError, match=r"cannot be read\.") as caught:
        read_json(tmp_path / name, "an instance")
    assert caught.value.remedy == "Give the path of a JSON file."


def test_two_readers_of_one_name_are_refused() -> None:
    """What is said of one would be taken for the other."""
    views = ({"name": "board"}, {"name": "public"}, {"name": "board", "knows": ["a"]})
    with pytest.raises(DisclosureInputError, match=r'view "board" stands twice'):
        made(CELLS, {"All": "abc"}, views=views)


@pytest.mark.parametrize(
    ("parts", "dropped", "words"),
    [
        ({"ab": "ab"}, {"z"}, 'says that "z" is not printed, which is not in cells'),
        ({"az": "az"}, set(), 'larger cell "az": "z" is not in cells'),
        ({"c": "ab"}, set(), 'larger cell "c": "c" is in cells'),
        ({"ab": "ab", "bc": "bc"}, set(), 'larger cell "bc": "b" stands in two'),
        ({"ab": "ab"}, {"b"}, 'larger cell "ab": "b" stands in two'),
    ],
)
def test_larger_cells_that_do_not_fit_the_file_are_refused(
    parts: dict[str, str], dropped: set[str], words: str
) -> None:
    """Of parts that nobody has, called as another cell is, or of parts that stand in two: nobody is counted twice."""
    merges = tuple(Merge(Cell(name, 0, 0), tuple(held)) for name, held in parts.items())
    with pytest.raises(DisclosureInputError) as caught:
        merged(made(CELLS, {"All": "abc"}), Merging(merges, frozenset(dropped)), "p.json")
    assert words in caught.value.message


def test_a_larger_cell_takes_no_name_of_another() -> None:
    """Grades are told together under a name of their own, however the cells of the file are called."""
    more = {"k": {"grade": "K", "group": "el"}, "one": {"grade": "1", "group": "el"}}
    cells = {"k": (4, 2), "one": (8, 4), "grade=K-1|el": (30, 15)}
    told = coarsen(made(cells, {}, more=more), Ladder(Fraction(0), {"K-1": ("K", "1")}))
    assert {cell.cell_id: cell.n for cell in told.instance.cells if cell.is_printed} == {
        "grade=K-1|el": 30,
        "grade=K-1|el|together": 12,
    }


@pytest.mark.parametrize(("sums", "hidden"), [("ac", {"c"}), ("abc", set()), ("a", set())])
def test_the_next_smallest_is_hidden_beside_one_gap_alone(sums: str, hidden: set[str]) -> None:
    """Two gaps of a sum are each other's partner, and where nothing else stands nothing can be hidden."""
    n = sum(CELLS[each][0] for each in sums)
    instance = made({"All": (n, n // 2), **{each: CELLS[each] for each in sums}}, {"All": sums})
    instance = replace(instance, thresholds=Thresholds(has_next_smallest=True))
    assert {instance.cells[each].cell_id for each in asked_gaps(instance)} == hidden


def test_what_is_told_within_larger_cells_alone_is_no_pool() -> None:
    """Cells of one school that are told as one are nobody's to subtract; one that stands for itself is a pool."""
    instance = made(CELLS, {"All": "abc"})
    cells = tuple(replace(each, is_merged=each.cell_id in "ab") for each in instance.cells)
    instance = replace(instance, cells=cells)
    assert derived_pools(instance, [{1: 1, 2: 1, 0: -1}], {1, 2}, []) == []
    assert derived_pools(instance, [{1: 1, 3: 1, 0: -1}], {1, 3}, []) == [Pool((1, 3), 56, 28, source=(0,))]


def test_a_sum_of_cells_that_do_not_exist_is_refused() -> None:
    """A total that nobody declared cannot be judged; the words hold no count."""
    sums = [Relation("school|all", "school", "D|all", ("s1|all", "s9|all"))]
    cells = [Counted(name, 40, 40, 40) for name in ("D|all", "s1|all")]
    with pytest.raises(DisclosureError) as caught:
        Population.of("pop", "persons", cells, sums)
    assert "relation school|all names 1 cells that do not exist" in caught.value.message
    assert "40" not in caught.value.message
