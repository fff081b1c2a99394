"""The verb ``new``: draft the file of a school year from the one before."""

import re
from difflib import unified_diff
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from aimline.commands._shared import DeploymentName, number_of, say
from aimline.errors import UsageError

if TYPE_CHECKING:
    from aimline.settings import Judged

What = Annotated[str, typer.Argument(metavar="year", help="What to draft: a year.")]
Label = Annotated[str, typer.Argument(metavar="LABEL", help="The school year, such as 2027-28.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Print the difference to last year's file, write nothing.")]

_LABEL = re.compile(r"(\d{4})-(\d{2})")
_CENTURY = 100


def new(what: What, deployment: DeploymentName, label: Label, *, dry_run: DryRun = False) -> int:
    """Draft years/LABEL.yml from the year before: every date on the same weekday of the same week, to be confirmed."""
    from aimline.settings import judge_deployment

    if what != "year":
        raise UsageError(f"there is nothing to draft called '{what[:20]}'.", remedy="Write aimline new year.")
    school_year = _school_year(label)
    judged = judge_deployment(deployment)
    old, text = _drafted(judged, school_year)
    name = f"years/{label}.yml"
    if dry_run:
        say("\n".join(unified_diff(old.splitlines(), text.splitlines(), _file(school_year - 1), name, lineterm="")))
        return 0
    _write(judged.folder / name, text)
    _say_next(judged, name, text)
    return 0


def _school_year(label: str) -> int:
    found = _LABEL.fullmatch(label)
    if found is None or (int(found[1]) + 1) % _CENTURY != int(found[2]):
        raise UsageError(f"'{label[:20]}' is no school year.", remedy="Write it as 2027-28.")
    return int(found[1]) + 1


def _file(school_year: int) -> str:
    return f"years/{school_year - 1}-{school_year % _CENTURY:02d}.yml"


def _drafted(judged: "Judged", school_year: int) -> tuple[str, str]:
    """Return the text of the year before and of the draft."""
    from aimline._yaml import rewritten
    from aimline.errors import DeclaredFactError
    from aimline.schedule.rollover import draft_year

    name, before = _file(school_year), _file(school_year - 1)
    if (judged.folder / name).exists():
        raise UsageError(f"there is a {name} already.", remedy="Edit it, or remove it to draft it again.")
    if not (judged.folder / before).is_file():
        raise UsageError(f"there is no {before} to draft from.", remedy="Draft the years one after the other.")
    wrong = [each for each in judged.findings if each.file.endswith(f"/{before}") and each.severity == "error"]
    if wrong:
        raise DeclaredFactError(wrong)
    text = (judged.folder / before).read_text(encoding="utf-8-sig")
    return text, rewritten(text, lambda held: draft_year(held, school_year))


def _write(path: Path, text: str) -> None:
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except OSError:
        raise UsageError(f"{path.name} cannot be written.", remedy="Correct the permissions of its folder.") from None


def _say_next(judged: "Judged", name: str, text: str) -> None:
    """Say what was written, how many dates wait, and what is wrong with the draft as it stands."""
    from aimline.schedule import schedule_findings
    from aimline.schedule.rollover import banner
    from aimline.settings import judge_deployment

    after = judge_deployment(judged.folder, {name: text.encode()})
    found = [*after.findings, *schedule_findings(after.facts.years, after.facts.sources)]
    mine = [each for each in found if each.file.endswith(f"/{name}") and each.severity == "error"]
    drafted = next(each.shape for each in after.facts.years if each.tree.file.endswith(f"/{name}"))
    say(f"wrote {name}: {banner(drafted) if drafted else 'nothing to confirm'}.")
    for each in mine:
        say(str(each))
    if mine:
        say(f"correct {number_of(len(mine), 'error')}; aimline check {judged.folder.name} tells what is left.")
