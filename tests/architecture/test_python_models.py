"""Python models of dbt: what one reads is what dbt knows that it reads, else no night makes it anew."""

import ast
import re
from pathlib import Path

from dbt.parser.models import PythonParseVisitor

MODELS = Path(__file__).resolve().parents[2] / "dbt_project/models"
_REF = re.compile(r"""dbt\.ref\(\s*["'](\w+)["']""")


def unseen(code: str) -> set[str]:
    """Return the models that some code reads and dbt does not see it read."""
    visitor = PythonParseVisitor(None)
    visitor.visit(ast.parse(code))
    seen = {arguments[0] for name, arguments, _ in visitor.dbt_function_calls if name == "ref"}
    return set(_REF.findall(code)) - seen


def test_dbt_sees_what_python_models_read() -> None:
    """A plan knows of no other way that a table of theirs can become stale."""
    found = {path.stem: names for path in MODELS.rglob("*.py") if (names := unseen(path.read_text(encoding="utf-8")))}
    assert found == {}


def test_a_ref_that_dbt_overlooks_is_told() -> None:
    """It does not look into a sum that is the argument of a call."""
    hidden = 'def model(dbt, session):\n    return made(known + rows(dbt.ref("students")))\n'
    assert unseen(hidden) == {"students"}
    assert unseen(hidden.replace("known + ", "")) == set()
