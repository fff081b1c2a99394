"""Make one step of a plan by one connection, and hold it to its rules. When a step is made belongs to its callers."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

from aimline.errors import AimlineError, CorruptError, TransformError
from aimline.transform.plans import MADE, Step
from aimline.warehouse import Connection, quote_ident

REMEDY = "All tables are as they were."


def make(connection: Connection, step: Step, project: Path, table: str) -> None:
    """Make the rows of a step as a table."""
    with failing(step):
        if step.kind == "python":
            connection.make(table, _model(project / step.body), Models(connection))
        else:
            connection.execute(f"create or replace {table} as ({step.body})")


@contextmanager
def failing(step: Step) -> Iterator[None]:
    """Name the model that failed, and no value."""
    try:
        yield
    except AimlineError as error:
        if not isinstance(error, TransformError) or isinstance(error, CorruptError):
            raise
        raise TransformError(f"Model {step.name}: {error.message}", remedy=REMEDY) from None
    except Exception as error:  # noqa: BLE001 - what a model trips over may be a value of a person
        kind = type(error).__name__
        raise TransformError(f"Model {step.name}: {kind}; the detail is left out.", remedy=REMEDY) from None


def check(connection: Connection, step: Step, table: str) -> None:
    """Refuse rows that break a rule."""
    if not step.check or not connection.rows(step.breach.replace(MADE, table)):
        return
    broken = connection.rows(step.check.replace(MADE, table))[0]["broken"]
    if broken:
        raise TransformError(f"Model {step.name}: checks: {broken}", remedy=REMEDY)


def _model(path: Path) -> Any:
    """Load a Python model."""
    spec = spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None:
        raise TransformError(f"{path.name} cannot be read.")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.model


class Models:
    """What a Python model asks dbt for: relations by name; what it says of itself is known already."""

    def __init__(self, connection: Connection) -> None:
        """Answer from one connection."""
        self._connection = connection

    def config(self, **_settings: object) -> None:
        """Take what the model says of itself."""

    def ref(self, name: str) -> Any:
        """Return the rows of a model."""
        return self._connection.relation(f"main.{quote_ident(name)}")

    def source(self, schema: str, name: str) -> Any:
        """Return the rows of a table of another schema."""
        return self._connection.relation(f"{quote_ident(schema)}.{quote_ident(name)}")
