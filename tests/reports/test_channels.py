"""Channels: pages and messages handed over once, to a folder, a bucket, a mailbox; a failure undoes nothing."""

import shutil
import socket
from collections.abc import Callable, Iterator
from email import message_from_bytes
from pathlib import Path
from typing import Any

import boto3
import pytest
from aiosmtpd.controller import Controller
from moto.server import ThreadedMotoServer

from aimline import clock
from aimline.context import Context, open_context
from aimline.ledger.releases import Release
from reports.channels import Message, Telling, deliver_pages, notify
from reports.channels.email import SERVER
from reports.channels.object_store import KEPT
from reports.site import SiteBuild
from schemas.audiences import BucketChannel, FolderChannel, MailChannel
from tests.support.published_rows import AS_OF

BUCKET = "rb-reports"
FOLDER = FolderChannel(id="board_folder", kind="folder", path="out/board")
MAIL = MailChannel(id="principal_mail", kind="email", recipients="state:recipients/principal.csv")


@pytest.fixture
def context(tmp_path: Path) -> Context:
    """A run of Riverbend in a state root of its own, with two recipients."""
    opened = open_context("riverbend", as_of=AS_OF, state=str(tmp_path / "state"))
    lines = "recipient_id,email,unit_id\nr1,ann@school.example,0104\nr2,bo@school.example,0109\n"
    opened.store.put_atomic("recipients/principal.csv", lines.encode())
    return opened


@pytest.fixture
def make_release(site: tuple[Path, SiteBuild], tmp_path: Path) -> Callable[[str], Release]:
    """Put the site into the folder of a release."""

    def make(release_id: str) -> Release:
        folder = tmp_path / release_id
        shutil.copytree(site[0], folder / "site")
        return Release(release_id, folder, {"site": site[1].manifest()})

    return make


def with_channels(context: Context, *channels: Any) -> Context:
    """Declare other channels for the board, and none for the others."""
    board, *others = context.deployment.audiences.audiences
    audiences = (board.model_copy(update={"channels": channels}),
                 *(each.model_copy(update={"channels": ()}) for each in others))  # fmt: skip
    facts = context.deployment.audiences.model_copy(update={"audiences": audiences})
    deployment = type(context.deployment)(**{**vars(context.deployment), "audiences": facts})
    return Context(deployment, context.store, context.journal, context.clock, context.run_id)


def telling(unit_id: str = "0104", event_id: str = "e1") -> Telling:
    """Make a message to the readers of a school."""
    return Telling("principal", unit_id, Message(event_id, "Riverbend: Attendance off its line", "It fell."))


def test_folder_holds_the_edition(context: Context, make_release: Callable[[str], Release]) -> None:
    """A folder holds the files of the edition and nothing else, and a newer release replaces it whole."""
    context = with_channels(context, FOLDER)
    for release_id in ("r1", "r2"):
        release = make_release(release_id)
        (release.folder / "site/board/district" / f"{release_id}.txt").write_text("x")
        (report,) = deliver_pages(context, release)
        assert (report.sent, report.skipped, report.error) == (1, 0, None)
    home = context.store.path("out/board/district")
    assert (home / "index.html").is_file()
    assert [path.name for path in home.glob("*.txt")] == ["r2.txt"]


def test_edition_is_handed_over_once(context: Context, make_release: Callable[[str], Release]) -> None:
    """The same release again hands nothing over and writes no event."""
    context = with_channels(context, FOLDER)
    release = make_release("r1")
    deliver_pages(context, release)
    before = context.journal.events("delivery")
    (report,) = deliver_pages(context, release)
    assert (report.sent, report.skipped) == (0, 1)
    assert context.journal.events("delivery") == before
    assert before[0].payload["state"] == "sent"


def test_failed_channel_stops_no_other(context: Context, make_release: Callable[[str], Release]) -> None:
    """A folder that cannot be written is told by itself, and is tried again by the next run."""
    broken = FolderChannel(id="broken", kind="folder", path="out/closed")
    context = with_channels(context, broken, FOLDER)
    context.store.put_atomic("out/closed", b"a file in the way")
    failed, done = deliver_pages(context, make_release("r1"))
    assert failed.failed == 1
    assert failed.error is not None
    assert failed.error.exit_code == 7
    assert (done.sent, done.error) == (1, None)
    context.store.remove("out/closed")
    assert deliver_pages(context, make_release("r1b"))[0].sent == 1


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """An S3 server on this machine."""
    started = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    started.start()
    host, port = started.get_host_and_port()
    yield f"http://{host}:{port}"
    started.stop()


