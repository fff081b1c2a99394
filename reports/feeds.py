"""Write the alerts of an edition for machines: ``feed.xml`` for readers of feeds, ``alerts.json`` for programs.

Both are made from the rows the edition's pages are made from, so they are frozen and read back like pages. Neither
holds a figure: they say what began, goes on or is over, and since when; the pages say how much. Ids are written in
letters, since the reader of finished pages takes every other number for one that has to be traced.
"""

import json
from collections.abc import Iterable, Sequence
from datetime import date
from html import escape
from typing import Any

from aimline.signals import OVER
from reports.alert_words import alert_words
from reports.numbers import day

FEED, ALERTS = "feed.xml", "alerts.json"
_FIELDS = ("indicator_id", "unit_id", "group_id", "kind", "state", "since_on", "owner_label", "next_step")
_LETTERS = str.maketrans("0123456789", "ABCDEFGHIJ")


def alerts_json(rows: Iterable[Any]) -> bytes:
    """Return the alerts as JSON, the oldest first; ``cell_id`` is the figure each is about."""
    ordered = sorted(rows, key=lambda row: (row.since_on, row.alert_id))
    told = [
        {"cell_id": row.figure.id, "guid": guid(row)} | {name: _text(row[name]) for name in _FIELDS} for row in ordered
    ]
    return (json.dumps({"alerts": told}, ensure_ascii=False, indent=1) + "\n").encode()


def guid(row: Any) -> str:
    """Return what names an alert in one state: new when it changes, so that readers of feeds show it again."""
    return f"{row.alert_id}.{row.state}".translate(_LETTERS)


def _text(cell: Any) -> Any:
    return cell.isoformat() if isinstance(cell, date) else cell


def feed_xml(rows: Sequence[Any], title: str, home: str) -> bytes:
    """Return the alerts as RSS 2.0: one item for each state an alert comes to, the newest first.

    Args:
        rows: Rows of ``rpt_alerts`` as the edition's reader sees them.
        title: Title of the site.
        home: The edition's first page, which every item leads to.
    """
    ordered = sorted(rows, key=lambda row: (row.since_on, row.alert_id), reverse=True)
    items = "".join(_item(row, home) for row in ordered)
    head = f"<title>{escape(title)}: alerts</title><link>{escape(home)}</link>"
    about = "<description>What left its aim line, or what is usual</description>"
    start = '<?xml version="1.0" encoding="utf-8"?>\n<rss version="2.0">'
    return f"{start}<channel>{head}{about}\n{items}</channel></rss>\n".encode()


def _item(row: Any, home: str) -> str:
    word = "over" if row.state in OVER else alert_words(row).word or "off its line"
    about = f"{row.indicator_label}, {row.unit_label}: {word}"
    parts = [f"Since {day(row.since_on)}.", f"Owner: {row.owner_label}." if row.owner_label else ""]
    parts += [f"Next: {row.next_step.rstrip('.')}." if row.next_step and row.state not in OVER else ""]
    link = f'<link>{escape(home)}</link><guid isPermaLink="false">{escape(guid(row))}</guid>'
    told = f"<description>{escape(' '.join(part for part in parts if part))}</description>"
    return f"<item><title>{escape(about)}</title>{link}{told}</item>\n"
