"""Write the row checks of a contract as SQL. Text only: it is executed elsewhere.

The pandera schema is the one truth; a check this module does not know is an error, never skipped. Compiling needs
pandera, which costs more than a night's small file; so the result is kept beside the state root's other rebuildable
things, named by a digest of everything it was made from.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from aimline.errors import ContractError
from aimline.storage import LocalStore
from aimline.warehouse import quote_ident, quote_literal
from schemas.fields import PSEUDONYMS

Schema = Any
"""A pandera schema of ``schemas/landing``; pandera itself is that room's."""

Check = Any
"""One check of such a schema."""


@dataclass(frozen=True)
class RowCheck:
    """One check of single rows.

    Attributes:
        code: Fault code of a row that fails.
        columns: Contract columns it is about.
        fails: SQL condition over typed columns, true for a row that fails; null counts as holding.
        message: What is wrong, without values.
    """

    code: str
    columns: tuple[str, ...]
    fails: str
    message: str


@dataclass(frozen=True)
class CompiledContract:
    """The contract of one entity as a database can check it; ``version`` changes with any of it."""

    entity: str
    key: tuple[str, ...]
    checks: tuple[RowCheck, ...]

    @property
    def version(self) -> str:
        """Return a digest of the contract."""
        return sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()[:16]


def compiled_contracts(store: LocalStore) -> dict[str, CompiledContract]:
    """Return the contract of every entity, from the state root's cache when nothing it was made from has changed."""
    key = f"cache/contracts-{_digest()}.json"
    if not store.exists(key):
        from schemas.landing import CONTRACTS

        made = {entity: asdict(compile_contract(schema)) for entity, schema in CONTRACTS.items()}
        store.put_atomic(key, json.dumps(made, sort_keys=True, indent=1).encode())
    return {entity: _read(kept) for entity, kept in json.loads(store.read(key)).items()}


def compile_contract(schema: Schema) -> CompiledContract:
    """Compile one pandera schema.

    Raises:
        ContractError: The schema has a check that has no SQL.
    """
    checks = [_not_null(name) for name, column in schema.columns.items() if not column.nullable]
    for name, column in schema.columns.items():
        checks += [_column_check(schema.name, name, check) for check in column.checks]
    checks += [_row_check(schema.name, check) for check in schema.checks]
    return CompiledContract(schema.name, tuple(schema.unique or ()), tuple(checks))


def _digest() -> str:
    """Return a digest of the files that decide what is compiled."""
    import schemas

    room = Path(schemas.__file__).parent
    made_from = [Path(__file__), room / "fields.py", *sorted((room / "landing").glob("*.py"))]
    digest = sha256()
    for path in made_from:
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _read(kept: Mapping[str, Any]) -> CompiledContract:
    checks = tuple(RowCheck(c["code"], tuple(c["columns"]), c["fails"], c["message"]) for c in kept["checks"])
    return CompiledContract(kept["entity"], tuple(kept["key"]), checks)


def _not_null(name: str) -> RowCheck:
    """Require a value; a missing id is an id that was never filled in."""
    is_id = name in PSEUDONYMS or name.endswith("_id")
    code = "placeholder_id" if is_id else "value_missing"
    return RowCheck(code, (name,), f"{quote_ident(name)} is null", f"{name} is empty")


def _isin(name: str, told: Mapping[str, Any]) -> tuple[str, str, str]:
    allowed = ", ".join(quote_literal(str(value)) for value in told["allowed_values"])
    return "code_unknown", f"{name} not in ({allowed})", "is not one of the allowed values"


def _in_range(name: str, told: Mapping[str, Any]) -> tuple[str, str, str]:
    low, high = told["min_value"], told["max_value"]
    below = "<" if told.get("include_min", True) else "<="
    above = ">" if told.get("include_max", True) else ">="
    return "value_out_of_range", f"{name} {below} {low} or {name} {above} {high}", f"is outside {low} to {high}"


def _at_least(name: str, told: Mapping[str, Any]) -> tuple[str, str, str]:
    return "value_out_of_range", f"{name} < {told['min_value']}", f"is below {told['min_value']}"


def _str_matches(name: str, told: Mapping[str, Any]) -> tuple[str, str, str]:
    pattern = told["pattern"] if isinstance(told["pattern"], str) else told["pattern"].pattern
    return "id_pattern", f"not regexp_matches({name}, {quote_literal(f'^(?:{pattern})')})", "has another shape"


_COLUMN_CHECKS: dict[str, Callable[[str, Mapping[str, Any]], tuple[str, str, str]]] = {
    "isin": _isin,
    "in_range": _in_range,
    "greater_than_or_equal_to": _at_least,
    "str_matches": _str_matches,
}


def _column_check(entity: str, name: str, check: Check) -> RowCheck:
    """Compile a check of one column."""
    if check.name not in _COLUMN_CHECKS:
        raise ContractError(f"{entity}.{name}: the check '{check.name}' has no SQL.")
    code, fails, message = _COLUMN_CHECKS[check.name](quote_ident(name), check.statistics)
    return RowCheck(code, (name,), fails, f"{name} {message}")


def _not_before(told: Mapping[str, Any]) -> tuple[str, tuple[str, ...], str]:
    later, earlier = told["later"], told["earlier"]
    return "value_out_of_range", (later, earlier), f"{quote_ident(later)} < {quote_ident(earlier)}"


def _at_most(told: Mapping[str, Any]) -> tuple[str, tuple[str, ...], str]:
    smaller, larger = told["smaller"], told["larger"]
    return "value_out_of_range", (smaller, larger), f"{quote_ident(smaller)} > {quote_ident(larger)}"


def _exactly_one_of(told: Mapping[str, Any]) -> tuple[str, tuple[str, ...], str]:
    groups = [[f"{quote_ident(name)} is not null" for name in group] for group in told["groups"]]
    whole = " + ".join(f"({' and '.join(group)})::int" for group in groups)
    some = " + ".join(f"({' or '.join(group)})::int" for group in groups)
    columns = tuple(name for group in told["groups"] for name in group)
    return "value_missing", columns, f"({whole}) <> 1 or ({some}) <> 1"


def _present_only_when(told: Mapping[str, Any]) -> tuple[str, tuple[str, ...], str]:
    filled = " or ".join(f"{quote_ident(name)} is not null" for name in told["columns"])
    asked = f"coalesce({quote_ident(told['column'])} = {quote_literal(told['value'])}, false)"
    return "value_missing", (*told["columns"], told["column"]), f"({filled}) <> {asked}"


def _filled_with(told: Mapping[str, Any]) -> tuple[str, tuple[str, ...], str]:
    column, other = told["column"], told["other"]
    fails = f"{quote_ident(column)} is not null and {quote_ident(other)} is null"
    return "value_missing", (column, other), fails


_ROW_CHECKS: dict[str, Callable[[Mapping[str, Any]], tuple[str, tuple[str, ...], str]]] = {
    "not_before": _not_before,
    "at_most": _at_most,
    "exactly_one_of": _exactly_one_of,
    "present_only_when": _present_only_when,
    "filled_with": _filled_with,
}


def _row_check(entity: str, check: Check) -> RowCheck:
    """Compile a check between columns."""
    if check.name not in _ROW_CHECKS:
        raise ContractError(f"{entity}: the check '{check.name}' has no SQL.")
    code, columns, fails = _ROW_CHECKS[check.name](check.statistics)
    return RowCheck(code, columns, fails, str(check.error))
