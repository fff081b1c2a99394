"""Say what the tables of OneRoster CSV 1.1 and 1.2, and of Microsoft's School Data Sync, are to this product.

Schools, memberships and attributes come from orgs, users or roles, and demographics; sessions tell the school year.
Classes and what belongs to them are counted and not taken. No name, no address, no password is carried on.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from aimline.sources.oneroster_files import Kept, Opened, Record, merged
from aimline.sources.oneroster_years import Year, year_of
from aimline.sources.tables import Stop, Table

CLASS_LEVEL = ("classes", "courses", "enrollments")
_STAFF = frozenset(
    {"teacher", "administrator", "aide", "proctor", "counselor", "principal", "professor", "faculty", "staff"}
    | {"siteadministrator", "districtadministrator", "systemadministrator"}
)
_FAMILY = frozenset({"parent", "guardian", "relative"})
_RACES = {
    "americanindianoralaskanative": "american_indian",
    "asian": "asian",
    "blackorafricanamerican": "black",
    "nativehawaiianorotherpacificislander": "pacific_islander",
    "white": "white",
}
_YES = frozenset({"true", "1", "yes"})
_ELEMENTARY, _MIDDLE = 5, 8


@dataclass(frozen=True)
class Asked:
    """What is asked of a delivery.

    Attributes:
        entities: What is taken.
        on: The day the delivery is about.
        label: Which year a lone year of a session names.
        first_days: School year -> its first day.
        year: The school year a person said it is of.
        must_show_year: Whether the sessions must show the year of the day.
        student_id: The field that holds the number other systems know a student by.
        school_id: The same of a school.
        grades: Grade as written -> grade; an empty text for users without one.
    """

    entities: tuple[str, ...]
    on: date
    label: str = "spanning"
    first_days: Mapping[int, date] = field(default_factory=dict)
    year: int | None = None
    must_show_year: bool = False
    student_id: str = "sourcedId"
    school_id: str = "sourcedId"
    grades: Mapping[str, str] = field(default_factory=dict)


def tables_of(deliveries: Sequence[Opened], asked: Asked) -> list[Table] | Stop:
    """Return what the last of some deliveries, oldest first, makes of every file."""
    tables = merged(deliveries)
    if isinstance(tables, Stop):
        return tables
    sessions = tables.get("academicsessions")
    n_records = sum(table.n_records for table in tables.values())
    year = year_of([record for _, record in sessions.items()] if sessions else [], asked)
    if isinstance(year, Stop):
        return replace(year, n_records=n_records)
    roster = _Roster(tables, asked, year)
    return [roster.table(name, kept) for name, kept in sorted(tables.items(), key=_schools_first)]


def _schools_first(item: tuple[str, Kept]) -> tuple[bool, str]:
    return (item[0] != "orgs", item[0])


class _Roster:
    """The tables of one delivery, and what they refer to each other by."""

    def __init__(self, tables: Mapping[str, Kept], asked: Asked, year: Year) -> None:
        self.tables, self.asked, self.year = tables, asked, year
        self.orgs = self._by_id("orgs")
        self.users = self._by_id("users")
        self.sessions = self._by_id("academicsessions")
        self.has_roles = "roles" in tables
        self.levels = self._levels()

    def _by_id(self, name: str) -> dict[str, Record]:
        return {record.get("sourcedid", ""): record for _, record in self._items(name)}

    def _items(self, name: str) -> list[tuple[int, Record]]:
        return self.tables[name].items() if name in self.tables else []

    def table(self, name: str, kept: Kept) -> Table:
        """Return what one file becomes."""
        makers = {
            "orgs": ("schools", self._schools),
            "roles": ("enrollment", self._roles),
            "users": ("enrollment", self._users),
            "demographics": ("student_attributes", self._attributes),
        }
        entity, maker = makers.get(name, (self.asked.entities[0], None))
        is_read_with_roles = name == "users" and self.has_roles
        if maker is None or entity not in self.asked.entities or is_read_with_roles:
            rule = "class_level" if name in CLASS_LEVEL else "year_evidence" if name == "academicsessions" else ""
            rule = rule or ("read_with_roles" if is_read_with_roles else "not_asked")
            return self._counted(name, kept, rule)
        return maker(kept)

    def _counted(self, name: str, kept: Kept, rule: str) -> Table:
        """Account for a file of which nothing is taken; what it refers to must be there all the same."""
        refused = {number: "orphan_reference" for number, record in kept.items() if self._is_orphan(name, record)}
        ignored = Counter(kept.ignored)
        ignored[rule] += len(kept.records) - len(refused)
        return Table(
            self.asked.entities[0],
            kept.name,
            n_records=kept.n_records,
            ignored=+ignored,
            refused=refused,
            notes=dict(kept.notes),
        )

    def _is_orphan(self, name: str, record: Record) -> bool:
        """Say whether a record refers to something no file has."""
        known: Iterable[tuple[str, str, Mapping[str, Record]]] = {
            "classes": (("termsourcedids", "academicsessions", self.sessions),),
            "enrollments": (("usersourcedid", "users", self.users),),
            "academicsessions": (("parentsourcedid", "academicsessions", self.sessions),),
            "orgs": (("parentsourcedid", "orgs", self.orgs),),
            "demographics": (("usersourcedid", "users", self.users),),
            "roles": (("usersourcedid", "users", self.users), ("orgsourcedid", "orgs", self.orgs)),
            "users": (("orgsourcedids", "orgs", self.orgs),),
        }.get(name, ())
        return any(
            table in self.tables and any(each not in there for each in _listed(record.get(column, "")))
            for column, table, there in known
        )

    def _made(self, kept: Kept, name: str, made: "Iterator[tuple[int, str | dict[str, str]]]") -> Table:
        """Gather the rows of a file: cells by heading, or the rule that ignores a record."""
        ignored, rows, refused = Counter(kept.ignored), [], {}
        for number, cells in made:
            if isinstance(cells, str):
                ignored[cells] += 1
            else:
                rows.append((number, cells))
                if self._is_orphan(name, kept_record := self._numbered(kept)[number]) or self._is_stray(
                    name, kept_record
                ):
                    refused[number] = "orphan_reference"
        heads = tuple(dict.fromkeys(head for _, cells in rows for head in cells))
        listed = [(number, tuple(cells.get(head, "") for head in heads)) for number, cells in rows]
        return Table("", kept.name, heads, listed, (), None, kept.n_records, +ignored, refused, dict(kept.notes))
