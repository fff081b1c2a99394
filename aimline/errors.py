"""Name what can go wrong and what a person can do about it. No logic belongs here, no message of a single case.

::

    AimlineError                 1  something a person must act on
    ├── UsageError               2  the command was asked for something it cannot do
    │   └── DisclosureInputError    cells, sums or readers that nobody can judge
    ├── DeclaredFactError        2  the YAML of a deployment is wrong; all mistakes at once, with file and line
    │   ├── CalendarHorizon         counting days leaves the declared years
    │   ├── NotASchoolDay           a day that may not be moved is no school day
    │   ├── PlanInfeasible          a plan does not reach a date that does not move
    │   ├── ConflictInfeasible      windows are in each other's way and none can move
    │   ├── OrphanObligation        nobody who is active answers for something
    │   ├── UnconfirmedDates        dates of another year that nobody confirmed
    │   ├── VersionTaken            somebody else froze the plan in the same moment
    │   └── ZeroShift               zero days were to be counted
    ├── PageError                2  a report page is wrong
    ├── SourceError              3
    │   ├── SourceTransientError    try again later: time-out, busy, throttled
    │   └── SourcePermanentError    a person must change something: refused, gone, corrupt
    ├── ContractError            4  what arrived breaks its contract and was held
    ├── TransformError           5  the warehouse could not be built
    │   └── CorruptError            the bytes of a database are not those that were written
    ├── DisclosureError          6  publishing would show a protected group, or nobody can tell
    ├── DeliveryError            7  a finished release could not be handed over
    └── BusyError                1  another live process holds the claim

The number is the exit code of the command. A message carries rules, counts and row numbers, never a value of a person.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import ClassVar


@dataclass(frozen=True, order=True)
class Finding:
    """One mistake at one place of one file; findings sort by file, line and column (both 1-based)."""

    file: str
    line: int
    column: int
    place: str
    message: str
    remedy: str = ""
    severity: str = "error"
    code: str = ""
    on_date: date | None = field(default=None, compare=False)

    def __str__(self) -> str:
        """Write ``file:line:column: place: message remedy``."""
        place = f"{self.place}: " if self.place else ""
        return f"{self.file}:{self.line}:{self.column}: {place}{self.message} {self.remedy}".rstrip()


class AimlineError(Exception):
    """Something a person can mend: a message, the remedy, and the exit code of its branch."""

    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, *, remedy: str = "") -> None:
        """Keep the message and the remedy apart, so that pages and mails can show them apart."""
        super().__init__(message)
        self.message = message
        self.remedy = remedy

    def __str__(self) -> str:
        """Write message and remedy as one text."""
        return f"{self.message} {self.remedy}".rstrip()


class _FindingsError(AimlineError):
    """An error that is a list of mistakes, each with its place."""

    exit_code: ClassVar[int] = 2

    def __init__(self, findings: Iterable[Finding] | str, *, remedy: str = "") -> None:
        """Take all mistakes at once; a plain text is a mistake without a place."""
        self.findings: tuple[Finding, ...] = () if isinstance(findings, str) else tuple(sorted(findings))
        message = findings if isinstance(findings, str) else "\n".join(str(each) for each in self.findings)
        super().__init__(message, remedy=remedy)


class UsageError(AimlineError):
    """The command was asked for something it cannot do."""

    exit_code: ClassVar[int] = 2


class DisclosureInputError(UsageError):
    """Cells, relations, readers or gaps that cannot be judged: the file is wrong, or its sums do not add up."""


class DeclaredFactError(_FindingsError):
    """The declared facts of a deployment are wrong: every mistake of every file, sorted.

    ``code`` is that of the finding it becomes where a rule of a file is told by its place.
    """

    code: ClassVar[str] = "declared"


class CalendarHorizon(DeclaredFactError):  # noqa: N818 - people know these three by the names of schedule.md 15
    """Counting days leaves the years that are declared."""

    code: ClassVar[str] = "calendar_horizon"


class NotASchoolDay(DeclaredFactError):  # noqa: N818
    """A day that may not be moved is no school day."""

    code: ClassVar[str] = "not_a_school_day"


class ZeroShift(DeclaredFactError):  # noqa: N818
    """Zero days were to be counted from a day."""

    code: ClassVar[str] = "zero_shift"


class PlanInfeasible(DeclaredFactError):  # noqa: N818
    """A plan does not reach a date that does not move."""

    code: ClassVar[str] = "plan_infeasible"


class ConflictInfeasible(DeclaredFactError):  # noqa: N818
    """Windows stand in each other's way, and none of them can move."""

    code: ClassVar[str] = "conflict_infeasible"


class OrphanObligation(DeclaredFactError):  # noqa: N818
    """Nobody who is active answers for something that is to be done."""

    code: ClassVar[str] = "orphan"


class VersionTaken(DeclaredFactError):  # noqa: N818
    """Somebody else froze the plan in the same moment."""

    code: ClassVar[str] = "version_taken"


class UnconfirmedDates(DeclaredFactError):  # noqa: N818
    """Dates were copied from another year and nobody has confirmed them."""

    code: ClassVar[str] = "unconfirmed_date"


class PageError(_FindingsError):
    """A report page or its front matter is wrong."""


class SourceError(AimlineError):
    """A source could not be read; ``code`` is that of the catalogue of faults where one says why."""

    exit_code: ClassVar[int] = 3

    def __init__(self, message: str, *, remedy: str = "", code: str = "") -> None:
        """Keep the code beside message and remedy."""
        super().__init__(message, remedy=remedy)
        self.code = code


class SourceTransientError(SourceError):
    """A source failed in a way that time may mend: the flow tries again.

    ``retry_after`` is how many seconds the other side asked to be left alone, where it asked.
    """

    retry_after: float | None = None


class SourcePermanentError(SourceError):
    """A source failed in a way only a person can mend: its owner is told."""


class ContractError(AimlineError):
    """What arrived, or what was computed, breaks its contract."""

    exit_code: ClassVar[int] = 4


class TransformError(AimlineError):
    """The warehouse could not be built."""

    exit_code: ClassVar[int] = 5


class CorruptError(TransformError):
    """The bytes of a database are not those that were written: it cannot be read, and must be made anew."""


class DisclosureError(AimlineError):
    """Publishing would show a protected group, or nobody can tell whether it would."""

    exit_code: ClassVar[int] = 6


class DeliveryError(AimlineError):
    """A finished release could not be handed over."""

    exit_code: ClassVar[int] = 7


class BusyError(AimlineError):
    """Another live process holds the claim."""
