"""Files of a server over SFTP: collected like a folder, whatever the server does; nothing is sent to another one."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from aimline import clock
from aimline.cli import main
from aimline.commands import _offers
from aimline.sources import transports
from tests.acceptance.test_accept import CODES, COLUMNS, day
from tests.support.sftp_server import PASSWORD, USER, SftpServer, sftp_server
from tests.support.small_district import District, source

NAME = "att_20190109.csv"
ON = "2019-01-10"


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SftpServer]:
    """A vendor's server with an empty outbox; its key is in the environment, and nobody waits."""
    with sftp_server(tmp_path / "server") as running:
        (running.root / "outbox").mkdir()
        monkeypatch.setenv("SIS_SFTP_KEY", running.key)
        monkeypatch.setattr(_offers, "sleep", lambda _seconds: None)
        monkeypatch.setattr(clock, "sleep", lambda _seconds: None)
        yield running


def made(folder: Path, server: SftpServer, **transport: Any) -> District:
    """Return a district whose feed of counts stands on the server."""
    declared = source("counts", "attendance_counts", COLUMNS, codes=CODES, load={"mode": "full", "slot": "{on_date}"})
    declared["transport"] = {
        "kind": "sftp",
        "url": f"sftp://{USER}@127.0.0.1:{server.port}/outbox",
        "secret": "env:SIS_SFTP_KEY",
        "host_key": server.host_key,
        "match": ["att_{date:%Y%m%d}.csv"],
        **transport,
    }
    return District(folder, declared)


def put(server: SftpServer, name: str, data: bytes) -> Path:
    """Put a file into the vendor's outbox."""
    path = server.root / "outbox" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def landed(district: District) -> list[Path]:
    """Return what is kept of what came."""
    return sorted((district.state / "landing").rglob("data"))


def failed(district: District) -> dict[str, Any]:
    """Collect; return the report of a source that could not be read and left nothing behind."""
    told = district.collect()
    (report,) = told["sources"]
    assert (told["exit"], report["state"], report["batches"], landed(district)) == (3, "failed", [], [])
    return report


def test_file_on_a_server_is_collected(tmp_path: Path, server: SftpServer) -> None:
    """What waits is read once; unfinished names, links and folders are no files."""
    put(server, NAME, day("2019-01-09"))
    put(server, f"{NAME}.part", day("2019-01-09", 5))
    put(server, f"att_20190108.csv/{NAME}", b"")
    (server.root / "outbox" / "att_20190107.csv").symlink_to(server.root / "outbox" / NAME)
    district = made(tmp_path, server)
    assert [(batch["name"], batch["n_accepted"]) for batch in district.batches(ON)] == [(NAME, 40)]
    assert district.batches(ON) == []
    assert (server.root / "outbox" / NAME).read_bytes() == day("2019-01-09")


