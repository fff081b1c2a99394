"""Say what the forms of a school's own team are: its plan, its short cycles, the records of its meetings.

They belong to a school year and not to a window; whose name stands in them is a role or a declared code.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from aimline.sources.template import Answer, Form, Slot

TEAM_FORMS = {"school_plan": "plan", "cycle_form": "cycle", "meeting_record": "meeting"}
"""Name of a form, which is also what its rows are -> kind of the form."""

EDITION = "1"
_GOALS, _ACTIVITIES, _MEETINGS, _CYCLES, _RECORDS = 5, 10, 8, 4, 10

Knows = Callable[[str, str], bool]
"""Says whether a name of a kind (owner, goal, indicator) is declared."""


def team_form(name: str, slot: Slot, knows: Knows) -> Form:
    """Return a form of a school's team."""
    answers, given = {"school_plan": _plan, "cycle_form": _cycle, "meeting_record": _meeting}[name]()
    return Form(TEAM_FORMS[name], slot, "", EDITION, answers, given, knows)


def _plan() -> tuple[tuple[Answer, ...], tuple[str, ...]]:
    answers = (
        Answer("Line", "line", "given"),
        Answer("Who answers for it: a role, such as principal", "owner"),
        Answer("Goal of the district that you take over", "goal"),
        Answer("Indicator of a goal of your own", "indicator"),
        Answer("Target, such as 0.85", "target"),
        Answer("Group, such as all", "group"),
        Answer("What, in one sentence", "text"),
        Answer("Starts on, or held on", "starts", "date"),
        Answer("Due on", "due", "date"),
        Answer("Indicators the meeting looks at, with commas", "looks_at"),
        Answer("Protocol", "protocol"),
    )
    several = (("goal", _GOALS), ("activity", _ACTIVITIES), ("meeting", _MEETINGS))
    given = [f"{kind} {number}" for kind, count in several for number in range(1, count + 1)]
    return answers, ("lead", "data_lead", "deputy", *given)


def _cycle() -> tuple[tuple[Answer, ...], tuple[str, ...]]:
    answers = (
        Answer("Cycle", "line", "given"),
        Answer("Short name, such as breakfast_calls", "name"),
        Answer("Idea that is tried", "change_idea"),
        Answer("Aim", "aim"),
        Answer("Problem", "problem"),
        Answer("What you do otherwise", "change"),
        Answer("You predict", "direction", "choice", ("higher", "lower")),
        Answer("By how much, such as 0.02", "by"),
        Answer("Prediction in words", "prediction"),
        Answer("Predicted on", "predicted", "date"),
        Answer("Indicator", "indicator"),
        Answer("Group, such as all", "group"),
        Answer("Measured every", "every", "choice", ("week", "day")),
        Answer("Smallest change that would matter", "smallest"),
        Answer("Starts on", "starts", "date"),
        Answer("Ends on", "ends", "date"),
        Answer("Who answers for it: a role", "owner"),
        Answer("Verdict, at the end", "verdict", "choice", ("adopt", "adapt", "abandon")),
        Answer("Why", "why"),
        Answer("What you learned", "learned"),
        Answer("Decided on", "decided", "date"),
        Answer("Decided by: a role", "decider"),
    )
    return answers, tuple(f"cycle {number}" for number in range(1, _CYCLES + 1))


def _meeting() -> tuple[tuple[Answer, ...], tuple[str, ...]]:
    answers = (
        Answer("Meeting", "line", "given"),
        Answer("Held on", "held", "date"),
        Answer("Indicators you looked at, with commas", "looks_at"),
        Answer("Protocol", "protocol"),
        Answer("People present", "n_present", "count"),
        Answer("What you saw", "observed"),
        Answer("Written down before anybody gave reasons", "observed_first", "choice", ("yes", "no")),
        Answer("What you make of it", "interpreted"),
        Answer("What you decided", "decided"),
        Answer("Next meeting on", "next", "date"),
    )
    return answers, tuple(f"meeting {number}" for number in range(1, _RECORDS + 1))


@dataclass(frozen=True)
class Asked:
    """One row as its shape wants it: the tree, and which answer each of its places came from."""

    tree: Mapping[str, object]
    answers: Mapping[str, str]


def listed(text: str) -> list[str]:
    """Return the names in a cell that has several."""
    return [part.strip() for part in text.split(",") if part.strip()]


def cycle_asked(record: Mapping[str, str], cycle_id: str, school_id: str) -> Asked:
    """Return a row of the form of cycles as the file of a cycle has it."""
    tree: dict[str, object] = {
        "cycle_id": cycle_id,
        "scope": {"school_id": school_id},
        "change_idea_id": record["change_idea"],
        **{name: record[name] for name in ("aim", "problem", "change")},
        "prediction": {"direction": record["direction"], "by": record["by"], "text": record["prediction"]},
        "predicted_on": record["predicted"],
        "measure": {
            "indicator_id": record["indicator"],
            "group": record["group"] or "all",
            "every": record["every"] or "week",
        },
        "smallest_change": record["smallest"],
        "dates": {"starts_on": record["starts"], "ends_on": record["ends"]},
        "owner": {"role": record["owner"]},
    }
    told = ("verdict", "why", "learned", "decided", "decider")
    if any(record[name] for name in told):
        said = {name: record[name] for name in ("verdict", "why", "learned")}
        tree["result"] = said | {"decided_on": record["decided"], "decided_by": record["decider"]}
    return Asked(tree, _CYCLE_PLACES)


_CYCLE_PLACES = {
    "cycle_id": "name",
    "change_idea_id": "change_idea",
    "prediction.direction": "direction",
    "prediction.by": "by",
    "prediction.text": "prediction",
    "predicted_on": "predicted",
    "measure.indicator_id": "indicator",
    "measure.group": "group",
    "measure.every": "every",
    "smallest_change": "smallest",
    "dates": "ends",
    "dates.starts_on": "starts",
    "dates.ends_on": "ends",
    "owner": "owner",
    "owner.role": "owner",
    "result.verdict": "verdict",
    "result.why": "why",
    "result.learned": "learned",
    "result.decided_on": "decided",
    "result.decided_by": "decider",
    "": "ends",
}
"""Place in the file of a cycle -> the answer it came from; what is said of the whole is about its length."""


def plan_asked(kind: str, record: Mapping[str, str]) -> Asked:
    """Return a line of a plan as its kind of line has it."""
    names: Sequence[str] = {
        "goal": ("goal", "indicator", "target", "group"),
        "activity": ("text", "owner", "starts", "due"),
        "meeting": ("starts", "looks_at", "protocol"),
    }.get(kind, ("owner",))
    own = {name: record[name] for name in names if record[name]}
    tree: dict[str, object] = own | ({"looks_at": listed(own["looks_at"])} if "looks_at" in own else {})
    return Asked(tree, {"": names[0]})


def meeting_asked(record: Mapping[str, str]) -> Asked:
    """Return a row of the form of meetings as the record of one."""
    tree: dict[str, object] = {name: said for name, said in record.items() if said and name != "line"}
    if "looks_at" in tree:
        tree["looks_at"] = listed(record["looks_at"])
    if (whole := record["n_present"].partition(".")[0]).isdigit():
        tree["n_present"] = int(whole)
    if record["observed_first"] in {"yes", "no"}:
        tree["observed_first"] = record["observed_first"] == "yes"
    return Asked(tree, {"": "next"})
