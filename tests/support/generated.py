"""Write the files that are made from ``schemas/``, or tell which of them differ: ``make sync``, ``make check``.

Made are the JSON schemas that editors check declared files with, the page of all commands, the whole YAML of the
published models, and the column part of the YAML of staging models; what these mean is written by hand and kept.
"""

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from schemas import audiences, cycles, decisions, district, indicators, instruments, plan, sources, years
from schemas._base import Fact
from schemas.declared import DECLARED
from schemas.examples import favorable_in_words
from schemas.faults import FAULTS
from schemas.fields import ENTITIES, ENVELOPE
from schemas.published import (
    AGGREGATED_ESTIMATORS,
    FIGURE,
    FIGURE_KEY,
    GAP_TEXT,
    NO_DATA_TEXT,
    NOT_REPORTED_TEXT,
    POPULATIONS,
    TABLES,
    ZERO_TEXT,
    Table,
)
from schemas.shown import DECIMALS
from tests.support.commands_page import commands_page

ROOT = Path(__file__).resolve().parents[2]

SCHEMAS: dict[str, type[Fact]] = {
    "audiences": audiences.AudiencesFile,
    "cycle": cycles.CycleFile,
    "decisions": decisions.DecisionsFile,
    "district": district.District,
    "indicators": indicators.IndicatorsFile,
    "instrument": instruments.InstrumentFile,
    "plan": plan.PlanFile,
    "sources": sources.SourcesFile,
    "year": years.YearFile,
}
"""JSON schema -> the shape of the declared file it describes."""

PUBLISHED = "dbt_project/models/published/_published__models.yml"
MACROS = "dbt_project/macros/published.sql"
STAGING = (
    "dbt_project/models/staging/declared/_declared__models.yml",
    "dbt_project/models/staging/landed/_landed__models.yml",
)

_MODEL = re.compile(r"^  - name: stg_(\w+)$", re.MULTILINE)
_SELECTED = re.compile(r"^    (\w+),$", re.MULTILINE)
_COLUMNS = re.compile(r"^    columns:\n(?:^ {6}.*\n)+", re.MULTILINE)


def json_schema(shape: type[Fact]) -> str:
    """Return the JSON schema of a declared file."""
    return json.dumps(shape.model_json_schema(), indent=2, ensure_ascii=False) + "\n"


def column_line(name: str, data_type: str, meaning: str = "") -> str:
    """Return one column of a model's YAML."""
    told = f", description: {json.dumps(meaning)}" if meaning else ""
    return f'      - {{name: {name}, data_type: "{data_type.lower()}"{told}}}\n'


def known_columns(staged: str) -> dict[str, tuple[str, str]]:
    """Return the columns a staging model may select, with type and meaning; declared facts are told by name alone.

    Args:
        staged: Name of the model without its prefix, such as ``landed__schools``.
    """
    source, _, entity = staged.partition("__")
    if source == "declared":
        return {name: (data_type, "") for name, data_type in DECLARED[f"declared_{entity}"].items()}
    fields = [*(column.field for column in ENTITIES[entity]), *ENVELOPE]
    return {field.name: (field.type, field.meaning) for field in fields}


def selected_columns(folder: Path, staged: str) -> list[str]:
    """Return the columns that a staging model selects."""
    return _SELECTED.findall((folder / f"stg_{staged}.sql").read_text(encoding="utf-8"))


def staging_columns(folder: Path, staged: str) -> str:
    """Return the column part of one staging model.

    Raises:
        KeyError: It selects a column that ``schemas/`` does not know.
    """
    known = known_columns(staged)
    return "    columns:\n" + "".join(column_line(name, *known[name]) for name in selected_columns(folder, staged))


def with_columns(path: Path) -> str:
    """Return the YAML of staging models with the column part of every model made anew."""
    head, *parts = _MODEL.split(_COLUMNS.sub("", path.read_text(encoding="utf-8")))
    models = zip(parts[::2], parts[1::2], strict=True)
    return head + "".join(
        f"  - name: stg_{staged}{body.rstrip()}\n{staging_columns(path.parent, staged)}" for staged, body in models
    )


def published_model(table: Table) -> str:
    """Return the YAML of one published model: four lines, the contract, the checks, the columns."""
    key = ("audience_id", "reader_unit_id", *table.key)
    filled = (*key, "is_suppressed") if table.has_figures else key
    lines = [
        f"  - name: {table.name}\n    description: |",
        f"      **Grain.** One row per {table.grain}.",
        f"      **Key.** {', '.join(key)}.",
        f"      **Source.** {table.source}.",
        f"      **Rules.** {table.rules}",
        "    config:\n      contract: {enforced: true}\n      meta:\n        checks:",
        f"          key: [{', '.join(key)}]",
        f"          not_null: [{', '.join(filled)}]",
    ]
    if table.has_figures:
        shown = " and ".join(f"{column} is null" for column in table.figure_columns)
        lines.append(f'          holds: {{"a hidden figure is empty": "not is_suppressed or ({shown})"}}')
    columns = "".join(column_line(column.name, column.type) for column in table.columns)
    return "\n".join(lines) + "\n    columns:\n" + columns


def published_macros() -> str:
    """Return the macros that give SQL what ``schemas/published.py`` says of figures, as lists and mappings."""
    told = {
        "figure_key": list(FIGURE_KEY),
        "figure": [column.name for column in FIGURE],
        "counted_as": [[measure, each.kind, each.is_shared, each.is_asked] for measure, each in POPULATIONS.items()],
        "decimals": DECIMALS,
        "favorable_example": favorable_in_words(),
        "aggregated_estimators": list(AGGREGATED_ESTIMATORS),
        "faults": [[fault.code, fault.meaning, fault.remedy] for fault in FAULTS.values()],
        "words": {
            "suppressed": GAP_TEXT,
            "zero": ZERO_TEXT,
            "none": NO_DATA_TEXT,
            "not_reported": NOT_REPORTED_TEXT,
        },
    }
    macros = (
        f"{{% macro published_{name}() %}}\n    {{% do return({json.dumps(value)}) %}}\n{{% endmacro %}}\n"
        for name, value in told.items()
    )
    return "-- Made from schemas/published.py, shown.py and faults.py by `make sync`; change them there.\n" + "\n".join(
        macros
    )


def generated(root: Path) -> Iterator[tuple[Path, str]]:
    """Yield each generated file of a project with the text it must have."""
    for name, shape in SCHEMAS.items():
        yield root / f"deployments/json_schema/{name}.json", json_schema(shape)
    yield root / "docs/commands.md", commands_page()
    head = "# Made from schemas/published.py by `make sync`; change it there.\nversion: 2\n\nmodels:\n"
    yield root / PUBLISHED, head + "".join(published_model(table) for table in TABLES.values() if table.is_model)
    yield root / MACROS, published_macros()
    for name in STAGING:
        yield root / name, with_columns(root / name)


def differing(root: Path) -> list[str]:
    """Return the generated files that are missing or not as they must be."""
    made = ((path, text) for path, text in generated(root))
    return [
        path.relative_to(root).as_posix()
        for path, text in made
        if not path.is_file() or path.read_text(encoding="utf-8") != text
    ]


def main(words: list[str]) -> int:
    """Write the files; with ``--check`` only tell which differ, and answer 1 if any does."""
    if words == ["--check"]:
        found = differing(ROOT)
        for name in found:
            sys.stdout.write(f"{name} is not what schemas/ says. Run: make sync\n")
        return 1 if found else 0
    for path, text in generated(ROOT):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
