"""The certificate of a release for the privacy officer: counts by reader and population, earlier releases, no cell."""

from datetime import UTC, date, datetime
from types import SimpleNamespace

import pytest

from aimline.disclosure.release_audit import Certificate, ReleaseAudit
from aimline.journal import Event
from aimline.ledger.releases import _write
from aimline.settings import load_deployment
from aimline.storage import open_store
from aimline.warehouse import connect
from reports.certificates import TABLE, certificate_rows
from schemas.published import TABLES
from tests.support.rehearsed import DISTRICT

APPROVED = [{"by": "Officer", "expires": "2027-01-20"}, {"by": "Officer", "expires": "2027-01-12"}]
AUDITED = ReleaseAudit(
    (
        Certificate("survey:sel_fall:2027", "board", 3, 40, 6, 12, width=11.5),
        Certificate("attendance:2027", "board", 20, 30, 4, 5, narrow=1, width=9.0, passed=False),
    )
)


@pytest.fixture
def night(tmp_path):
    """Riverbend on a day, with a journal of its own."""
    from aimline.journal import open_journal

    journal = open_journal(open_store(tmp_path))
    clock = SimpleNamespace(as_of=date(2027, 1, 5))
    yield SimpleNamespace(deployment=load_deployment(DISTRICT), journal=journal, clock=clock)
    journal.close()


def test_a_reader_has_a_row_for_each_population_and_one_for_all(night):
    """Counts are added, the narrowest is kept; what failed and was let out names who answers, and until when."""
    rows = certificate_rows(night, "r20270105-aaaaaaaaaa", AUDITED, APPROVED)[TABLE]
    told = {row["population"]: row for row in rows}
    assert [told[name]["n_targets"] for name in ("survey, sel fall, 2026-27", "attendance, 2026-27", "all")] == [
        12,
        5,
        17,
    ]
    assert (told["all"]["n_hidden"], told["all"]["n_asked"], told["all"]["n_width"]) == (10, 68, 9)
    assert (told["all"]["state"], told["all"]["approver"]) == ("approved", "Officer (until January 12, 2027)")
    assert {row["audience_id"] for row in rows} == {"privacy"}


def test_readers_are_called_as_people_call_them(night):
    """The board by its label, a principal by it and the number of the school."""
    audited = ReleaseAudit((*AUDITED.certificates, Certificate("attendance:2027", "principal:0104", 0, 0, 0, 0)))
    rows = certificate_rows(night, "r20270105-aaaaaaaaaa", audited, [])[TABLE]
    assert {row["view"] for row in rows} == {"School board", "Principals, school 0104"}


def test_earlier_releases_are_told_by_the_journal(night):
    """One row over all readers, by the day of the release; a refused one as such, this one and later ones not."""
    at = {"started_at": datetime(2027, 1, 4, tzinfo=UTC), "seconds": 0.1}
    readers = ReleaseAudit((*AUDITED.certificates, Certificate("attendance:2027", "office", 20, 30, 4, 5, width=7.0)))
    for name in ("r20270104-bbbbbbbbbb", "r20270105-aaaaaaaaaa", "r20270106-cccccccccc"):
        night.journal.append_disclosure_audit([row | at | {"release_id": name} for row in readers.by_check()])
    rows = certificate_rows(night, "r20270105-aaaaaaaaaa", AUDITED, [])[TABLE]
    told = ("released_on", "view", "n_targets", "n_narrow", "n_width", "state")
    assert [tuple(row[name] for name in told) for row in rows if row["released_on"] != night.clock.as_of] == [
        (date(2027, 1, 4), "2 readers", 22, 1, 7, "refused")
    ]


