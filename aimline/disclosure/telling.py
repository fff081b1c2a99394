"""Tell what protection does to a district: the gaps of every population, what they cost each audience, what is left.

Only counts and names of populations and readers are told; which cells are hidden stays in the warehouse.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from aimline.disclosure.layers import Readers
from aimline.disclosure.policy import Policy
from aimline.disclosure.release_audit import Certificate, audit_figures

Row = Mapping[str, Any]
_SUMMED = ("n_targets", "exact", "results", "narrow", "pools", "undecided")


@dataclass(frozen=True)
class District:
    """The rows of the warehouse that protection is about.

    Attributes:
        pattern: Of ``int_disclosure__pattern``.
        outcomes: Of ``int_disclosure__outcomes``.
        readers: Of ``int_audiences__readers``.
    """

    pattern: list[dict[str, Any]]
    outcomes: list[dict[str, Any]]
    readers: list[dict[str, Any]]


def told_of(name: str, district: District, policy: Policy, only: Iterable[str] | None = None) -> dict[str, Any]:
    """Return what ``aimline protect --deployment`` prints.

    Args:
        name: The district.
        district: Its rows.
        policy: What is asked.
        only: The populations that are listed; all of them when None. Cost and proof are of all in any case.
    """
    fates = _fates(district.pattern)
    hidden = {key for key, reason in fates.items() if reason}
    rows = [row | {"is_hidden": (row["population_id"], row["cell_id"]) in hidden} for row in district.outcomes]
    readers = Readers.of(district.readers, is_insider=policy.is_insider, coalition=policy.coalition)
    audit = audit_figures(rows, policy.thresholds, readers)
    listed = None if only is None else frozenset(only)
    return {
        "id": name,
        "policy_version": policy.version,
        "populations": {
            each: told
            for each, told in _populations(district.pattern, fates).items()
            if listed is None or each in listed
        },
        "audiences": _costs(district.readers, fates),
        "views": _views(audit.certificates),
        "passed": not audit.failures,
    }


def digests(pattern: Iterable[Row]) -> dict[str, str]:
    """Return the digest of the pattern of every population; they differ where some cell's fate does."""
    found: dict[str, set[str]] = defaultdict(set)
    for row in pattern:
        found[row["population_id"]].add(row["pattern_sha256"])
    return {name: "|".join(sorted(each)) for name, each in found.items()}


def _fates(pattern: Iterable[Row]) -> dict[tuple[str, str], str]:
    """Return the reason of every cell, empty where it is shown; one of its measures may hide it alone."""
    fates: dict[tuple[str, str], str] = {}
    for row in pattern:
        key = (row["population_id"], row["cell_id"])
        fates[key] = fates.get(key) or (row["reason"] if row["is_suppressed"] else "")
    return fates


def _populations(pattern: Iterable[Row], fates: Mapping[tuple[str, str], str]) -> dict[str, dict[str, Any]]:
    sums = digests(pattern)
    told: dict[str, dict[str, Any]] = {name: _nothing() | {"pattern_sha256": sums[name]} for name in sorted(sums)}
    for (name, _), reason in fates.items():
        _count(told[name], reason)
    return told


def _costs(readers: Iterable[Row], fates: Mapping[tuple[str, str], str]) -> dict[str, dict[str, Any]]:
    """Return for every audience how many cells its readers hold together, and how many of them are hidden."""
    units: dict[str, set[str]] = defaultdict(set)
    for row in readers:
        units[row["audience_id"]].add(row["unit_id"])
    told: dict[str, dict[str, Any]] = {name: _nothing() for name in sorted(units)}
    for (_, cell), reason in fates.items():
        unit = cell.split("|")[-3]
        for name, held in units.items():
            if unit in held:
                _count(told[name], reason)
    for each in told.values():
        each["shown_percent"] = round(100 * each["shown"] / each["cells"], 1) if each["cells"] else None
    return told


def _nothing() -> dict[str, Any]:
    return {"cells": 0, "shown": 0, "small": 0, "hidden_to_protect_them": 0}


def _count(told: dict[str, Any], reason: str) -> None:
    told["cells"] += 1
    told["shown" if not reason else "small" if reason == "primary" else "hidden_to_protect_them"] += 1


def _views(certificates: Iterable[Certificate]) -> dict[str, dict[str, Any]]:
    held: dict[str, list[Certificate]] = defaultdict(list)
    for each in certificates:
        held[each.view].append(each)
    return {
        view: {
            **{name.removeprefix("n_"): sum(getattr(each, name) for each in found) for name in _SUMMED},
            "narrowest": min((each.width for each in found if each.width is not None), default=None),
            "passed": all(each.passed for each in found),
        }
        for view, found in sorted(held.items())
    }
