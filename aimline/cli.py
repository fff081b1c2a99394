"""Parse the command line. No verb's work belongs here.

Verbs are entry points of the group ``aimline.commands``: ``name = "module:function"``. They are listed without
importing them, so that ``aimline --help`` is quick and the engine never imports upward. A name with a point in it is a
verb of two words; one that begins with an underscore is what a verb needs of a room above. A verb is a plain function
whose annotated parameters Typer turns into arguments and options; it returns the exit code (None means 0) and raises
``AimlineError`` for everything a person can mend.
"""

import atexit
import gc
import sys
from collections.abc import Callable, Iterable, Sequence
from functools import wraps
from importlib.metadata import EntryPoint, PackageNotFoundError, distribution, entry_points

GROUP = "aimline.commands"

SENTENCES = {
    "check": "validate all declared facts; all mistakes at once",
    "new": "draft a school year from the one before",
    "calendar": "the dated obligations of the year",
    "plan": "does the year reach its boards; freeze its dates",
    "due": "what is due on a day",
    "template": "forms of a window for schools to fill in",
    "collect": "pull what has arrived; account for every row",
    "arrivals": "what was expected, what came, what is late",
    "accept": "let a held delivery in by a person's decision",
    "replay": "read kept deliveries again, as declared today",
    "quarantine": "refused rows with reason and remedy",
    "build": "compute the indicators in the warehouse",
    "measures": "print the rows of one measure",
    "why-different": "from one definition of chronic absence to another",
    "score": "score a file of survey responses by an instrument",
    "explain": "one figure from the page back to its files",
    "chart": "a control chart of a CSV file, with its signals",
    "ewma": "a moving average of a CSV file, with its signals",
    "cusum": "a cumulative sum of a CSV file, with its signals",
    "funnel": "units of a CSV file compared with each other",
    "adjust": "p-values of a CSV file, adjusted for their number",
    "detect": "units of a panel that left their own level",
    "forecast": "the year's rate of each unit, and its chance to meet the target",
    "arl": "how long a scheme runs before it signals",
    "alert": "alerts and what people do with them",
    "digest": "the alerts of the week, as one audience reads them",
    "rebase": "where a level has settled; let a series begin anew",
    "publish": "freeze a release, write its pages, deliver them",
    "release approve": "answer by name for what the gate refused",
    "decide": "record a decision of a review with its evidence",
    "protect": "choose the gaps of a file, and prove them",
    "audit": "what readers can derive from the gaps of a file",
    "audit-site": "read finished pages back: every number traced, no gap told",
    "run": "one night: everything due as of the date",
    "rehearse": "every night of a span against one server",
    "serve": "server, nightly schedule and site, on loopback",
    "demo": "make the example district and run its year",
    "demo panel": "a simulated panel in which it is known who changed",
}


_BETWEEN_LOOKS = 100_000
"""New objects between two looks for cycles: contracts make many at the start, and nearly none of them are waste."""


def verbs() -> dict[str, EntryPoint]:
    """Return the registered verbs by name, without importing any of them."""
    return _named(entry_points(group=GROUP))


def _own_verbs() -> dict[str, EntryPoint]:
    """Return the verbs of this distribution: looking through all that are installed takes longer than many a verb."""
    try:
        return _named(distribution("aimline").entry_points.select(group=GROUP))
    except PackageNotFoundError:
        return {}


def _named(points: Iterable[EntryPoint]) -> dict[str, EntryPoint]:
    return {point.name.replace(".", " "): point for point in points if not point.name.startswith("_")}


def usage(known: dict[str, EntryPoint]) -> str:
    """Return the help text: one line a verb, in the order of a year's work."""
    ordered = [name for name in SENTENCES if name in known] + sorted(set(known) - set(SENTENCES))
    width = max((len(name) for name in ordered), default=0)
    lines = [f"  {name:<{width}}  {SENTENCES.get(name, '')}".rstrip() for name in ordered]
    head = "usage: aimline VERB [DEPLOYMENT] [--as-of DATE] [--state ROOT] [--json]"
    return "\n".join([head, "", *lines, "", "aimline VERB --help tells the options of a verb."])


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one verb and return the exit code.

    Args:
        arguments: The words after the program name; the process's own when None.

    Returns:
        0 done, 1 something to act on, 2 usage or declared facts, 3 source, 4 contract, 5 transform, 6 disclosure,
        7 delivery.
    """
    gc.set_threshold(_BETWEEN_LOOKS)
    if arguments is None:
        atexit.register(gc.freeze)  # the process ends: looking for waste once more takes a tenth of a short verb
    words = list(sys.argv[1:] if arguments is None else arguments)
    known = _own_verbs()
    if not words or words[0] not in known:
        known = verbs()
    if not words or words[0] in {"-h", "--help"}:
        print(usage(known))  # noqa: T201 - the command line's own output
        return 0 if words else 2
    name = next((each for each in (" ".join(words[:2]), words[0]) if each in known), None)
    if name is None:
        return _unknown(words[0], known)
    return _run(name, known[name], words[name.count(" ") + 1 :])


def _unknown(word: str, known: dict[str, EntryPoint]) -> int:
    """Say that the verb does not exist, and which one may be meant."""
    from difflib import get_close_matches

    near = get_close_matches(word, known, n=1)
    hint = f" Did you mean '{near[0]}'?" if near else " aimline --help lists them."
    print(f"aimline: there is no verb '{word}'.{hint}", file=sys.stderr)  # noqa: T201
    return 2


def _run(name: str, verb: EntryPoint, words: list[str]) -> int:
    """Import the verb, let Typer parse its words, and turn our errors into message, remedy and exit code."""
    import os

    import typer

    from aimline.errors import AimlineError

    os.umask(0o077)
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)
    try:
        app.command(name=name)(_exiting(verb.load()))
        typer.main.get_command(app).main(words, prog_name=f"aimline {name}")
    except AimlineError as error:
        print(error, file=sys.stderr)  # noqa: T201
        return error.exit_code
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else 0
    return 0


def _exiting(work: Callable[..., int | None]) -> Callable[..., None]:
    """Make the verb's return value the process's exit code: Typer drops what a command returns."""
    import typer

    @wraps(work)
    def run(*arguments: object, **options: object) -> None:
        raise typer.Exit(work(*arguments, **options) or 0)

    return run


if __name__ == "__main__":
    sys.exit(main())
