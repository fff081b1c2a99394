"""Find the database that tells what was known on a day. Building one is ``aimline build --as-of``."""

from datetime import date

from aimline.errors import UsageError
from aimline.journal import Journal
from aimline.storage import LocalStore
from aimline.transform import WAREHOUSE


def built_key(store: LocalStore, journal: Journal, as_of: date | None, district: str = "DEPLOYMENT") -> str:
    """Return the key of the newest build, or of the build of a day.

    Args:
        store: The state root.
        journal: Its record.
        as_of: The day of knowledge; the newest build when None.
        district: The name that commands call the deployment.

    Raises:
        UsageError: Nothing has been built, or nothing of that day.
    """
    if as_of is None:
        if not store.exists(WAREHOUSE):
            raise UsageError("nothing has been built yet.", remedy=f"aimline build {district}")
        return WAREHOUSE
    newest = journal.events("build_finished", subject_id=WAREHOUSE)
    if newest and newest[-1].as_of == as_of and store.exists(WAREHOUSE):
        return WAREHOUSE
    key = f"asof/{as_of}.duckdb"
    if not store.exists(key):
        told = f"nothing has been built as of {as_of}."
        raise UsageError(told, remedy=f"aimline build {district} --as-of {as_of}")
    return key
