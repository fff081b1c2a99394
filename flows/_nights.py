"""Run nights for the command line: one, or many against one server. Import it after a server was chosen.

A night is the real flow, called in this process; what it prints comes from listeners.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from aimline.clock import cpu_seconds, wall_seconds
from aimline.ledger.nights import NightFacts, StepName
from flows._runtime import StepDone, listening, rehearsing, server_errors
from flows.nightly import nightly

__all__ = ["NightDone", "Nightly", "rehearsing", "run_night"]


@dataclass(frozen=True)
class Nightly:
    """Which district, where its state is, and the step after which a night stops."""

    deployment: str
    state: str | None
    until: StepName | None = None


@dataclass(frozen=True)
class NightDone:
    """A night that ran: its facts, its steps, what it cost."""

    facts: NightFacts
    steps: tuple[StepDone, ...]
    cpu: float
    wall: float

    @property
    def n_models(self) -> int:
        """Return how many models ran."""
        return sum(getattr(each.report, "n_models", 0) for each in self.steps if each.step == "build")


def run_night(what: Nightly, as_of: date | None, tell: Callable[[StepDone], None]) -> NightDone:
    """Run one night and tell each step as it ends.

    Raises:
        AimlineError: A step failed; what came before it stands.
    """
    steps: list[StepDone] = []
    wall, cpu = wall_seconds(), cpu_seconds()
    with listening(steps.append), listening(tell), server_errors():
        facts = nightly(what.deployment, as_of, what.state, what.until)
    return NightDone(facts, tuple(steps), cpu_seconds() - cpu, wall_seconds() - wall)
