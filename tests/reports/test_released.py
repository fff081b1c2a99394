"""Finished pages are held to the release they are made from: what its tables do not give a reader, no page may tell."""

import re
import shutil
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import duckdb
import pytest

from aimline.disclosure.artefacts import SiteAudit, Truth, audit_site, readers_of
from aimline.disclosure.presence import Declared, pages_of_some
from aimline.disclosure.readings import GAP_TEXT, Mark, Reading
from aimline.disclosure.released import Released, group_names, read_released, rows_amiss
from aimline.warehouse import open_release
from reports.context import ask
from reports.page_files import read_pages
from reports.queries import judge
from reports.site import SiteBuild, _serialize
from tests.reports.conftest import RELEASE_ID

Site = tuple[Path, SiteBuild]
PAGE = "principal/0107/index.html"
PRINCIPAL = "principal/[school_id]/index.md.j2"
ROW = re.compile(rf'<tr><th scope="row">[^\n]*?data-label="Group"[^\n]*?{GAP_TEXT}[^\n]*</tr>\n')
SHOWN = re.compile(r'<span data-figure="(fig_[a-z0-9]{12})">(\d+)%</span>')


@pytest.fixture(scope="module")
def released(site: Site, snapshot: Path) -> Released:
    """What the release gives the readers of each edition."""
    return read_released(snapshot, readers_of(site[1].artefacts()))


@pytest.fixture
def audited(site: Site, released: Released, tmp_path: Path) -> Callable[[Callable[[str], str]], SiteAudit]:
    """Change a page of a copy, list it as it is then, and read everything back."""

    def auditing(change: Callable[[str], str]) -> SiteAudit:
        folder = Path(shutil.copytree(site[0], tmp_path / "site"))
        page = folder / PAGE
        page.write_text(change(page.read_text(encoding="utf-8")), encoding="utf-8")
        listed = {each["path"]: each["sha256"] for each in site[1].artefacts()}
        listed[PAGE] = sha256(page.read_bytes()).hexdigest()
        tellings = {each["audience_id"]: each["audience_id"] for each in site[1].artefacts()}
        texts = (*site[1].texts, RELEASE_ID)
        return audit_site(
            folder, Truth(RELEASE_ID, Declared(listed), texts=texts, tellings=tellings, released=released)
        )

    return auditing


def test_pages_tell_what_their_release_gives(audited: Callable[[Callable[[str], str]], SiteAudit]) -> None:
    """As they are built, all figures are their readers', with the release's numbers, and no gap is left out."""
    told = audited(lambda text: text)
    assert told.places == {name: [] for name in told.places}


def without_row(text: str) -> str:
    """Leave out the row of a gap."""
    return ROW.sub("", text, count=1)


def otherwise(text: str) -> str:
    """Tell a figure three points higher, wherever the page tells it."""
    figure, percent = SHOWN.findall(text)[-1]
    return text.replace(f'"{figure}">{percent}%', f'"{figure}">{int(percent) + 3}%')


def apart(text: str) -> str:
    """Tell a figure with its digits and another number: 5.1% for 51%."""
    figure, percent = SHOWN.findall(text)[-1]
    return text.replace(f'"{figure}">{percent}%', f'"{figure}">{percent[0]}.{percent[1:]}%')


def of_nobody(text: str) -> str:
    """Tell a figure that stands in no table."""
    return text.replace("</main>", '<p><span data-figure="fig_aaaaaaaaaaaa">57%</span></p></main>')


def told_gap(text: str) -> str:
    """Tell of a gap a number, and nowhere its words."""
    figure = re.search(rf'data-figure="(fig_[a-z0-9]+)"[^>]*>{GAP_TEXT}', text)
    assert figure
    return re.sub(rf'(data-figure="{figure[1]}"[^>]*>){GAP_TEXT}', r"\g<1>57%", text)


@pytest.mark.parametrize(
    ("change", "check"),
    [
        (without_row, "presence"),
        (otherwise, "unequal"),
        (apart, "unequal"),
        (of_nobody, "foreign_unit"),
        (told_gap, "gap_content"),
    ],
)
def test_what_the_release_does_not_give_is_refused(
    audited: Callable[[Callable[[str], str]], SiteAudit], change: Callable[[str], str], check: str
) -> None:
    """A row that is missing, another number, a figure of nobody, a gap that is told everywhere."""
    told = audited(change)
    assert told.places[check]
    assert not told.passed


FACTS = ["figure_id", "indicator_id", "value_unit", "group_set_id", "group_id", "is_suppressed", "measure_id"]
SAME = {"audience_id": "board", "reader_unit_id": "riverbend", "unit_id": "riverbend", "unit_type": "district"}
SAME |= {"profile_id": "default", "school_year": "2027", "period_kind": "window", "period_id": "fall"}
SAME |= {"subject_id": "", "value_text": "", "n_text": "", "group_label": "", "unit_label": "Riverbend"}
RATES = [
    ("gross_3", "rate", "share", "grades", "g3", False),
    ("gross_6", "rate", "share", "grades", "g6", True),
    ("asked_3", None, "count", "grades", "g3", True),
    ("usable_3", None, "count", "grades", "g3", True),
    ("gross_el", None, "share", "learners", "el", True),
    ("gross_other", None, "share", "learners", "other", True),
]
GROUPS = {"el": "learners", "other": "learners", "g3": "grades", "g6": "grades"}
ABSENT = [(f"absent_{name}", "absence", "share", kind, name, False) for name, kind in GROUPS.items()]


