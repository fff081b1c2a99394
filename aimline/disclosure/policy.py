"""Say what a policy asks: who counts as a small group, and of whom. How a group is protected does not belong here."""

from collections.abc import Iterable, Mapping
from dataclasses import astuple, dataclass, replace
from functools import cached_property
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from aimline.disclosure.coarsen import Ladder
from aimline.disclosure.instance import Instance, Thresholds, View
from aimline.disclosure.layers import coalitions
from aimline.errors import DisclosureInputError
from schemas.published import PopulationKind

if TYPE_CHECKING:
    from schemas.policy import Coarsen, Disclosure, PolicyFacts

ROOM_MIN = 3  # a walkthrough mean of fewer rooms points at a teacher (indicators.md 6, I4)


@dataclass(frozen=True)
class Policy:
    """The disclosure policy of a district.

    Attributes:
        n_min: A group of 1 to ``n_min - 1`` persons is small. Zero is never small.
        asked: What a pattern must keep; None is widths and pools as large as the smallest group.
        is_insider: Whoever is responsible for a school knows all about it.
        coalition: So many insiders may tell each other what they know.
    """

    n_min: int = 10
    asked: Thresholds | None = None
    is_insider: bool = True
    coalition: int = 1

    @classmethod
    def of(cls, facts: "Disclosure") -> "Policy":
        """Take what a district declares."""
        asked = replace(thresholds_of(facts), is_shown_elsewhere_free=True)
        return cls(facts.smallest_group, asked, facts.insider == "own_unit", facts.coalition)

    @classmethod
    def read(cls, text: str) -> "Policy":
        """Take what a district declares, as the warehouse holds it."""
        from schemas.policy import Disclosure

        return cls.of(Disclosure.model_validate_json(text))

    @property
    def thresholds(self) -> Thresholds:
        """Return what a pattern must keep."""
        return self.asked or Thresholds(self.n_min, self.n_min, self.n_min, is_shown_elsewhere_free=True)

    @cached_property
    def version(self) -> str:
        """Name the policy, so that a pattern says under which one it was made."""
        text = repr((astuple(self.thresholds), self.is_insider, self.coalition, ROOM_MIN))
        return f"proved-{sha256(text.encode()).hexdigest()[:8]}"

    def minimum(self, kind: PopulationKind) -> int:
        """Return the smallest count that may be shown; 0 where the figures are about no people."""
        return {"persons": self.n_min, "rooms": ROOM_MIN, "records": 0}[kind]


def policy_of(districts: Iterable[Mapping[str, Any]]) -> Policy:
    """Return the policy of the one district that a warehouse holds."""
    [district] = districts
    text = district.get("disclosure_policy")
    return Policy.read(text) if text else Policy(district["n_min"])


def thresholds_of(asked: "Disclosure") -> Thresholds:
    """Return what a pattern must keep under a policy."""
    from schemas.policy import PRESETS

    preset = PRESETS[asked.preset]
    link = asked.link if "link" in asked.model_fields_set else None
    return Thresholds(
        n_min=asked.smallest_group,
        min_interval_width=asked.width,
        min_pool=asked.pool,
        min_minority_pool=asked.min_minority_pool,
        zero_is_sensitive=asked.zero_is_sensitive,
        counts_known=asked.counts_known,
        result_width=asked.result_width_when_n_known,
        has_next_smallest=preset.has_next_smallest,
        has_all_in_one_level=preset.has_all_in_one_level,
        link_schools=link.min_schools + asked.coalition - 1 if link else 0,
        link_pool=link.min_pool if link else 0,
        link_minority=link.min_minority_pool if link else 0,
    )


def with_policy(instance: Instance, data: Any, file: str) -> Instance:
    """Ask of an instance what a policy asks: that of an ``audiences.yml``, or a file that is the block alone.

    Its readers stay those of the instance: who includes whom adds to what they see, and a coalition of two adds the
    pairs that meet in a sum over schools.

    Raises:
        DisclosureInputError: The policy is wrong.
    """
    facts = _facts(data, file)
    asked = facts.disclosure
    views = tuple(_including(view, facts) for view in instance.views)
    complements = instance.thresholds.hidden_complements_protected
    thresholds = replace(thresholds_of(asked), hidden_complements_protected=complements)
    idle = [f"{key} in {file} is read and changes nothing in a file of cells." for key in asked.without_effect_on_cells]
    warnings = (*instance.warnings, *idle)
    asked_of = replace(instance, thresholds=thresholds, views=views, warnings=warnings)
    if asked.coalition == 1:
        return asked_of
    return replace(asked_of, views=(*views, *coalitions(asked_of)))


def ladder_in(data: Any, file: str) -> Ladder | None:
    """Return how schools with many small groups are told by a policy; None where it says nothing of it."""
    coarsen = _facts(data, file).disclosure.coarsen
    return None if coarsen is None else ladder_of(coarsen)


def ladder_of(facts: "Coarsen") -> Ladder:
    """Take what a district declares of larger groups."""
    return Ladder(facts.max_small_share, facts.grade_bands, facts.merge_groups)


def _facts(data: Any, file: str) -> "PolicyFacts":
    from schemas._base import judged
    from schemas.policy import PolicyFacts

    is_block = not isinstance(data, dict) or not {"disclosure", "audiences"} & set(data)
    facts, problems = judged(PolicyFacts, {"disclosure": data} if is_block else data)
    if facts is None:
        steps = problems[0].path[is_block:]
        place = f"{'.'.join(str(step) for step in steps)}: " if steps else ""
        raise DisclosureInputError(f"{file} is not a policy: {place}{problems[0].message}", remedy=problems[0].remedy)
    return facts


def _including(view: View, facts: "PolicyFacts") -> View:
    """Give a reader the pages of all audiences that those it reads include."""
    if view.sees is None or not facts.audiences:
        return view
    return replace(view, sees=frozenset().union(*(facts.held_by(name) for name in view.sees)))
