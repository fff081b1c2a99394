"""The commands that README shows, run as it shows them, in its order, on a small Riverbend whose files have come."""

import os
import re
import signal
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from aimline.demo import WorldOptions, deliver, make_world
from flows._server import free_port
from tests.support.door import KEY

AIMLINE = Path(sys.executable).with_name("aimline")

pytestmark = pytest.mark.server

SAYS = {
    "check": "",
    "plan": "feasible",
    "due": "sel_survey_fall",
    "run": "finished",
    "arrivals": "attendance",
    "quarantine": "",
    "measures": "chronic_absence",
    "why-different": "min_member_days",
    "serve": "ctrl-c",
}


@pytest.fixture(scope="module")
def surroundings(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment of a user: a state root with what vendors have sent, a key, a home of its own."""
    root = tmp_path_factory.mktemp("readme")
    make_world(root / "world", 11, WorldOptions(students=300, schools=3, years=1))
    deliver(root / "world", root / "state" / "inbox", None, date(2026, 10, 14))
    own = {"AIMLINE_STATE": str(root / "state"), "AIMLINE_HOME": str(root / "home"), "AIMLINE_PSEUDONYM_KEY": KEY}
    return os.environ | own


def test_commands_of_the_readme_do_what_they_say(
    prefect_server: object, surroundings: dict[str, str], project_root: Path
) -> None:
    """Each ends without a mistake, says nothing of a traceback, and names what it is about."""
    shown = re.search(r"```console\n(aimline .*?)```", (project_root / "README.md").read_text(), re.DOTALL)
    assert shown
    lines = shown[1].splitlines()
    assert [line.split()[1] for line in lines] == list(SAYS)
    for line in lines[:-1]:
        words = line.split()
        done = subprocess.run(
            [AIMLINE, *words[1:]], cwd=project_root, env=surroundings, capture_output=True, text=True, check=False
        )
        assert done.returncode in {0, 1}, (line, done.stderr)
        assert "Traceback" not in done.stderr
        assert SAYS[words[1]] in done.stdout, (line, done.stdout, done.stderr)
    assert lines[-1] == "aimline serve riverbend"
    words = [str(AIMLINE), "serve", "riverbend", "--site-port", str(free_port())]
    with subprocess.Popen(words, cwd=project_root, env=surroundings, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert any(SAYS["serve"] in said for said in process.stdout)
        process.send_signal(signal.SIGTERM)
