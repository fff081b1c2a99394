"""Pages in a browser: readable on a phone, in contrast, by keyboard, printed; nothing loaded from elsewhere."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from reports.site import SiteBuild

pytestmark = pytest.mark.browser

PAGES = {
    "board": "board/district/index.html",
    "year": "board/district/calendar.html",
    "principal": "principal/0104/index.html",
    "small school": "principal/0107/index.html",
    "engineering": "engineering/district/index.html",
    "packet": "board/district/reviews/2027-mid-year/index.html",
    "methods": "board/district/methods/index.html",
    "about": "board/district/about.html",
}
FLAGS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync"),
)

# Contrast of every text with what is behind it (WCAG 2.1, 1.4.3), computed in the page itself.
CONTRAST = """() => {
  const parse = text => (text.match(/[\\d.]+/g) || []).map(Number);
  const channel = value => (value /= 255) <= .04045 ? value / 12.92 : ((value + .055) / 1.055) ** 2.4;
  const light = ([r, g, b]) => .2126 * channel(r) + .7152 * channel(g) + .0722 * channel(b);
  const behind = element => {
    for (let at = element; at; at = at.parentElement) {
      const color = parse(getComputedStyle(at).backgroundColor);
      if (color.length === 3 || color[3] === 1) return color;
    }
    return [255, 255, 255];
  };
  const poor = [];
  for (const element of document.querySelectorAll('body *')) {
    const own = [...element.childNodes].some(node => node.nodeType === 3 && node.textContent.trim());
    const style = getComputedStyle(element);
    if (!own || style.visibility === 'hidden' || element.closest('.skip, .unseen, title, desc')) continue;
    const isDrawn = element instanceof SVGElement;
    const [one, other] = [parse(isDrawn ? style.fill : style.color), behind(element)].map(light);
    const ratio = (Math.max(one, other) + .05) / (Math.min(one, other) + .05);
    const size = parseFloat(style.fontSize), isLarge = size >= 24 || (size >= 18.66 && style.fontWeight >= 700);
    if (ratio < (isLarge ? 3 : 4.5)) poor.push([element.textContent.trim().slice(0, 40), ratio.toFixed(2)]);
  }
  return poor;
}"""

NAMELESS = """() => [...document.querySelectorAll('a, summary, [role=region], svg[role=img]')].filter(element => {
  const named = (element.getAttribute('aria-labelledby') || '').split(' ').filter(Boolean)
    .every(id => document.getElementById(id)?.textContent.trim());
  const text = element.getAttribute('aria-label') || (element.matches('svg') ? '' : element.textContent).trim();
  return !(text || (element.hasAttribute('aria-labelledby') && named));
}).map(element => element.outerHTML.slice(0, 80))"""

WIDE = """() => [...document.querySelectorAll('body *')].filter(element =>
  !element.closest('.scroll, .skip, .unseen') && element.getBoundingClientRect().right > innerWidth + 1
).map(element => element.outerHTML.slice(0, 80))"""


def chromium() -> str:
    """Return the installed browser; without one these tests are skipped."""
    names = (os.environ.get("AIMLINE_CHROMIUM", ""), "chromium", "chromium-browser", "google-chrome")
    found = next((path for name in names if name and (path := shutil.which(name))), None)
    if found is None:
        pytest.skip("no Chromium is installed; set AIMLINE_CHROMIUM to run this test")
    return found


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One browser for all pages."""
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium(), args=list(FLAGS))
        yield started
        started.close()


@pytest.fixture(scope="module")
def phone(browser: Browser) -> Iterator[Page]:
    """A phone of 390 pixels."""
    context = browser.new_context(viewport={"width": 390, "height": 844}, is_mobile=True, has_touch=True)
    yield context.new_page()
    context.close()


