"""The catalogue of faults on plain files: each made from a good file and caught by its name, nothing lost."""

from pathlib import Path
from typing import Any

import pytest

from aimline.demo.injectors import codes, feed_of, inject
from schemas.faults import FAULTS, Outcome
from tests.support.small_district import District, source

HEADINGS = ["School", "Day", "State", "Enrolled", "Present", "Share"]
FEED = feed_of(HEADINGS, at=HEADINGS)
N = 60


def day(number: int) -> bytes:
    """Return a good file: sixty schools on one day of January 2019."""
    rows = [",".join(HEADINGS)]
    for school in range(1, N + 1):
        enrolled, absent = 200 + 7 * school % 90, 5 + (school + number) % 20
        share = (enrolled - absent) / enrolled
        rows.append(f"{school:04d},01/{number:02d}/2019,sent,{enrolled},{enrolled - absent},{share:.4f}")
    return "\n".join([*rows, ""]).encode()


def schools() -> bytes:
    """Return the list of the sixty schools."""
    return "\n".join(["School,Name", *(f"{number:04d},S{number}" for number in range(1, N + 1)), ""]).encode()


def declared() -> list[dict[str, Any]]:
    """Return the feed with everything a fault can be told by, and the list of schools."""
    return [list_of_schools(), feed_of_counts()]


IDENTITY = {"name": "school_id", "from": ["School"], "type": "id", "pattern": "\\d{4}"}


def list_of_schools() -> dict[str, Any]:
    """Return the feed of schools."""
    fixed = {"kind": "regular", "level": "all", "valid_from": "2010-07-01", "opens_on": "2010-07-01"}
    listed = [IDENTITY, {"name": "name", "from": ["Name"]}]
    listed += [{"name": name, "value": value} for name, value in fixed.items()]
    return source("schools", "schools", listed, match="schools.csv")


def feed_of_counts() -> dict[str, Any]:
    """Return the feed of counts."""
    columns = [
        IDENTITY,
        {"name": "on_date", "from": ["Day"]},
        {"name": "status", "from": ["State"]},
        {"name": "n_enrolled", "from": ["Enrolled"]},
        {"name": "n_present", "from": ["Present"]},
        {"name": "attendance_share", "from": ["Share"], "type": "decimal", "range": [0, 1]},
    ]
    feed = source(
        "counts",
        "attendance_counts",
        columns,
        format={"type": "csv", "dates": "%m/%d/%Y"},
        codes={"status": {"sent": "reported", "none": "not_submitted"}},
        ignore_rows=[
            {"name": "totals_row", "when": {"School": {"equals": "TOTAL"}}, "check_sum": True},
            {"name": "footnote_row", "when": {"School": {"matches": "^\\*"}}},
        ],
        school_year={"label": "spanning", "evidence": ["labels", "dates", "rows"], "require": True},
        load={"mode": "full", "slot": "{on_date}"},
        arrival={"rows": {}},
    )
    feed["transport"]["match"] = [f"att_{{date:%Y%m%d}}{ending}" for ending in (".csv", ".csv.gz", ".zip")]
    return feed


@pytest.fixture(scope="module")
def good_days(tmp_path_factory: pytest.TempPathFactory) -> District:
    """A district that has accepted its schools and four good days."""
    district = District(tmp_path_factory.mktemp("good"), *declared())
    district.put("schools.csv", schools())
    for number in (7, 8, 9, 10):
        district.put(f"att_201901{number:02d}.csv", day(number))
    told = district.collect("2019-01-10")
    assert told["exit"] == 0
    assert [batch["state"] for each in told["sources"] for batch in each["batches"]] == ["accepted"] * 5
    return district


@pytest.fixture
def district(good_days: District, tmp_path: Path) -> District:
    """A copy of that district."""
    return good_days.copy(tmp_path)


def balance(batch: dict[str, Any]) -> int:
    """Return accepted + quarantined + ignored."""
    return int(batch["n_accepted"] + batch["n_quarantined"] + batch["n_ignored"])


@pytest.mark.parametrize("code", codes())
def test_fault_is_caught_by_its_name(code: str, district: District) -> None:
    """What the catalogue says becomes of it: refused, held, quarantined, ignored or told; all accounted for."""
    faulty = inject(code, day(11), FEED)
    district.put(f"att_20190111{faulty.ending}", faulty.data)
    told = district.collect("2019-01-11")
    (batch,) = [each for one in told["sources"] for each in one["batches"]]
    fate = FAULTS[code].outcome
    assert code in {*batch["findings"], *batch["ignored"]}
    assert batch["n_received"] in {None, balance(batch)}
    if fate is Outcome.HELD and code not in {"rows_out_of_band", "unit_missing"}:
        assert (batch["state"], batch["reason"], batch["n_accepted"]) == ("held", code, 0)
    if fate is Outcome.REFUSED:
        assert (batch["state"], batch["reason"], batch["n_received"]) == ("refused", code, None)
    if fate is Outcome.QUARANTINED:
        assert batch["quarantined"][code] >= 1
    assert told["exit"] == (4 if batch["state"] in {"held", "refused"} else 0)


def test_good_file_has_no_fault(district: District) -> None:
    """The file all others are made from is accepted without a word."""
    district.put("att_20190111.csv", day(11))
    (batch,) = district.batches("2019-01-11")
    assert (batch["state"], batch["findings"], batch["n_accepted"]) == ("accepted", [], N)


def test_same_bytes_again_are_nothing_new(district: District) -> None:
    """A file that comes twice, under its own or any other name of the same day, is counted and not read."""
    district.put("att_20190110.csv", day(10))
    told = district.collect("2019-01-11")
    assert (told["exit"], [each["batches"] for each in told["sources"]]) == (0, [[], []])
    assert district.events("received")[-1].payload["outcome"] == "duplicate_file"


def test_new_bytes_under_an_old_name_are_a_correction(district: District) -> None:
    """The day is replaced by a newer batch, and the old one is kept."""
    district.put("att_20190110.csv", day(10).replace(b",sent,", b",SENT,", 1))
    (batch,) = district.batches("2019-01-11")
    assert {"overwritten_same_name", "late_correction"} <= set(batch["findings"])
    assert len(district.events("batch_accepted")) >= 6
