"""Count the records of ``raw`` by what stands in the columns that hold few texts: table ``few``, with ``n`` of each.

Of a large file most columns say the same few things over and over: a day, a school, a code. What is true of a text is
true of every record that has it, so such columns are checked once for each combination and not once for each record.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from aimline.warehouse import Connection

FEW = "few_typed"
"""Table of what the texts of ``few`` are as values of their types."""

LARGE = 20_000
"""Below so many records one look at each is as quick."""

_SAMPLE = 4_000
_MOST_TEXTS, _MOST_TOGETHER = 100, 400


@dataclass(frozen=True)
class Few:
    """The columns of ``raw`` that hold few texts, also together; none where the file is small."""

    places: frozenset[int] = frozenset()

    def holds(self, places: Iterable[int] | None) -> bool:
        """Say whether all of some columns are among them; None stands for columns that nobody knows."""
        return bool(self.places) and places is not None and self.places.issuperset(places)


def tally(connection: Connection, n_columns: int) -> Few:
    """Find the columns that hold few texts, and count the records that are rows by them in table ``few``."""
    n = connection.rows("select count(*) as n from raw")[0]["n"]
    few = Few(frozenset(_chosen(connection, n, n_columns) if n >= LARGE else ()))
    recount(connection, few)
    return few


def recount(connection: Connection, few: Few) -> None:
    """Count the records that are rows, anew where more of them than before are none."""
    if few.places:
        listed = ", ".join(f"c{place}" for place in sorted(few.places))
        connection.execute(
            f"create or replace temp table few as select {listed}, count(*) as n from raw "
            f"where row_no not in (select row_no from ignored) group by all"
        )


def _chosen(connection: Connection, n: int, n_columns: int) -> list[int]:
    """Return columns, those with the fewest texts first, as long as a sample has few combinations of them."""
    connection.execute(
        f"create or replace temp table sampled as select * from raw where row_no % {max(1, n // _SAMPLE)} = 0"
    )
    counts = ", ".join(f"count(distinct c{place}) as n{place}" for place in range(n_columns))
    told = connection.rows(f"select {counts} from sampled")[0]
    places = sorted(range(n_columns), key=lambda place: (told[f"n{place}"], place))
    places = [place for place in places if told[f"n{place}"] <= _MOST_TEXTS]
    if not places:
        return []
    firsts = [", ".join(f"c{place}" for place in places[:count]) for count in range(1, len(places) + 1)]
    counts = ", ".join(f"count(distinct hash({first})) as n{count}" for count, first in enumerate(firsts, start=1))
    together = connection.rows(f"select {counts} from sampled")[0]
    return places[: max(count for count in range(len(places) + 1) if together.get(f"n{count}", 0) <= _MOST_TOGETHER)]
