"""Which alert events a person is told of on a day."""

from datetime import date

import pytest

from aimline.ledger.alerts import news

TODAY = date(2027, 1, 11)


def event(name: str, as_of: str, kind: str = "new", alert: str = "alert_a") -> dict[str, str]:
    """One event of an alert."""
    return {"event_id": name, "alert_id": alert, "event_type": kind, "as_of": as_of}


def test_alert_of_today_is_news() -> None:
    """What began tonight is told."""
    assert [each["event_id"] for each in news([event("e1", "2027-01-11")], TODAY)] == ["e1"]


def test_news_is_four_weeks_old_at_most() -> None:
    """What happened longer ago stands in the lists, and is pushed no more."""
    told = [event("old", "2026-12-14", alert="alert_b"), event("kept", "2026-12-15")]
    assert [each["event_id"] for each in news(told, TODAY)] == ["kept"]


def test_newest_event_of_an_alert_stands_for_it() -> None:
    """An alert that ended before it was told is told as ended alone."""
    told = [event("e1", "2027-01-06"), event("e2", "2027-01-09", "resolved")]
    assert [each["event_id"] for each in news(told, TODAY)] == ["e2"]


def test_alert_that_goes_on_is_news_by_its_beginning() -> None:
    """Who was not told of it in the night it began is told later; that it goes on is no news by itself."""
    told = [event("e1", "2027-01-06"), event("e2", "2027-01-11", "ongoing")]
    assert [each["event_id"] for each in news(told, TODAY)] == ["e1"]


@pytest.mark.parametrize("word", ["acknowledged", "expired", "closed", "held"])
def test_alert_that_somebody_took_on_or_that_is_over_is_no_news(word: str) -> None:
    """Nobody is told of what is in good hands, gone, or hidden now."""
    assert news([event("e1", "2027-01-06"), event("e2", "2027-01-11", word)], TODAY) == ()


def test_later_events_are_not_known_yet() -> None:
    """A night that is run again knows what it knew."""
    assert news([event("e1", "2027-01-12")], TODAY) == ()


def test_oldest_news_comes_first() -> None:
    """Readers with a weekly limit hear of what happened first."""
    told = [
        event("z", "2027-01-11", alert="alert_z"),
        event("b", "2027-01-11", alert="alert_b"),
        event("c", "2027-01-08"),
    ]
    assert [each["event_id"] for each in news(told, TODAY)] == ["c", "b", "z"]
