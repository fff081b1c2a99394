"""Small districts as counts, the rows the protection reads, and an attacker who subtracts.

A *layer* is one figure: a mapping from (unit, group) to n, where the unit ``D`` is the district and the group ``all``
everybody. Groups are written ``set/value``. The rows are made here a second time, so they also check the SQL.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

Key = tuple[str, str]
Layer = Mapping[Key, int]

POPULATION = "survey:fall:2027"
MEASURE = "percent_favorable"


def cell_id(key: Key) -> str:
    """Name a cell as the warehouse does."""
    unit, group = key
    set_id, _, value = group.partition("/")
    return "|".join((POPULATION, "district" if unit == "D" else "school", unit, set_id, value or set_id))


def district(schools: Mapping[str, Mapping[str, int]]) -> dict[Key, int]:
    """Add up a layer from the counts of groups in schools; ``all`` of a school is given or the sum of each set."""
    layer: dict[Key, int] = {}
    for school, groups in schools.items():
        sets = {group.partition("/")[0] for group in groups} - {"all"}
        whole = groups.get("all", max((sum(n for g, n in groups.items() if g.startswith(s)) for s in sets), default=0))
        for group, n in {**groups, "all": whole}.items():
            layer[(school, group)] = n
            layer[("D", group)] = layer.get(("D", group), 0) + n
    return layer


def relations(layer: Layer) -> Iterator[tuple[str, str, Key, list[Key]]]:
    """Yield (name, kind, total, parts) of every sum that ties the cells of a layer."""
    for group in sorted({group for _, group in layer}):
        schools = [key for key in layer if key[0] != "D" and key[1] == group]
        if ("D", group) in layer and schools:
            yield f"school|{group}", "school", ("D", group), sorted(schools)
    for unit in sorted({unit for unit, _ in layer}):
        for set_id in sorted({group.partition("/")[0] for u, group in layer if u == unit} - {"all"}):
            parts = [key for key in layer if key[0] == unit and key[1].startswith(f"{set_id}/")]
            yield f"group|{unit}|{set_id}", "group", (unit, "all"), sorted(parts)


def cell_rows(layers: Iterable[Layer]) -> list[dict[str, Any]]:
    """Make the rows of ``int_disclosure__cells`` of one population."""
    layers = list(layers)
    rows = []
    for key in sorted({key for layer in layers for key in layer}):
        counts = [layer[key] for layer in layers if key in layer]
        small = [n for n in counts if n]
        rows.append(
            {
                "population_id": POPULATION,
                "measure_id": MEASURE,
                "cell_id": cell_id(key),
                "n_low": min(counts),
                "n_small": min(small, default=None),
                "n_high": max(counts),
                "n_unknown": 0,
                "is_aggregated": False,
            }
        )
    return rows


def relation_rows(layers: Iterable[Layer]) -> list[dict[str, Any]]:
    """Make the rows of ``int_disclosure__relations`` of one population."""
    found: dict[str, dict[str, Any]] = {}
    for layer in layers:
        for name, kind, total, parts in relations(layer):
            rest = layer[total] - sum(layer[part] for part in parts)
            row = found.setdefault(name, {"kind": kind, "total": total, "parts": set(), "rests": [], "n_broken": 0})
            row["parts"] |= set(parts)
            row["rests"].append(max(rest, 0))
            row["n_broken"] += rest < 0 or (kind == "school" and rest != 0)
    return [
        {
            "population_id": POPULATION,
            "measure_id": MEASURE,
            "relation_id": name,
            "kind": row["kind"],
            "total_cell_id": cell_id(row["total"]),
            "part_cell_id": cell_id(part),
            "n_broken": row["n_broken"],
            "rest_low": min(row["rests"]),
            "rest_small": min((n for n in row["rests"] if n), default=None),
            "rest_high": max(row["rests"]),
        }
        for name, row in found.items()
        for part in sorted(row["parts"])
    ]


def attack(layers: Iterable[Layer], gaps: set[str], n_min: int) -> list[str]:
    """Return what a reader works out with one subtraction or addition, in any layer.

    The reader sees every cell that is no gap, and knows which cells are empty.
    """
    found = []
    for layer in layers:
        for name, _, total, parts in relations(layer):
            hidden = {cell_id(part): layer[part] for part in parts if cell_id(part) in gaps and layer[part]}
            rest = layer[total] - sum(layer[part] for part in parts)
            unseen = [*hidden.values(), *([rest] if rest > 0 else [])]
            if cell_id(total) in gaps:
                if layer[total] and not unseen:
                    found.append(f"{name}: the total by addition")
            elif len(unseen) == 1 and (hidden or rest < n_min):
                found.append(f"{name}: a part by subtraction")
            elif hidden and sum(unseen) < n_min:
                found.append(f"{name}: a pool that is too small")
    return found


def betrayed(layers: Iterable[Layer], gaps: set[str], n_min: int) -> list[str]:
    """Return the small groups a reader works out by as many subtractions and additions as it takes, in any layer."""
    found = []
    for layer in layers:
        known = {key for key in layer if cell_id(key) not in gaps or not layer[key]}
        while True:
            new = set()
            for name, _, total, parts in relations(layer):
                open_parts = [part for part in parts if part not in known]
                rest = layer[total] - sum(layer[part] for part in parts)
                unseen = sum(layer[part] for part in open_parts) + max(rest, 0)
                if total not in known:
                    new |= {total} if not open_parts and rest <= 0 else set()
                elif 0 < unseen < n_min:
                    found.append(f"{name}: a pool that is too small")
                elif len(open_parts) == 1 and rest <= 0:
                    new |= set(open_parts)
            found += [cell_id(key) for key in new if layer[key] < n_min]
            if found or not new:
                break
            known |= new
    return found
