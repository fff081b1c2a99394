"""Protect a district: bring its warehouse up to date, with the pattern in it, and say what it hides from whom."""

from typing import TYPE_CHECKING, Any

from aimline.commands._shared import say, say_table

if TYPE_CHECKING:
    from datetime import date

    from aimline.context import Context
    from aimline.disclosure.telling import District


def protect_district(deployment: str, as_of: "date | None", state: str | None, *, changed_only: bool) -> dict[str, Any]:
    """Return what protection does to a district.

    Args:
        deployment: Its name or folder.
        as_of: The day.
        state: The state root.
        changed_only: List only populations whose gaps are not what they were.
    """
    from aimline.context import open_context
    from aimline.disclosure.policy import Policy
    from aimline.disclosure.telling import digests, told_of
    from aimline.disclosure.verdicts import recall
    from aimline.transform import WAREHOUSE, BuildRequest, build

    context = open_context(deployment, as_of=as_of, state=state)
    before = _rows(context, WAREHOUSE) if changed_only and context.store.exists(WAREHOUSE) else None
    facts = context.deployment
    made = build(BuildRequest(facts.district.district_id, context.store, context.journal, context.clock))
    recall(context.store)
    district = _rows(context, made.key)
    old = digests(before.pattern) if before else {}
    changed = [name for name, digest in digests(district.pattern).items() if old.get(name) != digest]
    policy = Policy.of(facts.audiences.disclosure)
    return told_of(facts.district.district_id, district, policy, changed if changed_only else None)


def _rows(context: "Context", key: str) -> "District":
    """Read what protection is about from a warehouse; nothing where it holds none of it yet."""
    from aimline.disclosure.telling import District
    from aimline.warehouse import connect

    names = ("int_disclosure__pattern", "int_disclosure__outcomes", "int_audiences__readers")
    with connect(context.store.path(key), role="build", read_only=True) as connection:
        known = {row["table_name"] for row in connection.rows("select table_name from information_schema.tables")}
        return District(*(connection.rows(f"from {name} order by all") if name in known else [] for name in names))


def say_district(answer: dict[str, Any]) -> None:
    """Print what protection does to a district."""
    heads = ["population", "cells", "small", "hidden besides", "shown"]
    rows = [
        [name, each["cells"], each["small"], each["hidden_to_protect_them"], each["shown"]]
        for name, each in answer["populations"].items()
    ]
    say_table(heads, rows)
    say()
    costs = [
        [name, each["cells"], each["small"], each["hidden_to_protect_them"], each["shown"], each["shown_percent"]]
        for name, each in answer["audiences"].items()
    ]
    say_table(["audience", *heads[1:], "% shown"], costs)
    say()
    proofs = [
        [name, each["targets"], each["exact"], each["results"], each["narrow"], each["pools"], each["narrowest"]]
        for name, each in answer["views"].items()
    ]
    say_table(["reader", "small groups", "exact", "results", "narrow", "pools", "narrowest"], proofs)
    say()
    say("Passed." if answer["passed"] else "Not safe.")
