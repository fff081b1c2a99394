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

_TEACHERS = "teachers"
"""The file of School Data Sync v1 that has teachers alone; elsewhere they stand among users or roles."""

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
        staff_id: The same of a member of staff.
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
    staff_id: str = "sourcedId"
    grades: Mapping[str, str] = field(default_factory=dict)


_Made = tuple[int, Record, "str | dict[str, str]"]
"""Number of a record, the record, its cells or the rule that ignores it."""


def tables_of(deliveries: Sequence[Opened], asked: Asked) -> list[Table] | Stop:
    """Return what the last of some deliveries, oldest first, makes of every file."""
    tables = merged(deliveries)
    if isinstance(tables, Stop):
        return tables
    sessions = tables.get("academicsessions")
    n_records = sum(table.n_records for table in tables.values())
    told = [*(record for _, record in sessions.items())] if sessions else []
    year = year_of([*told, *deliveries[-1].sessions], asked)
    if isinstance(year, Stop):
        return replace(year, n_records=n_records)
    roster = _Roster(tables, asked, year)
    made = [roster.table(name, kept) for name, kept in sorted(tables.items(), key=_schools_first)]
    is_beside = "staff" in asked.entities and bool(roster.users) and _TEACHERS not in tables
    return made + ([roster.staff()] if is_beside else [])


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
            _TEACHERS: ("staff", lambda _kept: self.staff()),
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

    def _gathered(self, name: str, made: Iterable[_Made], table: Table) -> Table:
        """Gather the rows of a file: cells by heading, or the rule that ignores a record."""
        kept, rows, refused = self.tables[name], [], {}
        heads = tuple(head for column in table.columns for head in column.get("from", ()))
        heads += tuple(table.unpivot["columns"]) if table.unpivot else ()
        ignored = Counter(kept.ignored)
        for number, record, cells in made:
            if self._is_orphan(name, record):
                refused[number] = "orphan_reference"
            if isinstance(cells, str) and number not in refused:
                ignored[cells] += 1
            else:
                rows.append((number, {heads[0]: cells} if isinstance(cells, str) else cells))  # it is refused as it is
        return replace(
            table,
            headings=heads,
            rows=[(number, tuple(cells.get(head, "") for head in heads)) for number, cells in rows],
            n_records=kept.n_records,
            ignored=+ignored,
            refused=refused,
            notes=dict(kept.notes),
        )

    def _schools(self, kept: Kept) -> Table:
        """Make schools of the orgs of that type."""

        def made() -> Iterator[_Made]:
            for number, org in kept.items():
                school_id = self._school_id(org)
                cells = {"school": school_id, "name": org.get("name", "")}
                cells |= {"level": self.levels.get(org["sourcedid"], "unknown"), "from": self.year.first_on}
                yield number, org, cells if _is_school(org) else "not_a_school"

        columns: list[Mapping[str, object]] = [
            {"name": "school_id", "from": ["school"], "type": "id"},
            {"name": "name", "from": ["name"]},
            {"name": "kind", "value": "regular"},
            {"name": "level", "from": ["level"]},
            {"name": "valid_from", "from": ["from"]},
            {"name": "opens_on", "value": self.year.first_on},
        ]
        return self._gathered("orgs", made(), Table("schools", kept.name, columns=columns))

    def _roles(self, kept: Kept) -> Table:
        """Make a membership of every role of a student in a school."""

        def made() -> Iterator[_Made]:
            for number, role in kept.items():
                user = self.users.get(role.get("usersourcedid", ""), {})
                org = self.orgs.get(role.get("orgsourcedid", ""), {})
                cells = self._stay(user, role) | {"school": self._school_id(org)}
                rule = _rule_of(role.get("role", "")) or ("" if _is_school(org) else "not_a_school")
                yield number, role, rule or cells

        columns: list[Mapping[str, object]] = [*_STAY, {"name": "school_id", "from": ["school"], "type": "id"}]
        return self._gathered("roles", made(), Table("enrollment", kept.name, columns=columns))

    def _users(self, kept: Kept) -> Table:
        """Make memberships of every student in the schools they belong to."""
        most = 1

        def made() -> Iterator[_Made]:
            nonlocal most
            for number, user in kept.items():
                orgs = [self.orgs.get(org_id, {}) for org_id in sorted(set(_listed(user.get("orgsourcedids", ""))))]
                schools = [self._school_id(org) for org in orgs if _is_school(org)]
                most = max(most, len(schools))
                cells = self._stay(user, user) | {f"school {place}": each for place, each in enumerate(schools, 1)}
                yield number, user, _rule_of(user.get("role", "")) or (cells if schools else "not_a_school")

        held = list(made())
        wide = {f"school {place}": str(place) for place in range(1, most + 1)}
        unpivot = {"columns": wide, "name": "enrollment_id", "value": "school_id"}
        return self._gathered("users", held, Table("enrollment", kept.name, columns=_STAY, unpivot=unpivot))

    def staff(self) -> Table:
        """Make an assignment of every school in which a member of staff has a role; others are counted."""
        name = next(name for name in (_TEACHERS, "roles", "users") if name in self.tables)
        most = 1

        def made() -> Iterator[_Made]:
            nonlocal most
            for number, record in self._items(name):
                user = self.users.get(record.get("usersourcedid", ""), record)
                listed = _listed(record.get("orgsourcedid", "") or record.get("orgsourcedids", ""))
                orgs = [self.orgs.get(org_id, {}) for org_id in sorted(set(listed))]
                schools = [self._school_id(org) for org in orgs if _is_school(org)]
                most = max(most, len(schools))
                cells = {f"school {place}": each for place, each in enumerate(schools, 1)}
                cells |= {"person": user.get(self.asked.staff_id.lower(), ""), "role": record.get("role", "").lower()}
                cells |= {"from": record.get("begindate", "") or self.year.first_on, "year": str(self.year.spring)}
                rule = _rule_of(record.get("role", "")) or "student"
                yield number, record, (cells if schools else "not_a_school") if rule == "staff" else rule

        held = list(made())
        wide = {f"school {place}": str(place) for place in range(1, most + 1)}
        unpivot = {"columns": wide, "name": "assignment_id", "value": "school_id"}
        own = self.tables[name].name
        table = Table("staff", own if name == _TEACHERS else f"{own} (staff)", columns=_ASSIGNED, unpivot=unpivot)
        return replace(self._gathered(name, held, table), notes={})

    def _stay(self, user: Record, role: Record) -> dict[str, str]:
        """Return what is told of a membership, whatever its school."""
        grades = _listed(user.get("grades", "") or user.get("grade", "") or role.get("grade", ""))
        grade = ",".join(grades)
        kind = role.get("roletype", "").lower()
        return {
            "student": user.get(self.asked.student_id.lower(), ""),
            "grade": self.asked.grades.get(grade, grade),
            "entered": role.get("begindate", "") or role.get("rolestartdate", "") or self.year.first_on,
            "exited": role.get("enddate", "") or role.get("roleenddate", ""),
            "primary": {"primary": "true", "secondary": "false"}.get(kind, role.get("isprimary", "")),
            "year": str(self.year.spring),
        }

    def _attributes(self, kept: Kept) -> Table:
        """Make attributes of what is told of a student."""

        def made() -> Iterator[_Made]:
            for number, told in kept.items():
                user = self.users.get(told.get("usersourcedid", "") or told.get("sourcedid", ""), {})
                cells = {"student": user.get(self.asked.student_id.lower(), ""), "from": self.year.first_on}
                cells |= {"race": _race(told), "sex": told.get("sex", "").lower()}
                is_known = bool(user) or "users" not in self.tables
                yield number, told if is_known else {**told, "usersourcedid": "?"}, cells

        columns = [
            {"name": "student_key", "from": ["student"], "type": "id"},
            {"name": "valid_from", "from": ["from"]},
        ]
        wide = {"race": "race_ethnicity", "sex": "sex"}
        unpivot = {"columns": wide, "name": "attribute", "value": "value"}
        table = Table("student_attributes", kept.name, columns=columns, unpivot=unpivot)
        return self._gathered("demographics", made(), table)

    def _school_id(self, org: Record) -> str:
        return org.get(self.asked.school_id.lower(), "")

    def _levels(self) -> dict[str, str]:
        """Return what each school is by the grades of its students."""
        grades: dict[str, set[int]] = {}
        for _, record in self._items("roles" if self.has_roles else "users"):
            user = self.users.get(record.get("usersourcedid", ""), record)
            grade = self._stay(user, record)["grade"]
            number = int(grade) if grade.isdigit() else 0 if grade.upper() in _YOUNGEST else None
            for org_id in _listed(record.get("orgsourcedid", "") or record.get("orgsourcedids", "")):
                if number is not None and not _rule_of(record.get("role", "")):
                    grades.setdefault(org_id, set()).add(number)
        return {org_id: _level(min(found), max(found)) for org_id, found in grades.items()}


