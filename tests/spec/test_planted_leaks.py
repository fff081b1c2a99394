"""A stranger plants what a gap hides, on a page or beside it: each such site is refused, by the check named here."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from aimline.disclosure.artefacts import SiteAudit, audit_site, read_truth
from aimline.disclosure.presence import pages_of_some
from tests.support.sdc import data_of
from tests.support.small_site import CELLS, GAP, KEYS, PAGE, ROWS, A, write_site

INDEX, TABLE = "public/district/index.html", "public/district/table.csv"
ROW = f"{A}</td></tr>\n"
SENTENCE = "Results for this group are not shown to protect privacy."
PLOT = '<g data-scale="0,100,200,0">'
HTML = "<!doctype html><html lang='en'><head><title>x</title></head><body>{}</body></html>"


@pytest.fixture
def judged(tmp_path: Path) -> Callable[[dict[str, str]], SiteAudit]:
    """Audit the small site with some files changed or added."""

    def judge(files: dict[str, str]) -> SiteAudit:
        folder = write_site(tmp_path, {INDEX: PAGE, TABLE: ROWS, **files})
        return audit_site(folder, read_truth(tmp_path))

    return judge


def in_gap(text: str) -> tuple[str, str]:
    """Write something after the words of the gap."""
    return A, A + text


def on_gap(attributes: str) -> tuple[str, str]:
    """Give the element of the gap an attribute."""
    return A, A.replace("<td", f"<td {attributes}")


def in_row(text: str) -> tuple[str, str]:
    """Put something into the row of the gap."""
    return ROW, ROW.replace("</tr>", f"{text}</tr>")


def at_end(text: str) -> tuple[str, str]:
    """Put something at the end of the page."""
    return "</body>", f"{text}</body>"


def in_plot(text: str) -> tuple[str, str]:
    """Put something into the plot."""
    return PLOT, PLOT + text


PLANTED_ON_THE_PAGE = {
    "words after it": ("gap_content", in_gap(" (half, two of four)")),
    "another language": ("gap_content", in_gap(" (dos de cuatro)")),
    "Roman numerals": ("gap_content", in_gap(" (IV)")),
    "nobody": ("gap_content", in_gap(" nobody")),
    "unseen signs": ("gap_content", in_gap("\u200b\u200b")),
    "another writing": ("gap_content", in_gap(".")),
    "blank": ("gap_content", (A, A.replace(GAP, ""))),
    "said twice": ("gap_content", in_gap(f" {GAP}")),
    "line breaks": ("gap_content", in_gap("<br><br><br><br>")),
    "a number of nobody in it": ("gap_content", in_gap(' <span data-cell="declared">50%</span>')),
    "class": ("gap_content", on_gap("class='w-50'")),
    "class of one gap": ("gap_content", on_gap("class='low'")),
    "id": ("gap_content", on_gap("id='n4'")),
    "bare sign": ("gap_content", on_gap("data-low")),
    "columns": ("gap_content", on_gap("colspan='4'")),
    "spoken words": ("gap_content", on_gap("aria-label='half of four'")),
    "address": ("gap_content", in_gap("<a href='#r-50'></a>")),
    "status": ("gap_content", in_row(f"<td {KEYS.format('a').replace('value', 'status')}>off track</td>")),
    "few": ("gap_content", in_row(f"<td {KEYS.format('a').replace('value', 'n')}>fewer than ten</td>")),
    "bar beside it": ("gap_content", in_row('<td><i class="w-50"></i></td>')),
    "cells beside it": ("gap_content", in_row("<td></td><td></td>")),
    "why it is one": ("gap_content", on_gap("title='small group'")),
    "drawn bar": ("gap_content", ("<tr><th>a", '<tr><th>a <svg><rect width="50" height="8"/></svg>')),
    "part of the room": ("untraced", ("<tr><th>a", '<tr><th>a <hr width="50%">')),
    "attribute of no page": ("untraced", at_end("<p count='4'>x</p>")),
    "footnote": ("untraced", in_row("<td><sup>4</sup></td>")),
    "row left out": ("presence", (f"<tr><th>a</th>{ROW}", "")),
    "held in an address": ("untraced", at_end("<img alt='' src='data:text/plain;base64,NTAl'>")),
    "sealed picture": ("untraced", at_end("<img alt='' src='data:image/png;base64,iVBORw0KGgo='>")),
    "script in an address": ("untraced", at_end('<a href="javascript:say(50)">x</a>')),
    "meter": ("untraced", at_end('<meter max="4"></meter>')),
    "time": ("untraced", at_end('<time datetime="PT50H"></time>')),
    "place in a list": ("untraced", at_end('<ol start="4"><li>Asian</li></ol>')),
    "percent in words": ("untraced", at_end("<p>Asian: cincuenta por ciento</p>")),
    "fraction": ("untraced", at_end("<p>\u00bd of them</p>")),
    "tokens": ("untraced", at_end("<p>\u25cf\u25cf\u25cb\u25cb</p>")),
    "bars in a text": ("untraced", at_end("<p>\u2582\u2585</p>")),
    "instruction": ("untraced", at_end("<?asian 4?>")),
    "declared entity": ("untraced", ("<!doctype html>", '<!doctype html [<!ENTITY a "50">]>')),
    "within a frame": ("untraced", at_end('<iframe srcdoc="<p>50%</p>"></iframe>')),
    "linked data": ("untraced", at_end('<script type="application/ld+json">{"size": "4"}</script>')),
    "text in the plot": ("geometry", in_plot('<text x="30" y="100">x</text>')),
    "words of the gap in the plot": ("gap_content", in_plot(f'<text x="30" y="100" {KEYS.format("a")}>{GAP}</text>')),
    "copied drawing": ("geometry", in_plot('<use x="30" y="100" href="#m"/>')),
    "moved drawing": ("geometry", in_plot('<g transform="translate(0,34)"><circle cx="3" cy="66"/></g>')),
    "animation": ("untraced", in_plot('<animate attributeName="cy" to="100"/>')),
    "colour that ends": ("untraced", in_plot('<linearGradient><stop offset="50%"/></linearGradient>')),
    "long dash": ("untraced", ('<path d="M10', '<path stroke-dasharray="50 4" d="M10')),
    "marked section": ("untraced", in_plot("<text><![CDATA[50%]]></text>")),
    "attribute that stands twice": ("untraced", at_end('<p title="2 of 4" title="x">x</p>')),
    "value of a shown cell": ("unequal", ("58%", "50%")),
    "no month": ("untraced", at_end("<p>Maybe 4 of them.</p>")),
    "no day": ("untraced", at_end("<p>May 57</p>")),
    "no date": ("untraced", at_end("<p>2027-57-04</p>")),
    "no school year": ("untraced", at_end("<p>2004-57</p>")),
    "no grade": ("untraced", at_end("<p>Grades 4-57</p>")),
    "percent behind a month": ("untraced", at_end("<p>In May 4% agreed.</p>")),
    "number of people in words": ("untraced", at_end("<p>Four Asian students answered.</p>")),
    "small digit": ("untraced", at_end("<p>Asian\u00b2</p>")),
    "die": ("untraced", at_end("<p>Asian \u2683</p>")),
    "handler": ("untraced", at_end('<button onclick="say(50)">x</button>')),
    "held in a source": ("untraced", at_end('<q cite="data:,50">x</q>')),
    "number without end": (
        "unequal",
        at_end("".join(f"<i {KEYS.format('b').replace('value', 'n')}>{n}</i>" for n in ("9" * 5000, 24))),
    ),
}


@pytest.mark.parametrize("name", PLANTED_ON_THE_PAGE)
def test_what_is_planted_on_a_page_is_refused(judged: Callable[[dict[str, str]], SiteAudit], name: str) -> None:
    """Words, attributes, elements, drawings: a gap says its fixed words and nothing more."""
    check, (old, new) = PLANTED_ON_THE_PAGE[name]
    assert old in PAGE
    told = judged({INDEX: PAGE.replace(old, new)})
    assert told.places[check]
    assert not told.passed


def row_of(columns: str, cells: str) -> str:
    """Write a table of one row of the small group."""
    return f"cell_id,indicator_id,{columns}\na,belonging,{cells}\n"


PLANTED_BESIDE_IT = {
    "page of one group": ("presence", "a.html", HTML.format("<p>Asian students.</p>")),
    "number in a name": ("presence", "x-50.html", HTML.format("<p>x</p>")),
    "number in a folder": ("presence", "asian-n4/x.html", HTML.format("<p>x</p>")),
    "number in a version": ("presence", "table.a50b4.csv", "x\ny\n"),
    "style for the gap": ("gap_content", "s.css", "td.a { width: 50% }"),
    "style for its cell": ("untraced", "s.css", 'td[data-cell="a"] { width: 50% }'),
    "style for its row": ("untraced", "s.css", "tr:nth-child(5) td { width: 50% }"),
    "style in print": ("untraced", "s.css", "@media print { td.x:after { content:\n 'n' '50' } }"),
    "style that counts": ("untraced", "s.css", "td.x { counter-reset: n 50 }"),
    "style in signs": ("untraced", "s.css", "td.x:after { content: '\\35\\30' }"),
    "remark of a style": ("untraced", "s.css", "/* asian 2 of 4 */"),
    "feed": ("untraced", "feed.xml", '<?xml version="1.0"?><rss><title><![CDATA[Asian: 50%]]></title></rss>'),
    "calendar": ("untraced", "d.ics", "VERSION:2.0\nDTSTART:20270115\nSUMMARY:50%"),
    "mail": ("untraced", "mail.txt", "Asian: fifty percent"),
    "equal rows": ("untraced", "g.csv", "group,word\nasian,x\nasian,x\nasian,x\n"),
    "empty rows": ("untraced", "g.csv", "group,word\nasian,x\n\n\nw,y\n"),
    "blank row": ("gap_content", "g.csv", row_of("value,value_text", ",")),
    "row of a key alone": ("gap_content", "g.csv", "cell_id,indicator_id\na,belonging\n"),
    "words in a row": ("gap_content", "g.csv", row_of("value_text", "half")),
    "word beside it": ("gap_content", "g.json", '[{"cell_id": "a", "is_suppressed": true, "note": "half"}]'),
    "status beside it": ("gap_content", "g.json", '[{"cell_id": "a", "is_suppressed": true, "status": "off track"}]'),
    "number for a wave": ("gap_content", "g.json", '[{"cell_id": "a", "is_suppressed": true, "wave": 57}]'),
    "number for a version": ("gap_content", "g.csv", row_of("version,value_text", f"2 of 4,{GAP}")),
    "number for a day": ("gap_content", "g.csv", row_of("as_of,value_text", f"4,{GAP}")),
    "word on a gap": ("gap_content", "g.json", '[{"cell_id": "a", "is_suppressed": true, "trend": "down"}]'),
    "text held by a style": ("untraced", "s.css", ':root { --v: "50%" } p::after { content: var(--v) }'),
    "quote of a style": ("untraced", "s.css", 'p { quotes: "\\35 0" "x" }'),
    "no number of JSON": ("untraced", "g.json", '[{"cell_id": "w", "value": NaN}]'),
    "key that stands twice": ("untraced", "g.json", '[{"cell_id": "w", "value": "2 of 4", "value": "67%"}]'),
    "column that stands twice": ("untraced", "g.csv", "cell_id,value,value\nw,2 of 4,67%\n"),
    "torn section": ("untraced", "x.html", "<p><![asian[4]]></p>"),
    "endless cell": ("untraced", "g.csv", f"a\n{'x' * 200_000}\n"),
    "yes or no": ("gap_content", "g.json", '[{"cell_id": "a", "is_suppressed": true, "value": true}]'),
    "alert": ("gap_content", "g.json", '{"alerts": [{"cell_id": "a", "state": "open"}]}'),
}


@pytest.mark.parametrize("name", PLANTED_BESIDE_IT)
def test_what_is_planted_beside_a_page_is_refused(judged: Callable[[dict[str, str]], SiteAudit], name: str) -> None:
    """Files, their names, style sheets, feeds, rows: a listed file is judged by what its being there says."""
    check, path, text = PLANTED_BESIDE_IT[name]
    told = judged({f"public/district/{path}": text})
    assert told.places[check]
    assert not told.passed


HONEST = {
    "sentence": ("x.html", HTML.format(f"<p {KEYS.format('a')}>{SENTENCE}</p>")),
    "label before it": ("x.html", HTML.format(f"<li {KEYS.format('a')}>Asian: not shown to protect privacy</li>")),
    "pages of all groups": None,
    "school year in a name": ("2026-27/grade-3.html", HTML.format("<p>x</p>")),
    "widths of columns": ("s.css", "/* v1.2 */ td:nth-child(2) { width: 40% } .n::after { content: attr(lang) }"),
    "row that says so": ("g.csv", row_of("value,value_text", f",{GAP}")),
    "gap of JSON": ("g.json", '[{"cell_id": "a", "indicator_id": "belonging", "is_suppressed": true}]'),
    "dates and places": ("x.html", HTML.format(
        "<p>05/21/2027, 21 May 2027, May 21st, May 3-7, 2027 at 7:30 AM, 2027-05-21 07:30, 1998, 2026/27</p>"
        "<p>3rd grade, Grades 3, 4 and 5, Grades 6\u20138 and 9\u201312, K\u20132, page 2 of 5, sha256:3fa9c1e7</p>"
        "<p>Grades are shown together (K\u20132, 3\u20135) to protect small groups.</p>"
        "<button aria-controls='menu-2'>x</button><div role='heading' aria-level='2'>x</div>"
    )),
    "what browsers are told": ("x.html", ("<!doctype html><html lang='es-419'><head><title>x</title>"
        '<meta name="viewport" content="width=device-width, initial-scale=1.0, maximum-scale=5">'
        '<meta name="theme-color" content="#0b3d91"><meta http-equiv="Content-Type" content="text/html; charset=utf-8">'
        "</head><body></body></html>")),
    "names in keys": ("g.csv", row_of(
        "school_year,wave,grade,unit_id,version,as_of,value_text", f"2026-27,2,3,s07,v1,2027-05-21,{GAP}"
    )),
    "signs of a style": ("s.css", 'q { quotes: "\\201C" "\\201D" } td { font: 16px "Source Sans 3" }'),
    "sizes": ("x.html", HTML.format(
        "<table width='100%' border='1'><tr><td id='4' height='8'><img alt='' src='a.svg' width='24' height='24'>"
        f"<svg><rect width='8' height='8'/></svg></td></tr></table><i title='Asian' {KEYS.format('a')}>{GAP}</i>"
    )),
    "status of a gap": ("x.html", HTML.format(f"<i {KEYS.format('a').replace('value', 'status')}>Cannot tell</i>")),
    "map of a site": ("sitemap.xml", ('<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">'
        "<url><loc>x.html</loc></url></urlset>")),
    "byte-order mark": ("g.json", "\ufeff[]"),
    "calendar": ("d.ics", "BEGIN:VCALENDAR\nVERSION:2.0\nDTSTART;VALUE=DATE:20270115\nSUMMARY:Window opens"),
    "cell over columns": ("x.html", HTML.format(
        f"<table><tr><th>x<th>y<th>z</tr><tr><th>a<td colspan=2 {KEYS.format('a')}>{GAP}</td></tr></table>"
    )),
}  # fmt: skip


@pytest.mark.parametrize("name", HONEST)
def test_what_an_honest_site_has_passes(judged: Callable[[dict[str, str]], SiteAudit], name: str) -> None:
    """The fixed words in a sentence, pages of all groups alike, dates in names, styles for all rows."""
    page = HTML.format("<p>x</p>")
    added = HONEST[name]
    files = {added[0]: added[1]} if added else {f"groups/{each}.html": page for each in "wbha"}
    told = judged({f"public/district/{path}": text for path, text in files.items()})
    assert {check: found for check, found in told.places.items() if found} == {}
    assert told.passed


def test_a_page_with_the_name_of_one_group_in_its_own_is_refused() -> None:
    """Pages of all groups alike say nothing; a part of a longer word is no name."""
    groups = [["asian", "white"]]
    assert [each["path"] for each in pages_of_some(["p/d/of-asian.html"], groups)] == ["p/d/of-asian.html"]
    assert not list(pages_of_some(["p/d/of-asian.html", "p/d/of-white.html", "p/d/caucasian.html"], groups))


@pytest.mark.parametrize(
    ("name", "said"), [("g.json", "this file is not what its name says"), ("g.md", "of this kind")]
)
def test_why_nobody_can_read_a_file_is_said(
    judged: Callable[[dict[str, str]], SiteAudit], name: str, said: str
) -> None:
    """A torn file of a kind that is read, and a kind that is not."""
    assert [said in each["text"] for each in judged({f"public/district/{name}": "{"}).untraced] == [True]


@pytest.mark.parametrize(("text", "is_clean"), [("No students", True), ("0", True), ("No data collected", False)])
def test_a_cell_in_which_nobody_is_says_so(tmp_path: Path, text: str, is_clean: bool) -> None:
    """Zero is always told, in words too."""
    row = f"<tr><th>z</th><td {KEYS.format('z')}>{text}</td></tr></table>"
    folder = write_site(tmp_path, {INDEX: PAGE.replace("</table>", row), TABLE: ROWS})
    cells = data_of({**CELLS, "z": (0, 0)}, {"All": "wbhaz"})
    (tmp_path / "instance.json").write_text(json.dumps(cells), encoding="utf-8")
    assert audit_site(folder, read_truth(tmp_path)).passed is is_clean


def test_what_is_neither_file_nor_full_folder_is_refused(tmp_path: Path) -> None:
    """An empty folder has a name, and a link that leads nowhere too."""
    folder = write_site(tmp_path, {INDEX: PAGE, TABLE: ROWS})
    (folder / "public/asian-four").mkdir()
    (folder / "public/asian").symlink_to(tmp_path / "nowhere")
    told = audit_site(folder, read_truth(tmp_path))
    assert [each["path"] for each in told.presence] == ["public/asian", "public/asian-four"]
