"""What a person decides of a held delivery: recorded with a name and a reason, read again, written where it belongs."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.small_district import District, source

COLUMNS = [
    {"name": "school_id", "from": ["School"], "type": "id", "pattern": "\\d{4}"},
    {"name": "on_date", "from": ["Day"]},
    {"name": "status", "from": ["State"]},
    {"name": "n_enrolled", "from": ["Enrolled"], "required": False},
    {"name": "n_present", "from": ["Present"], "required": False},
]
CODES = {"status": {"sent": "reported", "half": "reported", "none": "not_submitted"}}
HEADING = "School,Day,State,Enrolled,Present"


def day(on: str, n: int = 40, *, heading: str = HEADING, state: str = "sent") -> bytes:
    """Return a file of one day."""
    rows = [f"{number:04d},{on},{state},{200 + number},{180 + number}" for number in range(1, n + 1)]
    return "\n".join([heading, *rows, ""]).encode()


@pytest.fixture
def district(tmp_path: Path) -> District:
    """A district with one feed of counts, of which one day was accepted."""
    rest: dict[str, Any] = {"codes": CODES, "match": "att_{date:%Y%m%d}.csv"}
    rest["load"] = {"mode": "full", "slot": "{on_date}"}
    made = District(tmp_path, source("counts", "attendance_counts", COLUMNS, **rest))
    made.put("att_20190107.csv", day("2019-01-07"))
    assert made.collect("2019-01-07")["exit"] == 0
    return made


def hold(district: District, on: str = "2019-01-08", **how: Any) -> dict[str, Any]:
    """Hand in a day that is held; return its batch."""
    district.put(f"att_{on.replace('-', '')}.csv", day(on, **how))
    told = district.collect(on)
    (batch,) = told["sources"][0]["batches"]
    assert (told["exit"], batch["state"]) == (4, "held")
    return batch


WHO = ("--by", "p_014", "--reason", "The vendor says so.")


def test_renamed_column_is_let_in_by_the_command_that_is_shown(district: District) -> None:
    """The held line names both headings, the score and the command; the command reads the file as it is."""
    batch = hold(district, heading="School,Day,State,Enrolled Students,Present")
    (proposal,) = batch["proposals"]
    assert (batch["reason"], proposal["column"]) == ("column_renamed", "n_enrolled")
    code, text = district.run("accept", batch["batch_id"][:8], "--mapping", "Enrolled Students=n_enrolled", *WHO)
    assert (code, "att_20190108.csv accepted" in text) == (0, True)
    assert "+          - Enrolled Students" in text
    (event,) = district.events("accept_recorded")
    assert (event.payload["by"], event.payload["mapping"]) == ("p_014", {"Enrolled Students": "n_enrolled"})
    assert event.payload["reason"] == "The vendor says so."


def test_same_decision_again_is_no_fault(district: District) -> None:
    """A delivery that came in by a decision is no longer held when somebody says it once more."""
    batch = hold(district, heading="School,Day,State,Enrolled Students,Present")
    words = (batch["batch_id"], "--mapping", "Enrolled Students=n_enrolled", *WHO)
    assert [district.run("accept", *words)[0] for _ in range(2)] == [0, 0]


def test_siblings_held_for_the_same_reason_come_in_with_it(district: District) -> None:
    """One decision serves every delivery that was held for want of it, and the next one as well."""
    first = hold(district, heading="School,Day,State,Enrolled Students,Present")
    hold(district, "2019-01-09", heading="School,Day,State,Enrolled Students,Present")
    words = ("--mapping", "Enrolled Students=n_enrolled", *WHO, "--json")
    code, text = district.run("accept", first["batch_id"], *words, on="2019-01-10")
    told = json.loads(text)
    assert (code, [each["n_accepted"] for each in told["batches"]]) == (0, [40, 40])
    district.put("att_20190110.csv", day("2019-01-10", heading="School,Day,State,Enrolled Students,Present"))
    assert district.collect("2019-01-11")["exit"] == 0


def test_rows_come_in_at_the_instant_of_the_decision(district: District) -> None:
    """What was published before the decision can still be made again: the rows were not there then."""
    batch = hold(district, heading="School,Day,State,Enrolled Students,Present")
    district.run("accept", batch["batch_id"], "--mapping", "Enrolled Students=n_enrolled", *WHO, on="2019-01-20")
    told = district.events("batch_accepted")[-1].payload
    assert told["received_at"][:10] >= "2019-01-20"
    assert told["landed_at"][:10] <= "2019-01-09"


def test_decision_is_written_where_the_columns_are_declared(district: District) -> None:
    """With --write the patch is applied; what is declared then reads the file without the decision."""
    batch = hold(district, heading="School,Day,State,Enrolled Students,Present")
    district.run("accept", batch["batch_id"], "--mapping", "Enrolled Students=n_enrolled", *WHO, "--write")
    text = (district.folder / "sources.yml").read_text(encoding="utf-8")
    assert "- Enrolled Students" in text
    district.put("att_20190109.csv", day("2019-01-09", heading="School,Day,State,Enrolled Students,Present"))
    assert district.collect("2019-01-11")["exit"] == 0


def test_new_code_is_let_in(district: District) -> None:
    """A code nobody declared is proposed by what it looks like; accepted, its rows are what the code means."""
    batch = hold(district, state="sents")
    assert (batch["reason"], batch["proposals"][0]["gone"]) == ("code_list_changed", "sent")
    code, _ = district.run("accept", batch["batch_id"], "--code", "status:sents=sent", *WHO)
    assert code == 0
    told = district.events("batch_accepted")[-1].payload
    assert (told["n_accepted"], told["quarantined"]) == (40, {})


def test_code_that_is_no_longer_there_is_held_and_let_in_once(district: District) -> None:
    """Two of five schools had half a day; then none has. What was let in holds nothing again."""
    usual = "\n".join([HEADING, *(f"{n:04d},{{}},{'half' if n % 5 < 2 else 'sent'},200,180" for n in range(1, 61)), ""])
    for on in ("2019-01-09", "2019-01-10", "2019-01-11"):
        district.put(f"att_{on.replace('-', '')}.csv", usual.replace("{}", on).encode())
        assert district.collect(on)["exit"] == 0, on
    batch = hold(district, "2019-01-14", n=60)
    words = 'status: no row is "half", as 40% and more of every delivery before were'
    assert (batch["reason"], batch["detail"]) == ("code_list_changed", words)
    assert district.run("accept", batch["batch_id"], "--as-is", *WHO)[0] == 0
    district.put("att_20190115.csv", day("2019-01-15", n=60))
    assert district.collect("2019-01-15")["exit"] == 0


def test_column_may_be_absent_until_a_day(district: District) -> None:
    """A column the vendor dropped is absent as long as a person says; then its absence holds files again."""
    batch = hold(district, heading="School,Day,State,Pupils on roll,Other")
    until = ("--until", "2019-01-11")
    assert district.run("accept", batch["batch_id"], "--absent", "n_present", *until, *WHO)[0] == 4
    district.run("accept", batch["batch_id"], "--absent", "n_enrolled", *until, *WHO)
    (told,) = [event.payload for event in district.events("batch_held")][-1:]
    assert told["reason"] == "value_missing"
    district.put("att_20190114.csv", day("2019-01-14", heading="School,Day,State,Pupils on roll,Other"))
    (batch,) = [each for each in district.batches("2019-01-14") if each["name"] == "att_20190114.csv"]
    assert batch["reason"] in {"column_removed", "column_renamed"}


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--mapping", "Enrolled Students=n_students"), "counts has no column 'n_students'."),
        (("--mapping", "Enrolled Students"), "'Enrolled Students' is not OLD=NEW."),
        (("--code", "status=x"), "'status=x' is not COL:OLD=NEW."),
        (("--absent", "n_enrolled"), "--absent and --until belong together."),
        ((), "nothing is decided."),
    ],
)
def test_decision_that_cannot_be_is_refused(district: District, words: tuple[str, ...], message: str) -> None:
    """A wrong word is told with its remedy and nothing is recorded."""
    batch = hold(district, heading="School,Day,State,Enrolled Students,Present")
    code, text = district.run("accept", batch["batch_id"], *words, *WHO)
    assert (code, message in text) == (2, True)
    assert district.events("accept_recorded") == []


def test_replay_without_a_change_has_nothing_to_do(district: District) -> None:
    """Reading again what would give the same is not done."""
    before = len(district.events())
    assert district.run("replay") == (0, "nothing to do\n")
    assert len(district.events()) == before


def test_replay_reads_with_what_is_declared_today(district: District) -> None:
    """A changed declaration changes what kept bytes become: counted, and a batch of its own."""
    declared = json.loads(json.dumps(source("counts", "attendance_counts", COLUMNS, codes=CODES)))
    declared |= {"load": {"mode": "full", "slot": "{on_date}"}}
    declared["transport"]["match"] = ["att_{date:%Y%m%d}.csv"]
    declared["ignore_rows"] = [{"name": "closed_school", "when": {"School": {"equals": "0001"}}}]
    district.declare(declared)
    code, text = district.run("replay", "--json", on="2019-01-09")
    (changed,) = json.loads(text)["changed"]
    assert (code, changed["n_accepted"], changed["before"]["n_accepted"]) == (0, 39, 40)
    assert changed["ignored"]["closed_school"] == 1
