"""Say which groups ``coarsen`` tells as larger ones: grades of one band, and small groups together.

The rule stands here, since ``check`` judges by it what is declared, and ``disclosure`` chooses from it.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from re import fullmatch, sub

from schemas.indicators import GroupSet
from schemas.policy import Coarsen

OTHERS = "other_groups"
"""The group that merged groups are told as."""


@dataclass(frozen=True)
class Told:
    """A group that is told as a larger one, with the larger one's labels and its place in the set."""

    group_set_id: str
    group_id: str
    told_id: str
    label_en: str
    label_es: str
    group_no: int


def told_on(sets: Sequence[GroupSet], coarsen: Coarsen, *, is_banded: bool, n_merged: int) -> Iterator[Told]:
    """Yield the groups that are told as larger ones; a larger group has two parts or more.

    Args:
        sets: The declared group sets.
        coarsen: What is declared of larger groups.
        is_banded: Grades are told in their bands.
        n_merged: So many of the groups to merge are merged, in the order they are declared.
    """
    for groups in sets:
        places = {group: place for place, group in enumerate(groups.labels, 1)}
        larger: dict[tuple[str, str, str], list[str]] = defaultdict(list)
        for group in groups.labels:
            band = band_of(groups, group, coarsen) if is_banded else None
            if band is not None:
                larger[band_id(band), *_labels(band)].append(group)
            elif {group, *values_of(groups, group)} & {*coarsen.merge_groups[:n_merged]}:
                larger[OTHERS, "Other groups", "Otros grupos"].append(group)
        for (told_id, label_en, label_es), parts in larger.items():
            number = max(places[group] for group in parts)
            if len(parts) > 1:
                for group in parts:
                    yield Told(groups.group_set_id, group, told_id, label_en, label_es, number)


def values_of(groups: GroupSet, group: str) -> list[str]:
    """Return the values of the attribute that a group is made of."""
    return [value for value, made in groups.values.items() if made == group]


def band_of(groups: GroupSet, group: str, coarsen: Coarsen) -> str | None:
    """Return the band that holds all grades of a group; None where none does."""
    grades = values_of(groups, group) if groups.attribute == "grade" else []
    bands = {next((band for band, own in coarsen.grade_bands.items() if _plain(each) in own), None) for each in grades}
    return bands.pop() if len(bands) == 1 else None


def band_id(band: str) -> str:
    """Return the group that the grades of a band are told as."""
    return f"grades_{sub('[^a-z0-9]+', '_', band.lower()).strip('_')}"


def is_span(band: str) -> bool:
    """Say whether a band is called by its first and last grade: such a number on a page is no figure."""
    return bool(fullmatch(r"(PK|K|\d{1,2})(-(K|\d{1,2}))?", band))


def _labels(band: str) -> tuple[str, str]:
    words = band.replace("-", "\N{EN DASH}")
    return (f"Grades {words}", f"Grados {words}") if is_span(band) else (band, band)


def _plain(grade: str) -> str:
    return grade.lstrip("0") or grade
