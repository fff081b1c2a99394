"""Page files: front matter and query blocks, every mistake with its line."""

from pathlib import Path

import pytest

from reports.page_files import PageFile, read_pages

GOOD = "---\ntitle: A page\n---\n\n# Not here\n\n```sql rows\nselect 1\n```\nText\n"


def read(text: str, folder: Path, name: str = "board/index") -> tuple[list[PageFile], list[str]]:
    """Write one page and read it."""
    path = folder / f"{name}.md.j2"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    pages, findings = read_pages(folder)
    return pages, [str(each) for each in findings]


def test_lines_of_the_body_are_lines_of_the_file(tmp_path: Path) -> None:
    """Front matter and blocks are blanked, not cut, so that a line of the body is a line of the file."""
    (page,), findings = read(GOOD, tmp_path)
    assert findings == []
    assert page.body.splitlines()[9] == "Text"
    assert page.blocks[0].line == 8
    assert page.blocks[0].sql == "select 1"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("no front matter\n", "1:1: there is no front matter."),
        ("---\ntitle: A\naudiances: [board]\n---\n", "3:1: audiances: unknown key 'audiances'. Did you mean"),
        ("---\norder: 2\n---\n", "'title' is missing."),
        ("---\ntitle: A\ntitle: B\n---\n", "3:1: duplicate key 'title'"),
        ("---\ntitle: A\norder: first\n---\n", "3:8: order: 'first' is not a whole number."),
        (GOOD + "```sql rows\nselect 2\n```\n", "11:1: query 'rows' is defined twice (first on line 7)."),
        ("---\ntitle: A\nparams: {goal_id: {table: rpt_plan, key: goal_id, label: plan_text}}\n---\n",
         "'goal_id' stands in params alone."),
        ("---\ntitle: A\nparams: {goal_id: {table: rpt_measures, key: goal_id, label: plan_text}}\n---\n",
         "'rpt_measures' is not one of"),
    ],
)  # fmt: skip
def test_mistake_is_told_with_its_line(text: str, message: str, tmp_path: Path) -> None:
    """Each mistake says where it is, what it is and what to do."""
    _, findings = read(text, tmp_path)
    assert any(message in finding for finding in findings), findings
    assert all(finding.startswith("pages/board/index.md.j2:") for finding in findings)


def test_bracket_needs_its_source(tmp_path: Path) -> None:
    """A page made for many keys says where the keys come from."""
    _, findings = read("---\ntitle: A\n---\n", tmp_path, "reviews/[review_id]/index")
    assert "'review_id' stands in the address alone." in findings[0]