def test_kinds_of_small_groups_are_told_apart(night):
    """On a page or on none, beside an own school, between releases, and sums; a reader without a school knows none."""
    counted = {"n_printed": 3, "n_moved": 2, "n_sums": 4}
    audited = ReleaseAudit(
        (
            Certificate("attendance:2027", "board", 20, 30, 4, 5, **counted),
            Certificate("attendance:2027", "principal:0104", 20, 30, 4, 5, **counted, is_insider=True),
        )
    )
    rows = certificate_rows(night, "r20270105-aaaaaaaaaa", audited, [])[TABLE]
    kinds = ("n_printed", "n_unprinted", "n_moved", "n_insider", "n_sums")
    told = {row["view"]: tuple(row[kind] for kind in kinds) for row in rows if row["population"] == "all"}
    assert told == {"School board": (3, 2, 2, 0, 4), "Principals, school 0104": (3, 2, 2, 5, 4)}


def test_how_years_are_told_and_what_was_handed_over_stand_beside(night):
    """The level of each year with its counts and its reason; pages by edition, messages by recipient, by channel."""
    larger = {"group_set_id": "grade_band", "told_id": "grades_k_5", "label_en": "Grades K\N{EN DASH}5"}
    sizes = {"n_cells": 9, "n_small": 3, "n_hidden": 4}
    chosen = {
        "name": "grade_bands",
        "why": "chosen",
        "roster_year": 2026,
        "before": sizes,
        "after": sizes | {"n_small": 1},
    }
    chosen |= {"told": [larger | {"group_id": group} for group in ("k_2", "g3_5")]}
    told = {"name": "as_declared", "why": "told", "told": []}
    night.journal.append(
        [Event("coarsening_chosen", str(year), date(2026, 8, 19), f"c{year}", payload) for year, payload in
         ((2027, chosen), (2026, told))]
        + [Event("delivery", "r1", date(2027, 1, 4), f"d{unit}", {"channel": "board_folder", "state": "sent"})
           for unit in "ab"],
        at=datetime(2027, 1, 4, tzinfo=UTC),
    )  # fmt: skip
    row = {"event_id": "e", "channel": "board_mail"}
    sent = {"state": "sent", "sent_at": "2027-01-04T10:00:00+00:00"}
    night.journal.append_deliveries([row | {"recipient": "r1", "state": "failed"}, row | {"recipient": "r1"} | sent])
    night.journal.append_deliveries([row | {"recipient": "r2", "state": "failed"}])
    tables = certificate_rows(night, "r20270105-aaaaaaaaaa", AUDITED, [])
    newest, older = tables["rpt_coarsening"]
    assert (newest["year_label"], newest["level_label"], newest["n_small_before"], newest["n_small_after"]) == (
        "2026-27", "Grades in bands", 3, 1
    )  # fmt: skip
    assert newest["together"] == "Grades K\N{EN DASH}5: Grades K to 2, Grades 3 to 5"
    assert "the roster of 2025-26" in newest["why"]
    assert (older["level_label"], older["n_cells_before"], older["together"]) == ("As declared", None, None)
    assert {(each["way"], each["what"], each["state"], each["n_handed"]) for each in tables["rpt_deliveries"]} == {
        ("a folder", "pages", "handed over", 2),
        ("mail", "messages", "handed over", 1),
        ("mail", "messages", "not handed over yet", 1),
    }


def test_the_rows_fit_their_table(night):
    """A release is given them as they are."""
    night.journal.append(
        [
            Event(
                "coarsening_chosen", "2027", date(2026, 8, 19), "c", {"name": "as_declared", "why": "told", "told": []}
            )
        ],
        at=datetime(2027, 1, 4, tzinfo=UTC),
    )
    tables = certificate_rows(night, "r20270105-aaaaaaaaaa", AUDITED, [])
    with connect(role="memory") as connection:
        for name, rows in tables.items():
            columns = ", ".join(f"{each.name} {each.type}" for each in TABLES[name].columns)
            connection.execute(f"create table {name} ({columns})")
            _write(connection, TABLES[name], rows)
        assert connection.rows(f"select count(*) as n from {TABLE} where n_width is not null") == [{"n": 3}]
        assert connection.rows("select count(*) as n from rpt_coarsening") == [{"n": 1}]
