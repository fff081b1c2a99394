"""What is packed is opened in a process of its own: its answer and its faults come back, its harm does not."""

import os
import signal
from errno import ENOSPC
from pathlib import Path

import pytest

from aimline.arrival import apart
from aimline.arrival.delivery import Member, StoppedError


def test_answer_comes_back_from_another_process(tmp_path: Path) -> None:
    """The members are those that were found there; the file that tells its process is not ours."""

    def work() -> list[Member]:
        (tmp_path / "pid").write_text(str(os.getpid()), encoding="ascii")
        return [Member("a.csv", tmp_path / "0000", "One")]

    assert apart.apart(work) == [Member("a.csv", tmp_path / "0000", "One")]
    assert (tmp_path / "pid").read_text(encoding="ascii") != str(os.getpid())
    assert (tmp_path / "pid").stat().st_mode & 0o077 == 0


def test_fault_comes_back_by_its_code() -> None:
    """A stop there is a stop here, with its words and its count."""

    def work() -> list[Member]:
        raise StoppedError("zip_bomb", "of many", n_records=3)

    with pytest.raises(StoppedError) as caught:
        apart.apart(work)
    assert (caught.value.fault.code, caught.value.detail, caught.value.n_records) == ("zip_bomb", "of many", 3)


def test_full_disk_is_no_fault_of_the_file() -> None:
    """What the system refuses there is raised here with its number, so that the delivery is tried again."""

    def work() -> list[Member]:
        raise OSError(ENOSPC, "No space left on device")

    with pytest.raises(OSError, match="No space left") as caught:
        apart.apart(work)
    assert caught.value.errno == ENOSPC


@pytest.mark.parametrize("harm", ["memory", "time", "crash"])
def test_what_takes_too_much_is_refused(harm: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond its memory, its time, or where it breaks, the file is refused and this process goes on."""
    monkeypatch.setattr(apart, "MOST_MEMORY", 64 * 2**20)
    monkeypatch.setattr(apart, "MOST_SECONDS", 1)

    def work() -> list[Member]:
        if harm == "memory":
            return [Member(str(bytearray(256 * 2**20)[:0]), Path())]
        while harm == "time":
            pass
        os.kill(os.getpid(), signal.SIGKILL)
        return []

    with pytest.raises(StoppedError) as caught:
        apart.apart(work)
    assert caught.value.fault.code == "too_large"
