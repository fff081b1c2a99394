"""Pull the records of a REDCap project through PyCap: what the form asks, then the records, five hundred at a time.

Kept are answers with choices and the declared fields; a record's own number and whoever answers are pseudonyms, what
the project flags as an identifier is dropped. What the values are is ``redcap_rows``.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from aimline.errors import SourcePermanentError, SourceTransientError
from aimline.sources.base import CONNECT_SECONDS, READ_SECONDS, tried
from aimline.sources.http import status_error
from aimline.sources.pulled import Asked, Part, Pull, write_part
from aimline.sources.secrets import secret_of

if TYPE_CHECKING:
    from schemas.sources import Source

RECORD = "record"
PLACE = ("redcap_event_name", "redcap_repeat_instrument", "redcap_repeat_instance")
_TWO = {"1": "Yes", "0": "No"}
_CHOICES = frozenset({"radio", "dropdown", "checkbox", "yesno", "truefalse"})
_BATCH = 500
_NEWEST_OK = 299
_LOOK = "Ask the owner of the project whether the token may export records."
_Found = TypeVar("_Found")


class Redcap:
    """The project of one source."""

    def __init__(self, source: "Source") -> None:
        """Open the project of a source; its secret is the token, which goes in the body of each call."""
        from redcap.project import Project

        if source.redcap is None:
            raise SourcePermanentError("the form is not declared.", remedy="Add redcap: {form: …, …}.")
        self.source, self.declared = source, source.redcap
        told: dict[str, Any] = {
            "timeout": (CONNECT_SECONDS, READ_SECONDS),
            "allow_redirects": False,
            "hooks": {"response": _checked},
        }
        url = source.transport.url.rstrip("/") + "/"
        try:
            self.project = Project(url, secret_of(source.transport.secret or ""), **told)
        except (AssertionError, ValueError):
            raise SourcePermanentError("the token is no token of REDCap.", remedy=_LOOK, code="auth_failed") from None

    def pull(self, asked: Asked) -> Pull:
        """Ask for the fields, then for all records, and write them down."""
        fields = _fields(self._asked(self.project.export_metadata))
        records = [dict(self._kept(record, fields, asked)) for record in self._records(next(iter(fields), ""))]
        path = asked.to / "redcap"
        write_part(path, {"kind": "redcap", "fields": fields}, sorted(records, key=_order))
        return Pull((Part("records", path),), {})

    def _records(self, first: str) -> Iterator[Mapping[str, Any]]:
        """Yield the records, batch by batch; ``first`` is the field that numbers them."""
        known = self._asked(lambda: self.project.export_records(fields=[first]))
        numbers = list(dict.fromkeys(str(each.get(first, "")) for each in known))
        for start in range(0, len(numbers), _BATCH):
            yield from self._batch(numbers[start : start + _BATCH])

    def _batch(self, numbers: Sequence[str]) -> Sequence[Mapping[str, Any]]:
        return self._asked(
            lambda: self.project.export_records(
                format_type="json", raw_or_label="raw", export_survey_fields=True, records=list(numbers)
            )
        )

    def _asked(self, work: Callable[[], _Found]) -> _Found:
        """Ask, and again while the server fails in a way that time may mend."""
        return tried(lambda: _once(work))

    def _kept(
        self, record: Mapping[str, Any], fields: Mapping[str, Mapping[str, Any]], asked: Asked
    ) -> Iterator[tuple[str, str]]:
        """Yield what is kept of a record; empty cells are left out."""
        number, own = next(iter(fields), ""), self.declared
        kind = own.respondent_class if own.respondent_class in {"student", "staff"} else "respondent"
        declared = {name for column in self.source.columns for name in column.from_} | ({own.school} - {None})
        yield RECORD, asked.door.key("respondent", str(record.get(number, "")))
        for name, value in record.items():
            text = str(value).strip()
            field = fields.get(name.partition("___")[0], {})
            if name == own.respondent and text:
                yield name, asked.door.key(kind, text)
            elif text and not field.get("is_identifier") and name != number and self._is_kept(name, field, declared):
                yield name, text

    def _is_kept(self, name: str, field: Mapping[str, Any], declared: set[str | None]) -> bool:
        is_told = name in PLACE or name in declared or name.endswith(("_timestamp", "_complete"))
        return is_told or bool(field.get("choices"))


def _once(work: Callable[[], _Found]) -> _Found:
    import requests

    try:
        return work()
    except requests.Timeout:
        raise SourceTransientError("the server did not answer in time.", code="timeout") from None
    except (requests.ConnectionError, requests.exceptions.ChunkedEncodingError):
        raise SourceTransientError("the line to the server broke.", code="reset_mid_body") from None
    except (requests.RequestException, ValueError):
        raise SourcePermanentError("the server refuses what it is asked.", remedy=_LOOK, code="auth_failed") from None


def _checked(response: Any, **_: Any) -> None:
    """Judge an answer by its status before anything reads its words."""
    if response.status_code > _NEWEST_OK:
        raise status_error(response.status_code, {name.lower(): each for name, each in response.headers.items()})


def _order(record: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(record.get(name, "") for name in (RECORD, *PLACE))


def _fields(metadata: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return field -> its form, its kind, its choices, and whether it identifies somebody, in their order."""
    found = {}
    for told in metadata:
        kind = str(told.get("field_type", ""))
        is_identifier = str(told.get("identifier", "")).lower() == "y"
        has_choices = kind in _CHOICES and not is_identifier
        choices = _choices(str(told.get("select_choices_or_calculations", ""))) if has_choices else {}
        found[str(told.get("field_name", ""))] = {
            "form": str(told.get("form_name", "")),
            "kind": kind,
            "choices": choices or (dict(_TWO) if has_choices and kind in {"yesno", "truefalse"} else {}),
            "is_identifier": is_identifier,
        }
    return found


def _choices(text: str) -> dict[str, str]:
    """Read choices such as ``1, Never | 2, Often``."""
    pairs = (each.partition(",") for each in text.split("|"))
    return {code.strip(): label.strip() for code, comma, label in pairs if comma}
