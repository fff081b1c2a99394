"""Write OneRoster deliveries of a small invented roster: whole exports, and what changed between two rosters."""

import csv
import io
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Records = dict[str, dict[str, str]]

HEADS = {
    "orgs": "sourcedId,status,dateLastModified,name,type,identifier,parentSourcedId",
    "academicSessions": "sourcedId,status,dateLastModified,title,type,startDate,endDate,parentSourcedId,schoolYear",
    "users": "sourcedId,status,dateLastModified,enabledUser,orgSourcedIds,role,username,givenName,familyName,"
    "identifier,email,grades,password",
    "roles": "sourcedId,status,dateLastModified,userSourcedId,roleType,role,beginDate,endDate,orgSourcedId",
    "demographics": "sourcedId,status,dateLastModified,birthDate,sex,asian,white,hispanicOrLatinoEthnicity",
    "classes": "sourcedId,status,dateLastModified,title,schoolSourcedId,termSourcedIds",
    "enrollments": "sourcedId,status,dateLastModified,classSourcedId,schoolSourcedId,userSourcedId,role",
}
SOURCE: dict[str, Any] = {
    "source_id": "roster",
    "kind": "oneroster_csv",
    "entities": ["schools", "enrollment", "student_attributes"],
    "owner": {"role": "data_engineer"},
    "transport": {"kind": "local", "url": "inbox", "match": ["or_{date:%Y%m%d}.zip"]},
}
"""The source as a district declares it."""


@dataclass
class Roster:
    """An invented roster: file -> records by their ``sourcedId``."""

    files: dict[str, Records] = field(default_factory=dict)
    version: str = "1.1"

    def put(self, name: str, key: str, /, **cells: str) -> "Roster":
        """Put a record in, in place of one of the same key."""
        self.files.setdefault(name, {})[key] = {"sourcedId": key, **cells}
        return self

    def bulk(self, **changed: Any) -> bytes:
        """Return a whole export."""
        modes = dict.fromkeys(self.files, "bulk")
        return zipped({name: list(records.values()) for name, records in self.files.items()}, modes, **changed)

    def delta(self, before: "Roster", stamp: str = "2019-01-09T08:00:00.000Z") -> bytes:
        """Return what changed since an earlier roster."""
        found: dict[str, list[dict[str, str]]] = {}
        for name, records in self.files.items():
            old = before.files.get(name, {})
            new = [{**each, "status": "active"} for key, each in records.items() if old.get(key) != each]
            gone = [{**each, "status": "tobedeleted"} for key, each in old.items() if key not in records]
            found[name] = [{**each, "dateLastModified": stamp} for each in [*new, *gone]]
        return zipped(found, dict.fromkeys(found, "delta"))


def zipped(
    files: Mapping[str, Sequence[Mapping[str, str]]],
    modes: Mapping[str, str],
    *,
    folder: str = "",
    manifest: bool = True,
    more: Mapping[str, bytes] | None = None,
) -> bytes:
    """Return a delivery of some files with a manifest that gives their modes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        rows = [{"propertyName": "oneroster.version", "value": "1.1"}]
        rows += [{"propertyName": f"file.{name}", "value": mode} for name, mode in modes.items()]
        if manifest:
            archive.writestr(zipfile.ZipInfo(f"{folder}manifest.csv"), _text("propertyName,value", rows))
        for name, records in files.items():
            archive.writestr(zipfile.ZipInfo(f"{folder}{name}.csv"), _text(HEADS[name], records))
        for name, data in (more or {}).items():
            archive.writestr(zipfile.ZipInfo(name), data)
    return buffer.getvalue()


def _text(heads: str, records: Sequence[Mapping[str, str]]) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, heads.split(","), restval="", lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(records)
    return out.getvalue()


def small(n_students: int = 12) -> Roster:
    """Return a district with two schools, some students in both, a teacher and a guardian."""
    made = Roster()
    made.put("orgs", "d", name="District", type="district")
    for number in (1, 2):
        made.put("orgs", f"s{number}", name=f"School {number}", type="school", parentSourcedId="d")
    year = {"startDate": "2018-08-20", "endDate": "2019-06-01", "schoolYear": "2019"}
    made.put("academicSessions", "y", title="2018-19", type="schoolYear", **year)
    for number in range(n_students):
        orgs = "s1,s2" if number % 5 == 0 else f"s{1 + number % 2}"
        person = {"givenName": "Marker", "familyName": "Markerson", "email": f"marker{number}@x.example"}
        person |= {"password": "Marker!", "identifier": f"{1000 + number}", "grades": f"0{1 + number % 5}"}
        made.put("users", f"u{number}", enabledUser="true", orgSourcedIds=orgs, role="student", **person)
        told = {"birthDate": "2010-01-01", "sex": "female", "asian": str(number % 3 == 0).lower()}
        made.put("demographics", f"u{number}", white=str(number % 4 == 0).lower(), **told)
    made.put("users", "t1", enabledUser="true", orgSourcedIds="s1", role="teacher", username="t")
    made.put("users", "g1", enabledUser="true", orgSourcedIds="s1", role="guardian", username="g")
    made.put("classes", "c1", title="1a", schoolSourcedId="s1", termSourcedIds="y")
    made.put("enrollments", "e1", classSourcedId="c1", schoolSourcedId="s1", userSourcedId="u1", role="student")
    return made
