"""Find the secret a declaration names. The value goes to the connector alone: no message, log or report holds it."""

import os
from pathlib import Path

from aimline.errors import SourcePermanentError


def secret_of(reference: str) -> str:
    """Return the secret that ``env:NAME`` or ``file:NAME_FILE`` names; a last line break is no part of it.

    Args:
        reference: ``env:`` and a variable that holds it, or ``file:`` and a variable that holds the path of its file.

    Raises:
        SourcePermanentError: The variable is not set, or its file cannot be read.
    """
    scheme, _, name = reference.partition(":")
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
