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


def _response(element: Any) -> dict[str, Any]:
    body: dict[str, Any] = {
        "surveyResponseIdentifier": _text(element, "SurveyResponseIdentifier"),
        "surveyReference": {
            "namespace": _text(element, "Namespace"),
            "surveyIdentifier": _text(element, "SurveyIdentifier"),
        },
        "responseDate": _text(element, "ResponseDate"),
        "responseTime": int(_text(element, "ResponseTime")),
        "location": _text(element, "Location"),
    }
    student = _text(element, "StudentUniqueId")
    named = {"electronicMailAddress": _text(element, "ElectronicMailAddress"), "fullName": _text(element, "FullName")}
    body |= {name: text for name, text in named.items() if text}
    return body | ({"studentReference": {"studentUniqueId": student}} if student else {})


def _answer(element: Any) -> dict[str, Any]:
    survey = {"namespace": _text(element, "Namespace"), "surveyIdentifier": _text(element, "SurveyIdentifier")}
    values = []
    for number, each in enumerate(element.iter(_NAMESPACE + "SurveyQuestionResponseValue"), 1):
        told = {"numericResponse": _text(each, "NumericResponse"), "textResponse": _text(each, "TextResponse")}
        own = {name: int(text) if name == "numericResponse" else text for name, text in told.items() if text}
        values.append({"surveyQuestionResponseValueIdentifier": number, **own})
    return {
        "surveyQuestionReference": {**survey, "questionCode": _text(element, "QuestionCode")},
        "surveyResponseReference": {**survey, "surveyResponseIdentifier": _text(element, "SurveyResponseIdentifier")},
        "noResponse": _text(element, "NoResponse") == "true",
        "values": values,
        "surveyQuestionMatrixElementResponses": [
            {"matrixElement": _text(each, "MatrixElement"), "numericResponse": int(_text(each, "NumericResponse"))}
            for each in element.iter(_NAMESPACE + "SurveyQuestionMatrixElementResponse")
            if _text(each, "NumericResponse")
        ],
    }


def fill_survey(fake: EdfiFake, folder: Path) -> None:
    """Put the sample's survey into a host."""
    for element in _elements(folder, "Survey", "SurveyResponse"):
        fake.insert("surveyResponses", _response(element))
    for element in _elements(folder, "Survey", "SurveyQuestionResponse"):
        fake.insert("surveyQuestionResponses", _answer(element))
