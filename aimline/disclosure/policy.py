"""Say who counts as a small group. Thresholds belong here; how a group is protected does not."""

from dataclasses import dataclass
from hashlib import sha256

from schemas.published import PopulationKind

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
