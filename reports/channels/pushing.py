"""Push news within a budget: at most one message a recipient and day, and so many a week; the digest has the rest.

What is news, and how it reads, belongs to the callers. Each piece is written down before it is told, and what became of
it after: sent, filed, failed, muted, over the budget, dropped because it grew old. So nothing is told twice or lost.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from aimline.context import Context
from aimline.errors import DeliveryError
from reports.channels.base import DeliveryReport, Message, MessageChannel, Recipient, Telling
from reports.channels.chat import Send
from reports.language import say_plain

DROPPED_AFTER = 14
"""Days after which a message that could not be delivered is given up."""

TOLD = frozenset({"sent", "filed"})
_OVER = TOLD | {"over_budget", "muted", "dropped"}


@dataclass(frozen=True)
class News:
    """One event to tell.

    Attributes:
        event_id: The event.
        alert_id: The alert it belongs to.
        rank: What is read first has the lowest.
        happened_on: Its day.
        subject: The heading, if it is told alone.
        text: What it says.
        is_muted: Nobody is to be told today.
        only_after: Tell only those who were told of this alert before.
    """

    event_id: str
    alert_id: str
    rank: tuple[float, ...]
    happened_on: date
    subject: str
    text: str
    is_muted: bool = False
    only_after: bool = False


@dataclass(frozen=True)
class Reader:
    """The readers of one unit of an audience, and what is news to them."""

    audience_id: str
    unit_id: str
    news: tuple[News, ...]


@dataclass(frozen=True)
class Budget:
    """How many messages a week, the site that several alerts are told of, and blocks of Prefect by their names."""

    push_per_week: int
    site_title: str
    blocks: Mapping[str, Send] = field(default_factory=dict)


@dataclass
class _Post:
    """What waits for one recipient."""

    reader: Reader
    recipient: Recipient
    waiting: list[News] = field(default_factory=list)


class Pusher:
    """Tells the news of a day by one channel."""

    def __init__(self, context: Context, channel_id: str, channel: MessageChannel, budget: Budget) -> None:
        """Read what became of every delivery so far."""
        self.context = context
        self.channel_id = channel_id
        self.channel = channel
        self.budget = budget
        self.day = context.clock.as_of
        self.states: dict[tuple[str, str], Mapping[str, Any]] = {}
        self.alerts = {row["event_id"]: row["alert_id"] for row in context.journal.alert_events()}
        for row in context.journal.deliveries():
            if row["channel"] == channel_id:
                self.states[row["event_id"], row["recipient"]] = row

    def push(self, readers: Iterable[Reader]) -> DeliveryReport:
        """Tell every recipient what is news to them."""
        report = DeliveryReport(self.channel_id)
        for post in self._posts(readers):
            report = self._tell(post, report)
        return report

    def _posts(self, readers: Iterable[Reader]) -> Sequence[_Post]:
        """Gather what waits for each recipient; one who reads of several units has it all in one message."""
        posts: dict[str, _Post] = {}
        for reader in readers:
            asked = Telling(reader.audience_id, reader.unit_id, Message("", "", ""))
            for recipient in self.channel.recipients(asked):
                post = posts.setdefault(recipient.recipient_id, _Post(reader, recipient))
                known = {each.event_id for each in post.waiting}
                post.waiting += [each for each in reader.news if each.event_id not in known]
        return list(posts.values())

    def _tell(self, post: _Post, report: DeliveryReport) -> DeliveryReport:
        who = post.recipient.recipient_id
        fresh = [each for each in post.waiting if self._state(each, who) not in _OVER]
        report = replace(report, skipped=report.skipped + len(post.waiting) - len(fresh))
        given_up = [each for each in fresh if (self.day - each.happened_on).days > DROPPED_AFTER]
        self._write(given_up, who, "dropped")
        if given_up:
            note = f"{len(given_up)} messages to a recipient were given up after {DROPPED_AFTER} days."
            report = replace(report, notes=(*report.notes, note))
        fresh = [each for each in fresh if each not in given_up and (not each.only_after or self._was_told(each, who))]
        self._write([each for each in fresh if each.is_muted], who, "muted")
        fresh = sorted((each for each in fresh if not each.is_muted), key=lambda each: (each.rank, each.event_id))
        return self._spend(post, fresh, report) if fresh else report

    def _spend(self, post: _Post, fresh: list[News], report: DeliveryReport) -> DeliveryReport:
        """Send one message, unless today's was sent or the week's budget is spent."""
        who = post.recipient.recipient_id
        days = self._message_days(who)
        if self.day in days:
            return report
        week = self.day.isocalendar()[:2]
        if sum(day.isocalendar()[:2] == week for day in days) >= self.budget.push_per_week:
            self._write(fresh, who, "over_budget")
            return report
        message = self._message(fresh, who)
        self._write(fresh, who, "queued", message_id=message.event_id)
        try:
            state = self.channel.tell(Telling(post.reader.audience_id, post.reader.unit_id, message), post.recipient)
        except DeliveryError as error:
            self._write(fresh, who, "failed", last_error=error.message)
            return replace(report, failed=report.failed + 1, error=error)
        at = self.context.clock.instant().isoformat(timespec="seconds")
        self._write(fresh, who, state, message_id=message.event_id, sent_at=at)
        return replace(report, sent=report.sent + 1)

    def _message(self, fresh: Sequence[News], who: str) -> Message:
        name = f"push|{self.day}|{self.channel_id}|{who}"
        if len(fresh) == 1:
            return Message(name, fresh[0].subject, fresh[0].text)
        heading = say_plain("{title}: {n} alerts", title=self.budget.site_title, n=len(fresh))
        return Message(name, heading, "\n\n".join(each.text for each in fresh))

    def _message_days(self, who: str) -> set[date]:
        """Return the days on which the recipient was told by this channel."""
        rows = (row for (_, recipient), row in self.states.items() if recipient == who and row["state"] in TOLD)
        names = (str(row.get("message_id") or "").split("|") for row in rows)
        return {date.fromisoformat(name[1]) for name in names if name[0] == "push"}

    def _state(self, news: News, who: str) -> str:
        row = self.states.get((news.event_id, who))
        return str(row["state"]) if row else ""

    def _was_told(self, news: News, who: str) -> bool:
        return any(
            recipient == who and row["state"] in TOLD and self.alerts.get(event_id) == news.alert_id
            for (event_id, recipient), row in self.states.items()
        )

    def _write(self, pieces: Iterable[News], who: str, state: str, **more: Any) -> None:
        """Write down what became of each piece for a recipient."""
        rows = []
        for each in pieces:
            before = self.states.get((each.event_id, who), {})
            attempts = int(before.get("attempts") or 0) + (state == "queued")
            row = {"event_id": each.event_id, "recipient": who, "channel": self.channel_id, "state": state}
            rows.append({**row, "attempts": attempts, **more})
            self.states[each.event_id, who] = rows[-1]
        self.context.journal.append_deliveries(rows)
