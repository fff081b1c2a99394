"""Publish: freeze what was built, pass the gate, write the site, promote, hand over. Each step is one call.

A refused gate or a broken page stops here: nothing is promoted and the last release stays. What fails after that is a
delivery; it is told in the report and undoes nothing. A killed run is simply run again.
"""

import json
import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from datetime import date, timedelta
from functools import lru_cache
from getpass import getuser
from hashlib import sha256
from pathlib import Path
from typing import Any

from aimline.clock import wall_seconds
from aimline.commands._shared import number_of
from aimline.commands.coarsening import build_told
from aimline.context import Context
from aimline.disclosure import Policy, release_gate
from aimline.disclosure.artefacts import Truth, audit_site, readers_of
from aimline.disclosure.gate import Evidence, audit_release
from aimline.disclosure.memory import Memory, hold, printed
from aimline.disclosure.people import Behind, keep_people
from aimline.disclosure.release_audit import Failure, may_approve
from aimline.disclosure.released import read_released
from aimline.disclosure.verdicts import recall
from aimline.errors import DisclosureError
from aimline.ledger.approvals import Refusal, approvals, keep_refusal, targets_of
from aimline.ledger.releases import TRUTH, Freezing, Release, Staged, current, freeze, promote
from aimline.transform import code_version
from aimline.warehouse import Connection, open_release
from reports.certificates import certificate_rows
from reports.channels import DeliveryReport, Telling, deliver_pages, notify
from reports.context import Rows, read_table
from reports.declared_texts import fixed_drawings
from reports.messages import digest_message
from reports.site import SiteBuild, SiteRequest, build_site
from schemas.audiences import Audience, MailChannel

SITE = "site"
PEOPLE, MARKS = "warehouse.main.int_disclosure__people", "warehouse.main.int_disclosure__marks"
"""Where the gate finds who is behind the figures of closed periods, and the digests of them."""

KEPT_PEOPLE = "memory"
"""The folder of the state root with the people behind what earlier releases printed, by pseudonym."""

_DAYS_A_YEAR = 366
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True)
class PublishReport:
    """What publishing did.

    Attributes:
        release: The release that is current now.
        state: ``done``, or ``unchanged`` when it had been published before.
        deliveries: What each channel did.
    """

    release: Release
    state: str
    deliveries: tuple[DeliveryReport, ...]

    @property
    def failed(self) -> tuple[DeliveryReport, ...]:
        """Return the channels that could not hand over all of it."""
        return tuple(each for each in self.deliveries if each.error is not None)

    @property
    def n_pages(self) -> int:
        """Return how many pages the release has."""
        return int(self.release.manifest[SITE]["pages"])


def publish(context: Context, *, is_delivered: bool = True) -> PublishReport:
    """Publish the build of a day.

    Args:
        context: The run.
        is_delivered: Hand the release over by the audiences' channels.

    Raises:
        DisclosureError: The gate refused; nothing was published.
        PageError: A page is wrong; nothing was published.
        TransformError: There is nothing to publish.
    """
    request = _freezing(context)
    gate: dict[str, Any] = {}
    judging = _Judging(context, request.release_id, gate)
    staged = freeze(request, judging.judge, judging.amend)
    proof: dict[str, Any] = {}
    try:
        if staged.is_new:
            made = _write_site(context, staged)
            tellings = _tellings_of(context)
            _read_back(context, made, staged, tellings)
            proof = {
                "gate": gate,
                "tellings": tellings,
                SITE: made.manifest(),
                "artefacts": made.artefacts(),
                "names": made.names,
                "texts": list(made.texts),
                "drawings": list(fixed_drawings()),
            }
        judging.remember()
        release = promote(request, staged, proof)
    finally:
        judging.tidy()
        if staged.is_new:
            shutil.rmtree(staged.folder, ignore_errors=True)
    deliveries = _hand_over(context, release) if is_delivered else ()
    return PublishReport(release, "done" if staged.is_new else "unchanged", tuple(deliveries))


def _freezing(context: Context) -> Freezing:
    """Say what the release is made from: the build of the day, the declared facts, the code of figures and pages."""
    district_id = context.deployment.district.district_id
    built = build_told(context)
    code = f"{code_version()}-{pages_version()}"
    digest = context.deployment.digest
    return Freezing(context.store, context.journal, district_id, built, digest, code, context.clock.instant())


@lru_cache(maxsize=1)
def pages_version() -> str:
    """Return a digest of all that pages are made with."""
    digest = sha256()
    root = Path(__file__).resolve().parent
    for path in sorted(root.rglob("*")):
        if path.suffix in {".py", ".j2", ".css", ".svg"}:
            digest.update(f"{path.relative_to(root).as_posix()}\0".encode() + path.read_bytes())
    return digest.hexdigest()[:16]


