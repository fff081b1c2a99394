"""Say what ``district.yml`` holds: name, time zone, nightly hour, roles. Dates belong to the year files."""

from typing import Literal

from pydantic import model_validator

from schemas._base import Clock, Fact, Flag, Id, Label, SchoolId, Text, Zone, mistake


class Nightly(Fact):
    """When the night's run starts, local time."""

    at: Clock = "04:30"

    @model_validator(mode="after")
    def _outside_the_clock_change(self) -> "Nightly":
        if "01:00" <= self.at < "03:00":
            raise mistake(
                f"{self.at} is skipped or doubled when clocks change.", "Choose a time before 01:00 or from 03:00."
            )
        return self


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


class District(Fact):
    """A district as it is declared."""

    version: Literal[1] = 1
    district_id: Id
    label: Label
    time_zone: Zone
    nightly: Nightly = Nightly()
    roles: tuple[Role, ...]
    schools: tuple[School, ...] = ()

    def role_label(self, role: str) -> str:
        """Return the words for a role; without a label its own name, written as words."""
        name = role.partition(":")[0]
        found = next((each for each in self.roles if each.role.partition(":")[0] == name), None)
        return found.label["en"] if found and found.label else name.replace("_", " ")

    def knows_role(self, role: str) -> bool:
        """Say whether a role is declared, by itself or as the role of every school."""
        declared = {each.role for each in self.roles}
        return role in declared or f"{role.partition(':')[0]}:*" in declared
