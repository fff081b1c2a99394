"""What the documents say, as functions of a project's root: each returns the places that are wrong."""

import re
import shlex
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

ROOMS = ("aimline", "benchmarks", "dbt_project", "deployments", "docs", "flows", "reports", "schemas", "tests")

_INLINE = re.compile(r"`([^`\n]+)`")
_FENCED = re.compile(r"^```[^\n]*\n(.*?)^```", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
_TARGET = re.compile(r"^([a-z]+):", re.MULTILINE)
_DOCSTRING_PATH = re.compile(r"``([\w./-]+/[\w.-]+)``")
_NAME = re.compile(r"[a-z_][a-z0-9_]*")


def documents(root: Path) -> list[Path]:
    """Return the documents people read."""
    return sorted([*root.glob("*.md"), *(root / "docs").rglob("*.md")])


def code_words(path: Path) -> Iterator[tuple[int, str]]:
    """Yield line and text of everything a document writes as code: lines of blocks, and words in backticks."""
    text = path.read_text(encoding="utf-8")
    for block in _FENCED.finditer(text):
        first = text[: block.start(1)].count("\n") + 1
        yield from enumerate(block[1].splitlines(), first)
    without = _FENCED.sub(lambda block: "\n" * block[0].count("\n"), text)
    for word in _INLINE.finditer(without):
        yield without[: word.start()].count("\n") + 1, word[1]


def commands(root: Path) -> Iterator[tuple[str, list[str]]]:
    """Yield place and words of every command that a document shows."""
    for path in documents(root):
        for line, text in code_words(path):
            if re.match(r"(aimline|make)( |$)", text):
                yield f"{path.relative_to(root).as_posix()}:{line}", shlex.split(text, comments=True)


def wrong_commands(root: Path, options: Mapping[str, Iterable[str]]) -> list[str]:
    """A command that does not exist, or an option its verb does not have.

    Args:
        root: The project.
        options: The options of every verb.
    """
    targets = set(_TARGET.findall((root / "Makefile").read_text(encoding="utf-8")))
    broken = []
    for place, (program, *words) in commands(root):
        named = [word.partition("=")[0] for word in words if word.startswith("--")]
        plain = [word for word in words if not word.startswith("-")]
        verb = " ".join(plain[:2]) if " ".join(plain[:2]) in options else "".join(plain[:1])
        if program == "make":
            broken += [
                f"{place}: no target {word}" for word in words if re.fullmatch("[a-z]+", word) and word not in targets
            ]
        elif verb and verb != "VERB" and verb not in options:
            broken.append(f"{place}: no verb {verb}")
        else:
            known = {"--help", *options.get(verb, ())} if verb != "VERB" else set(named)
            broken += [f"{place}: {verb} has no {name}" for name in named if name not in known]
    return broken


def undocumented_verbs(root: Path, verbs: Iterable[str]) -> list[str]:
    """A verb that no document shows."""
    typed = [words for _, words in commands(root) if words[0] == "aimline" and len(words) > 1]
    shown = {" ".join(words[1:last]) for words in typed for last in (2, 3)}
    return sorted(set(verbs) - shown)


def dead_links(root: Path) -> list[str]:
    """A link of a document to a file that is not there."""
    broken = []
    for path in documents(root):
        for link in _LINK.finditer(path.read_text(encoding="utf-8")):
            target = link[1].partition("#")[0]
            if target and "://" not in target and not (path.parent / target).exists():
                broken.append(f"{path.relative_to(root).as_posix()}: {target}")
    return broken


def dead_paths(root: Path) -> list[str]:
    """A path of the tree that a document or a docstring names and that is not there."""
    named = [(path, text) for path in documents(root) for _, text in code_words(path)]
    for room in ROOMS:
        for path in sorted((root / room).rglob("*.py")):
            named += [(path, found) for found in _DOCSTRING_PATH.findall(path.read_text(encoding="utf-8"))]
    return sorted({f"{path.relative_to(root).as_posix()}: {text}" for path, text in named if not _is_there(root, text)})


def _is_there(root: Path, text: str) -> bool:
    """Say whether a path of the tree exists; what has a blank, a variable or another root is no such path."""
    room, slash, _ = text.partition("/")
    if not slash or room not in ROOMS or re.search(r"[\s<>*${}…]", text):
        return True
    return (root / text).exists()


def glossary_rows(root: Path) -> list[list[str]]:
    """Return the cells of the glossary's rows."""
    lines = (root / "docs/glossary.md").read_text(encoding="utf-8").splitlines()
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("|")]
    return rows[2:]


def wrong_glossary(root: Path) -> list[str]:
    """A word out of order or explained twice, or a spelling that no code has."""
    rows = glossary_rows(root)
    words = [row[0] for row in rows]
    broken = [f"{word}: out of order" for word, before in zip(words[1:], words, strict=False) if _sorts(word, before)]
    broken += sorted({f"{word}: explained twice" for word in words if words.count(word) > 1})
    code = "\n".join(
        path.read_text(encoding="utf-8")
        for room in ROOMS
        for path in (root / room).rglob("*")
        if path.suffix in {".py", ".sql", ".yml", ".j2"} and "tests" not in path.parts
    )
    for word, _, written in rows:
        names = (name for text in _INLINE.findall(written) if _NAME.fullmatch(text.strip("*")) for name in [text])
        broken += [f"{word}: nothing is called {name}" for name in names if name.strip("*") not in code]
    return broken


def _sorts(word: str, before: str) -> bool:
    """Say whether a word stands after one it should stand before; words for one thing stand together."""
    return word.split(maxsplit=1)[0].strip(",") < before.split(maxsplit=1)[0].strip(",")
