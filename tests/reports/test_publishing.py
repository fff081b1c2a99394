"""Publishing: freeze, gate, site, promote, hand over; what is refused on the way leaves the last release as it is."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from aimline.context import Context, open_context
from aimline.errors import DeliveryError, DisclosureError, PageError
from aimline.ledger.releases import Freezing, Judge, Staged, current
from aimline.transform import BuildReport
from aimline.warehouse import connect
from reports import publishing
from reports.channels import DeliveryReport
from tests.support.published_rows import AS_OF


@pytest.fixture
def context(tmp_path: Path, snapshot: Path, monkeypatch: pytest.MonkeyPatch) -> Context:
    """A run whose build is done and whose published tables are the invented ones; the gate lets pass."""
    opened = open_context("riverbend", as_of=AS_OF, state=str(tmp_path / "state"))
    built = BuildReport("0123456789abcdef", AS_OF, "unchanged", "warehouse.duckdb")
    freeze = publishing.freeze

    def staged(request: Freezing, judge: Judge) -> Staged:
        found = publishing_load(request, judge)
        if found is not None:
            return found
        folder = request.store.temp_dir()
        shutil.copy(snapshot, folder / "snapshot.duckdb")
        try:
            with connect(folder / "snapshot.duckdb", role="release") as connection:
                judge(connection)
        except DisclosureError:
            shutil.rmtree(folder)
            raise
        manifest = {"release_id": request.release_id, "as_of": request.build.as_of.isoformat(), "build_id": "b"}
        return Staged(request.release_id, folder, is_new=True, manifest=manifest)

    def publishing_load(request: Freezing, judge: Judge) -> Staged | None:
        folder = request.store.path(f"releases/{request.release_id}")
        return freeze(request, judge) if folder.exists() else None

    monkeypatch.setattr(publishing, "build", lambda request: replace(built, as_of=request.clock.as_of))
    monkeypatch.setattr(publishing, "freeze", staged)
    monkeypatch.setattr(publishing, "release_gate", lambda _evidence: None)
    return opened


def refusing(error: Exception) -> Callable[..., Any]:
    """Return a step that fails."""

    def fail(*_: object, **__: object) -> None:
        raise error

    return fail


def test_release_holds_its_site(context: Context) -> None:
    """A published release has its pages, its proof that the gate passed, and is the current one."""
    report = publishing.publish(context)
    assert report.state == "done"
    assert (report.release.folder / "site/board/district/index.html").is_file()
    assert report.release.manifest["gate"]["passed"] is True
    assert report.n_pages == report.release.manifest["site"]["pages"] > 50
    assert current(context.store) == report.release
    assert context.store.exists("out/board/district/index.html")


def test_publishing_twice_changes_nothing(context: Context) -> None:
    """The same night again finds its release, hands nothing over, writes no event."""
    first = publishing.publish(context)
    events = context.journal.events()
    second = publishing.publish(context)
    assert (second.state, second.release) == ("unchanged", first.release)
    assert context.journal.events() == events
    assert all(each.sent == 0 for each in second.deliveries)


@pytest.mark.parametrize(
    ("step", "error"),
    [("release_gate", DisclosureError("refused")), ("build_site", PageError("broken")), ("freeze", OSError("full"))],
)
def test_what_is_refused_publishes_nothing(
    step: str, error: Exception, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A refused gate or a broken page leaves the last release, no half of a new one, and nothing handed over."""
    before = publishing.publish(context).release
    later = open_context("riverbend", as_of=date(2027, 1, 16), state=str(context.store.root))
    monkeypatch.setattr(publishing, step, refusing(error))
    with pytest.raises(type(error)):
        publishing.publish(later)
    assert current(context.store) == before
    assert [path.name for path in context.store.path("releases").iterdir() if path.is_dir()] == [before.release_id]
    assert not any((context.store.root / ".temp").iterdir())


def test_failed_delivery_undoes_nothing(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    """What cannot be handed over is told in the report; the release is current all the same."""
    failed = DeliveryReport("board_folder", failed=1, error=DeliveryError("no"))
    monkeypatch.setattr(publishing, "deliver_pages", lambda *_: [failed])
    report = publishing.publish(context)
    assert report.failed == (failed,)
    assert current(context.store) == report.release


def test_release_of_an_earlier_day_stays_at_home(context: Context) -> None:
    """Working out what was known before replaces neither the current release nor what readers hold."""
    newest = publishing.publish(context).release
    earlier = publishing.publish(open_context("riverbend", as_of=date(2027, 1, 8), state=str(context.store.root)))
    assert earlier.deliveries == ()
    assert current(context.store) == newest


def test_release_is_not_handed_over_on_demand(context: Context) -> None:
    """Publishing can stop before anything leaves."""
    assert publishing.publish(context, is_delivered=False).deliveries == ()
    assert not context.store.exists("out")


def test_review_is_mailed_on_the_day_of_its_packet(context: Context) -> None:
    """The board's recipients get one mail on the night the evidence was frozen, none on another night."""
    context.store.put_atomic("recipients/board.csv", b"recipient_id,email\nb1,board@riverbend.example\n")
    frozen_on = date(2027, 1, 6)
    for as_of, sent in ((frozen_on, 1), (frozen_on, 0), (AS_OF, 0)):
        report = publishing.publish(open_context("riverbend", as_of=as_of, state=str(context.store.root)))
        assert sum(each.sent for each in report.deliveries if each.channel_id == "board_mail") == sent
    (key,) = context.store.keys("outbox/board")
    text = context.store.read(key).decode()
    assert "Subject: Riverbend SEL progress: Mid-year review" in text
    assert "off track" in text
