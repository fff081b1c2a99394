"""Two ways through a page, one meaning: what is taken apart by one expression is read as Python's parser reads it."""

from random import Random

import pytest

from aimline.disclosure import markup
from aimline.disclosure.markup import Attributes, plain_tokens, walk
from aimline.disclosure.readback import read_file, settled
from aimline.disclosure.readback_page import Page

PIECES = (
    '<p data-cell="a">7 &amp; 8</p>',
    '<svg viewBox="0 0 1 1"\n class="x"><circle cx="1" cy="2"/></svg>',
    "<!-- 5 -->",
    "<br>",
    "<td hidden>\n9</td>",
    '<script type="application/json">{"n": 7}</script>',
    "<style>\n.a { width: 3px }</style>",
    "<!doctype html>",
)
ODD = (
    *(
        "<",
        ">",
        '"',
        "--",
        "<!--",
        "-->",
        "</",
        "/>",
        "=",
        "<p x=5>",
        "<P A='7'>",
        "</SCRIPT>",
        "<script>",
        "\0",
        "&#55",
    ),
    *("<textarea><p>5</textarea>", "<![CDATA[7]]>", "<?x 5?>", "<!-->5-->", "<!---->", '<a x="1"y="2">', "</p 5>"),
)


class Seen:
    """Writes down what is shown."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.told: list[object] = []

    def start(self, line: int, tag: str, attributes: Attributes) -> None:
        """Write it down."""
        self.told.append((line, tag, [(name, value or "") for name, value in attributes]))

    def end(self, tag: str) -> None:
        """Write it down."""
        self.told.append(tag)

    def text(self, line: int, data: str) -> None:
        """Write it down."""
        self.told.append(("text", line, data))

    def row(self, line: int, written: str) -> bool:  # noqa: ARG002 - as a walker has it
        """Have it shown tag by tag."""
        return False

    def comment(self, line: int, data: str) -> None:
        """Write it down."""
        self.told += [("comment", line, data)] if data else []


def seen(page: str) -> list[object]:
    """Return all that is shown of a page."""
    walker = Seen()
    walk(page, walker)
    return walker.told


def test_a_page_means_the_same_in_both_ways(monkeypatch: pytest.MonkeyPatch) -> None:
    """However tags, quotes and remarks are broken, the quick way says what Python's parser says, or stands aside."""
    draw = Random(7)  # noqa: S311 - the same pages each time
    pages = ["".join(draw.choices((*PIECES, *PIECES, *ODD), k=draw.randrange(1, 7))) for _ in range(1500)]
    quick = [seen(page) for page in pages]
    assert sum(plain_tokens(page) is not None for page in pages) > 200
    monkeypatch.setattr(markup, "plain_tokens", lambda _page: None)
    assert [page for page, told in zip(pages, quick, strict=True) if seen(page) != told] == []


@pytest.mark.parametrize("odd", ["<p x=5>", "<P>", "a < b", "<textarea><p></textarea>", "<script/>", "<!-->5-->", "\0"])
def test_what_is_open_to_doubt_is_left_to_the_parser(odd: str) -> None:
    """The quick way reads a page whole or not at all."""
    assert plain_tokens(f"<p>1</p>{odd}<p>2</p>") is None
    assert plain_tokens("<p>1</p><p>2</p>") is not None


CHART = (
    '<figure class="panel" id="c">\n<p>7%</p><svg data-scale="0,1,0,9">'
    '<title data-cell="a" data-field="description">It is 7%</title>\n<circle cx="3" data-cell="a"/></svg>'
    '\n<table><td data-cell="b" aria-label="8">8</td>\n</table></figure>'
)
PANELS = (
    CHART,
    '<figure class="panel"><p data-cell="c">9<br>and 10</figure>',
    '<figure class="panel"></p><figure>11</figure></figure>',
    '<figure class="panel">12</div></figure>',
    '<figure class="panel"><style>p { content: "13" }</style></figure>',
)
AROUND = ("<div>", "</div>", '<p data-cell="d">', "</p>", '<g data-scale="0,2,0,9">', "</g>", "14\n", "<!-- 15 -->")


def test_page_says_the_same_whether_its_panels_are_read_apart_or_not():
    """Whatever stands around a panel, and however a panel is torn, nothing is read otherwise than in one piece."""
    random = Random(7)  # noqa: S311 - a plain seed
    texts = [f'<div>{PANELS[3]}<p data-cell="d">1</div>2']
    for number in range(300):
        kinds = [PANELS, PANELS, AROUND, PIECES, ODD if number % 5 == 0 else AROUND]
        texts.append("".join(random.choice(random.choice(kinds)) for _ in range(9)))
    for text in texts:
        page = Page("a.html")
        walk(text, page)
        assert read_file("a.html", text.encode()) == settled(page.finish(), "a.html", ()), text
