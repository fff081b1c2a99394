"""Read page files: front matter, named query blocks, body. All mistakes of all pages are told at once.

A page is ``pages/<address>.md.j2``. What its queries may say is in ``queries``, what its template may say in
``render``; which editions hold it, and under which name, is in ``site``.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from aimline.errors import Finding
from aimline.settings import read_shape
from reports.queries import Block
from schemas.pages import FrontMatter

PAGES = Path(__file__).resolve().parent / "pages"
SUFFIX = ".md.j2"

_FENCE = re.compile(r"```sql ([a-z][a-z0-9_]*)\s*")
_BRACKET = re.compile(r"\[([a-z_]+)\]")


@dataclass(frozen=True)
class PageFile:
    """One page as written.

    Attributes:
        file: Its name in messages.
        address: Its path without the suffix: ``principal/[school_id]/index``.
        front: Its front matter.
        blocks: Its queries by name.
        body: Its text; every line stands where it stands in the file.
    """

    file: str
    address: str
    front: FrontMatter
    blocks: tuple[Block, ...] = field(repr=False)
    body: str = field(repr=False)

    @property
    def folder(self) -> str:
        """Return the first part of the address: an audience, or the name of shared pages."""
        return self.address.split("/", 1)[0]

    @property
    def brackets(self) -> tuple[str, ...]:
        """Return the names in brackets of the address, in order."""
        return tuple(_BRACKET.findall(self.address))


def read_pages(folder: Path = PAGES) -> tuple[list[PageFile], list[Finding]]:
    """Read every page below a folder, sorted by address; with what is wrong with them."""
    pages: list[PageFile] = []
    findings: list[Finding] = []
    for path in sorted(folder.rglob(f"*{SUFFIX}")):
        name = path.relative_to(folder).as_posix()
        page = _read_page(f"pages/{name}", name.removesuffix(SUFFIX), path.read_text(encoding="utf-8"), findings)
        if page is not None:
            pages.append(page)
    return pages, findings


def _read_page(file: str, address: str, text: str, findings: list[Finding]) -> PageFile | None:
    lines = text.splitlines()
    end = next((number for number, line in enumerate(lines) if number and line == "---"), 0)
    if not lines or lines[0] != "---" or not end:
        findings.append(Finding(file, 1, 1, "", "there is no front matter.", "Begin with ---, title:, ---."))
        return None
    matter = "\n".join(["", *lines[1:end], ""])
    front, wrong = read_shape(file, matter.encode(), FrontMatter)
    findings += wrong
    body = [""] * (end + 1) + lines[end + 1 :]
    blocks = tuple(_cut_blocks(file, body, findings))
    if front is None:
        return None
    page = PageFile(file, address, front, blocks, "\n".join(body) + "\n")
    findings += _bracket_mistakes(page)
    return page


def _cut_blocks(file: str, lines: list[str], findings: list[Finding]) -> Iterator[Block]:
    """Yield the query blocks, and blank the lines they stand on."""
    seen: dict[str, int] = {}
    start = 0
    while start < len(lines):
        match = _FENCE.fullmatch(lines[start])
        start += 1
        if match is None:
            continue
        end = next((number for number in range(start, len(lines)) if lines[number].rstrip() == "```"), len(lines))
        name = match.group(1)
        if name in seen:
            message = f"query '{name}' is defined twice (first on line {seen[name]})."
            findings.append(Finding(file, start, 1, "", message, "Rename one."))
        seen.setdefault(name, start)
        yield Block(file, name, start + 1, "\n".join(lines[start:end]))
        lines[start - 1 : end + 1] = [""] * (min(end + 1, len(lines)) - start + 1)


def _bracket_mistakes(page: PageFile) -> Iterator[Finding]:
    """Yield brackets without a source of keys, and sources without a bracket."""
    for name in sorted(set(page.brackets) ^ set(page.front.params)):
        message = f"'{name}' stands in {'the address' if name in page.brackets else 'params'} alone."
        yield Finding(page.file, 1, 1, "params", message, "Name it in the address and under params:.")
