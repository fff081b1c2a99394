"""Judge what declared files say of each other."""

from collections.abc import Iterator
from dataclasses import dataclass

from aimline._declared_files import Loaded
from aimline.errors import Finding
from schemas.audiences import AudiencesFile
from schemas.cycles import CycleFile
from schemas.decisions import DecisionsFile
from schemas.district import District
from schemas.indicators import IndicatorsFile
from schemas.instruments import InstrumentFile
from schemas.plan import PlanFile
from schemas.sources import SourcesFile
from schemas.years import YearFile


@dataclass(frozen=True)
class Facts:
    """All declared files of a deployment, as far as they can be read."""

    district: Loaded[District]
    sources: Loaded[SourcesFile]
    indicators: Loaded[IndicatorsFile]
    audiences: Loaded[AudiencesFile]
    years: tuple[Loaded[YearFile], ...]
    plans: tuple[Loaded[PlanFile], ...]
    instruments: tuple[Loaded[InstrumentFile], ...]
    cycles: tuple[Loaded[CycleFile], ...]
    decisions: tuple[Loaded[DecisionsFile], ...]


def cross_findings(_facts: Facts) -> Iterator[Finding]:
    """Yield everything in which the files disagree."""
    yield from ()
