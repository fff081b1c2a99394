"""``aimline audit-site``: a small clean site passes, and every planted leak is refused."""

import json

import pytest

from aimline.cli import main
from reports.declared_texts import fixed_drawings
from tests.support.small_site import GAP, KEYS, PAGE, ROWS, A, write_site


@pytest.fixture
def site(tmp_path, capsys):
    """Write a release with one page and one table; audit it; return exit code and answer."""

    def auditing(page=PAGE, rows=ROWS, more=None, listed=True, drawings=()):
        written = {"public/district/index.html": page, "public/district/table.csv": rows, **(more or {})}
        folder = write_site(tmp_path, written, listed=listed, drawings=drawings)
        code = main(["audit-site", str(folder), "--release", "r1"])
        return code, json.loads(capsys.readouterr().out)

    return auditing


def test_a_clean_site_passes_with_every_number_traced(site):
    """Its readers derive nothing either: what is shown is audited as the pattern."""
    code, told = site()
    assert list(told) == [
        "release_id", "n_artefacts", "n_numbers", "n_untraced", "untraced", "unequal", "gap_content", "presence",
        "foreign_unit", "geometry", "views", "passed",
    ]  # fmt: skip
    assert (code, told["n_artefacts"], told["n_untraced"], told["passed"]) == (0, 2, 0, True)
    assert told["views"]["public"]["passed"]
    assert told["n_numbers"] > 5


@pytest.mark.parametrize(
    ("check", "old", "new"),
    [
        ("gap_content", A, f"<td {KEYS.format('a')}>2 of 4"),
        ("gap_content", A, f"<td {KEYS.format('a')}>Half of them"),
        ("gap_content", A, f"<td {KEYS.format('a')}>*"),
        ("gap_content", A, A.replace(">Not", ' title="50%">Not')),
        ("gap_content", A, A.replace(">Not", ' data-tip="4">Not')),
        ("gap_content", A, f'{A}<img alt="4 students">'),
        ("gap_content", '"is_suppressed": true', '"is_suppressed": true, "value": 0.5'),
        ("gap_content", '<circle cx="10"', f'<circle cx="5" cy="100" {KEYS.format("a")}/><circle cx="10"'),
        ("untraced", "</table>", "</table><!-- asian 4 -->"),
        ("untraced", "</table>", '</table><img alt="4 students">'),
        ("untraced", "</table>", "</table><p>The rest are 20 students.</p>"),
        ("untraced", "</table>", '</table><div style="width:37%"></div>'),
        ("untraced", "<script", "<script>var n = [4];</script><script"),
        ("unequal", '"58%"', '"59%"'),
        ("geometry", 'cy="66"', 'cy="65.4"'),
        ("geometry", 'cy="66"', 'cy="66.000"'),
        ("geometry", "L20 66", "L20 66 L30 100"),
        ("geometry", "L20 66", "C20 66 20 66 20 66"),
        ("presence", f"<td {KEYS.format('b')}>58%</td>", "<td></td>"),
    ],
)
def test_a_planted_leak_on_a_page_is_refused(site, check, old, new):
    """Numbers in gaps, attributes, comments, scripts and drawings; a visible cell that is missing."""
    assert old in PAGE
    page = PAGE.replace(old, new)
    code, told = site(
        page.replace('{"cell_id": "b", "indicator_id": "belonging", "value_text": "58%"},', "")
        if check == "presence"
        else page
    )
    assert (code, told["passed"]) == (6, False)
    assert told[check]


SHADED = '<path d="M10 72L20 66" opacity="{}"/>'
BESIDE = f'<td><span {KEYS.format("a")}>{GAP}</span> <span data-cell="declared">4</span>'


@pytest.mark.parametrize(
    ("check", "old", "new"),
    [
        ("gap_content", "<tr><th>a", '<tr class="low"><th>a'),
        ("gap_content", "<tr><th>a", '<tr id="v57"><th>a'),
        ("gap_content", A, BESIDE),
        ("untraced", "</table>", "</table><!-- four of seven -->"),
        ("untraced", "</table>", '</table><a href="index.html?v=57">more</a>'),
        ("untraced", "</table>", '</table><p tabindex="57">more</p>'),
        ("untraced", 'lang="en"', 'lang="en-57"'),
        ("untraced", "</head>", "<style>.gap{background:url(v57.svg)}</style></head>"),
        ("geometry", '<path d="M10', '<circle cx="10" cy="72" r="5"/><circle cx="10" cy="72" r="5.7"/><path d="M10'),
        ("geometry", '<path d="M10', f'{SHADED.format("0.5")}{SHADED.format("0.57")}<path d="M10'),
    ],
)
def test_a_number_that_is_told_by_looks_or_addresses_is_refused(site, check, old, new):
    """Signs of one row, addresses, keys, languages, the size and the shade of a mark; words of a comment."""
    assert old in PAGE
    code, told = site(PAGE.replace(old, new))
    assert (code, bool(told[check])) == (6, True)


