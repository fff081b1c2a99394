"""Compare the schools of an indicator with each other once a term: rows in, rows out. The funnel is ``funnel``.

A term is an equal part of the school year's days of instruction (``int_calendar__terms``). It is judged once, when it
is over.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from aimline.signals.alert_states import PEER
from aimline.signals.funnel import WIDE, Ask, funnel_table
from aimline.signals.tested import day_of, stored, tier_of, whole

Row = Mapping[str, Any]

MIN_UNITS = 5
MIN_SIZE = 10
_OTHER_TRIM = 0.05
_MEASURED = (
    *("numerator", "denominator", "rr", "Y", "s", "Uzscore", "Wuzscore", "LCL95", "UCL95", "LCL99", "UCL99"),
    *("OD95LCL", "OD95UCL", "OD99LCL", "OD99UCL", "z_od", "p", "p_adjusted", "shrunk"),
)

FUNNEL_COLUMNS: dict[str, str] = {
    **dict.fromkeys(("indicator_id", "group_id", "term", "unit_id"), "varchar"),
    "period_on": "date",
    **dict.fromkeys(_MEASURED, "double"),
    **dict.fromkeys(("winsorised", "outlier"), "integer"),
    "selected": "boolean",
    **dict.fromkeys(("phi", "tau2", "target"), "double"),
    **dict.fromkeys(("is_wide", "is_trim_dependent"), "boolean"),
    **dict.fromkeys(("value_unit", "better"), "varchar"),
}


def funnels(series: Iterable[Row], terms: Iterable[Row], district: Row) -> list[dict[str, Any]]:
    """Return a row a school of each indicator and term that is over; none where no peers are declared.

    Args:
        series: Rows of ``int_signals__series``.
        terms: Rows of ``int_calendar__terms``.
        district: Its declared terms and share of tempered schools.
    """
    if not district["peer_terms"]:
        return []
    trim = district["peer_trim_numerator"] / district["peer_trim_denominator"]
    by_panel: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in series:
        by_panel[row["indicator_id"], row["group_id"]].append(row)
    newest = max((day_of(row["period_on"]) for rows in by_panel.values() for row in rows), default=date.min)
    begun = [each for each in terms if day_of(each["first_on"]) <= newest]
    year = max((each["school_year"] for each in begun), default=None)
    cut = sorted(
        (day_of(each["first_on"]), day_of(each["last_on"]), str(each["term"]))
        for each in begun
        if each["school_year"] == year
    )
    return [row for key in sorted(by_panel) for row in _panel_rows(by_panel[key], cut, trim)]


def _panel_rows(rows: Sequence[Row], terms: Sequence[tuple[date, date, str]], trim: float) -> Iterator[dict[str, Any]]:
    through = max(day_of(row["period_on"]) for row in rows)
    for first, last, name in terms:
        if last > through:
            continue
        sums: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])
        for row in rows:
            if first <= day_of(row["period_on"]) <= last:
                sums[row["unit_id"]][0] += row["numerator"]
                sums[row["unit_id"]][1] += row["denominator"]
        units = [(unit, d, n) for unit, (d, n) in sorted(sums.items()) if n >= MIN_SIZE]
        if len(units) >= MIN_UNITS:
            place = {"term": name, "period_on": last}
            place |= {key: rows[0][key] for key in ("indicator_id", "group_id", "value_unit", "better")}
            yield from _term_rows(units, place, trim)


def _term_rows(
    units: Sequence[tuple[str, float, float]], place: Mapping[str, Any], trim: float
) -> Iterator[dict[str, Any]]:
    table, other = (funnel_table(units, Ask("pr", each, "99", adjusted=True)) for each in (trim, _OTHER_TRIM))
    outlier = table.columns.index("outlier")
    for cells, others in zip(table.rows, other.rows, strict=True):
        row = dict(zip(table.columns, cells, strict=True))
        is_wide = table.summary["phi"] > WIDE
        yield {
            **place,
            "unit_id": row["group"],
            **{name: stored(row[name]) for name in _MEASURED},
            "winsorised": row["winsorised"],
            "outlier": 0 if is_wide else row["outlier"],
            "selected": row["selected"] and not is_wide,
            **{name: stored(table.summary[name]) for name in ("phi", "tau2", "target")},
            "is_wide": is_wide,
            "is_trim_dependent": cells[outlier] != others[outlier],
        }


def peer_tests(rows: Iterable[Row]) -> list[dict[str, Any]]:
    """Return the rows of the table of tests: which schools are unusual among their peers in a term."""
    batches: dict[tuple[str, str, date], list[Row]] = defaultdict(list)
    for row in rows:
        batches[row["indicator_id"], row["group_id"], day_of(row["period_on"])].append(row)
    return [
        whole(_test(row, len(batch), sum(bool(each["selected"]) for each in batch)))
        for _, batch in sorted(batches.items())
        for row in batch
    ]


def _test(row: Row, n_tests: int, n_selected: int) -> dict[str, Any]:
    is_tested = not row["is_wide"]
    is_selected = bool(row["selected"] and row["outlier"])
    return {
        "class_id": "public",
        "figure_id": "|".join(("peer", row["indicator_id"], row["group_id"], row["unit_id"], row["term"])),
        **{name: row[name] for name in ("indicator_id", "unit_id", "group_id", "value_unit", "better")},
        "unit_type": "school",
        "period_kind": "term",
        "period_on": day_of(row["period_on"]),
        "effect": stored(row["rr"] - row["target"]) if is_tested else None,
        "z": row["z_od"] if is_tested else None,
        "p": row["p"] if is_tested else None,
        "p_adjusted": row["p_adjusted"] if is_tested else None,
        "threshold": 0.05,
        "level_before": row["target"],
        "level_after": row["rr"],
        "tier": tier_of(is_tested=is_tested, is_selected=is_selected, is_watched=False),
        "kind": PEER if is_tested else None,
        "control": "bh",
        "is_selected": is_selected,
        "changed_on": day_of(row["period_on"]) if is_tested else None,
        "n_tests": n_tests,
        "expected_false": -(-n_selected // 20),
        "causes": ["trim"] if row["is_trim_dependent"] else [],
    }
