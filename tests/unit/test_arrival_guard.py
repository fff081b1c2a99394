"""What arrived is opened no further than is safe: each hostile or damaged archive is stopped under its own code."""

import gzip
import io
import lzma
import tarfile
import zipfile
from pathlib import Path

import pytest

from aimline.arrival import guard
from aimline.arrival.delivery import Member, StoppedError
from schemas.source_tables import Format


def opened(path: Path, archive: str, kind: str, to: Path) -> list[Member]:
    return guard.members(path, Format(type=kind, archive=archive), "data", to)


def stopped(path: Path, archive: str, kind: str = "csv") -> str:
    to = path.parent / "unpacked"
    to.mkdir(exist_ok=True)
    with pytest.raises(StoppedError) as caught:
        opened(path, archive, kind, to)
    return caught.value.fault.code


def a_file(tmp_path: Path, data: bytes) -> Path:
    path = tmp_path / "data"
    path.write_bytes(data)
    return path


def a_zip(tmp_path: Path, *members: tuple[str, bytes], mode: int = 0) -> Path:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members:
            info = zipfile.ZipInfo(name)
            info.external_attr = mode << 16
            archive.writestr(info, data, zipfile.ZIP_DEFLATED)
    return a_file(tmp_path, held.getvalue())


def a_tar(tmp_path: Path, *members: tuple[tarfile.TarInfo, bytes]) -> Path:
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w:xz") as archive:
        for info, data in members:
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return a_file(tmp_path, held.getvalue())


def test_plain_file_is_its_own_member(tmp_path: Path) -> None:
    """Without an archive nothing is copied."""
    path = a_file(tmp_path, b"a,b\n")
    assert opened(path, "none", "csv", tmp_path) == [Member("", path)]


def test_members_of_the_declared_type_are_unpacked_by_name(tmp_path: Path) -> None:
    """Others are left where they are; names of an archive never become names on disk."""
    path = a_zip(tmp_path, ("b/two.xml", b"2"), ("one.XML", b"1"), ("read.me", b"x"), ("__MACOSX/._one.xml", b"x"))
    (tmp_path / "to").mkdir()
    found = opened(path, "zip", "xml", tmp_path / "to")
    assert [(member.name, member.path.read_bytes()) for member in found] == [("b/two.xml", b"2"), ("one.XML", b"1")]
    assert {member.path.parent for member in found} == {tmp_path / "to"}


def test_compressed_file_is_unpacked(tmp_path: Path) -> None:
    """A single compressed file is one member without a name."""
    (member,) = opened(a_file(tmp_path, gzip.compress(b"a,b\n")), "gz", "csv", tmp_path)
    assert (member.name, member.path.read_bytes()) == ("", b"a,b\n")


@pytest.mark.parametrize("name", ["../x.csv", "/x.csv", "a/../../x.csv", "..\\x.csv", "C:x.csv"])
def test_name_that_leaves_the_archive_is_refused(name: str, tmp_path: Path) -> None:
    """Whatever system such a path was made for."""
    assert stopped(a_zip(tmp_path, (name, b"1")), "zip") == "zip_slip"


def test_links_are_refused(tmp_path: Path) -> None:
    """A link in an archive leads anywhere."""
    assert stopped(a_zip(tmp_path, ("x.csv", b"/etc/passwd"), mode=0o120777), "zip") == "zip_slip"
    link = tarfile.TarInfo("x.csv")
    link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
    assert stopped(a_tar(tmp_path, (link, b"")), "tar.xz") == "zip_slip"


def test_archive_in_an_archive_is_refused(tmp_path: Path) -> None:
    """One level is enough for anybody."""
    assert stopped(a_zip(tmp_path, ("inner.zip", b"PK")), "zip") == "zip_nested"


def test_encrypted_archive_is_refused(tmp_path: Path) -> None:
    """It is told as what it is, not as damaged."""
    data = bytearray(a_zip(tmp_path, ("x.csv", b"1")).read_bytes())
    for start in (data.find(b"PK\x03\x04") + 6, data.find(b"PK\x01\x02") + 8):
        data[start] |= 1
    assert stopped(a_file(tmp_path, bytes(data)), "zip") == "zip_encrypted"


@pytest.mark.parametrize("archive", ["zip", "gz", "tar.xz"])
def test_bomb_is_refused(archive: str, tmp_path: Path) -> None:
    """What unpacks to more than a hundred times its size is not unpacked."""
    zeros = b"0" * (3 << 20)
    paths = {
        "zip": lambda: a_zip(tmp_path, ("x.csv", zeros)),
        "gz": lambda: a_file(tmp_path, gzip.compress(zeros)),
        "tar.xz": lambda: a_tar(tmp_path, (tarfile.TarInfo("x.csv"), zeros)),
    }
    assert stopped(paths[archive](), archive) == "zip_bomb"


def test_too_many_members_are_refused(tmp_path: Path) -> None:
    """Each is a file to open."""
    path = a_zip(tmp_path, *((f"{number}.csv", b"1") for number in range(guard.MOST_MEMBERS + 1)))
    assert stopped(path, "zip") == "zip_bomb"


@pytest.mark.parametrize(
    ("archive", "data", "code"),
    [
        ("gz", gzip.compress(bytes(range(256)) * 9)[:-20], "gzip_truncated"),
        ("zip", b"PK\x03\x04 cut off", "zip_truncated"),
        ("tar.xz", lzma.compress(b"no tar")[:30], "zip_truncated"),
        ("gz", b"a,b\n1,2\n", "type_by_content"),
        ("zip", b"<html>", "type_by_content"),
        ("none", b"", "empty_file"),
    ],
)
def test_damaged_or_foreign_file_is_stopped(archive: str, data: bytes, code: str, tmp_path: Path) -> None:
    """Cut off, empty, or something else under the name."""
    assert stopped(a_file(tmp_path, data), archive) == code


def test_archive_without_what_is_declared_is_held(tmp_path: Path) -> None:
    """Nothing in it can be read as declared."""
    assert stopped(a_zip(tmp_path, ("notes.pdf", b"1")), "zip") == "zip_unexpected_members"


def test_large_file_is_refused_unread(tmp_path: Path) -> None:
    """The size alone decides; a file with holes costs nothing to make."""
    path = tmp_path / "data"
    with path.open("wb") as file:
        file.truncate(guard.MOST_BYTES + 1)
    assert stopped(path, "none") == "too_large"


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("csv", b"PK\x03\x04workbook"),
        ("csv", b"%PDF-1.7"),
        ("csv", b"\n <!DOCTYPE html><title>Sign in"),
        ("xml", b'{"a": 1}'),
        ("json", b"a,b"),
        ("parquet", b"a,b"),
    ],
)
def test_content_of_another_type_is_refused(kind: str, data: bytes) -> None:
    """The content decides, not the name."""
    with pytest.raises(StoppedError) as caught:
        guard.check_kind(data, kind)
    assert caught.value.fault.code == "type_by_content"
