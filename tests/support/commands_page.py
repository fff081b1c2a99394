"""Write the page of all commands from the verbs themselves, so that it cannot tell of options they do not have."""

from collections.abc import Iterator
from typing import Any

import typer

from aimline import cli

_HEAD = """# Commands

Made from the verbs by `make sync`; change them, not this page. `aimline VERB --help` prints the same.

Exit codes: 0 done, 1 something to act on, 2 usage or declared facts, 3 source, 4 contract, 5 transform, 6 disclosure,
7 delivery.
"""


def parsed(name: str) -> Any:
    """Return a verb as Typer reads it off its function: its help and its parameters."""
    app = typer.Typer(add_completion=False)
    app.command(name=name)(cli.verbs()[name].load())
    return typer.main.get_command(app)


def options_of(name: str) -> list[str]:
    """Return how the options of a verb are written."""
    return [text for each in parsed(name).params if each.param_type_name == "option" for text in each.opts]


def commands_page() -> str:
    """Return the page: every verb in the order of a year's work, with its arguments and options."""
    return "\n".join([_HEAD, *("\n".join(_section(name)) for name in cli.SENTENCES)])


def _section(name: str) -> Iterator[str]:
    command = parsed(name)
    arguments = [each for each in command.params if each.param_type_name == "argument"]
    options = [each for each in command.params if each.param_type_name == "option"]
    yield f"## {name}\n"
    yield " ".join((command.help or "").split()) + "\n"
    yield f"```console\n{' '.join(['aimline', name, *(each.metavar for each in arguments)])}\n```\n"
    if options:
        yield "| option | what it says |\n| --- | --- |"
        yield from (f"| `{_written(each)}` | {_told(each)} |" for each in options)
        yield ""


def _written(option: Any) -> str:
    """Write an option with what follows it."""
    return option.opts[0] if option.is_flag else f"{option.opts[0]} {option.metavar or 'WORD'}"


def _told(option: Any) -> str:
    """Write what an option means, whether it must be given, and what holds without it."""
    words = option.help or ""
    if option.required:
        return f"{words} Required."
    shown = not option.is_flag and option.default not in (None, [], ())
    return f"{words} Default: {option.default}." if shown else words
