"""Run the steps of one night of Riverbend in a process of its own, without a server, and print how many files it knows.

``python -m benchmarks.empty_night STATE DAY``. The other side of the pair is ``benchmarks/plain_look.py``.
"""

import sys
from datetime import date

from aimline.commands.collection import collect
from aimline.commands.night import move_windows
from aimline.commands.reviews import freeze_reviews, record_decisions
from aimline.context import open_context
from aimline.transform import BuildRequest, build
from reports.alerting import tell
from reports.publishing import publish


def main(words: list[str]) -> None:
    """Run every step once, in the order of ``flows/nightly.py``."""
    context = open_context("riverbend", as_of=date.fromisoformat(words[1]), state=words[0])
    move_windows(context)
    record_decisions(context)
    collect(context)
    district_id = context.deployment.district.district_id
    build(BuildRequest(district_id, context.store, context.journal, context.clock))
    publish(context)
    freeze_reviews(context)
    tell(context)
    print(len(context.journal.events("received")))
    context.journal.close()


if __name__ == "__main__":
    main(sys.argv[1:])
