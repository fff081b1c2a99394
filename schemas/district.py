"""Say what ``district.yml`` holds: name, zone, nightly hour, roles, clusters, where and how long state is kept.

Dates belong to the year files. Source: schedule.md 4.1.
"""

from fractions import Fraction
from typing import Literal

from pydantic import Field, model_validator

from schemas._base import Clock, Day, Fact, Flag, Id, Int, Label, SchoolId, Share, Text, Zone, mistake

STANDARD_ROLES = (
    "data_engineer",
    "sel_lead",
    "attendance_lead",
    "research",
    "principal:*",
    "data_lead:*",
    "principal_supervisor",
    "privacy_officer",
    "board_clerk",
    "superintendent",
)
"""The roles that every district has; a line in its file gives one a deputy, a label, somebody to escalate to."""


class Nightly(Fact):
    """When the night's run starts, local time."""

    at: Clock = "04:30"

    @property
    def is_in_clock_change(self) -> bool:
        """Say whether the hour is skipped or doubled when clocks change."""
        return "01:00" <= self.at < "03:00"


class Role(Fact):
    """One role, who stands in, who hears when it is late; ``principal:*`` is one role for every school."""

    role: Text
    label: Label | None = None
    deputy: Text | None = None
    escalates_to: Text | None = None
    body: Flag = False


class School(Fact):
    """What differs for one school; names, levels and opening dates arrive with the data."""

    school_id: SchoolId
    time_zone: Zone


class Cluster(Fact):
    """Schools that one person supervises; where clusters are declared, together they name every school."""

    cluster_id: Id
    label: Label | None = None
    schools: tuple[SchoolId, ...] = Field(min_length=1)


class Peers(Fact):
    """When schools are compared with each other, and what share of the most extreme ones is tempered for it."""

    terms: tuple[Id, ...] = Field(default=("fall", "spring"), min_length=1, max_length=4)
    trim: Share = Fraction(1, 10)


class Signals(Fact):
    """How departures become alerts.

    Attributes:
        q: Share of false ones among the alerts of many tests.
        watch_q: The same for the watch list.
        false_alerts_per_year: How many false ones few tests may raise in a year.
        evaluate_on: The weekday on which weeks are decided; on any night without one.
        preset_note: Charts say which rules they are read by.
        peer: How schools are compared with each other, once a term; not at all without it.
    """

    q: Share = Fraction(1, 20)
    watch_q: Share = Fraction(1, 5)
    false_alerts_per_year: Int | None = Field(default=None, ge=1)
    evaluate_on: Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"] | None = None
    preset_note: Flag = True
    peer: Peers | None = None

    @model_validator(mode="after")
    def _shares_fit(self) -> "Signals":
        if not Fraction(1, 100) <= self.q <= Fraction(1, 5):
            raise mistake(f"signals.q {float(self.q):g} is not between 0.01 and 0.20.", "Write 0.05, the usual share.")
        if self.watch_q < self.q:
            raise mistake(f"signals.watch_q {float(self.watch_q):g} is below q.", "The watch list is the longer one.")
        return self


class Hold(Fact):
    """What is never removed: a batch or a subject, why, and until when."""

    digest: Text
    reason: Text
    until: Day


class Retention(Fact):
    """How long what arrived and what was made of it is kept."""

    landing_days: Int | None = Field(default=None, ge=0)
    quarantine_days: Int | None = Field(default=None, ge=0)
    accepted_years: Int | None = Field(default=None, ge=0)
    warehouse_snapshots_days: Int | None = Field(default=None, ge=0)
    releases_years: Int | None = Field(default=None, ge=0)
    backup_days: Int | None = Field(default=None, ge=0)
    run_logs_days: Int | None = Field(default=None, ge=0)
    erasure_days: Int | None = Field(default=None, ge=0)
    legal_hold: tuple[Hold, ...] = ()


class Comments(Fact):
    """Whether what people wrote is shown: never, or after a person has looked at each."""

    publish: Literal["never", "reviewed"] = "never"


class Notify(Fact):
    """One way to reach the operator."""

    mail: Text | None = None
    chat: Text | None = None

    @model_validator(mode="after")
    def _one_way(self) -> "Notify":
        if (self.mail is None) == (self.chat is None):
            raise mistake("this is either a 'mail' or a 'chat'.", "Give one of them.")
        return self


class Operator(Fact):
    """Whom a failure of the machine is told."""

    notify: tuple[Notify, ...] = ()


class Encryption(Fact):
    """How what rests on disk is encrypted, and who says so."""

    at_rest: Literal["volume", "kms", "duckdb"]
    attested_by: Text
    attested_on: Day


class Target(Fact):
    """One place where a district's state is kept."""

    state: Text
    encryption: Encryption | None = None


class District(Fact):
    """A district as it is declared."""

    version: Literal[1] = 1
    district_id: Id
    label: Label
    time_zone: Zone
    nightly: Nightly = Nightly()
    roles: tuple[Role, ...]
    clusters: tuple[Cluster, ...] = ()
    schools: tuple[School, ...] = ()
    signals: Signals | None = None
    retention: Retention = Retention()
    comments: Comments = Comments()
    operator: Operator = Operator()
    runs_on: Text | None = None
    roles_split: Flag = False
    targets: dict[Id, Target] = Field(default_factory=dict)

    def role_label(self, role: str) -> str:
        """Return the words for a role; without a label its own name, written as words."""
        name = role.partition(":")[0]
        found = next((each for each in self.roles if each.role.partition(":")[0] == name), None)
        return found.label["en"] if found and found.label else name.replace("_", " ")

    def knows_role(self, role: str) -> bool:
        """Say whether a role is declared, by itself or as the role of every school."""
        declared = {each.role for each in self.roles} | set(STANDARD_ROLES)
        return role in declared or f"{role.partition(':')[0]}:*" in declared
