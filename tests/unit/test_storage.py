"""The state root: whole writes or none, nothing outside it; the cipher of refused records."""

import base64
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from aimline import storage
from aimline.errors import UsageError
from aimline.storage import LocalStore, decrypt, encrypt, open_store, quarantine_key

KEY = bytes(range(32))


@pytest.fixture
def store(tmp_path: Path) -> LocalStore:
    return open_store(tmp_path / "state")


@pytest.mark.parametrize("key", ["../out", "a/../../out", "/etc/passwd", "", ".", "a/.."])
def test_key_stays_inside_the_root(key: str, store: LocalStore) -> None:
    """No name of a file, whoever chose it, leads out of the state root."""
    with pytest.raises(UsageError, match="is not a key inside the state root"):
        store.path(key)


@pytest.mark.parametrize("key", ["link", "link/file", "folder/link/file"])
def test_link_inside_the_root_is_refused(key: str, store: LocalStore, tmp_path: Path) -> None:
    """A link would make the root wider than it is."""
    (store.root / "folder").mkdir()
    for link in ("link", "folder/link"):
        (store.root / link).symlink_to(tmp_path)
    for use in (store.read, store.exists, store.remove, lambda place: store.put_atomic(place, b"")):
        with pytest.raises(UsageError, match="passes a symbolic link"):
            use(key)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["state"]


def test_root_itself_may_be_reached_by_a_link(tmp_path: Path) -> None:
    """Where the state root stands is the operator's choice."""
    (tmp_path / "disk").mkdir()
    (tmp_path / "state").symlink_to(tmp_path / "disk")
    open_store(tmp_path / "state").put_atomic("a", b"1")
    assert (tmp_path / "disk/a").read_bytes() == b"1"


@pytest.mark.parametrize("place", ["file", "file/below"])
def test_root_that_is_a_file_is_told(place: str, tmp_path: Path) -> None:
    """A file given as the state root, or on the way to it, is a wrong word and no fault of the program."""
    (tmp_path / "file").write_text("a,b\n", encoding="utf-8")
    with pytest.raises(UsageError, match="is no folder and cannot be made one"):
        open_store(tmp_path / place)
    assert (tmp_path / "file").read_text(encoding="utf-8") == "a,b\n"


def test_bytes_come_back(store: LocalStore) -> None:
    """A key holds what was put last; others are as they were."""
    store.put_atomic("a/b/c", b"1")
    store.put_atomic("a/b/c", b"2")
    store.put_atomic("a/d", b"3")
    assert (store.read("a/b/c"), store.read("a/d")) == (b"2", b"3")
    assert store.keys() == ["a/b/c", "a/d"]
    assert store.keys("a/b") == ["a/b/c"]


def test_pointer_is_a_line_of_text(store: LocalStore) -> None:
    """What names something else can be read by a person."""
    store.put_pointer("releases/current", "r20261007-0123456789")
    assert store.read("releases/current") == b"r20261007-0123456789\n"


def test_first_bytes_of_a_key_stay(store: LocalStore, tmp_path: Path) -> None:
    """A content-named thing is written once; a second writer is told and changes nothing."""
    (tmp_path / "given").write_bytes(b"from a file")
    assert store.put_if_absent("x", tmp_path / "given")
    assert not store.put_if_absent("x", b"other")
    assert store.read("x") == b"from a file"
    assert list((store.root / storage.TEMP).iterdir()) == []


KILL = """
import os, signal, sys
from pathlib import Path
from aimline import storage
store = storage.open_store(Path(sys.argv[1]))
put, at = getattr(store, sys.argv[2]), sys.argv[3]
if at == "write":
    os.fsync = lambda _: os.kill(os.getpid(), signal.SIGKILL)
else:
    kill = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
    os.link = Path.replace = kill
put("a/key", b"new" * 100_000)
"""


@pytest.mark.parametrize("at", ["write", "name"])
@pytest.mark.parametrize("put", ["put_atomic", "put_if_absent"])
def test_killed_write_leaves_what_was_there(put: str, at: str, store: LocalStore, project_root: Path) -> None:
    """Killed while writing or before naming: the old bytes or none, never a part; what is left can be swept."""
    if put == "put_atomic":
        store.put_atomic("a/key", b"old")
    before = store.keys()
    words = [sys.executable, "-c", KILL, str(store.root), put, at]
    done = subprocess.run(words, cwd=project_root, check=False)
    assert done.returncode == -9
    assert store.keys() == before
    assert put != "put_atomic" or store.read("a/key") == b"old"
    store.sweep()
    assert not (store.root / storage.TEMP).exists()