@pytest.fixture
def bucket(server: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A closed bucket, and the environment that leads to it."""
    for name, value in {"AWS_ACCESS_KEY_ID": "k", "AWS_SECRET_ACCESS_KEY": "s", "AWS_ENDPOINT_URL": server}.items():
        monkeypatch.setenv(name, value)
    client = boto3.client("s3", endpoint_url=server, region_name="us-east-1")
    client.create_bucket(Bucket=BUCKET)
    blocks = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
    client.put_public_access_block(Bucket=BUCKET, PublicAccessBlockConfiguration=dict.fromkeys(blocks, True))
    yield client
    for key in keys_of(client):
        client.delete_object(Bucket=BUCKET, Key=key)
    client.delete_bucket(Bucket=BUCKET)


def keys_of(client: Any) -> list[str]:
    """Return the keys of the bucket."""
    return [row["Key"] for row in client.list_objects_v2(Bucket=BUCKET).get("Contents", [])]


S3 = BucketChannel(id="bucket", kind="object_store", url=f"s3://{BUCKET}/pages")


def test_bucket_holds_the_release_and_what_leads_to_it(
    context: Context, bucket: Any, make_release: Callable[[str], Release]
) -> None:
    """Every file is below the name of its release; the first page leads there; types and caching are told."""
    context = with_channels(context, S3)
    (report,) = deliver_pages(context, make_release("r1"))
    assert (report.sent, report.error) == (1, None)
    home = "pages/board/district"
    keys = keys_of(bucket)
    assert f"{home}/r1/index.html" in keys
    assert {key for key in keys if not key.startswith(f"{home}/r1/")} == {f"{home}/current.json", f"{home}/index.html"}
    page = bucket.get_object(Bucket=BUCKET, Key=f"{home}/index.html")
    assert b"url=r1/index.html" in page["Body"].read()
    assert page["ContentType"] == "text/html; charset=utf-8"
    style = next(key for key in keys if key.endswith(".css"))
    assert "immutable" in bucket.head_object(Bucket=BUCKET, Key=style)["CacheControl"]


def test_bucket_keeps_a_few_releases(context: Context, bucket: Any, make_release: Callable[[str], Release]) -> None:
    """Old releases go after the switch, and only those beyond the number that stays."""
    context = with_channels(context, S3)
    for number in range(KEPT + 3):
        deliver_pages(context, make_release(f"r{number}"))
    releases = {key.split("/")[3] for key in keys_of(bucket) if key.count("/") > 3}
    assert releases == {f"r{number}" for number in range(2, KEPT + 3)}


def test_bucket_killed_half_way_leads_to_the_old_release(
    context: Context, bucket: Any, make_release: Callable[[str], Release], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As long as not all of a release is there, the first page leads to the one before."""
    context = with_channels(context, S3)
    deliver_pages(context, make_release("r1"))

    def dies(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("reports.channels.object_store._switch", dies)
    with pytest.raises(KeyboardInterrupt):
        deliver_pages(context, make_release("r2"))
    page = bucket.get_object(Bucket=BUCKET, Key="pages/board/district/index.html")["Body"].read()
    assert b"url=r1/index.html" in page
    monkeypatch.undo()


def test_open_bucket_is_refused(context: Context, bucket: Any, make_release: Callable[[str], Release]) -> None:
    """Nothing is sent to a bucket that strangers may read, unless it is declared public."""
    bucket.delete_public_access_block(Bucket=BUCKET)
    (report,) = deliver_pages(with_channels(context, S3), make_release("r1"))
    assert report.error is not None
    assert "not closed to the public" in report.error.message
    assert keys_of(bucket) == []
    public = S3.model_copy(update={"public": True})
    assert deliver_pages(with_channels(context, public), make_release("r2"))[0].sent == 1


def test_bucket_that_is_not_set_is_left_out(context: Context, make_release: Callable[[str], Release]) -> None:
    """An address kept in the environment may be absent on this machine; that is told and no failure."""
    unset = BucketChannel(id="bucket", kind="object_store", url="env:AIMLINE_NO_SUCH_BUCKET")
    (report,) = deliver_pages(with_channels(context, unset), make_release("r1"))
    assert report.error is None
    assert report.notes == ("env:AIMLINE_NO_SUCH_BUCKET is not set.",)


class Mailbox:
    """What arrived by mail; refuses the first ``busy`` letters for a while, and all while ``closed``."""

    def __init__(self) -> None:
        self.letters: list[Any] = []
        self.busy = 0
        self.closed = False

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        if self.closed:
            return "550 no"
        if self.busy:
            self.busy -= 1
            return "451 later"
        self.letters.append(message_from_bytes(envelope.content))
        return "250 ok"


@pytest.fixture
def mailbox(monkeypatch: pytest.MonkeyPatch) -> Iterator[Mailbox]:
    """A mail server on this machine, and no waiting between tries."""
    box = Mailbox()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    monkeypatch.setenv(SERVER, f"smtp://127.0.0.1:{port}")
    monkeypatch.setattr(clock, "sleep", lambda _seconds: None)
    yield box
    controller.stop(no_assert=True)


def test_mail_reaches_the_readers_of_the_unit_once(context: Context, mailbox: Mailbox) -> None:
    """Only recipients of the unit are written to, and a second run writes to nobody."""
    first, second = notify(context, MAIL, [telling()]), notify(context, MAIL, [telling()])
    assert (first.sent, second.sent, second.skipped) == (1, 0, 1)
    (letter,) = mailbox.letters
    assert letter["To"] == "ann@school.example"
    assert letter["From"] == "sel@riverbend.example"
    assert letter["Subject"] == "Riverbend: Attendance off its line"
    assert "It fell." in str(letter.get_payload())


def test_mail_is_written_down_before_and_after(context: Context, mailbox: Mailbox) -> None:
    """The record says what was to be told and that it was, and holds no address."""
    notify(context, MAIL, [telling()])
    rows = context.journal.deliveries()
    assert [row["state"] for row in rows] == ["queued", "sent"]
    assert "ann@" not in repr(rows)


def test_busy_server_is_asked_again(context: Context, mailbox: Mailbox) -> None:
    """A server that says "later" gets the same letter again, with the same id."""
    mailbox.busy = 2
    assert notify(context, MAIL, [telling()]).sent == 1
    assert len(mailbox.letters) == 1


def test_refused_mail_is_told_without_its_address(context: Context, mailbox: Mailbox) -> None:
    """A refusal is a failed delivery that names no address, and the next run tries again."""
    mailbox.closed = True
    report = notify(context, MAIL, [telling()])
    assert (report.sent, report.failed) == (0, 1)
    assert report.error is not None
    assert "@" not in str(report.error)
    mailbox.closed = False
    assert notify(context, MAIL, [telling()]).sent == 1


def test_unreachable_server_is_a_failed_delivery(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody listening is no traceback."""
    monkeypatch.setenv(SERVER, "smtp://127.0.0.1:9")
    monkeypatch.setattr(clock, "sleep", lambda _seconds: None)
    assert notify(context, MAIL, [telling()]).failed == 1


def test_address_that_is_none_is_told(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    """An address that is none is refused with what to write."""
    monkeypatch.setenv(SERVER, "mail.example.org")
    report = notify(context, MAIL, [telling()])
    assert report.error is not None
    assert "smtps://user:password@host:465" in report.error.remedy


def test_mail_without_a_server_waits_in_the_outbox(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    """While no server is set, the letter is a file whose name comes from what it tells and to whom."""
    monkeypatch.delenv(SERVER, raising=False)
    assert notify(context, MAIL, [telling()]).sent == 1
    (key,) = context.store.keys("outbox")
    assert key.startswith("outbox/principal/")
    letter = message_from_bytes(context.store.read(key))
    assert letter["Date"] == "Fri, 15 Jan 2027 10:30:00 +0000"
    assert context.journal.deliveries()[-1]["state"] == "filed"


def test_missing_recipients_are_told(context: Context) -> None:
    """No file of recipients is no failure, but is said."""
    context.store.remove("recipients/principal.csv")
    report = notify(context, MAIL, [telling()])
    assert (report.sent, report.error) == (0, None)
    assert "recipients/principal.csv is missing" in report.notes[0]


def test_recipients_without_a_column_are_a_failed_delivery(context: Context) -> None:
    """A file that lacks a column is told by the column."""
    context.store.put_atomic("recipients/principal.csv", b"name,email\nx,y@z\n")
    report = notify(context, MAIL, [telling()])
    assert report.error is not None
    assert "no column recipient_id" in report.error.message


def test_alert_in_a_folder_is_a_file(context: Context) -> None:
    """A folder keeps each message as a file of its unit, once."""
    assert notify(context, FOLDER, [telling()]).sent == 1
    assert notify(context, FOLDER, [telling()]).skipped == 1
    (key,) = context.store.keys("out/board/alerts/0104")
    assert context.store.read(key).decode() == "Riverbend: Attendance off its line\n\nIt fell.\n"
