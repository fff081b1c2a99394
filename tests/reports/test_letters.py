"""Letters are read back before they are sent: a number their reader's pages do not tell keeps them at home."""

import re
from collections.abc import Iterator
from datetime import timedelta
from types import SimpleNamespace

import pytest

from aimline.disclosure.letters import Given, Told, read_given, strays
from aimline.warehouse import Connection
from reports.channels.base import Message
from reports.channels.reading_back import counting_forms
from reports.context import Rows, read_table
from reports.declared_texts import declared_texts
from reports.messages import alert_message, digest_message
from tests.support.published_rows import AS_OF

PRINCIPAL, OTHER = ("principal", "0104"), ("principal", "0109")


def given_to(connection: Connection, *readers: tuple[str, str]) -> Given:
    """What the release gives some readers."""
    return Given(read_given(connection, readers, AS_OF), tuple(declared_texts(connection)), counting_forms())


def letters(connection: Connection, reader: tuple[str, str]) -> Iterator[Message]:
    """Every alert the reader sees, and where the indicators of the unit stand."""
    for row in read_table(connection, "rpt_alerts", *reader):
        yield alert_message("event", row, "Riverbend")
    status = read_table(connection, "rpt_indicator_status", *reader)
    yield digest_message("event", "Riverbend: review", Rows(status.where(unit_id=reader[1], group_id="all")))


def read_back(message: Message, given: Given) -> list[str]:
    """The numbers of a message that are told nowhere."""
    return strays(message.subject, message.text, given)


@pytest.mark.parametrize("reader", [PRINCIPAL, OTHER, ("board", "riverbend"), ("cabinet", "riverbend")])
def test_letters_as_they_are_written_say_what_pages_tell(connection: Connection, reader: tuple[str, str]) -> None:
    """Nothing in them is a stray, and each of their figures that is changed by one is."""
    given = given_to(connection, reader)
    told = list(letters(connection, reader))
    assert [each for message in told for each in read_back(message, given)] == []
    text = told[-1].text
    changed = [
        f"{text[: found.start()]}{int(found[1]) + 37}%{text[found.end() :]}" for found in re.finditer(r"(\d+)%", text)
    ]
    assert all(strays("", each, given) for each in changed)
    assert changed or "%" not in text


def test_a_letter_is_held_to_the_pages_of_its_own_reader(connection: Connection) -> None:
    """What one principal is told is a stray in a letter to another, unless that reader holds both schools' pages."""
    message = list(letters(connection, PRINCIPAL))[-1]
    assert read_back(message, given_to(connection, OTHER))
    assert read_back(message, given_to(connection, OTHER, PRINCIPAL)) == []


def test_a_number_stands_in_the_row_that_is_named(connection: Connection) -> None:
    """A number of another indicator, of a hidden group, or of no row; a heading counts what is listed under it."""
    given = given_to(connection, PRINCIPAL)
    rows = [row for row in connection.rows("from rpt_indicator_status") if row["reader_unit_id"] == "0104"]
    shown = {row["indicator_label"]: row["value_text"] for row in rows if row["group_id"] == "all" and row["value"]}
    (one, value), (_, unlike) = next(
        (a, b) for a in shown.items() for b in shown.items() if a[0] != b[0] and a[1] != b[1] and b[1][:-1].isdigit()
    )
    assert strays("", f"- {one}: {value}.", given) == []
    assert strays("", f"- {one}: {unlike}.", given)
    gap = Told({"indicator_label": "belonging", "group_label": "el"}, frozenset())
    held = Given((*given.rows, gap), given.texts, given.counting)
    assert strays("", f"- Belonging, EL: {value}.", held)
    listed = f"off track ({{}})\n- {one}: {value}."
    assert (strays("", listed.format(1), given), strays("", listed.format(2), given)) == ([], ["2"])
    assert strays("Riverbend: 4 alerts", "- Nothing.", given) == []
    assert strays("", f"Since {AS_OF - timedelta(days=9):%B %-d, %Y} somebody counted 4321.", given) == ["4321"]


@pytest.mark.parametrize("is_hidden", [True, False])
def test_a_hidden_row_tells_no_number(connection: Connection, is_hidden: bool) -> None:
    """Whatever stands in its columns."""
    row = next(each for each in connection.rows("from rpt_indicator_status") if each["value"] is not None)
    told = {"rpt_indicator_status": [row | {"is_suppressed": is_hidden}], "rpt_alerts": []}
    made = SimpleNamespace(rows=lambda sql: next(rows for name, rows in told.items() if name in sql))
    given = Given(read_given(made, [(row["audience_id"], row["reader_unit_id"])], AS_OF), ())
    assert bool(strays("", f"- {row['indicator_label']}: {row['value_text']}.", given)) is is_hidden
