"""The command line: quick help, exit codes that mean something, never a traceback for what a person can mend."""

import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import pytest
import typer

from aimline import cli, errors
from aimline.errors import AimlineError, BusyError, DeclaredFactError, Finding


@dataclass(frozen=True)
class Verb:
    """A registered verb whose function is given."""

    name: str
    function: Callable[..., int | None]

    def load(self) -> Callable[..., int | None]:
        """Return the function, as an entry point does."""
        return self.function


@pytest.fixture
def register(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Make functions the only verbs."""

    def only(**functions: Callable[..., int | None]) -> None:
        known = {name: Verb(name, function) for name, function in functions.items()}
        monkeypatch.setattr(cli, "verbs", lambda: known)

    return only


MEASURE = """
import sys, time
from aimline.cli import main
began = time.process_time()
assert main(["--help"]) == 0
heavy = {"typer", "rich", "pandas", "numpy", "duckdb", "dbt", "prefect", "sqlalchemy", "pydantic", "boto3", "pandera"}
print(time.process_time(), sorted(heavy & {name.partition(".")[0] for name in sys.modules}))
"""


def test_help_is_quick(project_root: Path) -> None:
    """Help takes less than 0.3 CPU seconds, start of Python included, and imports nothing heavy."""
    done = subprocess.run([sys.executable, "-c", MEASURE], cwd=project_root, capture_output=True, text=True, check=True)
    seconds, heavy = done.stdout.splitlines()[-1].split(maxsplit=1)
    assert heavy == "[]"
    assert float(seconds) < 0.3


def test_help_lists_every_verb_in_the_order_of_a_year(
    register: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    """A verb of another package, which has no sentence of ours, comes last and is not left out."""
    register(publish=lambda: 0, own_thing=lambda: 0, check=lambda: 0)
    assert cli.main(["--help"]) == 0
    lines = [line.split() for line in capsys.readouterr().out.splitlines() if line.startswith("  ")]
    assert [words[0] for words in lines] == ["check", "publish", "own_thing"]


def test_every_verb_has_its_sentence() -> None:
    """What is registered is explained, and what is explained is registered."""
    assert set(cli.verbs()) == set(cli.SENTENCES)


def test_no_word_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    """Without a verb the help is shown and the exit code says that nothing was done."""
    assert cli.main([]) == 2
    assert capsys.readouterr().out.startswith("usage: aimline VERB")


@pytest.mark.parametrize(("word", "hint"), [("biuld", "Did you mean 'build'?"), ("zzz", "aimline --help lists them.")])
def test_unknown_verb_is_told(word: str, hint: str, capsys: pytest.CaptureFixture[str]) -> None:
    """One line on the error stream names what was probably meant."""
    assert cli.main([word]) == 2
    told = capsys.readouterr()
    assert (told.out, told.err) == ("", f"aimline: there is no verb '{word}'. {hint}\n")


@pytest.mark.parametrize(("returned", "code"), [(None, 0), (0, 0), (1, 1), (6, 6)])
def test_what_a_verb_returns_is_the_exit_code(returned: int | None, code: int, register: Callable[..., None]) -> None:
    """None is done; a number is what it says."""
    register(act=lambda: returned)
    assert cli.main(["act"]) == code


def test_words_become_arguments(register: Callable[..., None]) -> None:
    """The annotations of the function are its options."""
    seen = []

    def act(deployment: str, full: Annotated[bool, typer.Option("--full")] = False) -> None:
        seen.append((deployment, full))

    register(act=act)
    assert cli.main(["act", "riverbend", "--full"]) == 0
    assert seen == [("riverbend", True)]


@pytest.mark.parametrize("words", [["--nothing"], ["one", "two"]])
def test_wrong_option_is_a_usage_error(
    words: list[str], register: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    """What the verb does not know is told with its own name, and nothing is done."""
    register(act=lambda: 0)
    assert cli.main(["act", *words]) == 2
    assert "aimline act" in capsys.readouterr().err


def leaves(kind: type[AimlineError]) -> list[type[AimlineError]]:
    """Return a kind of error with all kinds below it."""
    return [kind, *(leaf for below in kind.__subclasses__() for leaf in leaves(below))]


@pytest.mark.parametrize("kind", leaves(AimlineError))
def test_error_is_message_remedy_and_exit_code(
    kind: type[AimlineError], register: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    """What a person can mend is two sentences on the error stream; a traceback would mean a bug."""

    def act() -> None:
        raise kind("This broke.", remedy="Mend it.")

    register(act=act)
    assert cli.main(["act"]) == kind.exit_code
    told = capsys.readouterr()
    assert (told.out, told.err) == ("", "This broke. Mend it.\n")


def test_declared_facts_are_told_all_at_once(register: Callable[..., None], capsys: pytest.CaptureFixture[str]) -> None:
    """Every mistake has a line of its own, in the order of files and lines."""

    def act() -> None:
        raise DeclaredFactError([Finding("b.yml", 2, 1, "", "late."), Finding("a.yml", 9, 3, "x.y", "odd.", "Mend.")])

    register(act=act)
    assert cli.main(["act"]) == 2
    assert capsys.readouterr().err == "a.yml:9:3: x.y: odd. Mend.\nb.yml:2:1: late.\n"


def test_bug_keeps_its_traceback(register: Callable[..., None]) -> None:
    """What is not ours to explain is not dressed up as a message."""

    def act() -> None:
        raise KeyError("bug")

    register(act=act)
    with pytest.raises(KeyError):
        cli.main(["act"])


def test_interrupted_verb_fails(register: Callable[..., None]) -> None:
    """Control-C is no success."""

    def act() -> None:
        raise KeyboardInterrupt

    register(act=act)
    assert cli.main(["act"]) != 0


def test_exit_codes_are_those_of_the_tree() -> None:
    """The numbers drawn in the docstring are the numbers of the classes."""
    drawn = {
        line.split()[0]: int(next(word for word in line.split() if word.isdigit()))
        for line in (errors.__doc__ or "").replace("├── ", "").replace("└── ", "").splitlines()
        if "Error" in line and any(word.isdigit() for word in line.split())
    }
    assert drawn == {name: getattr(errors, name).exit_code for name in drawn}
    assert len(drawn) == 10


def test_error_tree_draws_every_class() -> None:
    """No public error is missing from the docstring."""
    public = {kind.__name__ for kind in leaves(AimlineError) if not kind.__name__.startswith("_")}
    assert {name for name in public if name not in (errors.__doc__ or "")} == set()


def test_message_and_remedy_stay_apart() -> None:
    """Pages and mails show what broke and what to do in places of their own."""
    error = BusyError("held.", remedy="Wait.")
    assert (error.message, error.remedy, str(error)) == ("held.", "Wait.", "held. Wait.")
    assert str(BusyError("held.")) == "held."


def test_command_runs_as_a_module(project_root: Path) -> None:
    """`python -m aimline.cli` is the command, with its exit code."""
    done = subprocess.run(
        [sys.executable, "-m", "aimline.cli", "nothing"], cwd=project_root, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (2, "")