def test_finished_folder_is_moved_whole(store: LocalStore) -> None:
    """A folder takes its name in one step; one that is there already stays, and the new one is dropped."""
    for text in ("first", "second"):
        temp = store.temp_dir()
        (temp / "page").write_text(text, encoding="utf-8")
        store.move_into_place(temp, "releases/r1")
        assert not temp.exists()
    assert store.read("releases/r1/page") == b"first"


def test_finished_file_replaces_the_old_one(store: LocalStore) -> None:
    """A database built anew takes the place of the old one."""
    store.put_atomic("warehouse.duckdb", b"old")
    temp = store.temp_dir() / "made"
    temp.write_bytes(b"new")
    store.move_into_place(temp, "warehouse.duckdb")
    assert store.read("warehouse.duckdb") == b"new"


def test_remove_takes_files_and_folders(store: LocalStore) -> None:
    """Removing what is not there is fine."""
    for key in ("a/b", "a/c", "d"):
        store.put_atomic(key, b"1")
    for key in ("a", "d", "none"):
        store.remove(key)
    assert store.keys() == []
    assert not store.exists("a")


def test_others_cannot_read_the_state(store: LocalStore) -> None:
    """What is written is for its owner alone."""
    store.put_atomic("a/key", b"1")
    modes = [stat.S_IMODE(path.stat().st_mode) & 0o077 for path in (store.root, *store.root.rglob("*"))]
    assert modes == [0] * len(modes)


def test_sealed_record_opens_with_key_and_context(store: LocalStore) -> None:
    """What was sealed comes back, does not show what it holds, and is the same bytes each time."""
    sealed = encrypt(KEY, b"Ana Adams;2014", b"batch 1")
    assert b"Ana" not in sealed
    assert decrypt(KEY, sealed, b"batch 1") == b"Ana Adams;2014"
    assert sealed == encrypt(KEY, b"Ana Adams;2014", b"batch 1")
    assert sealed[:12] != encrypt(KEY, b"Ana Adams;2014", b"batch 2")[:12]


@pytest.mark.parametrize("spoil", ["key", "context", "bytes", "cut", "empty"])
def test_sealed_record_is_told_when_it_does_not_open(spoil: str) -> None:
    """Another key, another place or changed bytes: one message, no traceback, no content."""
    sealed, key, context = encrypt(KEY, b"Ana Adams", b"batch 1"), KEY, b"batch 1"
    if spoil == "key":
        key = bytes(32)
    elif spoil == "context":
        context = b"batch 2"
    else:
        sealed = {"bytes": sealed[:-1] + bytes([sealed[-1] ^ 1]), "cut": sealed[:20], "empty": b""}[spoil]
    with pytest.raises(UsageError, match="does not open with AIMLINE_QUARANTINE_KEY"):
        decrypt(key, sealed, context)


@pytest.mark.parametrize(
    ("text", "key"),
    [(None, None), ("", None), (base64.b64encode(KEY).decode(), KEY)],
)
def test_key_comes_from_the_environment(text: str | None, key: bytes | None, monkeypatch: pytest.MonkeyPatch) -> None:
    """A district that sets no key keeps no refused records."""
    monkeypatch.delenv(storage.QUARANTINE_KEY, raising=False)
    if text is not None:
        monkeypatch.setenv(storage.QUARANTINE_KEY, text)
    assert quarantine_key() == key


@pytest.mark.parametrize("text", ["short", base64.b64encode(KEY[:16]).decode(), "schlüssel" * 5, "%%%%"])
def test_key_that_is_none_is_refused(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A key of another length is a mistake of the operator, and is not shown."""
    monkeypatch.setenv(storage.QUARANTINE_KEY, text)
    with pytest.raises(UsageError) as caught:
        quarantine_key()
    assert text not in str(caught.value)
    assert "32 random bytes in base64" in caught.value.remedy


def test_write_is_on_the_disk_before_it_has_its_name(store: LocalStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """The bytes are made durable first: a name never stands for bytes that a power cut can take."""
    seen = []
    monkeypatch.setattr(os, "fsync", lambda _: seen.append(store.exists("key")))
    store.put_atomic("key", b"1")
    assert seen == [False]
