"""Templates: sandboxed, strict, told with file and line; data never become Markdown or HTML."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from aimline.errors import PageError
from reports import render
from reports.context import Row, Rows
from reports.page_files import PageFile, read_pages
from reports.render import compile_page, component_names, environment, render_page

FRONT = "---\ntitle: A page\naudiences: [board]\n---\n"
BLOCK = "```sql rows\nselect plan_id from rpt_plan order by plan_id\n```\n"


def page_of(body: str, tmp_path: Path) -> PageFile:
    """Write one page and read it."""
    (tmp_path / "p.md.j2").write_text(FRONT + BLOCK + body, encoding="utf-8")
    pages, findings = read_pages(tmp_path)
    assert findings == []
    return pages[0]


@pytest.fixture
def filled(tmp_path: Path) -> Callable[..., str]:
    """Fill in the body of a page with rows."""

    def fill(body: str, **cells: Any) -> str:
        compiled, findings = compile_page(page_of(body, tmp_path))
        assert compiled is not None, findings
        variables = {"rows": Rows([Row(cells)]), "unit": {"unit_id": "0104"}, "page": {}, "site": {}, "audience": {}}
        return str(render_page(compiled, variables, lambda _address, _key: "")[1])

    return fill


HOSTILE = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "[click](javascript:alert(1))",
    "{{ 7 * 7 }}",
    "{% for x in range(9) %}",
    "# a heading",
    "*stars*",
    '" onmouseover="alert(1)',
    "\u202egnp.exe",
    "=cmd()",
    "\ue0000\ue001",
    "a" * 10_000,
)


@pytest.mark.parametrize("text", HOSTILE)
def test_data_stay_text(text: str, filled: Callable[..., str]) -> None:
    """A text from a file is shown as it is: not as HTML, not as Markdown, not as a template."""
    html = filled("## {{ rows[0].text }}\n\nSaid: {{ rows[0].text }}.\n", text=text)
    assert "<script" not in html
    assert "<img" not in html
    assert "href" not in html
    assert "<em>" not in html
    assert html.count("<h1") == 0
    assert "49" not in html


def test_markdown_around_tags_is_read(filled: Callable[..., str]) -> None:
    """Headings, paragraphs and emphasis of the page are Markdown; a lone component keeps no paragraph around it."""
    html = filled("## Title\n\nA *word* and {{ rows[0].text }}.\n\n{{ empty_note('None') }}\n", text="x")
    assert "<h2>Title</h2>" in html
    assert "<p>A <em>word</em> and x.</p>" in html
    assert "<p><p" not in html


def test_loop_repeats_whole_blocks(filled: Callable[..., str]) -> None:
    """A loop around Markdown gives the blocks once for each row."""
    html = filled("{% for row in rows %}\n### {{ row.text }}\n\nBelow.\n{% endfor %}\n", text="x")
    assert html.split() == ["<h3>x</h3>", "<p>Below.</p>"]


REFUSED = {
    "{% include '/etc/passwd' %}": "'include' is not allowed",
    "{% import 'a' as a %}": "'import' is not allowed",
    "{% from 'a' import b %}": "'fromimport' is not allowed",
    "{% extends 'a' %}": "'extends' is not allowed",
    "{% macro a() %}{% endmacro %}": "'macro' is not allowed",
    "{{ rows | safe }}": "filter 'safe' is not allowed",
    "{{ rows | attr('x') }}": "filter 'attr' is not allowed",
    "{{ lin_chart(rows) }}": "'lin_chart' is not defined",
    "{{ schol.name }}": "'schol' is not defined",
    "{{ rows | pct11 }}": "No filter named 'pct11'",
    "{{ rows": "unexpected",
    "{% for row in rows %}": "Unexpected end",
    "{{ range(10) }}": "'range' is not defined",
    "{{ release.id }}": "'release' is not defined",
}


@pytest.mark.parametrize("body", REFUSED)
def test_template_is_refused(body: str, tmp_path: Path) -> None:
    """What a page may not do is told before any row is read, with file and line."""
    compiled, findings = compile_page(page_of(f"\n\n{body}\n", tmp_path))
    assert compiled is None
    assert REFUSED[body] in str(findings[0])
    assert str(findings[0]).startswith("pages/p.md.j2:10:") or "end" in REFUSED[body]


@pytest.mark.parametrize(
    "body",
    [
        "{{ rows[0].__class__ }}",
        "{{ rows.__init__.__globals__ }}",
        "{{ rows[0].figure_ }}",
        "{{ rows._rows }}",
        "{{ (rows | first).text.format_map }}{{ ''.__class__.__mro__ }}",
        "{{ '%s' % rows[0].nothing }}",
        "{{ rows.where(nothing=1) }}",
        "{{ rows[0].text + 1 }}",
    ],
)
def test_way_out_of_the_sandbox_is_closed(body: str, filled: Callable[..., str]) -> None:
    """Private names, unknown columns and misused texts end in an error with the page's line, not in a page."""
    with pytest.raises(PageError, match=r"pages/p.md.j2:10:1: "):
        filled(f"\n\n{body}\n", text="x")


def test_tag_in_the_address_of_a_link_is_refused(tmp_path: Path) -> None:
    """An address is made by a component, which escapes it; Markdown would take the tag apart."""
    with pytest.raises(PageError, match="in the address of a link"):
        compile_page(page_of("[x]({{ rows[0].text }})\n", tmp_path))


def test_every_component_says_what_it_is() -> None:
    """A component is one macro of the name of its file, with a sentence about it in front."""
    for name in component_names():
        path = Path(environment().get_template(f"{name}.html.j2").filename or "")
        text = path.read_text(encoding="utf-8")
        assert text.startswith("{# "), name
        assert text.count("{% macro ") == 1, name
        assert f"{{% macro {name}(" in text, name


def test_hidden_figure_leaks_into_no_component(filled: Callable[..., str], a_figure: Any) -> None:
    """Every part of a figure that components print is empty when it is hidden, but its words and its id."""
    cells = {"value": 0.4321, "interval_low": 0.4, "n_text": None, "is_suppressed": True, "shown_as": "suppressed"}
    made = a_figure(**cells, value_text="Not shown to protect privacy")
    html = filled("{{ gap_note(rows[0].figure) }}{{ table_cell(rows[0], 'figure') }}\n", figure=made)
    assert "43" not in html
    assert html.count("Not shown to protect privacy") == 2


def test_chart_is_drawn_once_for_equal_rows_as_long_as_its_links_lead_where_they_led() -> None:
    """Equal columns, cells and links make one drawing; a list, which nothing can be known by, is drawn each time."""
    drawn = []

    def chart(rows: Any, ident: str = "a") -> str:
        drawn.append(render._link_to("methods", "x"))
        return f"{ident} of {len(rows)}"

    remembered = render._remembering(chart)
    for link, rows in (("m", [Row({"a": 1})]), ("m", [Row({"a": 1})]), ("m", [Row({"b": 1})]), ("n", [Row({"a": 1})])):
        render._linker.set(lambda _address, _key, link=link: link)
        assert remembered(Rows(rows), ident="c") == "c of 1"
    assert drawn == ["m", "m", "n"]
    assert [remembered([1, 2]), remembered([1, 2, 3])] == ["a of 2", "a of 3"]
