"""Which alert events a person is told of on a day."""

from datetime import date

from aimline.ledger.alerts import news

TODAY = date(2027, 1, 11)


def event(name: str, as_of: str, kind: str = "new", alert: str = "alert_a") -> dict[str, str]:
    """One event of an alert."""
    return {"event_id": name, "alert_id": alert, "event_type": kind, "as_of": as_of}


def test_alert_of_today_is_news() -> None:
    """What began tonight is told."""
    assert [each.event_id for each in news([event("e1", "2027-01-11")], TODAY)] == ["e1"]


def test_news_is_a_week_old_at_most() -> None:
    """A delivery that failed is tried again for a week, and no longer."""
    told = [event("old", "2027-01-04", alert="alert_b"), event("kept", "2027-01-05")]
    assert [each.event_id for each in news(told, TODAY)] == ["kept"]


def test_newest_event_of_an_alert_stands_for_it() -> None:
    """An alert that ended before it was told is told as ended alone."""
    told = [event("e1", "2027-01-06"), event("e2", "2027-01-09", "resolved")]
    assert [each.event_id for each in news(told, TODAY)] == ["e2"]


def test_ongoing_alert_is_written_down_and_not_told() -> None:
    """Nothing new is no news."""
    assert news([event("e1", "2027-01-06"), event("e2", "2027-01-11", "ongoing")], TODAY) == ()


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
    assert [each.event_id for each in news(told, TODAY)] == ["c", "b", "z"]
