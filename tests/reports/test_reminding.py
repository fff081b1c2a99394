"""Digests: one a person and day, in the outbox or by mail, never twice, never on a day without work."""

from datetime import date
from email import message_from_bytes

import pytest

from aimline.context import Context, open_context
from aimline.journal import Event
from reports.reminding import remind


@pytest.fixture
def night(tmp_path):
    """Open a night of Riverbend on a state root of its own."""
    opened: list[Context] = []

    def opening(as_of: date) -> Context:
        opened.append(open_context("riverbend", as_of=as_of, state=str(tmp_path / "state")))
        return opened[-1]

    yield opening
    for context in opened:
        context.journal.close()


def filed(context: Context) -> dict[str, str]:
    """The texts that wait in the outbox, by person."""
    folder = context.store.path("outbox/people")
    return {path.parent.name: path.read_text(encoding="utf-8") for path in sorted(folder.rglob("*.txt"))}


def test_each_owner_has_one_digest_in_the_outbox(night):
    """Ten school days before two windows close, their two owners are told, each of the own one."""
    context = night(date(2026, 10, 20))
    assert remind(context).sent == 2
    texts = filed(context)
    assert sorted(texts) == ["p_014", "p_022"]
    assert "- Student survey fall (sel_survey_fall), November 3, 2026: due in 10 school days." in texts["p_022"]
    assert texts["p_022"].startswith("Riverbend SEL progress: 1 thing due\n")


def test_nobody_is_told_twice(night):
    """The same night again has nothing to say; the next one says only what is new."""
    remind(night(date(2026, 10, 20)))
    first = filed(night(date(2026, 10, 20)))
    assert remind(night(date(2026, 10, 20))).sent == 0
    after = night(date(2026, 10, 21))
    remind(after)
    texts = [path.read_text() for path in after.store.path("outbox/people").rglob("*.txt")]
    lines = [line for text in texts for line in text.splitlines() if line.startswith("- ")]
    assert len(lines) == len(set(lines))
    assert set(first.values()) <= set(texts)


def test_no_message_comes_on_a_day_without_work(night):
    """Saturday is quiet; what was due to be told on a Friday without a run is told on Monday."""
    context = night(date(2026, 10, 24))
    event = Event("night_finished", "riverbend/2026-10-19", date(2026, 10, 19), "k", {"state": "finished"})
    context.journal.append([event], at=context.clock.instant())
    assert remind(context).sent == 0
    assert remind(night(date(2026, 10, 26))).sent == 2


def test_one_digest_holds_everything_of_its_day(night):
    """A person who owns several things due on a day has them in one message, by their days."""
    context = night(date(2026, 10, 27))
    event = Event("night_finished", "riverbend/2026-10-01", date(2026, 10, 1), "k", {"state": "finished"})
    context.journal.append([event], at=context.clock.instant())
    remind(context)
    texts = filed(context)
    assert len(list(context.store.path("outbox/people/p_014").iterdir())) == 1
    assert texts["p_014"].count("\n- ") >= 2


def test_a_person_with_an_address_gets_a_mail(night):
    """Addresses are a file of the state root; until a mail server is set the letter waits in the outbox."""
    context = night(date(2026, 10, 20))
    context.store.put_atomic("recipients/people.csv", b"recipient_id,email\np_022,lead@riverbend.example\n")
    assert remind(context).sent == 2
    assert sorted(filed(context)) == ["p_014"]
    (path,) = context.store.path("outbox/people").glob("*.eml")
    letter = message_from_bytes(path.read_bytes())
    assert letter["To"] == "lead@riverbend.example"


def test_no_name_or_address_is_written_down(night):
    """The journal holds the code of a person and no address."""
    context = night(date(2026, 10, 20))
    context.store.put_atomic("recipients/people.csv", b"recipient_id,email\np_022,lead@riverbend.example\n")
    remind(context)
    told = repr([event.payload for event in context.journal.events()]) + repr(context.journal.deliveries())
    assert "riverbend.example" not in told
