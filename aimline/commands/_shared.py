"""Give the verbs what they share: their options, and how they print tables and JSON. No verb's work belongs here."""

import json
import re
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Annotated, Any, Literal

import typer


def as_day(text: str) -> date:
    """Read a day of the command line."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"'{text[:20]}' is not a date; write it as 2026-09-07.") from None


def as_year(text: str) -> int:
    """Read a school year of the command line: ``2026-27``, or the spring it ends in."""
    found = re.fullmatch(r"([0-9]{4})(?:-([0-9]{2}))?", text)
    if found is None or (found[2] and (int(found[1]) + 1) % 100 != int(found[2])):
        raise typer.BadParameter(f"'{text[:20]}' is no school year; write it as 2026-27, or as 2027.")
    return int(found[1]) + bool(found[2])


DeploymentName = Annotated[str, typer.Argument(metavar="DEPLOYMENT", help="Its name, or the path of its folder.")]
AsOf = Annotated[
    date | None,
    typer.Option("--as-of", metavar="DATE", parser=as_day, help="Work as on this day; today in the district's zone."),
]
Since = Annotated[
    date | None,
    typer.Option("--since", metavar="DATE", parser=as_day, help="What is due after this day; the day before --as-of."),
]
State = Annotated[
    str | None, typer.Option("--state", metavar="ROOT", help="The state root; else AIMLINE_STATE, else var/<district>.")
]
Form = Literal["table", "json"]
Format = Annotated[Form, typer.Option("--format", metavar="FORMAT", help="table or json.")]
Year = Annotated[
    int | None, typer.Option("--year", metavar="YEAR", parser=as_year, help="School year: 2026-27, or 2027.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def say(text: str = "") -> None:
    """Print one text: the command line's own output."""
    print(text)  # noqa: T201


def say_json(value: Any) -> None:
    """Print a value as JSON, with its keys in the order given; dates are ISO text."""
    say(json.dumps(value, indent=1, ensure_ascii=False, default=str))


def say_table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print rows below their headings, each column as wide as it needs; nothing stands for None."""
    texts = [[("" if cell is None else str(cell)) for cell in row] for row in rows]
    widths = [max(len(each) for each in column) for column in zip(heads, *texts, strict=True)]
    for row in (heads, *texts):
        say("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def number_of(n: int, thing: str) -> str:
    """Write a number of things: ``1 file``, ``3 files``, ``2 deliveries``, ``2 batches``."""
    if n == 1:
        return f"{n} {thing}"
    if thing.endswith("y") and thing[-2] not in "aeou":
        return f"{n} {thing[:-1]}ies"
    return f"{n} {thing}es" if thing.endswith(("ch", "s")) else f"{n} {thing}s"
