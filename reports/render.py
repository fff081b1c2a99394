"""Turn page files into HTML. The only place that knows Jinja and Markdown.

Markdown is read once, when a page is compiled, with every template tag taken out; so data can never become Markdown,
and a night only fills in templates. A loop repeats whole blocks; a list whose items loop is a component. Pages call
components, which are the macros of ``components/``; they include nothing and import nothing.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from traceback import walk_tb
from typing import Any

from jinja2 import FileSystemLoader, StrictUndefined, Template, TemplateError, meta, nodes
from jinja2.exceptions import TemplateSyntaxError
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markdown_it import MarkdownIt
from markupsafe import Markup

from aimline.errors import Finding, PageError
from reports import charts, numbers
from reports.alert_words import alert_words
from reports.charts.shape import side_of
from reports.context import Row, Rows, columns_of
from reports.language import ENGLISH, PLACE, catalogue, label, languages, say, speaking, surveys_in
from reports.numbers import Figure, period_words
from reports.page_files import PageFile
from schemas.shown import school_year

COMPONENTS = Path(__file__).resolve().parent / "components"
GIVEN = frozenset({"unit", "page", "site", "audience"})
"""Names every page may use besides its queries and the components."""

Linker = Callable[[str, str], str]
_linker: ContextVar[Linker] = ContextVar("linker")
_asked: ContextVar[dict[tuple[str, str], str] | None] = ContextVar("asked", default=None)

MOST_KEPT = 2_000
"""Drawings that are remembered within a process."""

_Made = tuple[dict[tuple[str, str], str], Any]
"""What a component made, after the links it asked for, by address and key."""

_TAG = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", re.DOTALL)
_BLOCK_LINE = re.compile(r"[ \t]*(?:\{%[^\n]*?%\}|\{#[^\n]*?#\})[ \t]*")
_MARK = re.compile("\ue000(\\d+)\ue001")
_LONE = re.compile("<p>((?:\\s*\ue000\\d+\ue001\\s*)+)</p>")
_WORD = re.compile(r"[^\W\d_]{2,}")
_REFUSED = (nodes.Include, nodes.Import, nodes.FromImport, nodes.Extends, nodes.Macro)
_REFUSED_FILTERS = frozenset({"safe", "attr", "format", "pprint", "xmlattr"})


@dataclass(frozen=True)
class Compiled:
    """A page ready to be filled in.

    Attributes:
        page: The page as written.
        title: Its title.
        body: Its body, Markdown read.
        raw: Its body before Markdown, to find the line of a mistake.
        names: The names it uses, of ``GIVEN`` and of its queries.
    """

    page: PageFile
    title: Template
    body: Template
    raw: Template
    names: frozenset[str]


class _Sandbox(ImmutableSandboxedEnvironment):
    """The sandbox, with a short way to what a page reads most: cells of rows and parts of figures."""

    def getattr(self, obj: Any, attribute: str) -> Any:
        """Return an attribute; rows and figures have none that is unsafe but the private ones."""
        if type(obj) in {Row, Figure} and attribute[:1] != "_":
            try:
                found = getattr(obj, attribute)
            except AttributeError:
                pass
            else:
                return numbers.marked(obj, attribute) if type(obj) is Figure and found else found
        return super().getattr(obj, attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        """Return an item; a part of a figure is the same however a component asks for it."""
        return self.getattr(obj, argument) if type(obj) is Figure else super().getitem(obj, argument)


@lru_cache(maxsize=1)
def environment() -> _Sandbox:
    """Return the environment of pages, components and layout: sandboxed, escaping, strict about names."""
    made = _Sandbox(
        loader=FileSystemLoader(COMPONENTS),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=False,
        auto_reload=False,
    )
    made.globals = {"link_to": _link_to, "alert_words": alert_words, "side_of": side_of, "_": say, "label": label}
    made.globals |= {"period_words": period_words, "surveys_in": surveys_in}
    made.filters |= {
        "day": lambda value, length="long": numbers.day(value, length, speaking().locale),
        "money": lambda *told: numbers.Said.of("declared", numbers.money(*told)),
        "count": lambda value: numbers.Said.of("records", numbers.count(value)),
        "amount": lambda *told: numbers.Said.of("declared", numbers.amount(*told)),
        "school_year": school_year,
    }
    for name, draw in charts.DRAWN.items():
        made.globals[name] = _drawing(draw)
    made.globals |= {name: _component(made, name) for name in component_names()}
    return made


def _component(env: _Sandbox, name: str) -> Callable[..., Any]:
    """Return a macro by name. It is looked up when it is called, so that components may call each other."""
    found: list[Callable[..., Any]] = []

    def component(*arguments: Any, **options: Any) -> Any:
        if not found:
            found.append(getattr(env.get_template(f"{name}.html.j2").module, name))
        return found[0](*arguments, **options)

    return _remembering(component) if name.endswith("_chart") else component


def _remembering(component: Callable[..., Any]) -> Callable[..., Any]:
    """Let a component draw once what it draws of equal rows, as long as its links lead where they led."""
    kept: dict[Any, _Made] = {}

    def remembered(*arguments: Any, **options: Any) -> Any:
        try:
            key = (
                speaking().code,
                tuple(map(_content, arguments)),
                tuple((name, _content(each)) for name, each in options.items()),
            )
            made = kept.get(key)
        except (TypeError, TemplateError):  # a list, or what is not defined: nothing to know it by
            return component(*arguments, **options)
        if made is None or any(_linker.get()(*asked) != link for asked, link in made[0].items()):
            if len(kept) > MOST_KEPT:
                kept.clear()
            made = kept[key] = _with_links(component, arguments, options)
        around = _asked.get()
        if around is not None:
            around.update(made[0])
        return made[1]

    return remembered


def _with_links(component: Callable[..., Any], arguments: Any, options: Any) -> _Made:
    """Call a component; return what it made, with the links it asked for."""
    links: dict[tuple[str, str], str] = {}
    around = _asked.set(links)
    try:
        return links, component(*arguments, **options)
    finally:
        _asked.reset(around)


def _content(value: Any) -> Any:
    """Return what tells whether two arguments are equal: of rows and of one row its columns and cells."""
    rows = Rows([value]) if isinstance(value, Row) else value
    return (columns_of(rows), rows) if isinstance(rows, Rows) else value


def component_names() -> list[str]:
    """Return the names of the components: files of one macro; those that begin with ``_`` are the layout's."""
    return sorted(path.name.removesuffix(".html.j2") for path in COMPONENTS.glob("[a-z]*.html.j2"))