@pytest.fixture(scope="module")
def screen(browser: Browser) -> Iterator[Page]:
    """A screen of 1280 pixels."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    yield context.new_page()
    context.close()


def address(site: tuple[Path, SiteBuild], name: str) -> str:
    """Return the address of a page as a file."""
    return (site[0] / PAGES[name]).as_uri()


@pytest.mark.parametrize("name", PAGES)
def test_phone_scrolls_no_page_sideways(name: str, phone: Page, site: tuple[Path, SiteBuild]) -> None:
    """At 390 and at 320 pixels only tables scroll, each inside its own region."""
    phone.goto(address(site, name))
    for width in (390, 320):
        phone.set_viewport_size({"width": width, "height": 844})
        assert phone.evaluate("document.documentElement.scrollWidth <= innerWidth"), phone.evaluate(WIDE)
        assert phone.evaluate(WIDE) == []
    phone.set_viewport_size({"width": 390, "height": 844})


@pytest.mark.parametrize("name", PAGES)
def test_phone_shows_rows_whole(name: str, phone: Page, site: tuple[Path, SiteBuild]) -> None:
    """On a phone a row of a stacked table stands as a block, each cell named, with nothing beyond the edge."""
    phone.goto(address(site, name))
    for cell in phone.locator("table.stack td").all():
        assert cell.evaluate("e => getComputedStyle(e, '::before').content") not in {"none", '""'}
    cut = (
        "[...document.querySelectorAll('table.stack')].filter(e => e.scrollWidth > e.parentElement.clientWidth).length"
    )
    assert phone.evaluate(cut) == 0


@pytest.mark.parametrize("name", PAGES)
def test_text_is_in_contrast(name: str, screen: Page, site: tuple[Path, SiteBuild]) -> None:
    """Every text, those in charts too, has at least 4.5 to 1 with what is behind it; large text 3 to 1."""
    screen.goto(address(site, name))
    screen.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    assert screen.evaluate(CONTRAST) == []


@pytest.mark.parametrize("name", PAGES)
def test_everything_has_a_name(name: str, screen: Page, site: tuple[Path, SiteBuild]) -> None:
    """Links, charts, regions and summaries say what they are to those who do not see them."""
    screen.goto(address(site, name))
    assert screen.evaluate(NAMELESS) == []


@pytest.mark.parametrize("name", PAGES)
def test_page_loads_nothing_from_elsewhere(name: str, browser: Browser, site: tuple[Path, SiteBuild]) -> None:
    """A page asks for its style sheet and nothing outside its edition, breaks no rule of its own, and is styled."""
    context = browser.new_context()
    page = context.new_page()
    asked: list[str] = []
    told: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: told.append(message.text))
    page.goto(address(site, name))
    edition = (site[0] / "/".join(PAGES[name].split("/")[:2])).as_uri()
    assert all(url.startswith(f"{edition}/") for url in asked)
    assert told == []
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(246, 246, 242)"
    context.close()


def test_page_is_whole_without_scripts(browser: Browser, site: tuple[Path, SiteBuild]) -> None:
    """With scripts switched off, text, charts and tables are the same."""
    texts = []
    for is_on in (True, False):
        context = browser.new_context(java_script_enabled=is_on)
        page = context.new_page()
        page.goto(address(site, "board"))
        texts.append((page.inner_text("main"), page.locator("svg[role=img]").count()))
        context.close()
    assert texts[0] == texts[1]
    assert texts[0][1] == 4


def test_keyboard_reaches_everything(screen: Page, site: tuple[Path, SiteBuild]) -> None:
    """The first stop skips to the content; each stop after it shows where it is."""
    screen.goto(address(site, "principal"))
    screen.keyboard.press("Tab")
    assert screen.evaluate("document.activeElement.className") == "skip"
    stops = screen.locator("a, summary, [tabindex='0']").locator("visible=true").count() - 1
    seen: set[Any] = set()
    for _ in range(stops):
        screen.keyboard.press("Tab")
        outline = screen.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert outline != "none", screen.evaluate("document.activeElement.outerHTML.slice(0, 80)")
        seen.add(screen.evaluate("[...document.querySelectorAll('*')].indexOf(document.activeElement)"))
    assert len(seen) == stops


def test_touch_targets_are_large_enough(phone: Page, site: tuple[Path, SiteBuild]) -> None:
    """What is touched in the navigation and to open numbers is at least 24 pixels high."""
    phone.goto(address(site, "board"))
    for target in phone.locator("nav a, summary").all():
        box = target.bounding_box()
        assert box is not None
        assert box["height"] >= 24


def test_print_shows_the_content_alone(browser: Browser, site: tuple[Path, SiteBuild]) -> None:
    """On paper there is no navigation, and no table is cut by a region that scrolls."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(address(site, "board"))
    page.emulate_media(media="print")
    assert not page.locator("nav").is_visible()
    assert page.evaluate("getComputedStyle(document.querySelector('.scroll')).overflowX") == "visible"
    assert len(page.pdf(format="Letter")) > 10_000
    context.close()
