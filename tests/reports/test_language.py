"""Pages in several languages: no sentence is missing, none is left over, dates and figures are told as people write."""

import ast
import re
from pathlib import Path

import pytest

from aimline.disclosure.readings import GAP_TEXTS
from aimline.signals.explain import CAUSES, CHANCES
from reports.language import ENGLISH, PLACE, Language, catalogue, languages, say, speaking_as
from reports.page_files import read_pages
from reports.render import COMPONENTS, compile_page, environment, said_in
from reports.site import SiteBuild
from schemas.published import GAP_TEXT, NO_DATA_TEXT, NOT_REPORTED_TEXT, ZERO_TEXT

OTHERS = [language for language in languages() if language != ENGLISH]
FIGURES = {GAP_TEXT, ZERO_TEXT, NO_DATA_TEXT, NOT_REPORTED_TEXT, "fewer than 1 in 10", "nearly all"}
"""What the gate says of a figure in words."""

SAYING = frozenset({"say", "say_plain", "phrase", "Phrase"})
"""Functions whose first argument is a sentence."""


def said(root: Path) -> set[str]:
    """Return every sentence that pages of several languages, components, layout and code say through the catalogue."""
    pages, _ = read_pages()
    texts = [path.read_text(encoding="utf-8") for path in sorted(COMPONENTS.glob("*.html.j2"))]
    texts += [part for page in pages if len(page.front.languages) > 1 for part in (page.front.title, page.body)]
    found = {sentence for text in texts for sentence, _ in said_in(environment().parse(text))}
    found |= {page.front.nav for page in pages if page.front.nav and len(page.front.languages) > 1}
    for path in [*sorted((root / "reports").rglob("*.py")), root / "aimline/signals/explain.py"]:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        calls = (node for node in ast.walk(tree) if isinstance(node, ast.Call) and node.args)
        named = (node.args[0] for node in calls if isinstance(node.func, ast.Name) and node.func.id in SAYING)
        found |= {node.value for node in named if isinstance(node, ast.Constant)}
    from reports.numbers import _PERIODS

    chances = {word for _, word in CHANCES}
    return found | FIGURES | set(_PERIODS.values()) | chances | set(CAUSES.values()) | {"cannot tell"}


@pytest.mark.parametrize("language", OTHERS)
def test_no_sentence_is_missing_and_none_is_left_over(language: str, project_root: Path) -> None:
    """A language has each sentence once, with the same places for figures and names, and no other."""
    told = catalogue(language)
    assert set(told) == said(project_root)
    assert {each for each in told if set(PLACE.findall(each)) != set(PLACE.findall(told[each]))} == set()


def test_gap_is_called_as_its_reader_knows_it() -> None:
    """Whoever reads pages back knows the words of a gap in every language they are written in."""
    assert {GAP_TEXT, *(catalogue(language)[GAP_TEXT] for language in OTHERS)} == set(GAP_TEXTS)


def test_missing_sentence_is_told_and_not_said_in_english() -> None:
    """A sentence that a language lacks is a mistake that names its catalogue."""
    with (
        speaking_as(Language("es", "es_US")),
        pytest.raises(LookupError, match=r"text/es/messages\.po has no sentence"),
    ):
        say("Good evening")
    assert say("Good evening") == "Good evening"


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("{{ paragraph(_('Good evening')) }}", "'Good evening' is not in the catalogue of 'es'"),
        ("Good evening", "'Good evening' stands in a page of several languages"),
    ],
)
def test_page_that_cannot_be_said_is_told_with_its_line(line: str, told: str, tmp_path: Path) -> None:
    """Before any row is read: words beside the catalogue, and sentences it has not."""
    (tmp_path / "family").mkdir()
    text = f"---\ntitle: \"{{{{ _('Our school') }}}}\"\nlanguages: [en, es]\n---\n\n{line}\n"
    (tmp_path / "family/index.md.j2").write_text(text, encoding="utf-8")
    [page], findings = read_pages(tmp_path)
    assert findings == []
    made, [finding] = compile_page(page)
    assert made is None
    assert (finding.line, finding.message.startswith(told)) == (6, True)


def test_page_of_families_is_the_same_in_both_languages(site: tuple[Path, SiteBuild]) -> None:
    """Figures have the same numbers, dates are written as the language writes them, each leads to the other."""
    for audience in ("family", "student"):
        english, spanish = (
            (site[0] / f"{audience}/0104/{start}index.html").read_text(encoding="utf-8") for start in ("", "es/")
        )
        told = [re.findall(r'data-figure="(\w+)">([^<]*)<', text) for text in (english, spanish)]
        plain = [[(name, re.findall(r"\d+", words)) for name, words in each] for each in told]
        assert plain[0] == plain[1] != []
        assert "January 15, 2027" in english
        assert "15 de enero de 2027" in spanish
        assert re.search(r'<html lang="es".*href="\.\./index\.html" lang="en"', spanish, re.DOTALL)
        assert 'href="es/index.html" lang="es" hreflang="es">Español<' in english
        assert not re.search(r"\b(?:the|and|of|school)\b", re.sub(r"<[^>]*>|\S+@\S+", " ", spanish))


def _main(text: str) -> list[str]:
    """Return the sentences of the main part of a page."""
    main = text.partition("<main")[2].partition(">")[2].partition("</main>")[0]
    ended = re.sub(r"</(?:h\d|li|p)>", ". ", main)
    plain = re.sub(r"\s+", " ", re.sub(r"<[^>]*>|\S+@\S+", " ", ended))
    return [each.strip() for each in re.split(r"[.:?!]+ ", plain) if re.search(r"\w", each)]


def _syllables(word: str, vowels: str) -> int:
    return max(1, len(re.findall(f"[{vowels}]+", word)))


@pytest.mark.parametrize("audience", ["family", "student"])
def test_page_is_easy_to_read_and_short(site: tuple[Path, SiteBuild], audience: str) -> None:
    """English to the seventh grade (Flesch, Kincaid), Spanish of 60 and more (Szigriszt-Pazos), 350 words at most."""
    read = {}
    for language, start in (("en", ""), ("es", "es/")):
        sentences = _main((site[0] / f"{audience}/0104/{start}index.html").read_text(encoding="utf-8"))
        words = [word for each in sentences for word in re.findall(r"[^\W\d_]+", each.lower())]
        n_syllables = sum(_syllables(word, "aeiouyáéíóúü") - word.endswith("e") * (language == "en") for word in words)
        assert len(words) <= 350
        read[language] = (len(words) / len(sentences), n_syllables / len(words))
    assert 0.39 * read["en"][0] + 11.8 * read["en"][1] - 15.59 <= 7.0
    assert 206.835 - 62.3 * read["es"][1] - read["es"][0] >= 60
