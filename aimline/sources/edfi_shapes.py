"""Say which resources of an Ed-Fi host become which entities, which of their fields are kept, and what these mean.

Only the fields that are listed are ever written down. Ids of people are named here, so that they are pseudonyms before
that. What a descriptor means is said for the ones the Ed-Fi Alliance publishes; a state's own are declared under
``codes`` of the source, by their whole address, so that two states' equal words are never taken for one another.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from aimline.sources import edfi_answers, edfi_attributes
from aimline.sources.edfi_answers import MATRIX, NUMBER, RESPONDENTS
from aimline.sources.pulled import Written
from aimline.sources.tables import Table

if TYPE_CHECKING:
    from schemas.sources import Source

Record = dict[str, str]
"""One record as it is written down: field -> text, names of nested fields joined by dots."""

OF = "of"
"""The field that holds the resource of a record, where an entity is made of several."""

_PEOPLE = {"studentUniqueId": "student", "staffUniqueId": "staff"}
_PEOPLE |= dict.fromkeys(("contactUniqueId", "parentUniqueId"), "respondent")
_STUDENT, _SCHOOL = "studentReference.studentUniqueId", "schoolReference.schoolId"


@dataclass(frozen=True)
class Shape:
    """One resource.

    Attributes:
        entity: What its records become.
        resource: Its name at the host.
        key: The fields that name a record.
        needed: Further fields without which nothing can be made of it.
        kept: Further fields that are written down.
        columns: How the fields fill the columns of the entity, as ``sources.yml`` would say it.
        codes: Column -> local code -> code of the contract, for the descriptors of the Ed-Fi Alliance.
        made: Makes further fields of a record.
    """

    entity: str
    resource: str
    key: tuple[str, ...]
    needed: tuple[str, ...]
    kept: tuple[str, ...]
    columns: tuple[Mapping[str, Any], ...]
    codes: Mapping[str, Mapping[str, str]]
    made: Callable[[Record], Record]

    @property
    def fields(self) -> tuple[str, ...]:
        """Return every field that is written down."""
        return (*self.key, *self.needed, *self.kept)


def flat(record: Mapping[str, Any], fields: Sequence[str]) -> Record:
    """Return the wanted fields of a record as text; several of one name are joined, in order.

    A last part such as ``{name=value}`` gives the fields of one object together.
    """
    return {field: " + ".join(sorted(_texts(record, field.split(".")))) for field in fields}


def _texts(value: Any, path: Sequence[str]) -> Iterator[str]:
    if isinstance(value, list):
        for each in value:
            yield from _texts(each, path)
    elif path and path[0].startswith("{") and isinstance(value, Mapping):
        yield "=".join(str(value.get(name, "")) for name in path[0].strip("{}").split("="))
    elif path and isinstance(value, Mapping):
        yield from _texts(value.get(path[0]), path[1:])
    elif not path and value is not None and not isinstance(value, Mapping):
        yield str(value).lower() if isinstance(value, bool) else str(value)


def person(field: str) -> str | None:
    """Return the kind of person a field holds the id of; None for any other field."""
    return _PEOPLE.get(field.rpartition(".")[2])


def _uris(descriptor: str, meanings: Mapping[str, str]) -> dict[str, str]:
    return {f"uri://ed-fi.org/{descriptor}Descriptor#{word}": code for word, code in meanings.items()}


def _with_school_year(record: Record) -> Record:
    """Add the school year of a membership: its own, that of its calendar, or that of its first day."""
    told = record["schoolYearTypeReference.schoolYear"] or record["calendarReference.schoolYear"]
    day = record["entryDate"]
    entered = str(int(day[:4]) + (day[5:7] >= "07")) if len(day) == len("2026-09-01") else ""
    return record | {"schoolYear": told or entered, "calendar": _calendar(record)}


def _calendar(record: Record) -> str:
    """Return the name of a calendar, which a host numbers a school and a year."""
    if not record["calendarReference.calendarCode"]:
        return ""
    return "/".join(record[f"calendarReference.{each}"] for each in ("schoolId", "schoolYear", "calendarCode"))


_NOT_ALL_DAY = ("Tardy", "In Attendance", "Present")


def _with_fraction(record: Record) -> Record:
    """Add the share of the day: as told; else none for a mark that is no absence, all of it for one that is."""
    word = record["attendanceEventCategoryDescriptor"].rpartition("#")[2]
    told = record["eventDuration"] or ("0" if word in _NOT_ALL_DAY else "1")
    return record | {"absenceFraction": told}


_TAUGHT = {"Instructional day", "Make-up day", "Student late arrival/early dismissal"}


def _with_calendar(record: Record) -> Record:
    words = {each.rpartition("#")[2] for each in record[_EVENTS].split(" + ")}
    return record | {"calendar": _calendar(record), "isInstructional": str(bool(words & _TAUGHT)).lower()}


def _plain(record: Record) -> Record:
    return record


_ORDINALS = (
    *("First", "Second", "Third", "Fourth", "Fifth", "Sixth"),
    *("Seventh", "Eighth", "Ninth", "Tenth", "Eleventh", "Twelfth"),
)
_GRADES = {f"{word} grade": str(number) for number, word in enumerate(_ORDINALS, 1)} | {"Kindergarten": "K"}
_GRADES |= dict.fromkeys(("Preschool", "Prekindergarten", "Preschool/Prekindergarten"), "PK") | {"Ungraded": "UG"}
_MARKS = {"Excused Absence": "excused", "Unexcused Absence": "unexcused", "Tardy": "tardy"}
_MARKS |= dict.fromkeys(("In Attendance", "Present"), "present")
_LEVELS = {"Elementary School": "elementary", "Middle School": "middle", "High School": "high"}
_LEVELS |= {"Primary School": "elementary", "Junior High School": "middle", "Secondary School": "high"}
_LEVELS |= {"All Levels": "all", "Elementary/Secondary School": "all"}
_KINDS = {"Regular": "regular", "Alternative": "alternative", "Special Education": "special"}
_KINDS |= {"Career and Technical Education": "vocational"}
_DAYS = {"Instructional day": "regular", "Make-up day": "make_up", "Student late arrival/early dismissal": "late_start"}
_DAYS |= dict.fromkeys(("Holiday", "Emergency day", "Strike", "Teacher only day", "Weather day"), "no_school")
_DAYS |= {"Non-instructional day": "no_school"}

_CATEGORY, _TYPE = "schoolCategories.schoolCategoryDescriptor", "schoolTypeDescriptor"
_EVENTS = "calendarEvents.calendarEventDescriptor"
_MARK, _GRADE = "attendanceEventCategoryDescriptor", "entryGradeLevelDescriptor"
_CODE, _OF = "calendarReference.calendarCode", "calendarReference.schoolYear"

SHAPES = (
    Shape(
        "schools",
        "schools",
        ("schoolId",),
        ("nameOfInstitution",),
        (_TYPE, _CATEGORY),
        (
            {"name": "school_id", "from": "schoolId", "type": "id"},
            {"name": "name", "from": "nameOfInstitution"},
            {"name": "kind", "from": _TYPE},
            {"name": "level", "from": _CATEGORY},
        ),
        {"kind": _uris("SchoolType", _KINDS), "level": _uris("SchoolCategory", _LEVELS)},
        lambda record: record | {_TYPE: record[_TYPE] or "regular", _CATEGORY: record[_CATEGORY] or "all"},
    ),
    Shape(
        "calendar_days",
        "calendarDates",
        ("calendarReference.schoolId", _OF, _CODE, "date"),
        (_EVENTS,),
        (),
        (
            {"name": "calendar_id", "from": "calendar"},
            {"name": "on_date", "from": "date", "type": "date"},
            {"name": "school_id", "from": "calendarReference.schoolId", "type": "id"},
            {"name": "day_kind", "from": _EVENTS},
            {"name": "is_instructional", "from": "isInstructional", "type": "boolean"},
        ),
        {"day_kind": _uris("CalendarEvent", _DAYS)},
        _with_calendar,
    ),
    Shape(
        "enrollment",
        "studentSchoolAssociations",
        (_STUDENT, _SCHOOL, "entryDate"),
        (_GRADE,),
        (
            *("calendarReference.schoolId", _OF, _CODE, "schoolYearTypeReference.schoolYear", "exitWithdrawDate"),
            *("exitWithdrawTypeDescriptor", "primarySchool", "fullTimeEquivalency"),
        ),
        (
            {"name": "student_key", "from": _STUDENT},
            {"name": "school_id", "from": _SCHOOL, "type": "id"},
            {"name": "calendar_id", "from": "calendar"},
            {"name": "grade", "from": _GRADE},
            {"name": "entered_on", "from": "entryDate", "type": "date"},
            {"name": "exited_on", "from": "exitWithdrawDate", "type": "date"},
            {"name": "exit_code", "from": "exitWithdrawTypeDescriptor"},
            {"name": "is_primary", "from": "primarySchool", "type": "boolean"},
            {"name": "fte", "from": "fullTimeEquivalency", "type": "decimal"},
            {"name": "school_year", "from": "schoolYear", "type": "integer"},
        ),
        {"grade": _uris("GradeLevel", _GRADES)},
        lambda record: _with_school_year(record) | {"fullTimeEquivalency": record["fullTimeEquivalency"] or "1"},
    ),
    Shape(
        "attendance_events",
        "studentSchoolAttendanceEvents",
        (
            *(_STUDENT, _SCHOOL, "sessionReference.schoolYear", "sessionReference.sessionName", "eventDate"),
            _MARK,
        ),
        (),
        ("eventDuration",),
        (
            {"name": "student_key", "from": _STUDENT},
            {"name": "school_id", "from": _SCHOOL, "type": "id"},
            {"name": "on_date", "from": "eventDate", "type": "date"},
            {"name": "category", "from": _MARK},
            {"name": "absence_fraction", "from": "absenceFraction", "type": "decimal"},
            {"name": "raw_code", "from": _MARK},
        ),
        {"category": _uris("AttendanceEventCategory", _MARKS)},
        _with_fraction,
    ),
    Shape(
        "student_attributes",
        edfi_attributes.RESOURCE,
        edfi_attributes.KEY,
        (),
        edfi_attributes.KEPT,
        edfi_attributes.COLUMNS,
        edfi_attributes.CODES,
        _plain,
    ),
    Shape(
        "responses",
        "surveyResponses",
        ("surveyReference.namespace", "surveyReference.surveyIdentifier", "surveyResponseIdentifier"),
        ("responseDate",),
        ("responseTime", *RESPONDENTS),
        (),
        {},
        _plain,
    ),
    Shape(
        "responses",
        "surveyQuestionResponses",
        (
            *(
                f"surveyResponseReference.{name}"
                for name in ("namespace", "surveyIdentifier", "surveyResponseIdentifier")
            ),
            "surveyQuestionReference.questionCode",
        ),
        (),
        ("noResponse", NUMBER, MATRIX),
        (
            {"name": "window_id", "from": "window"},
            {"name": "response_id", "from": "surveyResponseReference.surveyResponseIdentifier"},
            {"name": "respondent_key", "from": "respondent"},
            {"name": "respondent_class", "from": "respondentClass"},
            {"name": "submitted_at", "from": "responseDate", "type": "timestamp", "dates": "%Y-%m-%d"},
            {"name": "duration_seconds", "from": "responseTime", "type": "decimal"},
            {"name": "item_id", "from": "item"},
            {"name": "option_value", "from": NUMBER, "required": False},
            {"name": "answer_state", "from": "answerState"},
        ),
        {"window_id": {}, "respondent_class": {name: name for name in ("student", "staff", "family")}},
        _plain,
    ),
)
"""Every resource, in the order its records depend on one another."""

ENTITIES = {shape.entity: [each for each in SHAPES if each.entity == shape.entity] for shape in SHAPES}
"""Entity -> its resources; the last is the one whose records become rows."""


def is_made_of_several(entity: str) -> bool:
    """Say whether an entity is made of the records of several resources."""
    return len(ENTITIES[entity]) > 1


_SINCE = {"schools": ("valid_from", "opens_on"), "student_attributes": ("valid_from",)}


def _told(
    shape: Shape,
    own: Sequence[Mapping[str, str]],
    of_others: Sequence[Mapping[str, str]],
    codes: Mapping[str, Mapping[str, str]],
) -> tuple[list[Record], dict[str, int]]:
    """Return the records that become rows, and rule -> what was told besides that becomes none."""
    if shape.entity == "responses":
        return edfi_answers.answers(own, of_others), {}
    if shape.entity == "student_attributes":
        return edfi_attributes.attributes(own, codes["attribute"])
    return [shape.made(dict(each)) for each in own], {}


def table_of(written: Written, source: "Source", since: date) -> Table:
    """Return the table of what was written down of one entity.

    Args:
        written: Header and records.
        source: The source as declared: its ``codes`` add to ours, and ``columns`` stand in their place.
        since: The day from which a school is known that does not say since when it is there, or an attribute holds.
    """
    shape = ENTITIES[written.header["entity"]][-1]
    of_others = [record for record in written.records if record.get(OF, shape.resource) != shape.resource]
    own = [record for record in written.records if record.get(OF, shape.resource) == shape.resource]
    codes = {
        name: {**shape.codes.get(name, {}), **source.codes.get(name, {})} for name in {**shape.codes, **source.codes}
    }
    records, ignored = _told(shape, own, of_others, codes)
    declared = [column.model_dump(by_alias=True, exclude_none=True) for column in source.columns]
    columns: list[Mapping[str, Any]] = [*(declared or shape.columns)]
    headings = _read_from(columns)
    since_when = () if source.columns else _SINCE.get(shape.entity, ())
    columns += [{"name": name, "value": since.isoformat(), "type": "date"} for name in since_when]
    declares: dict[str, Any] = {}
    if shape.entity == "student_attributes" and source.load.slot == "all":
        declares["slot"] = "{school_year}"  # a host tells of one year: what it told of others stays
    if shape.entity == "schools":
        codes = {"kind": {**codes["kind"], "regular": "regular"}, "level": {**codes["level"], "all": "all"}}
    return Table(
        entity=shape.entity,
        name="",
        headings=headings,
        rows=[(number, [record.get(name, "") for name in headings]) for number, record in enumerate(records, 1)],
        columns=columns,
        n_records=len(records) + sum(ignored.values()),
        ignored=ignored,
        refused={number: "orphan_reference" for number, each in enumerate(records, 1) if each.get("isOrphan")},
        notes=written.header.get("notes", {}),
        is_state=True,
        declares={**declares, "codes": codes},
    )


def _read_from(columns: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    """Return the fields that columns are filled from, each once."""
    found: dict[str, None] = {}
    for column in columns:
        names = column.get("from", ())
        found |= dict.fromkeys((names,) if isinstance(names, str) else names)
        found |= {column["when"]["heading"]: None} if "when" in column else {}
    return tuple(found)
