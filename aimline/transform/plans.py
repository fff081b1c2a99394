"""The plan of a build: every model as dbt compiled it, in an order in which each comes after what it reads."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

Kind = Literal["view", "table", "python"]

MADE = "night_made"
"""The table a step makes first, to compare it with what is there; the name its check is written for."""


@dataclass(frozen=True)
class Step:
    """One model of the plan.

    Attributes:
        name: The model.
        kind: A view or a table of its query, or a table that Python makes.
        body: Its compiled query; of a Python model, its file in the project.
        inputs: The tables it reads, of models and of ``landed``, through views too.
        stale: Of a table made by parts, the relation of touched parts; else empty.
        parts: The columns that name a part.
        is_compared: Whether touched parts may come out as they were; of others, looking costs more than it spares.
        check: A query over ``night_made`` that gives one text, the broken rules; empty where nothing is checked.
        breach: A query over it that gives a row where any of the rules is broken, in a fraction of the time.
        n_checks: How many rules it holds.
        contract: Name and type of each of its columns, where these are promised; else empty.
        is_once: Whether a view, which several tables read, is asked once a build and its rows held.
    """

    name: str
    kind: Kind
    body: str
    inputs: tuple[str, ...]
    stale: str = ""
    parts: tuple[str, ...] = ()
    is_compared: bool = True
    check: str = ""
    breach: str = ""
    n_checks: int = 0
    contract: Mapping[str, str] = field(default_factory=dict)
    is_once: bool = False


@dataclass(frozen=True)
class Plan:
    """All models in their order, and the state of the project they were compiled from."""

    version: str
    steps: tuple[Step, ...]


def write_plan(plan: Plan) -> bytes:
    """Write a plan as JSON."""
    return json.dumps(asdict(plan)).encode()


def read_plan(data: bytes, version: str) -> Plan | None:
    """Read a plan back; none of another state of the project, which may have had other models, or of a broken file."""
    try:
        told = json.loads(data)
    except ValueError:
        return None
    if told.get("version") != version:
        return None
    return Plan(version, tuple(_step(each) for each in told["steps"]))


def _step(told: Mapping[str, Any]) -> Step:
    return Step(**{**told, "parts": tuple(told["parts"]), "inputs": tuple(told["inputs"])})


def inputs_of(node: str, reads: Mapping[str, Iterable[str]], tables: Mapping[str, str]) -> tuple[str, ...]:
    """Return the tables a node reads, looking through views.

    Args:
        node: dbt's id of the node.
        reads: Id of every node -> ids of what it reads; sources read nothing.
        tables: Id -> name of everything that holds rows.
    """
    found: set[str] = set()
    waiting = list(reads.get(node, ()))
    while waiting:
        name = waiting.pop()
        if name in tables:
            found.add(tables[name])
        else:
            waiting.extend(reads.get(name, ()))
    return tuple(sorted(found))
