"""Read one instrument that stands by itself, and judge it as ``aimline check`` judges those of a deployment."""

from pathlib import Path

from aimline._declared_files import shaped
from aimline._measure_checks import questionnaire_findings
from aimline._yaml import read_tree
from aimline.errors import DeclaredFactError, UsageError
from schemas.instruments import InstrumentFile


def read_instrument(name: str) -> InstrumentFile:
    """Read an instrument's file.

    Raises:
        DeclaredFactError: It is wrong: every mistake with its place.
        UsageError: There is no such file, or it is no questionnaire.
    """
    path = Path(name)
    try:
        raw = path.read_bytes()
    except OSError:
        raise UsageError(f"There is no file {name}.", remedy="Give the path of an instrument's YAML.") from None
    loaded = shaped(read_tree(path.name, raw), InstrumentFile)
    found = [*loaded.tree.findings, *questionnaire_findings(loaded)]
    wrong = [each for each in found if each.severity == "error"]
    if wrong or loaded.shape is None:
        raise DeclaredFactError(wrong)
    if not loaded.shape.scales:
        raise UsageError(f"{name} has no scales.", remedy="Declare which items make a scale.")
    return loaded.shape
