"""Judge the query blocks of pages: one SELECT over published tables that projects and filters, and computes nothing.

What a block may say is decided here, on the syntax tree DuckDB itself makes of it; running it for a reader belongs to
``context``. Everything that is not allowed by name is refused, so that a new statement of DuckDB is refused too.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from aimline.errors import Finding
from schemas.published import TABLES

FIGURE = "figure"
"""The column that stands for all numbers of a figure; it can be shown, and nothing else."""

MAX_BYTES = 8_000
MAX_TABLES = 8

_PARAMETER = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|--[^\n]*|/\*.*?\*/|\$(\w*)", re.DOTALL)
_FUNCTIONS = frozenset(
    {"count", "count_star", "min", "max", "any_value", "string_agg", "first", "last"}
    | {"lower", "upper", "trim", "concat", "||", "left", "right", "replace", "length", "year", "month", "date_trunc"}
    | {"~~", "!~~", "~~*", "!~~*"}
)
_CLASSES = frozenset(
    {"COLUMN_REF", "CONSTANT", "COMPARISON", "CONJUNCTION", "OPERATOR", "CASE", "BETWEEN", "STAR", "PARAMETER"}
    | {"FUNCTION", "WINDOW", "CAST", "SUBQUERY"}
)
_OPERATORS = frozenset(
    {"OPERATOR_IS_NULL", "OPERATOR_IS_NOT_NULL", "OPERATOR_NOT", "OPERATOR_COALESCE", "COMPARE_IN", "COMPARE_NOT_IN"}
)
_NULL_TESTS = frozenset({"OPERATOR_IS_NULL", "OPERATOR_IS_NOT_NULL"})
_WINDOWS = frozenset(f"WINDOW_{name}" for name in ("ROW_NUMBER", "RANK", "RANK_DENSE", "FIRST_VALUE", "LAST_VALUE"))
_CASTS = frozenset({"VARCHAR", "INTEGER", "BIGINT", "DATE", "BOOLEAN"})
_SUBQUERIES = frozenset({"SCALAR", "ANY"})  # DuckDB 1.5 cannot plan exists for many keys at once
_SOURCES = frozenset({"BASE_TABLE", "JOIN", "SUBQUERY"})
_JOINS = frozenset({"REGULAR", "CROSS"})
_NODES = frozenset({"SELECT_NODE", "SET_OPERATION_NODE"})


@dataclass(frozen=True)
class Block:
    """A named query as it stands in a page; ``line`` is where its first line of SQL stands."""

    file: str
    name: str
    line: int
    sql: str

    def finding(self, message: str, remedy: str = "", at: int = 0) -> Finding:
        """Return a mistake at a place in the SQL."""
        at = at if 0 <= at < len(self.sql) else 0
        line = self.line + self.sql[:at].count("\n")
        column = at - (self.sql.rfind("\n", 0, at) + 1) + 1
        return Finding(self.file, line, column, f"query '{self.name}'", message, remedy, code="query")


@dataclass(frozen=True)
class Query:
    """A block that was judged and found good.

    Attributes:
        block: The block.
        sql: Its text, each ``$name`` written as a column of the keys.
        tables: Published tables it reads.
        order: Output columns it is ordered by, with their direction.
    """

    block: Block
    sql: str
    tables: tuple[str, ...]
    order: tuple[tuple[str, str], ...]


@dataclass
class _Judging:
    """One block being judged: what was found so far."""

    block: Block
    ctes: frozenset[str]
    findings: list[Finding] = field(default_factory=list)
    tables: list[str] = field(default_factory=list)

    def refuse(self, node: Mapping[str, Any], message: str, remedy: str = "") -> None:
        self.findings.append(self.block.finding(message, remedy, int(node.get("query_location", 0))))


def judge(
    block: Block, serialize: Callable[[str], str], parameters: frozenset[str]
) -> tuple[Query | None, list[Finding]]:
    """Judge one block.

    Args:
        block: The block.
        serialize: DuckDB's ``json_serialize_sql``.
        parameters: Names that ``$name`` may stand for.

    Returns:
        The query, or None and what is wrong with it.
    """
    sql, findings = _bound(block, parameters)
    if len(block.sql.encode()) > MAX_BYTES:
        return None, [block.finding(f"this has more than {MAX_BYTES:,} bytes.", "Split it.")]
    tree = json.loads(serialize(block.sql))
    if tree["error"]:
        return None, [*findings, _unreadable(block, tree)]
    if len(tree["statements"]) != 1:
        return None, [*findings, block.finding("one SELECT is expected.", "Write a block for each.")]
    statement = tree["statements"][0]["node"]
    judging = _Judging(block, frozenset(_cte_names(statement)))
    _walk(statement, judging)
    order = _order(statement, judging)
    tables = tuple(sorted(set(judging.tables)))
    if len(judging.tables) > MAX_TABLES:
        findings.append(block.finding(f"this reads more than {MAX_TABLES} tables.", "Split it."))
    findings += judging.findings
    return (None, findings) if findings else (Query(block, sql, tables, order), [])


def _bound(block: Block, parameters: frozenset[str]) -> tuple[str, list[Finding]]:
    """Write ``$name`` as a column of the keys; text and comments are left alone."""
    findings = []

    def column(match: re.Match[str]) -> str:
        name = match.group(1)
        if name is None:
            return match.group(0)
        if name not in parameters:
            known = ", ".join(f"${each}" for each in sorted(parameters))
            message = f"parameter '${name}' is not declared."
            findings.append(block.finding(message, f"Declared: {known}.", match.start()))
        return f"_k.{name or 'unknown'}"

    return _PARAMETER.sub(column, block.sql), findings


def _unreadable(block: Block, tree: Mapping[str, Any]) -> Finding:
    if tree["error_type"] == "parser":
        return block.finding(f"SQL: {tree['error_message']}.", "Correct it.", int(tree.get("position") or 0))
    return block.finding("one SELECT is expected.", "Pages read and do nothing else.")


def _cte_names(node: Any) -> Iterator[str]:
    for each in _nodes(node):
        yield from (entry["key"] for entry in each.get("cte_map", {}).get("map", ()))


def _nodes(node: Any) -> Iterator[Mapping[str, Any]]:
    """Yield every mapping of a tree."""
    if isinstance(node, list):
        for each in node:
            yield from _nodes(each)
    elif isinstance(node, dict):
        yield node
        for each in node.values():
            yield from _nodes(each)


def _walk(statement: Mapping[str, Any], judging: _Judging) -> None:
    """Judge every part of the tree: expressions have a class, queries modifiers, what rows come from a sample."""
    shown = _where_figures_may_stand(statement)
    for node in _nodes(statement):
        if "class" in node:
            _judge_expression(node, judging, may_be_figure=id(node) in shown)
        elif "modifiers" in node:
            if node["type"] not in _NODES:
                judging.refuse(node, f"{_words(node)} is not allowed in pages.")
        elif "sample" in node:
            _judge_source(node, judging)
    for name in judging.ctes:
        if name.startswith("rpt_"):
            judging.refuse({}, f"'{name}' is a published table and cannot be named anew.", "Choose another name.")


def _where_figures_may_stand(statement: Mapping[str, Any]) -> set[int]:
    """Return the nodes at which a figure is only shown or asked whether it is there."""
    found = set()
    for node in _nodes(statement):
        found |= {id(each) for each in node.get("select_list", ()) if each.get("class") == "COLUMN_REF"}
        if node.get("class") == "OPERATOR" and node["type"] in _NULL_TESTS:
            found |= {id(each) for each in node["children"]}
    return found


def _judge_source(node: Mapping[str, Any], judging: _Judging) -> None:
    """Judge where rows come from: a published table or a name made in the block."""
    is_odd = node["sample"] or node.get("at_clause") or node.get("ref_type", "REGULAR") not in _JOINS
    if node["type"] not in _SOURCES or is_odd:
        judging.refuse(node, f"{_words(node)} is not allowed in pages.", "Read a published table.")
        return
    if node["type"] != "BASE_TABLE":
        return
    name = node["table_name"]
    if node["schema_name"] or node["catalog_name"]:
        judging.refuse(node, f"'{name}' is named with its schema.", "Write the bare name.")
    elif name in TABLES and name not in judging.ctes:
        judging.tables.append(name)
    elif name not in judging.ctes:
        near = get_close_matches(name, TABLES, n=1)
        remedy = f"Did you mean '{near[0]}'?" if near else "Pages read rpt_ tables only."
        judging.refuse(node, f"'{name}' is not a published table.", remedy)


def _judge_expression(node: Mapping[str, Any], judging: _Judging, *, may_be_figure: bool) -> None:
    """Judge one expression: a column, or anything else by the list of what is allowed."""
    if node["class"] == "COLUMN_REF":
        _judge_column(node, judging, may_be_figure=may_be_figure)
    elif node["class"] in {"FUNCTION", "WINDOW"}:
        if not _is_allowed(node):
            remedy = "A page computes nothing: use a column, or add one in dbt_project/models/published."
            judging.refuse(node, f"function '{node['function_name']}' is not allowed in pages.", remedy)
    elif part := _odd_part(node):
        judging.refuse(node, f"'{part.lower().replace('_', ' ')}' is not allowed in pages.")


def _odd_part(node: Mapping[str, Any]) -> str:
    """Return the part of an expression that pages may not use, empty when all of it is allowed."""
    kind = node["class"]
    checks: dict[str, Callable[[], object]] = {
        "OPERATOR": lambda: node["type"] not in _OPERATORS and node["type"],
        "STAR": lambda: node.get("columns") and "columns()",
        "PARAMETER": lambda: node["identifier"].isdigit() and "a parameter without a name",
        "CAST": lambda: node["cast_type"]["id"] not in _CASTS and f"cast to {node['cast_type']['id']}",
        "SUBQUERY": lambda: node["subquery_type"] not in _SUBQUERIES and node["subquery_type"],
    }
    if kind not in _CLASSES:
        return str(node.get("type") or kind)
    return str(checks[kind]() or "") if kind in checks else ""


def _judge_column(node: Mapping[str, Any], judging: _Judging, *, may_be_figure: bool) -> None:
    names = node["column_names"]
    if FIGURE not in names:
        return
    if names[-1] != FIGURE:
        judging.refuse(node, "a figure cannot be taken apart.", "Select 'figure' and let a component show it.")
    elif not may_be_figure:
        message = "a figure can only be shown, or tested for null."
        judging.refuse(node, message, "Filter and order by status, labels and dates.")
    elif node.get("alias") not in {"", FIGURE}:
        judging.refuse(node, "a figure keeps its name.", "Remove the alias.")


def _is_allowed(node: Mapping[str, Any]) -> bool:
    """Say whether a function is one of those pages may call."""
    if node.get("schema"):
        return False
    return node["function_name"] in _FUNCTIONS if node["class"] == "FUNCTION" else node["type"] in _WINDOWS


def _order(statement: Mapping[str, Any], judging: _Judging) -> tuple[tuple[str, str], ...]:
    """Return the order of the rows; a block that has none is refused, since pages must be equal each time."""
    terms = []
    for modifier in statement.get("modifiers", ()):
        for each in modifier.get("orders", ()) if modifier["type"] == "ORDER_MODIFIER" else ():
            expression = each["expression"]
            if expression["class"] != "COLUMN_REF" or len(expression["column_names"]) != 1:
                judging.refuse(expression, "'order by' must name an output column.", "Select it, or give it a name.")
                continue
            terms.append((expression["column_names"][0], "desc" if each["type"] == "DESCENDING" else "asc"))
    if not terms and not judging.findings:
        judging.refuse({}, "there is no 'order by'.", "Say the order of the rows.")
    return tuple(terms)


def _words(node: Mapping[str, Any]) -> str:
    """Name a part of SQL as a writer of pages knows it."""
    return f"'{str(node.get('type') or node.get('class')).lower().replace('_', ' ')}'"
