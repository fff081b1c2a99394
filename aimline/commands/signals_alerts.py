"""The verb ``alert``: list alerts, show what happened to one, take it on, mute it, pass it on, close it.

State is read from the journal alone, so the verb needs no build; the next night and its pages see what was done.
"""

import sys
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from aimline.commands._shared import AsJson, DeploymentName, State, as_day, say, say_table
from aimline.commands._shared import AsOf as Day
from aimline.errors import UsageError

if TYPE_CHECKING:
    from aimline.context import Context
    from aimline.signals import AlertState

LIST_COLUMNS = (
    *("alert_id", "state", "kind", "episode", "unit_id", "indicator_id", "group_id", "since_on", "period_on"),
    *("effect", "p", "owner", "due_on", "muted_until"),
)
SHOW_COLUMNS = ("as_of", "event_type", "from_state", "to_state", "period_on", "effect", "p", "actor", "reason")
_OVER = frozenset({"quiet", "resolved", "expired", "closed"})

What = Annotated[
    Literal["list", "show", "ack", "mute", "unmute", "assign", "close"],
    typer.Argument(metavar="ACTION", help="list, show, ack, mute, unmute, assign or close."),
]
AlertId = Annotated[str | None, typer.Argument(metavar="[ALERT]", help="Id of the alert, or how it begins.")]
By = Annotated[str | None, typer.Option("--by", metavar="PERSON", help="Who does it: a code, not a name.")]
Owner = Annotated[str | None, typer.Option("--owner", metavar="PERSON", help="Who takes it on; --by without it.")]
Due = Annotated[
    date | None, typer.Option("--due", metavar="DATE", parser=as_day, help="By when it is looked into, for ack.")
]
Until = Annotated[
    date | None, typer.Option("--until", metavar="DATE", parser=as_day, help="Last day of a mute, at most 60 ahead.")
]
Reason = Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; a mute and a close need one.")]
Ref = Annotated[str, typer.Option("--ref", metavar="ID", help="The cycle or review that looks into it.")]
Every = Annotated[bool, typer.Option("--all", help="List those that are over too.")]
TableFormat = Annotated[
    Literal["table", "csv", "json"], typer.Option("--format", metavar="FORMAT", help="table, csv or json.")
]


def alert(  # noqa: PLR0913 - each is an option of the command line
    deployment: DeploymentName,
    action: What,
    alert_id: AlertId = None,
    *,
    by: By = None,
    owner: Owner = None,
    due: Due = None,
    until: Until = None,
    reason: Reason = "",
    ref: Ref = "",
    every: Every = False,
    form: TableFormat = "table",
    as_json: AsJson = False,
    as_of: Day = None,
    state: State = None,
) -> int:
    """List alerts, show one, or say what a person does with it."""
    from aimline.context import open_context
    from aimline.signals import Action

    form = "json" if as_json else form
    context = open_context(deployment, as_of=as_of, state=state)
    book = _Book(context)
    if action == "list":
        _say_list(book, form, every=every)
        return 0
    found = book.named(alert_id)
    if action == "show":
        _print(SHOW_COLUMNS, [[row[name] for name in SHOW_COLUMNS] for row in book.events_of(found)], form)
        return 0
    if not by:
        raise UsageError(f"alert {action} is done by somebody.", remedy="Add --by with the code of the person.")
    day = context.clock.as_of
    book.do(found, Action(action, by, day, owner or "", due, until, reason, ref))
    if form == "json":
        newest = book.events_of(found)[-1]
        _print(("alert_id", *SHOW_COLUMNS), [[found, *(newest[name] for name in SHOW_COLUMNS)]], form)
    else:
        say(f"{found}: {book.events_of(found)[-1]['event_type']} by {by}.")
    return 0


