"""Hold what the shapes of declared facts share: exact numbers, dates, ids, labels, owners, and how a shape is judged.

Only general types belong here; what a file may hold is in the module named after it. Values come from the reader of
``aimline/_yaml.py``: text, whole numbers, decimals with their digits kept, booleans, lists, mappings; nothing else.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Any, Literal, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    PlainSerializer,
    PlainValidator,
    Strict,
    ValidationError,
    model_validator,
)
from pydantic import WithJsonSchema as JsonSchema
from pydantic_core import ErrorDetails, PydanticCustomError

GRADES = ("PK", "K", *(str(number) for number in range(1, 13)), "UG")
LANGUAGES = ("en", "es")
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
RESPONDENTS = ("student", "staff", "family", "partner")

_ID = re.compile(r"[a-z][a-z0-9_]{1,47}")
_PROFILE_ID = re.compile(r"[a-z][a-z0-9_-]{1,47}")
_SCHOOL_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,31}")
_NUMBER = re.compile(r"-?\d{1,18}(/[1-9]\d{0,17}|\.\d{1,18})?")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d")


class Fact(BaseModel):
    """One mapping of a declared file: unknown keys are errors, nothing changes after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, defer_build=True)


def mistake(message: str, remedy: str = "", code: str = "shape") -> PydanticCustomError:
    """Return the error of a rule of ours, with what to do about it and the code of its finding."""
    return PydanticCustomError("mistake", "{message}", {"message": message, "remedy": remedy, "code": code})


def _matching(pattern: re.Pattern[str], remedy: str) -> Callable[[str], str]:
    def check(value: str) -> str:
        if not pattern.fullmatch(value):
            raise mistake(f"'{value[:60]}' is not an id.", remedy)
        return value

    return check


def number_keys(value: object) -> object:
    """Read the keys of a mapping as whole numbers, where they are: YAML keys come as text."""
    if isinstance(value, dict):
        return {int(key) if isinstance(key, str) and key.isdigit() else key: each for key, each in value.items()}
    return value


def _filled(value: str) -> str:
    if not value.strip():
        raise mistake("the text is empty.", "Write it.")
    return value.strip()


