"""Publishing: freeze, gate, site, promote, hand over; what is refused on the way leaves the last release as it is."""

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from aimline.cli import main
from aimline.context import Context, open_context
from aimline.disclosure.artefacts import SiteAudit
from aimline.disclosure.readings import place_of
from aimline.disclosure.release_audit import Certificate, Failure, ReleaseAudit
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

    def staged(request: Freezing, judge: Judge, _amend: object = None) -> Staged:
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

    monkeypatch.setattr(publishing, "build_told", lambda context: replace(built, as_of=context.clock.as_of))
    monkeypatch.setattr(publishing, "freeze", staged)
    monkeypatch.setattr(publishing, "release_gate", lambda _evidence: None)
    monkeypatch.setattr(publishing, "audit_release", lambda _evidence: ReleaseAudit(()))
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
    [site] = [row for row in context.journal.disclosure_audit() if row["check_id"] == "site"]
    assert (site["passed"], site["n_failed"], site["n_targets"] > 200) == (1, 0, True)
    assert {each["page"] for each in report.release.manifest["artefacts"]} > {"board/index", "about", "feed"}


def test_pages_that_say_too_much_are_refused_and_told_where(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    """The message counts; file and line stand in the state root, and the audit log keeps that the site failed."""
    place = place_of("board/district/index.html", 7, "4")
    monkeypatch.setattr(publishing, "audit_site", lambda *_: SiteAudit("r", 1, 2, untraced=[place]))
    with pytest.raises(DisclosureError, match=r"cannot be traced \(untraced 1\)") as told:
        publishing.publish(context)
    [report] = context.store.path("disclosure").glob("*-pages.json")
    assert f"disclosure/{report.name}" in str(told.value)
    assert json.loads(report.read_text(encoding="utf-8"))["untraced"] == [place]
    assert [row["n_failed"] for row in context.journal.disclosure_audit() if row["view"] == "site"] == [1]
    assert current(context.store) is None


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
    [
        ("release_gate", DisclosureError("refused")),
        ("audit_release", DisclosureError("late")),
        ("build_site", PageError("broken")),
        ("freeze", OSError("full")),
    ],
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


def found(check: str, view: str = "board") -> ReleaseAudit:
    """Return an audit that finds one target by one check."""
    certificate = Certificate("p", view, 1, 4, 2, n_targets=1, narrow=1, width=4.0, passed=False)
    return ReleaseAudit((certificate,), (Failure("p", view, check, "p|school|0104|set|a", is_small=True),))


def test_what_the_audit_finds_is_refused_until_somebody_answers_for_it(
    context: Context, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The message names release, number and audience, no cell; the approval stands in the manifest."""
    monkeypatch.setattr(publishing, "audit_release", lambda _evidence: found("A2"))
    with pytest.raises(
        DisclosureError, match="1 small group could be worked out by readers of audience 'board'"
    ) as told:
        publishing.publish(context)
    assert "0104" not in str(told.value)
    [refused] = context.journal.events("release_refused")
    assert current(context.store) is None
    assert context.store.exists(f"disclosure/{refused.subject_id}.json")
    words = ["release", "approve", "riverbend", refused.subject_id, "--target", "p|school|0104|set|a", "--by", "pat_ro"]
    words += ["--reason", "seen by counsel", "--as-of", AS_OF.isoformat(), "--state", str(context.store.root)]
    assert main([*words, "--expires", "2027-03-30"]) == 2
    assert "is not within 30 days" in capsys.readouterr().err
    assert main([*words, "--expires", "2027-01-31"]) == 0
    release = publishing.publish(context).release
    assert [each["by"] for each in release.manifest["gate"]["approved"]] == ["pat_ro"]
    assert {row["passed"] for row in context.journal.disclosure_audit()} == {0, 1}


@pytest.mark.parametrize(("check", "view"), [("A1", "board"), ("A3", "board"), ("rule", "board"), ("A2", "public")])
def test_what_is_known_exactly_or_public_nobody_may_approve(
    check: str, view: str, context: Context, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The verb refuses it, and the gate would not count it either."""
    monkeypatch.setattr(publishing, "audit_release", lambda _evidence: found(check, view))
    with pytest.raises(DisclosureError):
        publishing.publish(context)
    [refused] = context.journal.events("release_refused")
    words = ["release", "approve", "riverbend", refused.subject_id, "--target", "p|school|0104|set|a", "--by", "pat_ro"]
    words += ["--reason", "x", "--as-of", AS_OF.isoformat(), "--state", str(context.store.root)]
    assert main([*words, "--expires", "2027-01-31"]) == 2
    assert f"fails {check}: nobody may approve that." in capsys.readouterr().err
    assert found(check, view).open({"p|school|0104|set|a"}) == found(check, view).failures


def test_whoever_ran_the_night_cannot_approve_it(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor is anything approved that was not refused."""
    monkeypatch.setattr(publishing, "getuser", lambda: "pat_ro")
    monkeypatch.setattr(publishing, "audit_release", lambda _evidence: found("A4"))
    with pytest.raises(DisclosureError):
        publishing.publish(context)
    [refused] = context.journal.events("release_refused")
    words = [
        "--reason",
        "x",
        "--as-of",
        AS_OF.isoformat(),
        "--state",
        str(context.store.root),
        "--expires",
        "2027-01-31",
    ]
    for release_id, target, by in [
        (refused.subject_id, "p|school|0104|set|a", "Pat_Ro"),
        (refused.subject_id, "another", "kim"),
        ("r20270101-aaaa", "p|school|0104|set|a", "kim"),
    ]:
        assert main(["release", "approve", "riverbend", release_id, "--target", target, "--by", by, *words]) == 2
    assert context.journal.events("release_approved") == []


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
