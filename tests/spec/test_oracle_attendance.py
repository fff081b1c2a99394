"""The plain-Python attendance oracle meets the golden cases, so that agreeing with it means something."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.support import oracle_attendance as oracle

FIRST = date(2026, 8, 19)
DAYS = [FIRST + timedelta(days=n) for n in range(200)]


def stay(n_days: int, absences: list[int | None], school: str = "0101") -> list[oracle.MemberDay]:
    """Return member days of one pupil; `absences` are the parts missed on the first of them."""
    missed = [*absences, *[0] * (n_days - len(absences))]
    pairs = zip(DAYS, missed, strict=False)
    return [oracle.MemberDay("s", school, day, oracle.DAY, parts, is_owner=True) for day, parts in pairs]


@pytest.mark.parametrize("n_days", range(10, 190, 10))
def test_judge_flags_exactly_a_tenth(n_days: int) -> None:
    """A tenth of the days missed is chronic in whole numbers, at every length of stay."""
    assert oracle.judge(stay(n_days, [oracle.DAY] * (n_days // 10))) == "flagged"
    assert oracle.judge(stay(n_days, [oracle.DAY] * (n_days // 10 - 1))) == "not_flagged"


@pytest.mark.parametrize(
    ("n_days", "absent", "verdict"), [(9, 9, "not_eligible"), (10, 1, "flagged"), (180, 17, "not_flagged")]
)
def test_judge_asks_for_ten_days(n_days: int, absent: int, verdict: str) -> None:
    """Nine days of membership carry no verdict, ten do."""
    assert oracle.judge(stay(n_days, [oracle.DAY] * absent)) == verdict


def test_judge_counts_half_days_as_whole() -> None:
    """Under the half rule 14 full and 7 half absences of 180 days are 21 days: flagged, though they are 17.5."""
    halves = [oracle.DAY // 2] * 7
    assert oracle.judge(stay(180, [*[oracle.DAY] * 14, *halves])) == "flagged"
    assert oracle.judge(stay(180, [*[oracle.DAY] * 14, *[part - 1 for part in halves]])) == "not_flagged"


def test_judge_gives_no_verdict_without_measurement() -> None:
    """Less than nine tenths of the membership measured: no verdict; exactly nine tenths: one."""
    assert oracle.judge(stay(100, [None] * 11)) == "unmeasured"
    assert oracle.judge(stay(100, [None] * 10)) == "not_flagged"


def test_chronic_absence_of_the_district_adds_its_schools() -> None:
    """A pupil who moves is judged in each school: 10 of 79 is flagged, 8 of 97 is not."""
    both = stay(79, [oracle.DAY] * 10) + stay(97, [oracle.DAY] * 8, school="0102")
    schools, district = oracle.chronic_absence(both)
    assert (schools["0101"].flagged, schools["0102"].flagged) == (1, 0)
    assert district == oracle.Chronic(1, 2, 0)


def test_member_days_of_an_overlap_have_one_owner() -> None:
    """Where two memberships overlap, the one entered last owns the days; both schools keep theirs."""
    old = oracle.Spell("s", "0101", "4", DAYS[0], DAYS[6], is_primary=True, parts=oracle.DAY)
    new = oracle.Spell("s", "0102", "4", DAYS[4], None, is_primary=True, parts=oracle.DAY)
    sent = {(school, "4", day): True for school in ("0101", "0102") for day in DAYS[:8]}
    found = oracle.member_days(oracle.Files((old, new), {}, sent), DAYS[:8])
    assert [(row.school, row.is_owner) for row in found if row.on == DAYS[4]] == [("0101", False), ("0102", True)]
    assert oracle.attendance_rate(found)[1].denominator == 8 * oracle.DAY


def test_member_days_without_submission_are_unmeasured() -> None:
    """A day nobody sent attendance for is neither present nor absent, even when a mark exists."""
    spell = oracle.Spell("s", "0101", "4", DAYS[0], None, is_primary=True, parts=oracle.DAY)
    files = oracle.Files((spell,), {("s", "0101", DAYS[1]): oracle.DAY}, {("0101", "4", DAYS[0]): True})
    assert [row.missed for row in oracle.member_days(files, DAYS[:2])] == [0, None]


def test_read_missed_leaves_out_what_a_contract_refuses(tmp_path: Path) -> None:
    """Impossible dates, unknown codes and schools, lost ids and footnotes are no absences; periods become parts."""
    lines = ["h,h,h,h,h,h", "1,0101,09/15/2026,A,3,7", "1,0101,02/30/2026,A,7,7", "2,0101,09/15/2026,XQ,7,7"]
    lines += ["3,0199,09/15/2026,A,7,7", ",0101,09/15/2026,A,7,7", "* note,,,,,", "4,0101,09/15/2026,I,7,7"]
    (tmp_path / "a.csv").write_text("\n".join(lines))
    on = date(2026, 9, 15)
    found = oracle.read_missed([tmp_path / "a.csv"], {"0101"})
    assert found == {("1", "0101", on): 27_000, ("4", "0101", on): 0}