@dataclass
class _Judging:
    """One release before its gate.

    Attributes:
        context: The run.
        release_id: The release.
        told: Gets what the manifest says of gate and audit.
        printed: What it prints of closed periods, for the memory of releases.
        people: The digests of who is behind that.
    """

    context: Context
    release_id: str
    told: dict[str, Any]
    printed: list[dict[str, Any]] = field(default_factory=list)
    people: list[dict[str, Any]] = field(default_factory=list)
    _evidence: Evidence | None = None
    _unplaced: Path | None = None

    def amend(self, connection: Connection) -> None:
        """Hold back figures whose people changed by a few since they were printed; an earlier day is nobody's news."""
        context = self.context
        facts, day = context.deployment.audiences, context.clock.as_of
        policy = Policy.of(facts.disclosure)
        self._evidence = Evidence(connection, TRUTH, policy, audiences=facts.audiences, people=PEOPLE, marks=MARKS)
        before = current(context.store)
        if before is not None and before.as_of > day:
            return
        since = day - timedelta(days=_DAYS_A_YEAR * facts.disclosure.memory_years)
        rows = context.journal.disclosure_memory(since)
        how = facts.disclosure.on_small_change
        behind = Behind(context.journal.disclosure_people(since), context.store.path(KEPT_PEOPLE))
        held = hold(self._evidence, Memory(rows, day, how, before.snapshot if before else None, behind))
        self.told["held"] = held
        self._evidence = replace(self._evidence, is_laid_out=True)

    def judge(self, connection: Connection) -> dict[str, list[dict[str, Any]]]:
        """Pass the gate, then the audit of every reader; return the certificates, which the release is given."""
        context, release_id = self.context, self.release_id
        policy = Policy.of(context.deployment.audiences.disclosure)
        evidence = self._evidence or Evidence(connection, TRUTH, policy)
        began = wall_seconds()
        release_gate(evidence)
        recall(context.store)
        audited = audit_release(evidence)
        about = {
            "release_id": release_id,
            "started_at": context.clock.instant(),
            "seconds": round(wall_seconds() - began, 3),
        }
        context.journal.append_disclosure_audit([each | about for each in audited.by_check()])
        held = approvals(context.journal, release_id, context.clock.as_of)
        _refuse_open(context, release_id, audited.open(targets_of(held)))
        self.told |= {"passed": True, "policy": policy.version, "certificates": audited.told(), "approved": held}
        if evidence.is_laid_out:
            day = context.clock.as_of
            about = {"release_id": release_id, "as_of": day.isoformat()}
            self.printed = [row | about for row in printed(evidence)]
            self._unplaced = context.store.temp_dir()
            self.people = [about | row for row in keep_people(evidence, self._unplaced, release_id)]
        return certificate_rows(context, release_id, audited, held)

    def remember(self) -> None:
        """Keep what the release prints of closed periods and who is behind it; what is kept already is left."""
        for file in sorted(self._unplaced.iterdir()) if self._unplaced else ():
            self.context.store.put_if_absent(f"{KEPT_PEOPLE}/{file.name}", file)
        self.context.journal.append_disclosure_people(self.people)
        self.context.journal.append_disclosure_memory(self.printed)

    def tidy(self) -> None:
        """Remove what is kept in its place, or will not be."""
        if self._unplaced is not None:
            shutil.rmtree(self._unplaced, ignore_errors=True)


def _refuse_open(context: Context, release_id: str, found: tuple[Failure, ...]) -> None:
    """Refuse a release for what nobody answers for; what it is stays in the state root.

    Raises:
        DisclosureError: Something is open.
    """
    if not found:
        return
    open_targets = tuple(asdict(each) | {"may_approve": may_approve(each)} for each in found)
    refusal = Refusal(release_id, context.clock.as_of, getuser(), open_targets)
    keep_refusal(context.store, context.journal, refusal, context.clock.instant())
    groups = number_of(len({each.target for each in found}), "small group")
    raise DisclosureError(
        f"Release {release_id} was not published: {groups} could be worked out by readers of "
        f"audience '{found[0].view.partition(':')[0]}'. See the release report, disclosure/{release_id}.json.",
        remedy='Build again, coarsen the groups, or have it approved by name with "aimline release approve".',
    )


def _tellings_of(context: Context) -> dict[str, str]:
    """Return how each audience is told figures: whoever reads bands or words reads other texts than others do."""
    return {
        each.audience_id: f"{each.shares}/{each.counts}"
        for each in context.deployment.audiences.audiences
        if each.protected
    }


