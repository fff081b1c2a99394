"""Pull the responses of a survey from Qualtrics (API v3): ask for an export, wait for it, read its one file.

What is kept of a response is what it says: values of questions that have choices, when, how, and the declared fields.
Everything else of the export ends here, the address and the name of who answered before all. The row of import ids
names the columns, since names and texts are edited. What the values are is ``qualtrics_rows``.
"""

import csv
import io
import json
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, repeat
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aimline import clock
from aimline.errors import SourcePermanentError, SourceTransientError
from aimline.sources.base import DELIVERY_SECONDS
from aimline.sources.http import Call, Http
from aimline.sources.pulled import Asked, Part, Pull, read_part, write_part
from aimline.sources.secrets import secret_of

if TYPE_CHECKING:
    from schemas.sources import Source

RESPONSE_ID = "_recordId"
META = ("startDate", "endDate", "status", "finished", "duration", "recordedDate", RESPONSE_ID, "distributionChannel")
SEEN = "-99"
"""What stands for a question that was seen and not answered."""

ZONE = "UTC"
_HEADS = 3
_WAITS = (1, 2, 4, 8)
_LONGEST_WAIT = 10
_MOST_POLLS_WITHOUT_FILE = 5
_TOKEN_REFUSED = frozenset({400, 404, 410})
_MOST_UNPACKED = 2 * 2**30
_PLACEHOLDER = re.compile(r"(?i)@x@.*|\$\{.*\}|\{\{.*\}\}|null|none|n/a|undefined|test.*|0000.*")
_WHOLE = "Ask the owner of the survey to export it by hand and to look at it."


@dataclass(frozen=True)
class Export:
    """What one export brought: the records that are kept, where the next begins, why it is held."""

    records: Sequence[Mapping[str, str]] = ()
    token: str = ""
    stop: Mapping[str, str] = field(default_factory=dict)


class Qualtrics:
    """The survey of one source."""

    def __init__(self, source: "Source") -> None:
        """Open the server of a source; its secret is the token of the API."""
        asked = source.qualtrics
        if asked is None:
            raise SourcePermanentError("the survey is not declared.", remedy="Add qualtrics: {survey: SV_…, …}.")
        self.source, self.survey = source, asked
        self.http = Http(source.transport.url, {"X-API-TOKEN": secret_of(source.transport.secret or "")})
        self.path = f"API/v3/surveys/{asked.survey}"

    def pull(self, asked: Asked) -> Pull:
        """Export what is new, and write down all responses there are by now."""
        try:
            definition = _definition(self._result(Call("GET", self.path)))
            kept = _Kept(self.source, definition, asked)
            before = self._before(asked)
            token = str(asked.cursor.get("token", "")) if before is not None else ""
            export, why = self._exported(kept, token), ""
            if export is None:
                export, before, why = self._exported(kept, ""), None, "token_expired"
        finally:
            self.http.close()
        if export is None:
            raise SourcePermanentError("the server refuses an export from the start.", remedy=_WHOLE)
        earlier = before or () if token else ()
        found = {record[RESPONSE_ID]: record for record in (*earlier, *export.records)}
        header = {"kind": "qualtrics", "survey": self.survey.survey, "definition": definition}
        header |= {"stop": export.stop} if export.stop else {}
        header |= {"notes": [why]} if why else {}
        path = asked.to / "qualtrics"
        write_part(path, header, [found[key] for key in sorted(found)])
        cursor = asked.cursor if export.stop else {"survey": self.survey.survey, "token": export.token}
        return Pull((Part("responses", path),), cursor)

    def _before(self, asked: Asked) -> Sequence[Mapping[str, Any]] | None:
        """Return the responses that were pulled before; None where this survey was not, or not as it is declared."""
        path = asked.before.get("responses")
        if path is None or asked.cursor.get("survey") != self.survey.survey or not asked.cursor.get("token"):
            return None
        return read_part(path).records

    def _result(self, call: Call) -> Mapping[str, Any]:
        return _result(self.http.ask(call).body)

    def _exported(self, kept: "_Kept", token: str) -> Export | None:
        """Return what an export brings; None where the server no longer knows the token."""
        said: dict[str, Any] = {
            "format": "csv",
            "useLabels": False,
            "timeZone": ZONE,
            "seenUnansweredRecode": int(SEEN),
        }
        said["continuationToken" if token else "allowContinuation"] = token or True
        accepts = _TOKEN_REFUSED if token else frozenset()
        answer = self.http.ask(Call("POST", f"{self.path}/export-responses", json=said), accepts=accepts)
        if answer.status in _TOKEN_REFUSED:
            return None
        done = self._finished(str(_result(answer.body).get("progressId", "")))
        path = kept.asked.to / "qualtrics.zip"
        members = self._file(f"{self.path}/export-responses/{done['fileId']}/file", path)
        if len(members) != 1:
            stop = {"code": "zip_unexpected_members", "detail": f"the export holds {len(members)} CSV files"}
            return Export(stop=stop)
        return Export(list(kept.records(members[0])), str(done.get("continuationToken") or ""))

    def _finished(self, progress_id: str) -> Mapping[str, Any]:
        """Wait until an export is complete and says which file it is; its percentage tells nothing."""
        n_without, waited = 0, 0
        for seconds in chain(_WAITS, repeat(_LONGEST_WAIT)):
            told = self._result(Call("GET", f"{self.path}/export-responses/{progress_id}"))
            if told.get("status") == "failed":
                raise SourcePermanentError("the export failed.", remedy=_WHOLE, code="export_failed")
            if told.get("status") == "complete":
                if told.get("fileId"):
                    return told
                n_without += 1
            if n_without > _MOST_POLLS_WITHOUT_FILE:
                raise SourceTransientError("the export is complete and names no file.", code="file_id_null")
            if waited + seconds > DELIVERY_SECONDS:
                break
            clock.sleep(seconds)
            waited += seconds
        raise SourceTransientError("the export was not complete in time.", code="timeout")

    def _file(self, path: str, to: Path) -> list[str]:
        """Return the CSV files of an export; one that is damaged is fetched once more."""
        for is_last in (False, True):
            self.http.ask(Call("GET", path, to=to))
            try:
                return _members(to)
            except (zipfile.BadZipFile, zlib.error, EOFError, UnicodeDecodeError):
                if is_last:
                    break
        raise SourcePermanentError("the export is damaged.", remedy=_WHOLE, code="zip_truncated")


