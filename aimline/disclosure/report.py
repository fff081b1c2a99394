"""Write an audit as people and programs read it: failures by check, and the JSON of ``aimline audit``."""

from collections.abc import Collection, Iterable, Iterator
from math import inf
from typing import Any

from aimline.disclosure.audit import Audit, Interval, ViewAudit
from aimline.disclosure.forms import FormReader, from_band, from_percent, numerators, visible_cells
from aimline.disclosure.instance import Instance, View
from aimline.disclosure.pools import Pool


def failures(told: ViewAudit, instance: Instance) -> list[dict[str, Any]]:
    """Return every check a view fails, with the target or the pool it fails for."""
    listed = {
        "A1": told.exact,
        "A2": told.narrow,
        "A3": sorted({*told.stiff, *told.result_known, *told.all_or_none}),
        "undecided": told.undecided,
    }
    if told.rule:
        listed["rule"] = sorted({*told.rule.exact, *told.rule.result_known, *told.rule.all_or_none})
    found: list[dict[str, Any]] = [
        {"check": check, "target": name} for check, each in listed.items() for name in instance.names(each)
    ]
    limits = instance.thresholds
    found += [
        {"check": "A4", "relation": pool.relation, "cells": instance.names(pool.cells)}
        for pool in (*told.pools, *told.derived)
        if pool.is_small(limits) or pool.is_one_sided(limits)
    ]
    return found


def is_clean(audit: Audit) -> bool:
    """Say whether no view fails any check."""
    return not any(failures(told, audit.instance) for told in audit.views)


def hidden_zeros(instance: Instance, gaps: Collection[int]) -> list[int]:
    """Return the gaps in which nobody is: that nobody is there is always told, and protects nobody else."""
    if instance.thresholds.zero_is_sensitive:
        return []
    return [number for number in sorted(gaps) if not instance.cells[number].n]


def audit_json(audit: Audit, gaps: Collection[int], seconds: float | None = None) -> dict[str, Any]:
    """Return what ``aimline audit`` prints.

    Args:
        audit: The report.
        gaps: The hidden printed cells.
        seconds: How long it took; given, the keys of ``--full`` are written too.
    """
    instance = audit.instance
    told: dict[str, Any] = {
        "id": instance.instance_id,
        "n_cells": len(instance.cells),
        "n_relations": len(instance.relations),
        "primary": instance.names(instance.small),
        "views": {},
    }
    for view, each in zip(instance.views, audit.views, strict=True):
        told["views"][view.name] = _view_json(instance, each, is_full=seconds is not None)
        told["views"][view.name] |= _forms_json(instance, view, (gaps, each.targets))
    if seconds is not None:
        zeros = [{"check": "zero", "target": name} for name in instance.names(hidden_zeros(instance, gaps))]
        for each in told["views"].values():
            each["failures"] += zeros
            each["passed"] = not each["failures"]
        told["seconds"] = seconds
    return told


def protect_json(audit: Audit, gaps: Collection[int]) -> dict[str, Any]:
    """Return what ``aimline protect`` prints."""
    instance = audit.instance
    secondary = [number for number in gaps if not instance.is_small(number)]
    return {
        "id": instance.instance_id,
        "primary": instance.names(instance.small),
        "secondary": instance.names(secondary),
        "views": {told.name: _summary_json(instance, told) for told in audit.views},
    }


def _summary_json(instance: Instance, told: ViewAudit) -> dict[str, Any]:
    return {
        "targets": len(told.targets) - told.n_known,
        "exact_count": len(told.exact),
        "result_known_exactly": instance.names(told.result_known),
        "all_or_none_known": instance.names(told.all_or_none),
        "narrower_than_threshold": instance.names(told.narrow),
        "small_pools": _small_pools(instance, told),
        "minority_pools": _minority_pools(instance, told),
        "undecided": instance.names(told.undecided),
        "passed": not failures(told, instance),
    }


def _view_json(instance: Instance, told: ViewAudit, *, is_full: bool) -> dict[str, Any]:
    cells = instance.cells
    view = {
        "targets": len(told.targets) - told.n_known,
        "exact_count": len(told.exact),
        "exact": _exact(instance, told.exact),
        "result_known_exactly": instance.names(told.result_known),
        "all_or_none_known": instance.names(told.all_or_none),
        "narrower_than_threshold": instance.names(told.narrow),
        "small_pools": _small_pools(instance, told),
        "exact_if_rule_known": None if told.rule is None else instance.names(told.rule.exact),
        "count_bounds": {cells[number].cell_id: _pair(each) for number, each in sorted(told.counts.items())},
        "favourable_bounds": {cells[number].cell_id: _pair(each) for number, each in sorted(told.favourable.items())},
    }
    if is_full:
        view["minority_pools"] = _minority_pools(instance, told)
        view["undecided"] = instance.names(told.undecided)
        view["failures"] = failures(told, instance)
        view["passed"] = not view["failures"]
    return view


def _forms_json(instance: Instance, view: View, held: tuple[Collection[int], Iterable[int]]) -> dict[str, Any]:
    """Return what displayed percents and bands tell; nothing when no cell says how it is displayed."""
    gaps, targets = held
    if all(cell.form is None for cell in instance.cells):
        return {}
    shown = visible_cells(instance, view, gaps)
    told: dict[str, Any] = {}
    for key, short, reading in (
        ("numerators_from_whole_percent", "whole_percent", from_percent),
        ("numerators_from_band10_half_open", "band10", from_band),
    ):
        ranges = numerators(instance, shown, reading)
        if not ranges:
            continue
        told[key] = {instance.cells[number].cell_id: list(each) for number, each in ranges.items()}
        reader = FormReader(instance, view, shown, ranges)
        for target in targets:
            found = reader.favourable(target)
            told[f"{instance.cells[target].cell_id}_x_range_{short}"] = None if found is None else list(found)
        if reading is from_percent:
            exact = [target for target in targets if _is_determined(reader, target)]
            told |= {"exact_count": len(exact), "exact": _exact(instance, exact)}
    return told


def _is_determined(reader: FormReader, target: int) -> bool:
    x, n = reader.favourable(target), reader.students(target)
    return x is not None and n is not None and x[0] == x[1] and n[0] == n[1]


def _exact(instance: Instance, numbers: Iterable[int]) -> list[dict[str, Any]]:
    cells = [instance.cells[number] for number in sorted(numbers)]
    return [{"id": cell.cell_id, "n": cell.n, "x": cell.x} for cell in cells]


def _small_pools(instance: Instance, told: ViewAudit) -> list[dict[str, Any]]:
    return [
        {"relation": pool.relation, "pooled_n": pool.n} for pool in told.pools if pool.is_small(instance.thresholds)
    ]


def _minority_pools(instance: Instance, told: ViewAudit) -> list[dict[str, Any]]:
    return [
        {
            "relation": pool.relation,
            "cells": instance.names(pool.cells),
            "pooled_x": pool.x,
            "pooled_y": pool.n - pool.x,
        }
        for pool in _one_sided((*told.pools, *told.derived), instance)
    ]


def _one_sided(pools: Iterable[Pool], instance: Instance) -> Iterator[Pool]:
    return (pool for pool in pools if pool.is_one_sided(instance.thresholds))


def _pair(interval: Interval) -> list[float | None]:
    low, high = interval
    return [low, None if high == inf else high]