@pytest.mark.parametrize(
    ("feed", "found"),
    [
        ("<item><title>b</title><guid>alert_b.new</guid></item>", 0),
        ("<item><title>b</title><guid>alert_b.new</guid></item><item><title>a</title></item>", 1),
        ("<item><title>a</title><guid>alert_a.new</guid></item>", 1),
    ],
)
def test_a_feed_tells_the_alerts_of_the_file_beside_it(site, feed, found):
    """Whose figures the file says; a feed says none, so one more of its items may be about a gap."""
    alerts = json.dumps({"alerts": [{"cell_id": "b", "guid": "alert_b.new"}]})
    text = f'<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel>{feed}</channel></rss>'
    told = site(more={"public/district/feed.xml": text, "public/district/alerts.json": alerts})[1]
    assert (len(told["presence"]), told["untraced"]) == (found, [])


def test_every_attribute_of_a_feed_is_read(site):
    """A length or a time to live is no figure's."""
    item = '<item><title>b</title><enclosure url="a.txt" length="57"/></item>'
    text = f'<rss version="2.0"><channel>{item}</channel></rss>'
    assert [each["text"] for each in site(more={"public/district/feed.xml": text})[1]["untraced"]] == ["57"]


def test_a_number_in_the_row_of_a_gap_is_refused(site):
    """A table says of a gap its text and nothing else."""
    assert site(rows=ROWS.replace(f"h,belonging,,{GAP}", f"h,belonging,0.63,{GAP}"))[1]["gap_content"]
    assert site(rows=ROWS + "b,belonging,0.58,58%,14\n")[1]["untraced"]


def test_a_figure_of_another_school_is_refused(site):
    """A school's edition names its own cells only."""
    row = "cell_id,indicator_id,value\nschool=S2|all,belonging,0.64\nschool=S1|all,belonging,0.64\n"
    told = site(more={"principal/S1/table.csv": row})[1]
    assert [each["cell"] for each in told["foreign_unit"]] == ["school=S2|all"]


@pytest.mark.parametrize("more", [{"public/district/data.xyz": "4"}, {"public/district/broken.json": "{"}])
def test_a_file_nobody_can_read_is_refused(site, more):
    """Fail closed."""
    assert site(more=more)[1]["untraced"][0]["path"] == next(iter(more))


def test_a_file_beside_the_manifest_is_refused(site):
    """A page that the manifest does not list may exist because of what it shows."""
    assert site(listed=False)[1]["presence"] == [
        {"path": "public/district/index.html", "line": 0, "text": "the manifest does not list this file"}
    ]


def test_without_a_manifest_nothing_is_judged(tmp_path, capsys):
    """Exit code 2: nobody can tell which files belong to the site."""
    (tmp_path / "site").mkdir()
    assert main(["audit-site", str(tmp_path / "site")]) == 2
    assert "nobody can tell which files belong to the site" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("more", "found"),
    [("", 0), ('<rect x="0" y="0" width="7" height="3"/>', 1), ('<circle cx="7" cy="7" r="4"/>', 1)],
)
def test_a_sign_that_pages_do_not_always_draw_is_refused(site, more, found):
    """A shape added to the sign of a status may tell a number; a release says which signs it draws."""
    sign = f'<svg viewBox="0 0 14 14"><circle cx="7" cy="7" r="6"/>{more}</svg></body>'
    code, answer = site(PAGE.replace("</body>", sign), drawings=fixed_drawings())
    assert (code, len(answer["geometry"])) == (6 if found else 0, found)
    assert site(PAGE.replace("</body>", sign.replace('r="6"', 'r="5"')), drawings=fixed_drawings())[0] == 6


def test_without_a_list_of_signs_they_are_not_compared(site):
    """A site written by others may draw what it likes beside its figures."""
    assert site(PAGE.replace("</body>", '<svg><rect width="7" height="3"/></svg></body>'))[0] == 0
