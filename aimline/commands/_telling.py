"""Say what became of a delivery, in JSON and in the words people read: why it is held, and what lets it in."""

from collections.abc import Mapping
from typing import Any

COUNTS = ("n_received", "n_accepted", "n_quarantined", "n_ignored")
_BATCH = ("batch_id", "name", "entity", *COUNTS, "n_rows", "quarantined", "ignored", "findings", "state")


def batch_shown(told: Mapping[str, Any]) -> dict[str, Any]:
    """Return the account of one batch: counts, codes, how often each finding holds, and why it is held."""
    looked = told.get("looked", {})
    shown = {name: told[name] for name in _BATCH} | {"notes": looked.get("counts", {})}
    shown |= {"is_late": told.get("is_late", False)}
    shown |= {name: told[name] for name in ("reason", "detail", "remedy", "proposals", "gone") if name in told}
    return shown | {name: looked[name] for name in ("cells", "told", "unlisted") if name in looked}


def held_line(batch: Mapping[str, Any], remedy: str) -> str:
    """Say why a delivery is held or refused, and what to do."""
    told = f"{batch['source_id']}: {batch['name']} {batch['state']}: {batch['reason']}. {batch['detail']}."
    return f"{told} Nothing was loaded. Remedy: {remedy}"


def remedy_of(batch: Mapping[str, Any], deployment: str) -> str:
    """Return what to do about a held delivery: the command that accepts what is proposed, else the fault's remedy.

    A column that is gone can be declared absent until a day.
    """
    words = [_option(each) for each in batch.get("proposals") or ()]
    gone = batch.get("gone") or ()
    words += [*(f'--absent "{name}"' for name in gone), "--until DATE"] if gone and not words else []
    if not words:
        return str(batch["remedy"])
    return f"aimline accept {deployment} {batch['batch_id'][:8]} {' '.join(words)} --by PERSON --reason TEXT"


def _option(proposal: Mapping[str, Any]) -> str:
    if "restates" in proposal:
        return "--restate"
    if "code_of" in proposal:
        return f'--code "{proposal["code_of"]}:{proposal["new"]}={proposal["gone"]}"'
    return f'--mapping "{proposal["new"]}={proposal["column"]}"'
