"""Write what was decided of a delivery into ``sources.yml``, its comments and order as they were."""

import difflib
from collections.abc import Mapping
from typing import Any

from aimline._yaml import rewritten


def patched(text: str, source_id: str, decision: Mapping[str, Any]) -> str:
    """Return the text of ``sources.yml`` with a decision in it; the same text where it holds it already.

    Args:
        text: The file as it is.
        source_id: The source the decision is about.
        decision: ``mapping``, ``codes``, ``absent`` of an ``accept_recorded``.
    """

    def change(file: Any) -> None:
        source = next(each for each in file["sources"] if each["source_id"] == source_id)
        for new, old in decision.get("mapping", {}).items():
            _add_name(source, new, old)
        for column, codes in decision.get("codes", {}).items():
            known = source.setdefault("codes", {}).setdefault(column, {})
            for raw, code in codes.items():
                known.setdefault(raw, known.get(code, code))
        for column, until in decision.get("absent", {}).items():
            _leave_out(source, column, until)

    return rewritten(text, change)


def _add_name(source: Any, new: str, old: str) -> None:
    """Add a heading to those of a column; an unpivoted heading gets an entry of its own."""
    for column in source["columns"]:
        names = column.get("from", [])
        names = [names] if isinstance(names, str) else names
        if column["name"] == old or old in names:
            if new not in names:
                column["from"] = [*names, new]
            return
    wide = (source.get("unpivot") or {}).get("columns")
    if isinstance(wide, dict) and old in wide and new not in wide:
        wide[new] = wide.pop(old)


def _leave_out(source: Any, name: str, until: str) -> None:
    from datetime import date

    for column in source["columns"]:
        if column["name"] == name:
            for way in ("from", "when", "value", "fact"):
                column.pop(way, None)
            column["absent"] = True
            column["until"] = date.fromisoformat(until)


def difference(before: str, after: str, name: str) -> str:
    """Return what changes between two texts of a file, as ``patch`` reads it."""
    lines = (before.splitlines(keepends=True), after.splitlines(keepends=True))
    return "".join(difflib.unified_diff(*lines, fromfile=f"a/{name}", tofile=f"b/{name}"))