_YOUNGEST = frozenset({"IT", "PR", "PK", "TK", "KG", "K"})


def _level(low: int, high: int) -> str:
    if high <= _ELEMENTARY:
        return "elementary"
    if low > _MIDDLE:
        return "high"
    return "middle" if low >= _ELEMENTARY and high <= _MIDDLE else "combined"


_ASSIGNED: tuple[Mapping[str, object], ...] = (
    {"name": "staff_key", "from": ["person"], "type": "id"},
    {"name": "valid_from", "from": ["from"]},
    {"name": "staff_role", "from": ["role"]},
    {"name": "school_year", "from": ["year"], "type": "school_year"},
)

_STAY: tuple[Mapping[str, object], ...] = (
    {"name": "student_key", "from": ["student"], "type": "id"},
    {"name": "grade", "from": ["grade"], "type": "grade"},
    {"name": "entered_on", "from": ["entered"]},
    {"name": "exited_on", "from": ["exited"], "required": False},
    {"name": "is_primary", "from": ["primary"], "required": False},
    {"name": "school_year", "from": ["year"], "type": "school_year"},
)


def _is_school(org: Record) -> bool:
    return org.get("type", "").lower() == "school"


def _rule_of(role: str) -> str:
    """Return the rule that ignores a role, empty for students."""
    plain = role.lower()
    if plain == "student":
        return ""
    return "staff" if plain in _STAFF else "family" if plain in _FAMILY else "other_role"


def _listed(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _race(told: Record) -> str:
    """Return the group of federal reports that the marks of a record give; empty where nothing is marked."""
    marked = [group for name, group in _RACES.items() if told.get(name, "").lower() in _YES]
    marked += [_RACES[each.lower()] for each in _listed(told.get("racecodes", "")) if each.lower() in _RACES]
    is_hispanic = told.get("hispanicorlatinoethnicity", "").lower() in _YES
    if is_hispanic or "hispanicorlatinoethnicity" in told.get("ethnicitycodes", "").lower():
        return "hispanic"
    is_several = told.get("demographicracetwoormoreraces", "").lower() in _YES
    return "two_or_more" if is_several or len(marked) > 1 else "".join(marked)