def _day(value: object) -> date:
    if isinstance(value, date):
        return value
    if isinstance(value, str) and _DATE.fullmatch(value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            raise mistake(f"there is no day {value}.", "Correct the date.") from None
    raise mistake(f"{_shown(value)} is not a date.", "Write it as 2026-09-07.")


def is_day(text: str) -> bool:
    """Say whether a text is written as a day."""
    return bool(_DATE.fullmatch(text))


def _clock(value: str) -> str:
    if not _CLOCK.fullmatch(value):
        raise mistake(f"'{value[:20]}' is not a time of day.", 'Write it as "04:30".')
    return value


def _exact(value: object) -> Fraction:
    if isinstance(value, Fraction):
        return value
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return Fraction(value)
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        return Fraction(value)
    raise mistake(f"{_shown(value)} is not a number.", "Write it as 0.175 or 7/40.")


def _share(value: Fraction) -> Fraction:
    if value > 1:
        in_percent = float(value / 100)
        raise mistake(f"{float(value):g} is above 1; rates are fractions.", f"Write {in_percent:g}.")
    if value < 0:
        raise mistake(f"{float(value):g} is below 0; rates are fractions.", "Write a number from 0 to 1.")
    return value


def _zone(value: str) -> str:
    from zoneinfo import ZoneInfo

    try:
        ZoneInfo(value)
    except (KeyError, ValueError, OSError):
        raise mistake(
            f"there is no time zone '{value[:40]}'.", "Write its IANA name, such as America/Chicago.", "unknown_zone"
        ) from None
    return value


def grade_list(value: object) -> object:
    """Read ``3-12``, ``all`` or a list of grades into the tuple of grades, in order."""
    if value == "all":
        return GRADES
    if isinstance(value, str):
        first, dash, last = value.partition("-")
        if dash and first in GRADES and last in GRADES and GRADES.index(first) <= GRADES.index(last):
            return GRADES[GRADES.index(first) : GRADES.index(last) + 1]
        raise mistake(f"'{value[:20]}' is not a span of grades.", "Write 3-12, K-5, or a list.")
    if isinstance(value, list):
        return [str(grade) if isinstance(grade, int) and not isinstance(grade, bool) else grade for grade in value]
    return value


def _all_or_list(value: object) -> object:
    return None if value == "all" else value


def _grade(value: str) -> str:
    if value not in GRADES:
        raise mistake(f"'{value[:10]}' is not a grade.", f"Grades are {', '.join(GRADES)}.")
    return value


def _language(value: str) -> str:
    if value not in LANGUAGES:
        raise mistake(f"'{value[:10]}' is not a language the pages have.", f"Write {' or '.join(LANGUAGES)}.")
    return value


def _in_english(value: Mapping[str, str]) -> Mapping[str, str]:
    if "en" not in value:
        raise mistake("there is no 'en'.", "Add the English text; other languages fall back to it.")
    return value


def _shown(value: object) -> str:
    """Write a wrong value for a message, short and without its Python clothes."""
    if isinstance(value, Mapping):
        return "a mapping"
    if isinstance(value, list | tuple):
        return "a list"
    return "nothing" if value is None else f"'{str(value)[:40]}'"


_ID_REMEDY = "Ids are 2 to 48 lower-case letters, digits and _, and begin with a letter."
Text = Annotated[str, AfterValidator(_filled)]
Id = Annotated[str, AfterValidator(_matching(_ID, _ID_REMEDY))]
ProfileId = Annotated[str, AfterValidator(_matching(_PROFILE_ID, f"{_ID_REMEDY} Profiles may have - too."))]
SchoolId = Annotated[str, AfterValidator(_matching(_SCHOOL_ID, "School ids are up to 32 letters, digits, _ and -."))]
Int = Annotated[int, Strict()]
Flag = Annotated[bool, Strict()]
Day = Annotated[date, PlainValidator(_day), JsonSchema({"type": "string", "format": "date"})]
Clock = Annotated[str, AfterValidator(_clock)]
Zone = Annotated[str, AfterValidator(_zone)]
Exact = Annotated[
    Fraction,
    PlainValidator(_exact),
    PlainSerializer(str),
    JsonSchema({"anyOf": [{"type": "number"}, {"type": "string", "pattern": "/"}]}),
]
Share = Annotated[Exact, AfterValidator(_share)]
Grade = Annotated[str, AfterValidator(_grade)]
Grades = Annotated[tuple[Grade, ...], BeforeValidator(grade_list, json_schema_input_type=str | list[str | int])]
_AllOrList = BeforeValidator(_all_or_list, json_schema_input_type=Literal["all"] | list[str] | None)
Named = Annotated[tuple[Id, ...] | None, _AllOrList]
"""A list of ids; ``all`` is None."""
Schools = Annotated[tuple[SchoolId, ...] | None, _AllOrList]
"""A list of schools; ``all`` is None."""
Language = Annotated[str, AfterValidator(_language)]
Label = Annotated[dict[Language, Text], AfterValidator(_in_english)]


class Owner(Fact):
    """Who answers for a thing: a role (its deputy is in district.yml), or a person with a deputy."""

    role: str | None = None
    person: Id | None = None
    deputy: Id | None = None

    @model_validator(mode="after")
    def _one_owner(self) -> "Owner":
        if (self.role is None) == (self.person is None):
            raise mistake("an owner is either a role or a person.", "Give one of them.")
        if self.person is not None and (self.deputy is None or self.deputy == self.person):
            raise mistake(f"{self.person} has no deputy.", "Name another person, so that one absence stops nothing.")
        return self

    @property
    def name(self) -> str:
        """Return the role or the person."""
        return self.role or self.person or ""


@dataclass(frozen=True)
class Problem:
    """One thing wrong with a value: where in the file's tree, what, what to do; ``at_key`` points at the key."""

    path: tuple[str | int, ...]
    message: str
    remedy: str
    at_key: bool = False
    known: tuple[str, ...] = ()
    code: str = "shape"


ModelT = TypeVar("ModelT", bound=Fact)


def judged(model: type[ModelT], data: object) -> tuple[ModelT | None, list[Problem]]:
    """Read a tree into a shape; return the shape, or everything that is wrong with the tree."""
    try:
        return model.model_validate(data), []
    except ValidationError as error:
        errors = error.errors(include_url=False)
        found = (_problem(model, each) for each in errors if not _follows(each, errors))
        return None, [replace(each, path=_in_file(each.path, data)) for each in found]


def _in_file(path: tuple[str | int, ...], data: Any) -> tuple[str | int, ...]:
    """Leave out of a path what is not in the file: the word by which one of several shapes was recognized."""
    kept: list[str | int] = []
    for part in path:
        if isinstance(data, Mapping) and part not in data:
            continue
        kept.append(part)
        inner = isinstance(data, Mapping) or (isinstance(data, list) and isinstance(part, int))
        data = data[part] if inner else None
    return tuple(kept)


def _follows(error: ErrorDetails, errors: list[ErrorDetails]) -> bool:
    """Say whether a list is too short only because of its entries that are wrong, or a later entry is missing too."""
    place = error["loc"]
    if error["type"] == "missing" and isinstance(place[-1], int):
        same = (each["loc"] for each in errors if each["type"] == "missing" and each["loc"][:-1] == place[:-1])
        return any(isinstance(other[-1], int) and other[-1] > place[-1] for other in same)
    inside = (each for each in errors if len(each["loc"]) > len(place) and each["loc"][: len(place)] == place)
    return error["type"] == "too_short" and any(inside)


_AS_MAPPING = "Write key: value lines."
_KINDS: dict[str, tuple[str, str]] = {
    "missing": ("is missing.", "Add it."),
    "string_type": ("is not text.", "Write text; put a number in quotes."),
    "int_type": ("is not a whole number.", "Write digits without quotes."),
    "bool_type": ("is neither true nor false.", "Write true or false."),
    "dict_type": ("is not a mapping.", _AS_MAPPING),
    "model_type": ("is not a mapping.", _AS_MAPPING),
    "tuple_type": ("is not a list.", "Write it as a list, each item after a dash."),
    "list_type": ("is not a list.", "Write it as a list, each item after a dash."),
}


def _length(error: ErrorDetails) -> tuple[str, str] | None:
    """Say how many entries a list has and how many it needs; None for an error that is about something else.

    Of a list of so many entries, no more and no fewer, the first that is missing is told by its position.
    """
    kind, context, last = error["type"], error.get("ctx", {}), error["loc"][-1] if error["loc"] else ""
    if kind == "missing" and isinstance(last, int):
        return f"the list holds {len(error['input'])}, and needs {last + 1}.", "Add what is missing."
    if kind == "too_short":
        least = f"at least {context['min_length']}"
        return f"the list holds {context['actual_length']}, and needs {least}.", "Add what is missing."
    if kind == "too_long":
        return f"the list holds {context['actual_length']}, and takes {context['max_length']} at most.", "Remove some."
    return None


def _problem(model: type[Fact], error: ErrorDetails) -> Problem:
    """Say one pydantic error in our words."""
    path = tuple(part for part in error["loc"] if part != "[key]")
    at_key = "[key]" in error["loc"]
    kind, context = error["type"], error.get("ctx", {})
    if kind == "mistake":
        return Problem(path, context["message"], context["remedy"], at_key, code=context["code"])
    if kind == "extra_forbidden":
        known = tuple(sorted(_keys_at(model, path[:-1])))
        return Problem(path, f"unknown key '{path[-1]}'.", "Remove it, or correct its name.", at_key=True, known=known)
    if length := _length(error):
        return Problem(path[:-1] if kind == "missing" else path, *length, at_key)
    if kind == "missing":
        return Problem(path[:-1], f"'{path[-1]}' is missing.", "Add it.", at_key)
    if kind == "literal_error":
        options = tuple(re.findall(r"'([^']*)'", context["expected"]))
        message = f"{_shown(error['input'])} is not one of {', '.join(options)}."
        return Problem(path, message, "Choose one of them.", at_key, options)
    what, remedy = _KINDS.get(kind, ("cannot be read.", f"{error['msg']}."))
    if kind in {"dict_type", "model_type"}:
        remedy = _mapping_remedy(model, path, error["input"])
    return Problem(path, f"{_shown(error['input'])} {what}", remedy, at_key)


def _mapping_remedy(model: Any, path: tuple[str | int, ...], written: Any) -> str:
    """Say how the mapping at a path is written: a text by its language, else with the keys it needs."""
    name, around = path[-1] if path else "", _shape_at(model, path[:-1])
    field = _by_key(around).get(str(name)) if _is_fact(around) else None
    if isinstance(written, str) and field is not None and field.annotation == dict[Language, Text]:
        return f"Write it by language: {{en: {written}}}."
    shape = _shape_at(model, path)
    needed = [key for key, each in _by_key(shape).items() if each.is_required()] if _is_fact(shape) else []
    return f"{_AS_MAPPING[:-1]}; it needs {', '.join(needed)}." if needed else _AS_MAPPING


def _keys_at(model: Any, path: tuple[str | int, ...]) -> set[str]:
    """Return the keys that the mapping at a path may have."""
    shape = _shape_at(model, path)
    return set(_by_key(shape)) if _is_fact(shape) else set()


def _shape_at(model: Any, path: tuple[str | int, ...]) -> Any:
    """Return the shape of what stands at a path, as far as it has one."""
    for part in path:
        if isinstance(part, str) and _is_fact(model):
            field = _by_key(model).get(part)
            model = field.annotation if field else None
        model = _innermost(model)
    return _innermost(model)


def _by_key(model: type[Fact]) -> dict[str, Any]:
    return {field.alias or name: field for name, field in model.model_fields.items()}


def _is_fact(model: Any) -> bool:
    return isinstance(model, type) and issubclass(model, Fact)


def _innermost(annotation: Any) -> Any:
    """Return the shape inside a list, mapping, optional or annotated type."""
    while not _is_fact(annotation):
        inner = [part for part in getattr(annotation, "__args__", ()) if part not in (type(None), ...)]
        if not inner:
            return None
        annotation = next((part for part in inner if _is_fact(part)), inner[-1])
    return annotation
