"""Answer from the journal what was published, reviewed and decided. Writing events belongs to the steps themselves."""

from aimline.ledger.releases import (
    TRUTH,
    Freezing,
    Release,
    Staged,
    current,
    freeze,
    load,
    promote,
)

__all__ = ["TRUTH", "Freezing", "Release", "Staged", "current", "freeze", "load", "promote"]