@pytest.fixture
def of_rates(tmp_path: Path) -> Released:
    """What a release gives the board of a survey whose counts, and whose groups of no indicator, are gaps."""
    rows = [*((*row, "response_rate") for row in RATES), *((*row, "chronic_absence") for row in ABSENT)]
    marks = ", ".join(f"${number} as {name}" for number, name in enumerate((*FACTS, *SAME), start=1))
    with duckdb.connect(str(tmp_path / "snapshot.duckdb")) as connection:
        for number, row in enumerate(rows):
            verb = "insert into rpt_equity by name" if number else "create table rpt_equity as"
            connection.execute(f"{verb} select {marks}", [*row, *SAME.values()])
    return read_released(tmp_path / "snapshot.duckdb", {"board/district": ("board", "riverbend")})


def test_figures_of_no_indicator_are_not_left_out_of_a_table_of_indicators(of_rates: Released) -> None:
    """Nor are a survey's counts beside its rates, though all are gaps; the gap of a declared group is."""

    def amiss(*cells: str) -> list[str]:
        told = [Reading("board/district/index.html", 1, Mark(cell), "57%", block=1) for cell in cells]
        return [place["cell"] for place in rows_amiss(of_rates, told)]

    absent = [f"absent_{name}" for name in GROUPS]
    assert amiss(*absent, "gross_3", "gross_6") == []
    assert amiss(*absent, "gross_3") == ["gross_6"]


RACES = [("b", "Asian", False), ("d", "Black", True), ("a", "Hispanic", False), ("c", "White", False)]
TOLD = {"a": "80%", "b": "92%", "c": "74%", "d": GAP_TEXT}


def test_figures_that_fall_in_the_order_of_their_names_are_not_sorted_by_value(tmp_path: Path) -> None:
    """Rows stand as groups are called, which says nothing, though three figures happen to fall; another order does."""
    row = dict(zip(FACTS, ("a", "rate", "share", "race", "a", False, "response_rate"), strict=True)) | SAME
    with duckdb.connect(str(tmp_path / "snapshot.duckdb")) as connection:
        marks = ", ".join(f"${number} as {name}" for number, name in enumerate(row, start=1))
        connection.execute(f"create table rpt_equity as select {marks} limit 0", list(row.values()))
        for name, label, hidden in RACES:
            own = {"figure_id": name, "group_id": name, "group_label": label, "is_suppressed": hidden}
            connection.execute(f"insert into rpt_equity by name select {marks}", list((row | own).values()))
    of_races = read_released(tmp_path / "snapshot.duckdb", {"board/district": ("board", "riverbend")})

    def amiss(order: str) -> list[str]:
        told = [Reading("board/district/index.html", 1, Mark(cell), TOLD[cell], block=1) for cell in order]
        return [place["text"] for place in rows_amiss(of_races, told)]

    assert amiss("bdac") == []
    assert amiss("badc") == ["rows are sorted by their figures, and gaps stand among them"]


@pytest.mark.parametrize(
    ("page", "audience", "unit"), [("board/index.md.j2", "board", "riverbend"), (PRINCIPAL, "principal", "0107")]
)
def test_a_group_that_is_compared_with_nobody_keeps_its_row(
    snapshot: Path, tmp_path: Path, page: str, audience: str, unit: str
) -> None:
    """A value that is withheld is compared with nobody; its gap must not be told apart from those for privacy."""
    copy = Path(shutil.copy(snapshot, tmp_path / "snapshot.duckdb"))
    with duckdb.connect(str(copy)) as connection:
        kept, own = (
            [column for column, *_ in connection.execute(f"describe {table}").fetchall()]
            for table in ("rpt_indicator_status", "rpt_equity")
        )
        shared = ", ".join(name for name in own if name in kept)
        connection.execute(
            f"insert into rpt_equity by name select {shared}, 'all_others' as reference_id, "
            "'Everyone else' as reference_label from rpt_indicator_status "
            "where indicator_id = 'chronic_absence' and group_id = 'not_el'"
        )
    [block] = [
        block for each in read_pages()[0] if each.file.endswith(page) for block in each.blocks if block.name == "beside"
    ]
    with open_release(copy) as connection:
        query, findings = judge(block, lambda text: _serialize(connection, text), frozenset({"unit_id"}))
        assert query is not None, findings
        [rows] = ask(connection, query, audience, [{"unit_id": unit}])
    assert [(row.group_label, row.reference_label) for row in rows] == [
        ("All others", "Everyone else"),
        ("English learners", "Everyone else"),
    ]


def test_a_page_for_one_group_and_none_for_the_others_is_refused(site: Site, released: Released) -> None:
    """That it is there may depend on what is shown; the release says what groups there are."""
    groups = next(names for names in group_names(released) if "english-learners" in names)
    paths = [f"principal/0107/{name}.html" for name in groups]
    assert list(pages_of_some(paths, group_names(released))) == []
    assert [each["path"] for each in pages_of_some(paths[:1], group_names(released))] == paths[:1]