def _members(path: Path) -> list[str]:
    with zipfile.ZipFile(path) as archive:
        infos = [info for info in archive.infolist() if info.filename.lower().endswith(".csv")]
        if sum(info.file_size for info in infos) > _MOST_UNPACKED:
            raise SourcePermanentError("the export unpacks to more than the limit.", remedy=_WHOLE, code="zip_bomb")
        return [archive.read(info).decode("utf-8-sig") for info in infos]


def _result(body: Any) -> Mapping[str, Any]:
    """Return what an answer holds.

    Raises:
        SourcePermanentError: It is not what the interface promises.
    """
    result = body.get("result") if isinstance(body, dict) else None
    if not isinstance(result, dict):
        raise SourcePermanentError("the answer is not what is documented.", remedy=_WHOLE, code="records_unreadable")
    return result


def _definition(told: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is kept of a survey's definition: kinds and choices of questions, and the names of columns."""
    questions = {}
    for name, question in told.get("questions", {}).items():
        kind = question.get("questionType", {})
        choices = {key: each.get("recode") or key for key, each in question.get("choices", {}).items()}
        labels = {key: _plain(each.get("choiceText") or "") for key, each in question.get("choices", {}).items()}
        questions[name] = {
            "type": kind.get("type", ""),
            "selector": kind.get("selector", ""),
            "choices": choices,
            "labels": labels,
            "parts": sorted(question.get("subQuestions", {})),
        }
    return {"questions": questions, "columns": _columns(told.get("exportColumnMap", {}))}


def _columns(told: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """Return name of a column -> its import id; of a question with a column a choice, the question's own as well."""
    found = {}
    for name, place in told.items():
        part = (place.get("subQuestion") or place.get("choice") or "").rpartition(".")[2]
        found[name] = "_".join(each for each in (place.get("question", ""), part) if each)
        if place.get("choice"):
            found.setdefault(name.rpartition("_")[0], place.get("question", ""))
    return found


def _plain(text: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", text)).strip()[:200]


@dataclass(frozen=True)
class _Kept:
    """What of an export is kept."""

    source: "Source"
    definition: Mapping[str, Any]
    asked: Asked

    def records(self, text: str) -> Iterator[dict[str, str]]:
        """Yield the responses of an export, by import id, empty cells left out."""
        rows = csv.reader(io.StringIO(text, newline=""))
        heads = list(zip(*(next(rows, []) for _ in range(_HEADS)), strict=False))
        ids = [_import_id(head[-1]) for head in heads]
        if RESPONSE_ID not in ids:
            raise SourcePermanentError("the export has no row of import ids.", remedy=_WHOLE, code="records_unreadable")
        places = [(place, name) for place, name in enumerate(ids) if self._is_kept(name)]
        for row in rows:
            if row:
                yield dict(self._cells(row, places))

    def _cells(self, row: Sequence[str], places: Iterable[tuple[int, str]]) -> Iterator[tuple[str, str]]:
        survey = self.source.qualtrics
        for place, name in places:
            value = row[place].strip() if place < len(row) else ""
            if value and survey and name == survey.respondent:
                value = value if _PLACEHOLDER.fullmatch(value) else self.asked.door.key(self._kind, value)
            if value:
                yield name, value

    @property
    def _kind(self) -> str:
        asked = self.source.qualtrics.respondent_class if self.source.qualtrics else ""
        return asked if asked in {"student", "staff"} else "respondent"

    def _is_kept(self, name: str) -> bool:
        declared = {heading for column in self.source.columns for heading in column.from_}
        survey = self.source.qualtrics
        declared |= {each for each in (survey.respondent, survey.school) if each} if survey else set()
        if name in META or name in declared:
            return True
        question = self.definition["questions"].get(name.partition("_")[0])
        return bool(question and question["choices"] and "TEXT" not in name)


def _import_id(text: str) -> str:
    """Return the import id of a column, with the choice where it stands for one."""
    try:
        told = json.loads(text)
    except ValueError:
        return ""
    name, choice = str(told.get("ImportId", "")), told.get("choiceId")
    return f"{name}_{choice}" if choice and not name.endswith(f"_{choice}") else name
