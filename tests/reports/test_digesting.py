"""The digest of alerts: of the week, for one reader, from what their own pages show."""

import json
import os
import shutil
from collections.abc import Iterator
from datetime import date
from email import message_from_bytes
from pathlib import Path
from typing import Any

import pytest

from aimline import cli
from aimline.context import Context, open_context
from aimline.ledger.releases import Release
from aimline.signals import fold_states
from aimline.warehouse import open_release
from reports.alerting import _Today, school_days
from reports.context import read_for
from reports.digesting import digests_of, is_told
from schemas.audiences import Alerts
from tests.reports.conftest import RELEASE_ID
from tests.support.published_rows import AS_OF


@pytest.fixture
def context(tmp_path: Path) -> Iterator[Context]:
    """A run of Riverbend on the day of the release."""
    opened = open_context("riverbend", as_of=AS_OF, state=str(tmp_path / "state"))
    yield opened
    opened.journal.close()


@pytest.fixture
def release(snapshot: Path, tmp_path: Path) -> Release:
    """The release of invented rows, with the editions of principals and of engineering."""
    folder = tmp_path / "release"
    folder.mkdir()
    shutil.copy(snapshot, folder / "snapshot.duckdb")
    editions = [{"edition": f"principal/{unit}", "unit_id": unit} for unit in ("0104", "0109")]
    editions += [{"edition": "engineering/district", "unit_id": "riverbend"}]
    return Release(RELEASE_ID, folder, {"site": {"editions": editions}, "as_of": AS_OF.isoformat()})


def happened(context: Context, alert_id: str, *words: str, **payload: Any) -> None:
    """Write events of an alert into the journal, all on the day before."""
    unit, _, indicator = alert_id.partition("_")
    for number, word in enumerate(words):
        to_state = {"muted": "ongoing", "worsened": "ongoing", "revised": "ongoing"}.get(word, word)
        row = {"event_id": f"{alert_id}.{number}", "alert_id": alert_id, "unit_id": unit, "indicator_id": indicator}
        row |= {
            "group_id": "all",
            "kind": "off_path",
            "episode": 1,
            "event_type": word,
            "from_state": "",
            "effect": 0.1,
        }
        row |= {"to_state": to_state, "period_on": "2027-01-08", "as_of": "2027-01-14", "p": 0.1}
        context.journal.append_alert_events([{**row, "payload": {"since_on": "2026-11-13", **payload}}])


def audience(context: Context, name: str) -> Any:
    """Return a declared audience."""
    return next(each for each in context.deployment.audiences.audiences if each.audience_id == name)


def text_of(context: Context, release: Release, unit: str = "0104", name: str = "principal") -> str:
    """Return the digest of a reader."""
    return next(d.message.text for d in digests_of(context, release, audience(context, name)) if d.unit_id == unit)


def test_digest_puts_what_worsened_first_and_says_ages(context: Context, release: Release) -> None:
    """Worsened, then new, each with how long it has been so."""
    happened(context, "0104_chronic_absence", "new", "worsened", priority=2.0)
    happened(context, "0104_attendance_rate", "new")
    text = text_of(context, release)
    assert 0 < text.index("Worsened (1)") < text.index("New (1)")
    assert "(9 weeks)" in text


def test_digest_holds_only_what_the_readers_pages_show(context: Context, release: Release) -> None:
    """An alert of another school, or of a figure that is hidden, is not there in any form."""
    happened(context, "0104_chronic_absence", "new")
    happened(context, "0109_belonging", "new")
    happened(context, "0105_hidden", "new")
    mine, other = text_of(context, release), text_of(context, release, "0109")
    assert ("Chronic absence" in mine, "Belonging" in mine) == (True, False)
    assert ("Chronic absence" in other, "Belonging" in other) == (False, True)
    assert "hidden" not in mine + other + text_of(context, release, "riverbend", "engineering")


SUBJECTS = {
    "en": "Riverbend SEL progress: alerts of the week",
    "es": "Avances socioemocionales de Riverbend: avisos de la semana",
}


@pytest.mark.parametrize("language", sorted(SUBJECTS))
def test_digest_is_written_in_the_language_of_its_audience(context: Context, release: Release, language: str) -> None:
    """Letter by letter: headings, sentences, days, the names declared in it, and the heading of the mail."""
    happened(context, "0104_chronic_absence", "new", "worsened", priority=2.0)
    happened(context, "0104_attendance_rate", "new")
    reader = audience(context, "principal").model_copy(update={"languages": (language,)})
    told = next(each for each in digests_of(context, release, reader) if each.unit_id == "0104").message
    golden = Path(__file__).parent / f"golden/digest.{language}.txt"
    if os.environ.get("AIMLINE_GOLDEN") == "write":
        golden.write_text(f"{told.text}\n", encoding="utf-8")
    assert (told.subject, f"{told.text}\n") == (SUBJECTS[language], golden.read_text(encoding="utf-8"))


