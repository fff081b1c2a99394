"""Read the Ed-Fi Alliance's sample district, Grand Bend, from its XML files into bodies as a host serves them."""

import gzip
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from defusedxml import ElementTree

from tests.support.edfi_fake import EdfiFake, membership, school

_NAMESPACE = "{http://ed-fi.org/5.2.0}"


def _elements(folder: Path, file: str, name: str) -> Iterator[Any]:
    with gzip.open(folder / "edfi/grand_bend_ds52" / f"{file}.xml.gz") as opened:
        yield from ElementTree.parse(opened).getroot().iter(_NAMESPACE + name)


def _text(element: Any, name: str) -> str:
    found = element.find(f".//{_NAMESPACE}{name}")
    return (found.text or "") if found is not None else ""


def _texts(element: Any, name: str) -> list[str]:
    return [each.text or "" for each in element.iter(_NAMESPACE + name)]


def _event(element: Any) -> dict[str, Any]:
    number, year = int(_text(element, "SchoolId")), int(_text(element, "SchoolYear")[-4:])
    body: dict[str, Any] = {
        "studentReference": {"studentUniqueId": _text(element, "StudentUniqueId")},
        "schoolReference": {"schoolId": number},
        "sessionReference": {"schoolId": number, "schoolYear": year, "sessionName": _text(element, "SessionName")},
        "eventDate": _text(element, "EventDate"),
        "attendanceEventCategoryDescriptor": _text(element, "AttendanceEventCategory"),
    }
    body |= {"attendanceEventReason": text} if (text := _text(element, "AttendanceEventReason")) else {}
    return body | ({"eventDuration": float(text)} if (text := _text(element, "EventDuration")) else {})


def _school(element: Any) -> dict[str, Any]:
    own = school(int(_text(element, "SchoolId")), _text(element, "NameOfInstitution"))
    grades = [{"gradeLevelDescriptor": each} for each in _texts(element, "GradeLevel")]
    categories = [{"schoolCategoryDescriptor": each} for each in _texts(element, "SchoolCategory")]
    phones = [
        {
            "telephoneNumber": _text(each, "TelephoneNumber"),
            "institutionTelephoneNumberTypeDescriptor": _text(each, kind),
        }
        for each in element.iter(f"{_NAMESPACE}InstitutionTelephone")
        for kind in ["InstitutionTelephoneNumberType"]
    ]
    return own | {"gradeLevels": grades, "schoolCategories": categories, "institutionTelephones": phones}


def fill(fake: EdfiFake, folder: Path) -> None:
    """Put the sample's schools and marks into a host, with a membership for each student that has a mark."""
    for element in _elements(folder, "EducationOrganization", "School"):
        fake.insert("schools", _school(element))
    students: dict[str, int] = {}
    for element in _elements(folder, "StudentSchoolAttendance", "StudentSchoolAttendanceEvent"):
        body = _event(element)
        students.setdefault(body["studentReference"]["studentUniqueId"], body["schoolReference"]["schoolId"])
        fake.insert("studentSchoolAttendanceEvents", body)
    for student, number in students.items():
        own = membership(student, number, "2021-08-20", schoolYearTypeReference={"schoolYear": 2022})
        fake.insert("studentSchoolAssociations", own)
