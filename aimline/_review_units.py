"""Name the reviews that one declared review stands for: itself, or one for each school. Source: reviews.md 3.1."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from schemas.years import EACH_SCHOOL, Review

if TYPE_CHECKING:
    from schemas.district import District

_ANY = ":*"
"""How a role ends that every school has one of."""

_SCHOOL = {"en": "school", "es": "escuela"}
"""A number needs a word beside it: pages are read back, and a number alone is taken for a figure."""


@dataclass(frozen=True)
class Unit:
    """One review that takes place: the district's, or that of a school.

    Attributes:
        id: Its short id: that of the review, with the school after it.
        school_id: The school; None of the district's own.
        label: Its words by language.
        chair: The role that leads it, with the role that writes it down.
    """

    id: str
    school_id: str | None
    label: Mapping[str, str]
    chair: str
    scribe: str


def schools_of(district: "District") -> tuple[str, ...]:
    """Return the schools that a district names, in its clusters or by themselves."""
    named = [school for cluster in district.clusters for school in cluster.schools]
    return tuple(dict.fromkeys([*named, *(each.school_id for each in district.schools)]))


def units_of(review: Review, schools: Iterable[str]) -> tuple[Unit, ...]:
    """Return what a review stands for: one for each school where it says so and schools are named, else itself.

    Args:
        review: The review as declared.
        schools: The schools of the district.
    """
    listed = tuple(schools) if review.scope == EACH_SCHOOL else ()
    if not listed:
        return (Unit(review.id, None, review.label, review.chair, review.scribe),)
    return tuple(
        Unit(
            id=f"{review.id}.{school}",
            school_id=school,
            label={
                language: f"{words}, {_SCHOOL.get(language, _SCHOOL['en'])} {school}"
                for language, words in review.label.items()
            },
            chair=role_in(review.chair, school),
            scribe=role_in(review.scribe, school),
        )
        for school in listed
    )


def role_in(role: str, school: str) -> str:
    """Return the role of one school: ``principal:0140`` of ``principal:*``."""
    return f"{role.removesuffix(_ANY)}:{school}" if role.endswith(_ANY) else role


def split_id(short_id: str) -> tuple[str, str | None]:
    """Return the review as declared and the school of a short id: ``q1.0104`` is q1 in school 0104."""
    declared, point, school = short_id.partition(".")
    return declared, school if point else None