def _read_back(context: Context, made: SiteBuild, staged: Staged, tellings: dict[str, str]) -> None:
    """Read the finished pages back, log what was found, and refuse what says more than it may.

    Raises:
        DisclosureError: A number that is no figure's, a figure that reads differently in two places, something about
            a gap, a file nobody listed.
    """
    release_id, began = staged.release_id, wall_seconds()
    texts = (*made.texts, release_id)
    released = read_released(staged.snapshot, readers_of(made.artefacts()))
    truth = Truth(
        release_id, made.declared(), texts=texts, drawings=fixed_drawings(), tellings=tellings, released=released
    )
    told = audit_site(staged.folder / SITE, truth)
    places = {name: found for name, found in told.places.items() if found}
    row = {"release_id": release_id, "view": SITE, "check_id": SITE, "n_targets": told.n_numbers}
    row |= {"n_failed": sum(map(len, places.values())), "n_undecided": 0, "worst_width": None, "passed": told.passed}
    row |= {"started_at": context.clock.instant(), "seconds": round(wall_seconds() - began, 3)}
    context.journal.append_disclosure_audit([row])
    if not told.passed:
        report = f"disclosure/{release_id}-pages.json"
        context.store.put_atomic(report, json.dumps(told.told(), indent=1, sort_keys=True).encode())
        found = ", ".join(f"{name} {len(each)}" for name, each in places.items())
        raise DisclosureError(
            f"Release {release_id} was not published: its pages say what cannot be traced ({found}). "
            f"File, line and check of each stand in {report} of the state root.",
            remedy="Mend the page or the component; the last release stays.",
        )


def _write_site(context: Context, staged: Staged) -> SiteBuild:
    named = (staged.release_id, context.clock.as_of)
    into = staged.folder / SITE
    return build_site(SiteRequest(context.deployment, staged.snapshot, into, *named, marks=staged.marks))


def _hand_over(context: Context, release: Release) -> list[DeliveryReport]:
    """Deliver pages by every folder and bucket, and the mails that are due; an earlier day's release stays at home."""
    newest = current(context.store)
    if newest is None or newest.release_id != release.release_id:
        return []
    return [*deliver_pages(context, release), *_mails(context, release)]


def _mails(context: Context, release: Release) -> Iterator[DeliveryReport]:
    """Tell the recipients of each mail channel that is due; whoever has been told is not told again."""
    due = [
        (audience, channel)
        for audience in context.deployment.audiences.audiences
        for channel in audience.channels
        if isinstance(channel, MailChannel) and channel.when
    ]
    if not due:
        return
    with open_release(release.snapshot) as connection:
        told = [
            (channel, list(_tellings(context, release, audience, channel, connection))) for audience, channel in due
        ]
    for channel, tellings in told:  # the release is closed again: messages are read back against it
        if tellings:
            yield notify(context, channel, tellings)


def _tellings(  # noqa: PLR0913, PLR0917 - each is what one message depends on
    context: Context, release: Release, audience: Audience, channel: MailChannel, connection: Connection
) -> Iterator[Telling]:
    """Yield what a mail channel tells today, once for each unit of its audience."""
    title = context.deployment.audiences.site.title["en"]
    for row in release.manifest[SITE]["editions"]:
        audience_id, unit_id = row["edition"].partition("/")[0], row["unit_id"]
        if audience_id != audience.audience_id:
            continue
        due = _due(channel, context.clock.as_of, connection, (audience_id, unit_id))
        if due is None:
            continue
        about, label = due
        status = read_table(connection, "rpt_indicator_status", audience_id, unit_id)
        own = Rows(sorted(status.where(unit_id=unit_id, group_id="all"), key=lambda each: each.indicator_no or 0))
        event_id = f"mail|{audience_id}|{unit_id}|{about}"
        yield Telling(audience_id, unit_id, digest_message(event_id, f"{title}: {label}", own))


def _due(channel: MailChannel, as_of: date, connection: Connection, reader: tuple[str, str]) -> tuple[str, str] | None:
    """Return what a channel tells of today and its heading; None when nothing is due.

    A review is told when its evidence was frozen today, a window when it closed yesterday.
    """
    for moment in channel.when:
        if moment == "review":
            for row in read_table(connection, "rpt_reviews", *reader).where(evidence_as_of=as_of):
                return f"{row.review_id}|{row.edition}", row.review_label
        elif moment == "window_closed":
            rows = read_table(connection, "rpt_obligations", *reader)
            for row in rows.where(kind="window", closes_on=as_of - timedelta(days=1)):
                return f"{row.window_id}|{row.closes_on}", f"{row.label} closed"
        elif moment in {"nightly", _WEEKDAYS[as_of.weekday()]}:
            return as_of.isoformat(), "where the indicators stand"
    return None