class _Book:
    """The alerts of a district as of a day."""

    def __init__(self, context: "Context") -> None:
        """Read the journal."""
        self.context = context
        self._read()

    def _read(self) -> None:
        from aimline.signals import fold_states, key_of

        as_of = self.context.clock.as_of
        self.events = [row for row in self.context.journal.alert_events() if row["as_of"] <= as_of.isoformat()]
        self.states = fold_states(self.events, as_of)
        self.keys = {row["alert_id"]: key_of(row) for row in self.events}
        self.newest = {row["alert_id"]: row for row in self.events}

    def events_of(self, alert_id: str) -> list[dict[str, Any]]:
        """Return what happened to an alert, oldest first."""
        return [row for row in self.events if row["alert_id"] == alert_id]

    def state_of(self, alert_id: str) -> "AlertState | None":
        """Return its state; None for an episode that a later one has followed."""
        state = self.states[self.keys[alert_id]]
        return state if state.episode == self.newest[alert_id]["episode"] else None

    def named(self, begins: str | None) -> str:
        """Return the one alert whose id begins so.

        Raises:
            UsageError: None does, or several.
        """
        if begins is None:
            raise UsageError("which alert is meant was not said.", remedy="Give its id; alert D list shows them.")
        found = [name for name in self.newest if name == begins or name.removeprefix("alert_").startswith(begins)]
        found = found or [name for name in self.newest if name.startswith(begins)]
        if len(found) != 1:
            many = (
                f"{len(found)} alerts begin with '{begins[:30]}'." if found else f"there is no alert '{begins[:30]}'."
            )
            raise UsageError(many, remedy="alert D list --all shows their ids.")
        return str(found[0])

    def do(self, alert_id: str, action: Any) -> None:
        """Write down what a person does.

        Raises:
            UsageError: It cannot be done in the state the alert is in.
        """
        from aimline.signals import act

        state = self.state_of(alert_id)
        if state is None:
            raise UsageError(f"{alert_id} is over: a later episode has followed it.")
        event = act(self.keys[alert_id], state, action)
        self.context.journal.append_alert_events([{**event.row(), "recorded_at": self.context.clock.instant()}])
        self._read()


def _say_list(book: _Book, form: str, *, every: bool) -> None:
    """Print the alerts: those that are open first, what is for the better last, and the most urgent before others."""
    from aimline.signals import IMPROVEMENT, expected_false, priorities

    cells, rank = [], priorities(book.events)
    for alert_id, row in book.newest.items():
        state = book.state_of(alert_id)
        word = state.state if state else row["to_state"]
        if word in _OVER and not every:
            continue
        told = [alert_id, word, *(row[name] for name in LIST_COLUMNS[2:7])]
        since, period = row["payload"]["since_on"], row["period_on"]
        mine = (state.owner or None, state.due_on, state.muted_until) if state else (None, None, None)
        cells.append([*told, since, period, _size(book, alert_id), row["p"] or None, *mine])
    false = expected_false(book.events, {cell[0] for cell in cells if cell[1] not in _OVER})
    note = f"{len(cells)} alerts; about {false} expected false"

    def place(cell: list[Any]) -> tuple[Any, ...]:
        """Return where an alert stands in the list."""
        return cell[1] in _OVER, cell[2] == IMPROVEMENT, -rank[cell[0]], cell[0]

    _print(LIST_COLUMNS, sorted(cells, key=place), form, (note,))


def _size(book: _Book, alert_id: str) -> float | None:
    """Return the newest size that an evaluation told."""
    told = [row["effect"] for row in book.events_of(alert_id) if row["actor"] is None and row["effect"]]
    return told[-1] if told else None


def _print(columns: tuple[str, ...], cells: list[list[Any]], form: str, notes: tuple[str, ...] = ()) -> None:
    from aimline.commands._rows import print_csv, print_json

    if form == "csv":
        print_csv(columns, cells)
    elif form == "json":
        plain = [[str(cell) if isinstance(cell, date) else cell for cell in row] for row in cells]
        print_json(columns, plain, {"summary": {"n": len(cells)}, "notes": list(notes)})
    else:
        say_table(columns, cells)
    if form != "json":
        for note in notes:
            print(note, file=sys.stderr)  # noqa: T201 - stdout is the answer's