def test_password_opens_as_a_key_does(tmp_path: Path, server: SftpServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """A secret that is no private key is a password; a file may hold either."""
    put(server, NAME, day("2019-01-09"))
    (tmp_path / "secret").write_text(PASSWORD + "\n", encoding="utf-8")
    monkeypatch.setenv("SIS_SFTP_PASSWORD_FILE", str(tmp_path / "secret"))
    district = made(tmp_path, server, secret="file:SIS_SFTP_PASSWORD_FILE")
    assert len(district.batches(ON)) == 1


def test_server_with_another_key_is_sent_nothing(tmp_path: Path, server: SftpServer) -> None:
    """The line ends before a name or a proof is given; the code and the remedy are told, to people too."""
    put(server, NAME, day("2019-01-09"))
    district = made(tmp_path, server)
    server.swap_host_key()
    report = failed(district)
    assert (report["code"], report["is_transient"], server.logins) == ("host_key_changed", False, [])
    assert "do not accept it unseen" in report["remedy"]
    assert "counts could not be read: host_key_changed: the SFTP host key differs" in district.run("collect")[1]
    assert district.events("source_failed")[0].payload["code"] == "host_key_changed"


@pytest.mark.parametrize("key", ["stranger", "none", "garbage"])
def test_key_that_opens_nothing_is_told(
    key: str, tmp_path: Path, server: SftpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A key the server does not know, none, or a text that is none: a person must act, and no secret is shown."""
    put(server, NAME, day("2019-01-09"))
    district = made(tmp_path, server)
    if key == "stranger":
        server.lock_out()
    else:
        broken = "-----BEGIN OPENSSH PRIVATE KEY-----\nc2VjcmV0\n-----END OPENSSH PRIVATE KEY-----"
        monkeypatch.setenv("SIS_SFTP_KEY", "" if key == "none" else broken)
    report = failed(district)
    assert (report["code"], report["is_transient"]) == ("auth_failed", False)
    assert "c2VjcmV0" not in str(report)


def test_growing_file_waits_for_a_later_look(
    tmp_path: Path, server: SftpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a word in the declaration two looks must agree; the look of this night is the first of the next."""
    path = put(server, NAME, day("2019-01-09", 10))
    waits: list[float] = []
    monkeypatch.setattr(
        _offers, "sleep", lambda seconds: (waits.append(seconds), path.write_bytes(day("2019-01-09", 20)))
    )
    district = made(tmp_path, server)
    (told,) = district.collect()["sources"]
    assert (told["batches"], [alarm["code"] for alarm in told["alarms"]], waits) == ([], ["half_written"], [60])
    monkeypatch.setattr(_offers, "sleep", lambda _seconds: pytest.fail("the night before looked already"))
    assert [batch["n_accepted"] for batch in district.batches("2019-01-11")] == [20]


def test_file_that_changes_while_it_is_read_is_left(tmp_path: Path, server: SftpServer) -> None:
    """A writer between two blocks makes the file half-written: nothing of it lands, the others go on."""
    path = put(server, NAME, day("2019-01-09"))
    put(server, "att_20190110.csv", day("2019-01-10"))
    server.moved = lambda: path.write_bytes(day("2019-01-09", 20))
    told = made(tmp_path, server).collect(ON)
    (report,) = told["sources"]
    assert [batch["name"] for batch in report["batches"]] == ["att_20190110.csv"]
    assert [(alarm["code"], alarm["name"]) for alarm in report["alarms"]] == [("half_written", NAME)]


def test_same_name_with_other_bytes_is_another_delivery(tmp_path: Path, server: SftpServer) -> None:
    """An overwritten or renamed file is seen by size, time and content; the old bytes are kept."""
    path = put(server, NAME, day("2019-01-09", 10))
    district = made(tmp_path, server)
    district.batches(ON)
    path.write_bytes(day("2019-01-09", 20))
    (second,) = district.batches("2019-01-11")
    assert (second["n_accepted"], "overwritten_same_name" in second["findings"]) == (20, True)
    assert len(landed(district)) == 2
    path.rename(path.with_name("att_20190110.csv"))
    (third,) = district.collect("2019-01-12")["sources"]
    assert (third["batches"], third["n_duplicates"]) == ([], 1)


def test_line_that_breaks_is_made_anew(tmp_path: Path, server: SftpServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Cut twice in the middle of a file, the third try brings it whole; waits grow."""
    waits: list[float] = []
    monkeypatch.setattr(clock, "sleep", waits.append)
    put(server, NAME, day("2019-01-09") + b"\n" * 200_000)
    server.cuts = 2
    assert len(made(tmp_path, server).batches(ON)) == 1
    assert [round(each / base, 1) in {0.8, 0.9, 1.0, 1.1, 1.2} for each, base in zip(waits, (1, 4), strict=True)] == [
        True,
        True,
    ]


@pytest.mark.parametrize(("fault", "code"), [("cuts", "reset_mid_body"), ("fails", "server_error")])
def test_server_that_fails_to_the_end_leaves_nothing(fault: str, code: str, tmp_path: Path, server: SftpServer) -> None:
    """After the last try the source has failed in a way that time may mend; no half of a file is kept."""
    put(server, NAME, day("2019-01-09") + b"\n" * 200_000)
    setattr(server, fault, 1_000)
    district = made(tmp_path, server)
    report = failed(district)
    assert (report["code"], report["is_transient"]) == (code, True)
    setattr(server, fault, 0)
    assert len(district.batches(ON)) == 1


@pytest.mark.parametrize(("stalls", "exit_code"), [(2, 0), (100, 3)])
def test_server_that_does_not_answer_has_its_time(
    stalls: int, exit_code: int, tmp_path: Path, server: SftpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A read has two minutes, then the line is made anew; a server that stays silent fails by the code of it."""
    monkeypatch.setattr(transports, "READ_SECONDS", 0.2)
    put(server, NAME, day("2019-01-09"))
    server.stalls = stalls
    told = made(tmp_path, server).collect(ON)
    assert (told["exit"], told["sources"][0]["code"]) == (exit_code, "timeout" if exit_code else "")


def test_server_that_is_away_is_tried_again(tmp_path: Path, server: SftpServer) -> None:
    """Nobody listens: time may mend it."""
    report = failed(made(tmp_path, server, url="sftp://127.0.0.1:1/outbox"))
    assert (report["code"], report["is_transient"]) == ("timeout", True)


def test_read_file_is_moved_beside(tmp_path: Path, server: SftpServer) -> None:
    """Where it is declared a file that is kept moves into the archive; one of its name there is never replaced."""
    put(server, NAME, day("2019-01-09"))
    district = made(tmp_path, server, after="move:archive/")
    assert len(district.batches(ON)) == 1
    assert [path.name for path in (server.root / "outbox" / "archive").iterdir()] == [NAME]
    put(server, NAME, day("2019-01-09", 20))
    assert len(district.batches("2019-01-11")) == 1
    assert (server.root / "outbox" / "archive" / NAME).read_bytes() == day("2019-01-09")


def test_folder_that_is_not_there_is_told(tmp_path: Path, server: SftpServer) -> None:
    """A wrong folder is a mistake of the declaration, not an empty outbox."""
    report = failed(made(tmp_path, server, url=f"sftp://{USER}@127.0.0.1:{server.port}/inbox"))
    assert (report["message"], report["is_transient"]) == ("a file or the folder /inbox is not there.", False)


def test_dry_run_names_what_waits(tmp_path: Path, server: SftpServer) -> None:
    """Nothing is fetched; the line is hung up."""
    put(server, NAME, day("2019-01-09"))
    district = made(tmp_path, server)
    code, text = district.run("collect", "--dry-run")
    assert (code, f"counts: {NAME}" in text, landed(district)) == (0, True, [])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"host_key": None}, "'host_key' is missing."),
        ({"secret": None}, "'secret' is missing."),
        ({"secret": "open-sesame"}, '"secret" holds a value. Put it in an environment variable and write secret'),
        ({"password": "open-sesame"}, '"password" holds a value.'),
        ({"url": "sftp://vendor:open-sesame@host/outbox"}, "Write sftp://user@host/folder, without a password."),
        ({"match": []}, "'match' is missing."),
    ],
)
def test_declaration_is_judged(
    change: dict[str, Any], message: str, tmp_path: Path, server: SftpServer, capsys: pytest.CaptureFixture[str]
) -> None:
    """Trust at first use is not offered, and a secret stands in no file: told by check with its line."""
    district = made(tmp_path, server)
    declared = source("counts", "attendance_counts", COLUMNS, codes=CODES)
    declared["transport"] = {
        "kind": "sftp",
        "url": "sftp://host/outbox",
        "secret": "env:SIS_SFTP_KEY",
        "host_key": "SHA256:x",
        "match": ["*.csv"],
    } | change
    declared["transport"] = {key: each for key, each in declared["transport"].items() if each is not None}
    district.declare(declared)
    code = main(["check", str(district.folder)])
    told = capsys.readouterr()
    assert (code, message in told.out + told.err) == (2, True), told
    assert "open-sesame" not in told.out + told.err