def _link_to(address: str, key: str = "") -> str:
    """Return the link from the page being made to a page of its edition, empty when the edition lacks it."""
    link = _linker.get()(address, key)
    around = _asked.get()
    if around is not None:
        around[address, key] = link
    return link


def _drawing(draw: Callable[..., str]) -> Callable[..., Markup]:
    """Let a component put a drawing into its HTML as it is: charts escape what they write."""

    def drawing(*arguments: Any, **options: Any) -> Markup:
        return Markup(draw(*arguments, **options))  # noqa: S704 - our own SVG, escaped where it is made

    return drawing


def compile_page(page: PageFile) -> tuple[Compiled | None, list[Finding]]:
    """Compile one page; return it, or what is wrong with it."""
    known = GIVEN | {block.name for block in page.blocks}
    findings = list(_mistakes(page, known))
    if findings:
        return None, findings
    env = environment()
    html = _as_html(page)
    names = meta.find_undeclared_variables(env.parse(page.front.title + page.body)) & known
    return Compiled(
        page, env.from_string(page.front.title), _template(html), _template(page.body), frozenset(names)
    ), []


def _template(source: str) -> Template:
    env = environment()
    code = env.compile(source, filename="<page>")
    return Template.from_code(env, code, env.make_globals(None))


def _mistakes(page: PageFile, known: frozenset[str]) -> Iterator[Finding]:
    """Yield what is wrong with a body before any row is read."""
    env = environment()
    try:
        tree = env.parse(page.body)
        env.compile(page.body)
    except TemplateSyntaxError as error:
        yield Finding(page.file, error.lineno, 1, "", f"{error.message}.", "Correct the template.", code="template")
        return
    for refused in tree.find_all(_REFUSED):
        message = f"'{type(refused).__name__.lower()}' is not allowed in pages."
        yield Finding(page.file, refused.lineno, 1, "", message, "Call a component.", code="template")
    for used in tree.find_all(nodes.Filter):
        if used.name in _REFUSED_FILTERS:
            message = f"filter '{used.name}' is not allowed in pages."
            yield Finding(page.file, used.lineno, 1, "", message, "Let a component show it.", code="template")
    if len(page.front.languages) > 1:
        yield from _unsaid(page, tree)
    missing = meta.find_undeclared_variables(tree) - known - set(env.globals)
    for name in tree.find_all(nodes.Name):
        if name.name in missing:
            listed = ", ".join(sorted(known))
            yield Finding(
                page.file,
                name.lineno,
                1,
                "",
                f"'{name.name}' is not defined.",
                f"Known here: {listed}.",
                code="template",
            )


