"""A second look at the same dates prints what the first one printed, and a look at others is worked out."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from aimline.cli import main
from aimline.commands import _answers
from aimline.settings import DEPLOYMENTS


@pytest.fixture
def look(tmp_path, monkeypatch, capfdbinary):
    """Look at the calendar of a copy of the example; returns the bytes printed."""
    monkeypatch.setenv("AIMLINE_HOME", str(tmp_path / "home"))
    folder = tmp_path / "riverbend"
    shutil.copytree(DEPLOYMENTS / "riverbend", folder)

    def ask(*words):
        assert main(["calendar", str(folder), "--as-of", "2026-10-01", "--state", str(tmp_path / "state"), *words]) == 0
        return capfdbinary.readouterr().out

    return ask, folder, tmp_path


def _kept(place: Path) -> int:
    return len(list((place / "home" / "answers").glob("*.json")))


@pytest.mark.parametrize("form", ["table", "json", "ics"])
def test_second_look_prints_the_same_bytes_without_working_them_out(look, monkeypatch, form):
    """What is kept is printed as it was, in every form."""
    ask, *_ = look
    first = ask("--format", form)
    monkeypatch.delattr(_answers, "_worked_out")
    assert first
    assert ask("--format", form) == first


def test_changed_file_is_worked_out_anew(look):
    """An answer belongs to the content of the files: one letter of a year makes another."""
    ask, folder, place = look
    before = ask()
    year = folder / "years" / "2026-27.yml"
    year.write_text(year.read_text().replace("{nth_school_day: 40}", "{nth_school_day: 41}"))
    assert ask() != before
    assert _kept(place) == 4


def test_version_that_was_frozen_since_is_worked_out_anew(look):
    """An answer belongs to the frozen versions of the state root, too."""
    ask, folder, place = look
    assert b"proposal: nothing is frozen" in ask()
    words = ["--as-of", "2026-09-01", "--by", "p_001", "--reason", "agreed", "--state", str(place / "state")]
    assert main(["plan", str(folder), "--freeze", *words]) == 0
    assert b"version 1, frozen as of 2026-09-01" in ask()


def test_other_words_are_another_answer(look):
    """An owner, a kind or a form that was not asked for before is worked out."""
    ask, *_ = look
    assert ask("--owner", "research") != ask("--owner", "sel_lead") != ask("--json")


def test_what_fails_is_not_kept(look):
    """A refusal is told each time, from the file as it is."""
    _, folder, place = look
    assert main(["calendar", str(folder), "--year", "2031", "--state", str(place / "state")]) == 2
    assert not (place / "home").exists()


def test_broken_answer_is_worked_out_anew(look):
    """A file that somebody cut short is no answer."""
    ask, _, place = look
    first = ask()
    for path in (place / "home" / "answers").glob("*.json"):
        path.write_text("[]" if path.stat().st_size > 500 else path.read_text())
    assert ask() == first


def test_oldest_answers_go(look, monkeypatch):
    """A folder of answers does not grow without end."""
    ask, _, place = look
    monkeypatch.setattr(_answers, "_MOST", 3)
    for owner in ("research", "sel_lead", "privacy_officer", "data_engineer"):
        ask("--owner", owner)
    assert _kept(place) == 3


def test_home_that_cannot_be_written_keeps_nothing(look, monkeypatch):
    """A look needs no place to write to."""
    ask, _, place = look
    (place / "file").write_text("no folder")
    monkeypatch.setenv("AIMLINE_HOME", str(place / "file"))
    assert ask() == ask()


def test_second_look_reads_no_contract(look):
    """A look that is kept imports neither the declared shapes nor what makes plans."""
    ask, folder, place = look
    ask("--json")
    code = (
        "import sys; from aimline.cli import main; main(sys.argv[1:]); "
        "sys.stderr.write(' '.join(sorted(set(sys.modules) & {'aimline.settings', 'aimline.schedule', 'ruamel.yaml'})))"
    )
    words = ["calendar", str(folder), "--as-of", "2026-10-01", "--state", str(place / "state"), "--json"]
    done = subprocess.run(
        [sys.executable, "-c", code, *words], capture_output=True, text=True, check=True, env=dict(os.environ)
    )
    assert json.loads(done.stdout)["deployment"] == "riverbend"
    assert done.stderr == ""
