"""Say what a policy asks: who counts as a small group, and of whom. How a group is protected does not belong here."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from hashlib import sha256
from itertools import combinations
from typing import TYPE_CHECKING, Any

from aimline.disclosure.instance import Instance, View
from aimline.errors import DisclosureInputError
from schemas.published import PopulationKind

if TYPE_CHECKING:
    from schemas.policy import PolicyFacts

ROOM_MIN = 3  # a walkthrough mean of fewer rooms points at a teacher (indicators.md 6, I4)


@dataclass(frozen=True)
class Policy:
    """The disclosure policy of a district.

    Attributes:
        n_min: A group of 1 to ``n_min - 1`` persons is small. Zero is never small.
    """

    n_min: int = 10

    @property
    def version(self) -> str:
        """Name the policy, so that a pattern says under which one it was made."""
        text = f"first/n_min={self.n_min}/rooms={ROOM_MIN}"
        return f"first-{sha256(text.encode()).hexdigest()[:8]}"

    def minimum(self, kind: PopulationKind) -> int:
        """Return the smallest count that may be shown; 0 where the figures are about no people."""
        return {"persons": self.n_min, "rooms": ROOM_MIN, "records": 0}[kind]


def with_policy(instance: Instance, data: Any, file: str) -> Instance:
    """Ask of an instance what a policy asks: that of an ``audiences.yml``, or a file that is the block alone.

    Its readers stay those of the instance: who includes whom adds to what they see, and a coalition of two adds the
    pairs that meet in a sum over schools.

    Raises:
        DisclosureInputError: The policy is wrong.
    """
    from schemas._base import judged
    from schemas.policy import PRESETS, PolicyFacts

    is_block = not isinstance(data, dict) or not {"disclosure", "audiences"} & set(data)
    facts, problems = judged(PolicyFacts, {"disclosure": data} if is_block else data)
    if facts is None:
        place = ".".join(str(part) for part in problems[0].path[is_block:])
        raise DisclosureInputError(f"{file} is not a policy: {place}: {problems[0].message}", remedy=problems[0].remedy)
    asked, preset = facts.disclosure, PRESETS[facts.disclosure.preset]
    thresholds = replace(
        instance.thresholds,
        n_min=asked.smallest_group,
        min_interval_width=asked.width,
        min_pool=asked.pool,
        min_minority_pool=asked.min_minority_pool,
        zero_is_sensitive=asked.zero_is_sensitive,
        counts_known=asked.counts_known,
        result_width=asked.result_width_when_n_known,
        has_next_smallest=preset.has_next_smallest,
        has_all_in_one_level=preset.has_all_in_one_level,
    )
    views = tuple(_including(view, facts) for view in instance.views)
    asked_of = replace(instance, thresholds=thresholds, views=views)
    if asked.coalition == 1:
        return asked_of
    return replace(asked_of, views=(*views, *coalitions(asked_of)))


def _including(view: View, facts: "PolicyFacts") -> View:
    """Give a reader the pages of all audiences that those it reads include."""
    if view.sees is None or not facts.audiences:
        return view
    return replace(view, sees=frozenset().union(*(facts.held_by(name) for name in view.sees)))


def coalitions(instance: Instance) -> Iterator[View]:
    """Yield every two readers as one who each know a part of the same sum: what they know, and see, together."""
    knowing = [view for view in instance.views if view.knows]
    for one, other in combinations(knowing, 2):
        apart = [one.knows - other.knows, other.knows - one.knows]
        if all(apart) and any(
            all(not known.isdisjoint(relation.parts) for known in apart) for relation in instance.relations
        ):
            sees = None if one.sees is None or other.sees is None else one.sees | other.sees
            yield View(f"{one.name}+{other.name}", sees, one.knows | other.knows)
