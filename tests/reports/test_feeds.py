"""Alerts for machines: what an edition's reader may see, without a figure, whole as a feed and as JSON."""

import json
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from aimline.disclosure.readback import read_file
from aimline.warehouse import Connection
from reports.context import read_table
from reports.feeds import alerts_json, feed_xml
from reports.site import SiteBuild


def test_every_edition_has_its_own_alerts(site: tuple[Path, SiteBuild]) -> None:
    """A principal's feed holds the own school's alerts; a school without any has an empty one."""
    folder = site[0] / "principal/0104"
    told = json.loads((folder / "alerts.json").read_bytes())["alerts"]
    assert [each["unit_id"] for each in told] == ["0104", "0104"]
    assert [each["since_on"] for each in told] == ["2026-11-13", "2026-12-04"]
    titles = [item.findtext("title") for item in ET.parse(folder / "feed.xml").iter("item")]  # noqa: S314 - ours
    assert len(titles) == 2
    assert all(title and title.endswith("off its line") for title in titles)
    assert json.loads((site[0] / "principal/0105/alerts.json").read_bytes()) == {"alerts": []}


def test_no_number_in_them_has_to_be_traced(site: tuple[Path, SiteBuild]) -> None:
    """The reader of finished pages finds no loose number in either file of any edition."""
    for written in site[1].editions:
        for name in ("feed.xml", "alerts.json"):
            read = read_file(name, (site[0] / written.edition.folder / name).read_bytes())
            assert read is not None
            said = [each for each in read.readings if each.text]
            assert (read.strays, said) == ([], []), (written.edition.folder, name)


@pytest.mark.parametrize(
    ("kind", "word"),
    [
        ("off_path", "off its line"),
        ("concern", "worse than usual here"),
        ("peer", "unusual among the schools"),
        ("improvement", "better than usual here"),
    ],
)
def test_an_item_says_beside_what_a_figure_stands(kind: str, word: str, connection: Connection) -> None:
    """In the words of the pages: only what is tested beside an aim line is off its line."""
    row = next(iter(read_table(connection, "rpt_alerts", "principal", "0104")))
    told = type(row)({**row._cells, "kind": kind})
    title = ET.fromstring(feed_xml([told], "Riverbend", "index.html")).findtext("channel/item/title")  # noqa: S314 - ours
    assert str(title).endswith(f": {word}")


def test_alert_that_changes_its_state_is_a_new_item(connection: Connection) -> None:
    """A reader of feeds shows an item again when its id changes; equal rows give equal bytes in any order."""
    rows = list(read_table(connection, "rpt_alerts", "principal", "0104"))
    over = [type(rows[0])({**rows[0]._cells, "state": "resolved"}), *rows[1:]]
    before, after = feed_xml(rows, "Riverbend", "index.html"), feed_xml(over, "Riverbend", "index.html")
    guids = [{item.findtext("guid") for item in ET.fromstring(each).iter("item")} for each in (before, after)]  # noqa: S314
    assert len(guids[0] & guids[1]) == 1
    assert b": over</title>" in after
    assert feed_xml(rows[::-1], "Riverbend", "index.html") == before
    assert alerts_json(rows[::-1]) == alerts_json(rows)