def said_in(tree: nodes.Template) -> Iterator[tuple[str, int]]:
    """Yield each sentence a template says through the catalogue, with its line."""
    for call in tree.find_all(nodes.Call):
        is_said = isinstance(call.node, nodes.Name) and call.node.name == "_" and call.args
        if is_said and isinstance(call.args[0], nodes.Const):
            yield str(call.args[0].value), call.lineno


def _unsaid(page: PageFile, tree: nodes.Template) -> Iterator[Finding]:
    """Yield what a page of several languages cannot say in one of them, and words that stand beside the catalogue."""
    others = [language for language in page.front.languages if language != ENGLISH]
    title = environment().parse(page.front.title)
    for sentence, line in [*said_in(tree), *((each, 1) for each, _ in said_in(title))]:
        for language in others:
            told = catalogue(language).get(sentence) if language in languages() else None
            if told is None or set(PLACE.findall(told)) != set(PLACE.findall(sentence)):
                message = f"'{sentence}' is not in the catalogue of '{language}', or has other places there."
                remedy = f"Write it in reports/text/{language}/messages.po."
                yield Finding(page.file, line, 1, "", message, remedy, code="language")
    bare = _TAG.sub(lambda tag: "\n" * tag.group(0).count("\n"), page.body)
    for number, line_of in enumerate(bare.splitlines(), 1):
        if _WORD.search(line_of):
            message = f"'{line_of.strip()[:40]}' stands in a page of several languages."
            yield Finding(page.file, number, 1, "", message, "Say it by {{ _('...') }}.", code="language")


def _as_html(page: PageFile) -> str:
    """Read the Markdown around the template's tags.

    Raises:
        PageError: A tag stands where Markdown swallows it, such as in the address of a link.
    """
    tags: list[str] = []

    def mark(match: re.Match[str]) -> str:
        tags.append(match.group(0))
        return f"\ue000{len(tags) - 1}\ue001"

    lines = (f"\n{line.strip()}\n" if _BLOCK_LINE.fullmatch(line) else line for line in page.body.splitlines())
    html = _markdown().render(_TAG.sub(mark, "\n".join(lines)))
    html = _LONE.sub(r"\1", html)
    if len(_MARK.findall(html)) != len(tags):
        message = "a template tag stands in the address of a link or in code."
        raise PageError([Finding(page.file, 1, 1, "", message, "Use the component page_link.", code="template")])
    return _MARK.sub(lambda match: tags[int(match.group(1))], html)


@lru_cache(maxsize=1)
def _markdown() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False})


def render_page(compiled: Compiled, variables: Mapping[str, Any], linker: Linker) -> tuple[str, Markup]:
    """Fill in one page.

    Args:
        compiled: The page.
        variables: Rows by query name, and the names of ``GIVEN``.
        linker: Gives the link to an address and a key of its bracket, empty when the edition lacks the page.

    Returns:
        Title and HTML of the main part.

    Raises:
        PageError: A name, column or link does not exist; with file and line.
    """
    _linker.set(linker)
    try:
        title = compiled.title.render(variables)
        return title, Markup(compiled.body.render(variables))  # noqa: S704 - rendered with autoescape on
    except (TemplateError, TypeError, AttributeError, KeyError, ValueError, LookupError) as error:
        raise PageError([_told(compiled, variables, error)]) from None


def _told(compiled: Compiled, variables: Mapping[str, Any], error: Exception) -> Finding:
    """Say what went wrong; the line is found by filling in the page once more without Markdown."""
    line = 1
    try:
        compiled.raw.render(variables)
    except Exception as again:  # noqa: BLE001 - the same mistake as before, which is told; only its place is wanted
        found = [number for frame, number in walk_tb(again.__traceback__) if frame.f_code.co_filename == "<page>"]
        line = found[0] if found else 1
    message = f"{error}".rstrip(".") or type(error).__name__
    return Finding(compiled.page.file, line, 1, "", f"{message}.", "Correct the page or its query.", code="template")


def render_layout(name: str, variables: Mapping[str, Any], linker: Linker) -> Markup:
    """Fill in a template of the layout: ``page`` around every page, ``about``, ``missing``."""
    _linker.set(linker)
    text = environment().get_template(f"_{name}.html.j2").render(variables)
    return Markup(text)  # noqa: S704 - rendered with autoescape on
