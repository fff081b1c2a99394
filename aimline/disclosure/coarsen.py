"""Choose how coarsely a school is told: merging small groups shows more than hiding them and what protects them.

The ladder goes from what is declared over grade bands, merged groups, and no grade by group to the school's total.
A school climbs until few of its printed cells are small, or to where it stood before: what was told coarsely is never
told finely again in the same year. What a larger cell means for the sums is worked out in ``merging``.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from fractions import Fraction

from aimline.disclosure.instance import Cell, Instance, gaps_of, read_pattern
from aimline.disclosure.merging import Merge, Merging, merged
from aimline.errors import DisclosureInputError

LEVELS = ("as_declared", "grade_bands", "merged_groups", "no_grade_by_group", "waves_pooled", "school_total")
"""Names of the levels, finest first; several waves never stand in one file, so ``waves_pooled`` is passed over."""

OTHERS = "other groups"
_BANDS, _MERGED, _NO_CROSSING, _, _TOTAL = range(1, 6)


@dataclass(frozen=True, order=True)
class Rung:
    """A place on the ladder.

    Attributes:
        level: Number in ``LEVELS``.
        n_merged: So many of the groups to merge are merged, in the order they are declared.
    """

    level: int = 0
    n_merged: int = 0

    @property
    def name(self) -> str:
        """Return its name."""
        return LEVELS[self.level]


@dataclass(frozen=True)
class Ladder:
    """What a district declares under ``coarsen``.

    Attributes:
        max_small_share: A school climbs while more of its printed cells are small.
        bands: The grades of each band.
        groups: Groups to merge, in order.
    """

    max_small_share: Fraction = Fraction(3, 10)
    bands: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    groups: tuple[str, ...] = ()

    def rungs(self) -> Iterator[Rung]:
        """Yield the places, finest first."""
        yield Rung()
        if self.bands:
            yield Rung(_BANDS)
        for number in range(2, len(self.groups) + 1):
            yield Rung(_MERGED, number)
        yield Rung(_NO_CROSSING, len(self.groups))
        yield Rung(_TOTAL, len(self.groups))

    def grade(self, grade: str, rung: Rung) -> str:
        """Return what a grade is told as."""
        plain = grade.lstrip("0") or grade
        told = (band for band, grades in self.bands.items() if rung.level >= _BANDS and plain in grades)
        return next(told, grade)

    def group(self, group: str, rung: Rung) -> str:
        """Return what a group is told as; one that is named with its set stays in it."""
        place, sign, name = group.rpartition(":")
        return f"{place}{sign}{OTHERS}" if name in self.groups[: rung.n_merged] else group

    def note(self, rung: Rung, grades: Collection[str | None]) -> str:
        """Return the sentences of a page about a school that is told so, with these grades and bands."""
        if rung.level == _TOTAL:
            return "Only the school's total is shown, to protect small groups."
        bands = ", ".join(band.replace("-", "\N{EN DASH}") for band in self.bands if band in grades)
        told = [f"Grades are shown together ({bands}) to protect small groups."] if bands and rung.level else []
        if rung.n_merged:
            told.append(f"Small groups are shown together ({', '.join(self.groups[: rung.n_merged])}).")
        if rung.level == _NO_CROSSING:
            told.append("Groups are not shown by grade.")
        return " ".join(told)


@dataclass(frozen=True)
class Coarsened:
    """An instance as it is printed, and how each school is told.

    Attributes:
        instance: With the larger cells.
        rungs: Of every school.
        merging: What stands together.
        ladder: What it was chosen from.
    """

    instance: Instance
    rungs: Mapping[str, Rung]
    merging: Merging
    ladder: Ladder

    def told(self) -> dict[str, object]:
        """Return what ``aimline protect`` prints of it."""
        grades: dict[str | None, set[str | None]] = defaultdict(set)
        for merge in self.merging.merges:
            grades[merge.cell.unit_id].add(merge.cell.grade)
        levels = {
            name: asdict(rung) | {"name": rung.name, "note": self.ladder.note(rung, grades[name])}
            for name, rung in self.rungs.items()
        }
        cells = [
            {
                "id": merge.cell.cell_id,
                "of": list(merge.parts),
                "grade": merge.cell.grade,
                "group": merge.cell.group,
                "is_printed": merge.cell.is_printed,
            }
            for merge in self.merging.merges
        ]
        return {"levels": levels, "cells": cells, "not_printed": sorted(self.merging.dropped)}


def told_together(
    instance: Instance, ladder: Ladder | None, previous: str | None
) -> tuple[Instance, frozenset[int], dict[str, object]]:
    """Coarsen an instance where a ladder is declared; return also the gaps of an earlier pattern, and what is told.

    An earlier pattern may name cells that are told together now; no school is told more finely than it did.
    """
    from schemas.sdc import PatternFacts

    before = read_pattern(previous) if previous else PatternFacts()
    told: dict[str, object] = {}
    if ladder is None and before.coarsened is not None:
        raise DisclosureInputError(
            f"{previous} tells schools in larger cells, and they must stay so.",
            remedy="Give --coarsen and the policy again.",
        )
    if ladder is not None:
        levels = before.coarsened.levels if before.coarsened else {}
        kept = {school: Rung(rung.level, rung.n_merged) for school, rung in levels.items()}
        made = coarsen(instance, ladder, kept)
        if not any(cell.grade and cell.group for cell in instance.cells):
            idle = "coarsen is read and changes nothing, as no cell names its grade and group."
            made = replace(made, instance=replace(made.instance, warnings=(*instance.warnings, idle)))
        known = {*instance.numbers, *(each.id for each in (before.coarsened.cells if before.coarsened else ()))}
        named = {"hidden", "primary", "secondary"}
        gone = known - set(made.instance.numbers)
        before = before.model_copy(
            update={key: tuple(each for each in getattr(before, key) if each not in gone) for key in named}
        )
        instance, told = made.instance, {"coarsened": made.told()}
    return instance, gaps_of(before, instance, f"{previous}: the hidden list"), told


def coarsen(instance: Instance, ladder: Ladder, kept: Mapping[str, Rung] | None = None) -> Coarsened:
    """Tell every school as finely as its small groups allow.

    Args:
        instance: Cells that name unit, grade and group; others stay as they are.
        ladder: What is declared.
        kept: Where schools stood before; none goes back below that.
    """
    rungs, merges, dropped = {}, [], set()
    is_one_school = all(cell.unit is None for cell in instance.cells)
    for school, numbers in ({instance.instance_id: instance.beyond} if is_one_school else instance.blocks).items():
        cells = [instance.cells[number] for number in numbers]
        least = (kept or {}).get(school, Rung())
        offered = [rung for rung in ladder.rungs() if rung >= least]
        tried = ((rung, _together(cells, ladder, rung)) for rung in offered)
        rung, made = next(
            (each for each in tried if _small_share(instance, each[1]) <= ladder.max_small_share),
            (offered[-1], _together(cells, ladder, offered[-1])),
        )
        rungs[school] = rung
        merges += [merge for merge in made if len(merge.parts) > 1]
        dropped |= {merge.parts[0] for merge in made if len(merge.parts) == 1 and not merge.cell.is_printed}
    unprinted = {cell.cell_id for cell in instance.cells if not cell.is_printed}
    merging = Merging(tuple(_named(instance, merges)), frozenset(dropped - unprinted))
    return Coarsened(merged(instance, merging, instance.instance_id), rungs, merging, ladder)


def _together(cells: Sequence[Cell], ladder: Ladder, rung: Rung) -> list[Merge]:
    """Return what is told as one on a rung; most cells alone, and two of one name, as of two releases, never."""
    held: dict[tuple[object, ...], list[Cell]] = defaultdict(list)
    times: Counter[tuple[object, ...]] = Counter()
    for cell in cells:
        if cell.grade is None or cell.group is None:
            held[cell.cell_id,].append(cell)
            continue
        own = (cell.audience, cell.is_printed, cell.grade, cell.group)
        times[own] += 1
        grade, group = ladder.grade(cell.grade, rung), ladder.group(cell.group, rung)
        held[own[:2], grade, group, times[own]].append(replace(cell, grade=grade, group=group))
    return [
        Merge(
            replace(
                own[0],
                n=sum(cell.n for cell in own),
                x=sum(cell.x for cell in own),
                is_printed=own[0].is_printed and _is_told(own[0], rung),
                form=None,
            ),
            tuple(cell.cell_id for cell in own),
        )
        for own in held.values()
    ]


def _is_told(cell: Cell, rung: Rung) -> bool:
    if cell.grade is None or cell.group is None:
        return True
    is_crossed, is_whole = cell.grade != "all" and cell.group != "All", (cell.grade, cell.group) == ("all", "All")
    return is_whole if rung.level >= _TOTAL else not (is_crossed and rung.level >= _NO_CROSSING)


def _small_share(instance: Instance, made: Sequence[Merge]) -> Fraction:
    """Return which share of the printed cells that hold somebody is small."""
    printed = [merge.cell for merge in made if merge.cell.is_printed and merge.cell.n > 0]
    small = sum(1 for cell in printed if cell.n < instance.thresholds.n_min)
    return Fraction(small, max(len(printed), 1))


def _named(instance: Instance, merges: Sequence[Merge]) -> Iterator[Merge]:
    """Give the larger cells names of their own."""
    taken = set(instance.numbers)
    for merge in merges:
        cell = merge.cell
        words = [f"{cell.unit}={cell.unit_id}"] if cell.unit else []
        words += [f"grade={cell.grade}", str(cell.group)]
        words += [cell.audience] if cell.audience else []
        name = "|".join(words if cell.is_printed else [*words, "not printed"])
        while name in taken:
            name += "|together"
        taken.add(name)
        yield replace(merge, cell=replace(cell, cell_id=name))
