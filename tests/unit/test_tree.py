"""Children: they start, are started again after a growing wait, and are gone when their parent is."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from aimline.errors import AimlineError
from flows import _tree

SLEEPER = (sys.executable, "-c", "import signal; print('up', flush=True); signal.pause()")


def program(tmp_path: Path, words: tuple[str, ...] = SLEEPER) -> _tree.Program:
    """A program whose output is a file of the test."""
    return _tree.Program("sleeper", words, dict(os.environ), tmp_path / "child.log")


def wait_for(tmp_path: Path) -> None:
    """Wait until the child has become the program."""
    log = tmp_path / "child.log"
    for _ in range(200):
        if log.exists() and "up" in log.read_text():
            return
        _tree.sleep(0.05)
    pytest.fail("the child did not start")


def test_children_end_with_the_block(tmp_path: Path) -> None:
    """A child lives as long as the block that holds it."""
    with _tree.tree() as children:
        children.append(_tree.start(program(tmp_path)))
        wait_for(tmp_path)
        assert children[0].is_alive
    assert not children[0].is_alive


def test_children_die_when_the_parent_is_killed(tmp_path: Path) -> None:
    """After kill -9 of the parent the kernel ends the child."""
    code = (
        "import sys, signal, os; from pathlib import Path; from flows import _tree; "
        f"p = _tree.Program('s', {SLEEPER!r}, dict(os.environ), Path({str(tmp_path / 'child.log')!r})); "
        "print(_tree.start(p).process.pid, flush=True); signal.pause()"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout
        pid = int(parent.stdout.readline())
        wait_for(tmp_path)
        parent.kill()
    for _ in range(100):
        if not Path(f"/proc/{pid}").exists() or "State:\tZ" in Path(f"/proc/{pid}/status").read_text():
            return
        _tree.sleep(0.05)
    os.kill(pid, signal.SIGKILL)
    pytest.fail("the child outlived its parent")


def test_dead_child_is_started_again_after_its_wait(tmp_path: Path) -> None:
    """The first death is mended after a second, not before."""
    child = _tree.start(program(tmp_path, (sys.executable, "-c", "pass")))
    child.process.wait()
    first = child.process.pid
    _tree.revive(child, now=100.0)
    _tree.revive(child, now=100.9)
    assert child.process.pid == first
    _tree.revive(child, now=101.0)
    assert child.process.pid != first
    child.process.wait()


def test_child_that_dies_again_and_again_stops_the_tree(tmp_path: Path) -> None:
    """Five deaths within ten minutes are told with the program's last words."""
    child = _tree.start(program(tmp_path, (sys.executable, "-c", "print('no port')")))
    child.process.wait()
    for n in range(4):
        _tree.revive(child, now=100.0 + n)
        child.again_at = None
    with pytest.raises(AimlineError, match=r"(?s)ended 5 times.*no port"):
        _tree.revive(child, now=104.0)


def test_deaths_of_long_ago_are_forgotten(tmp_path: Path) -> None:
    """Deaths count within ten minutes only."""
    child = _tree.start(program(tmp_path, (sys.executable, "-c", "pass")))
    child.process.wait()
    child.deaths = [0.0, 1.0, 2.0, 3.0]
    _tree.revive(child, now=700.0)
    assert child.deaths == [700.0]
