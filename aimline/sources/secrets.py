"""Find the secret a declaration names. The value goes to the connector alone: no message, log or report holds it."""

import os
from importlib.metadata import entry_points
from pathlib import Path
from typing import TYPE_CHECKING

from aimline.errors import SourcePermanentError

if TYPE_CHECKING:
    from collections.abc import Callable


GROUP = "aimline.secrets"
"""Entry points that find a secret by its name, each named by the scheme it serves."""


def secret_of(reference: str) -> str:
    """Return the secret that ``env:NAME``, ``file:NAME_FILE`` or ``prefect:BLOCK`` names, without a last line break.

    Args:
        reference: ``env:`` and a variable that holds it, ``file:`` and a variable that holds the path of its file,
            or another scheme that an entry point serves.

    Raises:
        SourcePermanentError: The variable is not set, its file cannot be read, or nobody keeps such a secret.
    """
    scheme, _, name = reference.partition(":")
    for kept in () if scheme in {"env", "file"} else entry_points(group=GROUP, name=scheme):
        find: Callable[[str], str] = kept.load()
        return find(name).rstrip("\n")
    held = os.environ.get(name, "")
    if not held:
        what = "the file with the secret" if scheme == "file" else "the secret"
        raise SourcePermanentError(
            f"{name} is not set.", remedy=f"Set {name} to {what} of the source.", code="auth_failed"
        )
    if scheme != "file":
        return held.rstrip("\n")
    try:
        return Path(held).read_text(encoding="utf-8").rstrip("\n")
    except (OSError, UnicodeDecodeError):
        raise SourcePermanentError(
            f"the file that {name} names cannot be read.",
            remedy="Correct the path, or give the account that runs Aimline the right to read it.",
            code="auth_failed",
        ) from None