def test_muted_and_corrected_alerts_stay_in_the_digest(context: Context, release: Release) -> None:
    """A mute silences messages and no list; late data are told where they changed something."""
    happened(context, "0104_chronic_absence", "new", "muted", until="2027-02-01")
    happened(context, "0104_attendance_rate", "ongoing", "revised")
    text = text_of(context, release)
    assert "Muted (1)" in text
    assert "Corrected by late data (1)" in text


def test_what_was_over_the_budget_is_counted(context: Context, release: Release) -> None:
    """A message that the budget kept back is named in the digest."""
    happened(context, "0104_chronic_absence", "new")
    row = {"event_id": "0104_chronic_absence.0", "recipient": "r", "channel": "mail", "state": "over_budget"}
    context.journal.append_deliveries([row])
    assert "were used up: 1." in text_of(context, release)


def test_week_without_alerts_says_so(context: Context, release: Release) -> None:
    """An empty digest has one sentence; whether it is sent is declared."""
    (first, *_) = digests_of(context, release, audience(context, "principal"))
    assert first.n_alerts == 0
    assert first.message.text.endswith("There was none.")


def test_dry_run_writes_letters_and_sends_none(
    context: Context, release: Release, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """One letter a unit, to nobody, in the outbox; the heading names no unit."""
    happened(context, "0104_chronic_absence", "new")
    monkeypatch.setattr("aimline.ledger.releases.current", lambda _store: release)
    root = str(context.store.root)
    words = ["digest", "riverbend", "--audience", "principal", "--dry-run", "--format", "json"]
    assert cli.main([*words, "--as-of", AS_OF.isoformat(), "--state", root]) == 0
    rows = json.loads(capsys.readouterr().out)["rows"]
    assert [(row["unit_id"], row["n_alerts"]) for row in rows] == [("0104", 1), ("0109", 0)]
    letter = message_from_bytes(context.store.read(rows[0]["file"]))
    assert (letter["To"], letter["Subject"]) == ("", "Riverbend SEL progress: alerts of the week")
    assert context.journal.deliveries() == []


def test_digest_of_nobody_is_refused(context: Context, capsys: pytest.CaptureFixture[str]) -> None:
    """An audience that is not declared is told with those that are."""
    words = ["digest", "riverbend", "--audience", "parents", "--state", str(context.store.root)]
    assert cli.main(words) == 2
    assert "There are: board, principal, engineering, privacy, family, student." in capsys.readouterr().err


def test_readers_hear_of_the_kinds_and_units_they_asked_for(context: Context, release: Release) -> None:
    """Their own unit, concerns or improvements; a departure from the aim line is a concern."""
    happened(context, "0104_chronic_absence", "new")
    happened(context, "0109_belonging", "new")
    told = context.journal.alert_events()
    today = _Today(context, told, fold_states(told, AS_OF))
    with open_release(release.snapshot) as connection:
        principal = audience(context, "principal")
        rules, units = Alerts(channels=("mail",)), ("0104", "0109")
        shown = dict(
            zip(units, read_for(connection, "rpt_alerts", [("principal", unit) for unit in units]), strict=True)
        )
        own, other = (today.reader(principal, rules, unit, shown[unit]) for unit in units)
        none = today.reader(principal, rules.model_copy(update={"kinds": ("improvement",)}), "0104", shown["0104"])
    told_of = [[each.alert_id for each in reader.news] for reader in (own, other, none)]
    assert told_of == [["0104_chronic_absence"], ["0109_belonging"], []]


def test_scope_leaves_out_other_units(a_row: Any, context: Context) -> None:
    """Principals are told of their own school, its cluster or all they see, as they asked, and of district events."""
    own, cluster, district = (Alerts(channels=("mail",), scope=each) for each in ("own", "cluster", "district"))
    rows = [a_row(unit_id=unit, kind="off_path") for unit in ("0104", "0108", "riverbend")]
    told = [[is_told(context, row, "0104", rules) for row in rows] for rules in (own, cluster, district)]
    assert told == [[True, False, False], [True, True, False], [True, True, True]]
    assert is_told(context, a_row(unit_id="riverbend", kind="district"), "0104", own)


def test_quiet_days_have_no_messages(context: Context) -> None:
    """Weekends and days without school rest where an audience asked for it."""
    rests = Alerts(channels=("mail",), quiet=("weekends", "holidays"))
    days = school_days(context)
    assert days == tuple(sorted(set(days)))
    quiet = {date(2027, 1, 16): True, date(2027, 1, 18): True, date(2027, 1, 15): False}
    for day, is_quiet in quiet.items():
        clock = type(context.clock)(day, context.clock.zone, False, context.clock.nightly_at)
        today = _Today(Context(context.deployment, context.store, context.journal, clock, "r"), ())
        assert (day, today.is_quiet(rests)) == (day, is_quiet)
        assert not today.is_quiet(Alerts(channels=("mail",)))
