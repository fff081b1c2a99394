"""Take a database back to an earlier day, one class of inputs at a time."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from aimline.clock import end_of_day_utc
from aimline.errors import TransformError
from aimline.journal import Journal
from aimline.storage import LocalStore
from aimline.transform.builds import WAREHOUSE, bring
from aimline.transform.compiling import built_plan, code_version
from aimline.transform.landed import Tonight
from aimline.transform.stages import stages
from aimline.transform.visible import see
from aimline.warehouse import Connection, connect, let_go


@dataclass(frozen=True)
class Span:
    """Two days of knowledge of one district, and the database built as of the later one."""

    district_id: str
    zone: str
    first: date
    last: date
    key: str


def replays(
    store: LocalStore, journal: Journal, span: Span, *, to_first: bool = True
) -> Iterator[tuple[str, Connection]]:
    """Take a copy of a database back to an earlier day, one class of inputs at a time, the last class first.

    Args:
        store: The state root.
        journal: Its record.
        span: The two days.
        to_first: Whether the first day itself is wanted; its figures may be known.

    Yields:
        The class whose news the copy still holds, and the copy; at last an empty text and the copy as of the first day.

    Raises:
        TransformError: The database was built by other code, or there is none.
    """
    night = built_plan(store)
    made = journal.events("build_finished", subject_id=span.key)
    if night is None or not made or made[-1].payload["code_version"] != code_version():
        told = f"the build as of {span.last} was made by another version of Aimline."
        raise TransformError(told, remedy=f"Build as of {span.last} once more, then ask again.")
    days = (span.first, span.last)
    work = store.temp_dir()
    let_go(store.path(span.key))  # a rehearsal keeps it open, and its newest rows in a log beside the file
    try:
        shutil.copyfile(store.path(span.key), work / WAREHOUSE)
        seen = [see(journal, day, end_of_day_utc(day, span.zone)) for day in days]
        with connect(work / WAREHOUSE, role="night") as connection:
            for number, stage in enumerate(reversed(stages(store, (seen[0], seen[1]), work.name))):
                if not stage.cause and not to_first:
                    return
                if number:
                    as_of = days[stage.is_late]
                    bring(connection, store, (stage.seen, Tonight(as_of, "", span.district_id, "")), night)
                yield stage.cause, connection
    finally:
        shutil.rmtree(work, ignore_errors=True)
