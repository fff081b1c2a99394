"""Write the parts that rows of declared facts share: exact fractions, words, lists, owners, whole shapes."""

import json
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from schemas._base import GRADES, Fact, Owner

if TYPE_CHECKING:
    from aimline.settings import Deployment

Row = dict[str, Any]
Dates = Mapping[tuple[int, str], Mapping[str, Any]]


def ratio(name: str, value: Fraction | None) -> Row:
    """Return an exact fraction as two columns; nothing for none."""
    if value is None:
        return {}
    return {f"{name}_numerator": value.numerator, f"{name}_denominator": value.denominator}


def words(name: str, label: Mapping[str, str] | None) -> Row:
    """Return a label as one column a language."""
    return {f"{name}_{language}": (label or {}).get(language) for language in ("en", "es")}


def joined(parts: Sequence[object] | None) -> str | None:
    """Return a list as text."""
    return None if parts is None else ",".join(str(part) for part in parts)


def grade_text(grades: Sequence[str] | None) -> str | None:
    """Return grades as text; all grades are none."""
    return None if grades is None or tuple(grades) == GRADES else joined(grades)


def owner_of(deployment: "Deployment", owner: Owner | None) -> Row:
    """Return role, person and words for an owner; a person is shown as the role he or she holds."""
    if owner is None:
        return {}
    held = [each.role for plan in deployment.plans.values() for each in plan.people if each.person == owner.person]
    role = owner.role or next(iter(held), None)
    label = deployment.district.role_label(role) if role else owner.name
    return {"owner_role": role, "owner_person": owner.person, "owner_label": label}


def shape_json(shape: Fact | None) -> str:
    """Write a shape as canonical JSON; exact numbers as text such as 1/2."""
    dumped = None if shape is None else shape.model_dump(mode="python", by_alias=True)
    return json.dumps(dumped, default=str, sort_keys=True, ensure_ascii=False)
