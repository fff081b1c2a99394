"""A small district of two zones with one survey: its window, its list, its answers, its nights without a server."""

from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

from aimline.commands._collecting import collect
from aimline.commands.night import move_windows
from aimline.context import Context, open_context
from aimline.transform import BuildRequest, build
from tests.support.small_district import District, source

OPENS, CLOSES, LAST_LATE, SEALED = date(2018, 10, 29), date(2018, 11, 9), date(2018, 11, 14), date(2018, 11, 15)
LIST_ON = date(2018, 10, 24)

SCHOOLS = "School,Name\n0001,Aspen\n0002,Birch\n"
PEOPLE = {f"{100 + number}": "0001" if number <= 6 else "0002" for number in range(1, 13)}

_ZONES = '\nschools: [{school_id: "0002", time_zone: America/Los_Angeles}]\nroles:\n  - {role: research}\n'
_WINDOW = """windows:
  - id: pulse
    instrument: pulse@1
    opens: 2018-10-29
    length: {school_days: 10}
    extend_if: {closed_days_inside: each, max: 5}
    late_accept: {school_days: 3}
    sources: [answers, asked]
"""
_PLAN = """version: 1
school_year: 2019
process: {manager: research, data: data_engineer}
people:
  - {person: p_001, role: research, active_from: 2018-01-01}
  - {person: p_002, role: data_engineer, active_from: 2018-01-01}
goals: []
"""
_INSTRUMENT = """version: 1
instrument_id: pulse
edition: "1"
kind: survey
label: {en: Pulse}
respondents: [staff]
mode: confidential
option_sets: {five: [{value: 1, label: {en: a}}, {value: 2, label: {en: b}}, {value: 3, label: {en: c}}]}
items: [{item_id: calm, options: five, text: {en: I am calm.}}]
scales:
  - scale_id: calm
    label: {en: Calm}
    items: [calm]
    favorable: {rule: top, of: {3: 1}}
    estimator: pooled
    min_answered: 1/2
"""

_TYPED = {"type": "csv", "timestamps": "%Y-%m-%d %H:%M:%S", "zone": "UTC"}


def sources() -> list[dict[str, Any]]:
    """Return the three feeds of the district: schools, those asked, their answers."""
    by_window = {"mode": "full", "slot": "{window_id}.{school_year}"}
    school = {"name": "school_id", "from": ["School"]}
    schools = [school, {"name": "name", "from": ["Name"]}, {"name": "kind", "value": "regular"}]
    schools += [{"name": "level", "value": "high"}, {"name": "valid_from", "value": "2018-07-01"}]
    schools += [{"name": "opens_on", "value": "2018-07-01"}]
    window, person = (
        {"name": "window_id", "fact": "window"},
        {"name": "respondent_key", "from": ["Person"], "type": "id"},
    )
    staff = {"name": "respondent_class", "value": "staff"}
    asked = [{"name": "roster_id", "value": "{window}.{school_year}"}, window, person, staff, school]
    asked += [{"name": "is_opted_out", "value": "false"}]
    asked += [{"name": "frozen_at", "fact": "date", "type": "timestamp", "dates": "%Y-%m-%d"}]
    answers = [window, {"name": "response_id", "from": ["Id"]}, person, staff, school]
    answers += [{"name": "submitted_at", "from": ["Sent"], "required": False}, {"name": "is_preview", "value": "false"}]
    people = {"contains_people": True, "owner": {"role": "research"}}
    return [
        source("list", "schools", schools, match="schools.csv"),
        source("asked", "roster", asked, match="asked_{window}_{date:%Y%m%d}.csv", load=by_window, **people),
        source(
            "answers",
            "responses",
            answers,
            match="answers_{window}_{date:%Y%m%d}.csv",
            unpivot={"instrument": "pulse@1", "name": "item_id", "value": "option_value"},
            load=by_window,
            format=_TYPED,
            **people,
        ),
    ]


class Surveyed(District):
    """The district, its year frozen, its schools and its list of those asked on their way."""

    def __init__(self, folder: Path) -> None:
        """Write the declared files, freeze the year, put the first deliveries into the inbox."""
        super().__init__(folder)
        district = self.folder / "district.yml"
        district.write_text(district.read_text(encoding="utf-8").replace("\nroles:\n", _ZONES, 1), encoding="utf-8")
        year = self.folder / "years/2018-19.yml"
        year.write_text(year.read_text(encoding="utf-8") + _WINDOW, encoding="utf-8")
        for name, text in (("plans/2018-19.yml", _PLAN), ("instruments/pulse.1.yml", _INSTRUMENT)):
            (self.folder / name).parent.mkdir(exist_ok=True)
            (self.folder / name).write_text(text, encoding="utf-8")
        self.declare(*sources())
        code, text = self.run("plan", "--freeze", "--by", "p_001", "--reason", "test", on="2018-08-20")
        assert code == 0, text
        self.put("schools.csv", SCHOOLS.encode())
        listed = "".join(f"{person},{school}\n" for person, school in PEOPLE.items())
        self.put("asked_pulse_20181024.csv", f"Person,School\n{listed}".encode())

    def answer(self, on: str, sent: Iterable[tuple[str, str, int]]) -> None:
        """Put an export of a day into the inbox: person, instant in UTC, answer."""
        rows = [f"r{person},{person},{PEOPLE[person]},{at},{value}" for person, at, value in sent]
        text = "\n".join(["Id,Person,School,Sent,calm", *rows, ""])
        self.put(f"answers_pulse_{on.replace('-', '')}.csv", text.encode())

    def night(self, on: date, *, builds: bool = False) -> list[dict[str, Any]]:
        """Live through a night as the flow does, without pages; return the batches that came."""
        context = open_context(str(self.folder), as_of=on, state=str(self.state))
        try:
            move_windows(context, arrivals_are_in=False)
            report = collect(context)
            move_windows(context)
            if builds:
                _build(context)
        finally:
            context.journal.close()
        return [dict(batch) for each in report.sources for batch in each.batches]

    def standing(self) -> str:
        """Return the state of the window."""
        steps = self.events("window_transition")
        return str(steps[-1].payload["to_state"])


def _build(context: Context) -> None:
    build(BuildRequest(context.deployment.district.district_id, context.store, context.journal, context.clock))
