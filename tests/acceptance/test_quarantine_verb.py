"""What the verb ``quarantine`` shows, and to whom; what ``check`` says of decisions that no file holds."""

import contextlib
import io
import json
from pathlib import Path

import pytest

from aimline.cli import main
from tests.acceptance.test_accept import CODES, COLUMNS, WHO, day
from tests.support.small_district import District, source

QUARANTINE_KEY = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="


class Terminal(io.StringIO):
    """A screen somebody looks at."""

    def isatty(self) -> bool:
        """Say that it is one."""
        return True


@pytest.fixture
def district(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> District:
    """A district that has refused one row of a day, and has kept it under the key."""
    monkeypatch.setenv("AIMLINE_QUARANTINE_KEY", QUARANTINE_KEY)
    feed = source("counts", "attendance_counts", COLUMNS, codes=CODES, match="att_{date:%Y%m%d}.csv")
    made = District(tmp_path, feed | {"load": {"mode": "full", "slot": "{on_date}"}})
    made.put(
        "att_20190107.csv", day("2019-01-07", n=60).replace(b"0007,2019-01-07,sent,207", b"0007,2019-01-07,lost,207")
    )
    assert made.collect("2019-01-07")["exit"] == 0
    return made


def shown(district: District, *words: str) -> tuple[int, str]:
    """Run the verb in front of a terminal."""
    screen = Terminal()
    with contextlib.redirect_stdout(screen), contextlib.redirect_stderr(screen):
        code = main(
            ["quarantine", str(district.folder), *words, "--as-of", "2019-01-07", "--state", str(district.state)]
        )
    return code, screen.getvalue()


def batch_of(district: District) -> str:
    """Return the batch with the refused row."""
    return district.events("batch_accepted")[-1].subject_id


REASON = ("--by", "p_014", "--reason", "The vendor asks which row.")


def test_refused_record_is_shown_to_a_person_with_a_reason(district: District) -> None:
    """The record is as it came, and the journal says who looked, at which row and why, and no value."""
    code, text = shown(district, "--batch", batch_of(district), "--reveal", "5", *REASON)
    assert (code, "0007, 2019-01-07, lost, 207, 187" in text) == (0, True)
    (event,) = district.events("quarantine_revealed")
    assert (event.payload["rows"], event.payload["by"]) == ([7], "p_014")
    assert "lost" not in json.dumps(dict(event.payload))


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--reveal", "1"), "records are shown of one batch, to a person with a reason."),
        (("--batch", "0", "--reveal", "1", "--by", "p"), "records are shown of one batch, to a person with a reason."),
        (("--batch", "zz", "--reveal", "1", *REASON), "no one batch begins with 'zz'."),
        (("--batch", "zz", "--reveal", "1", "--json", *REASON), "refused records are shown on a terminal alone."),
    ],
)
def test_record_is_not_shown_otherwise(district: District, words: tuple[str, ...], message: str) -> None:
    """Without a batch, a person or a reason nothing is shown and nothing is recorded."""
    code, text = shown(district, *words)
    assert (code, message in text) == (2, True)
    assert district.events("quarantine_revealed") == []


@pytest.mark.parametrize(
    ("words", "message"),
    [(("--batch", "zz"), "no one batch begins with 'zz'."), (("--code", "zz"), "'zz' is no code of the catalogue.")],
)
def test_what_is_not_there_is_not_silently_nothing(district: District, words: tuple[str, ...], message: str) -> None:
    """A batch or code nobody knows is a wrong word, no empty list."""
    code, text = district.run("quarantine", *words)
    assert (code, message in text) == (2, True)


def test_record_is_not_shown_where_nobody_looks(district: District) -> None:
    """Output that goes into a file or a pipe holds no record."""
    words = ("--batch", batch_of(district), "--reveal", "5", *REASON)
    code, text = district.run("quarantine", *words, on="2019-01-07")
    assert (code, "terminal alone" in text, "lost" in text) == (2, True, False)


def test_record_does_not_open_with_another_key(district: District, monkeypatch: pytest.MonkeyPatch) -> None:
    """A record that was sealed under another key stays shut."""
    monkeypatch.setenv("AIMLINE_QUARANTINE_KEY", QUARANTINE_KEY[::-1].lstrip("=").ljust(44, "="))
    code, text = shown(district, "--batch", batch_of(district), "--reveal", "5", *REASON)
    assert (code, "lost" in text) == (2, False)


def test_column_that_is_gone_may_be_declared_absent_by_the_command_that_is_shown(district: District) -> None:
    """The remedy names the column; the command it shows lets the file in."""
    share = {"name": "attendance_share", "from": ["Share"], "type": "decimal", "required": False}
    feed = source("counts", "attendance_counts", [*COLUMNS, share], codes=CODES, match="att_{date:%Y%m%d}.csv")
    district.declare(feed | {"load": {"mode": "full", "slot": "{on_date}"}})
    district.put("att_20190108.csv", day("2019-01-08", n=60))
    _, text = district.run("collect", on="2019-01-08")
    held = district.events("batch_held")[-1].subject_id
    command = f'aimline accept smalltown {held[:8]} --absent "attendance_share" --until DATE'
    assert command in text
    assert command in district.run("quarantine", "--batch", held, on="2019-01-08")[1]
    words = ("--absent", "attendance_share", "--until", "2030-01-01", *WHO)
    assert district.run("accept", held[:8], *words, on="2019-01-08")[0] == 0


def checked(district: District, capsys: pytest.CaptureFixture[str]) -> list[str]:
    """Return the messages ``check`` has for decisions that no file holds."""
    capsys.readouterr()
    assert main(["check", str(district.folder), "--state", str(district.state), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    return [each["message"] for each in told["findings"] if each["code"] == "mapping_not_in_file"]


def test_decision_is_told_until_the_file_says_it(district: District, capsys: pytest.CaptureFixture[str]) -> None:
    """A mapping that stands in the journal alone is a warning of ``check``; written into the file it is none."""
    district.put("att_20190108.csv", day("2019-01-08", n=60, heading="School,Day,State,Enrolled Students,Present"))
    district.run("collect", on="2019-01-08")
    held = district.events("batch_held")[-1].subject_id
    words = ("accept", held, "--mapping", "Enrolled Students=n_enrolled", *WHO)
    assert checked(district, capsys) == []
    assert district.run(*words, on="2019-01-08")[0] == 0
    (message,) = checked(district, capsys)
    assert "'Enrolled Students' stands for n_enrolled" in message
    district.run(*words, "--write", on="2019-01-08")
    assert checked(district, capsys) == []


@pytest.mark.parametrize("option", ["--rows", "--as-is"])
def test_number_of_rows_is_let_in_as_it_is(district: District, option: str) -> None:
    """A file with far fewer rows comes in once a person says that it is right; nothing is left to write."""
    for number in (8, 9, 10):
        district.put(f"att_201901{number:02d}.csv", day(f"2019-01-{number:02d}", n=60))
    feed = source(
        "counts", "attendance_counts", COLUMNS, codes=CODES, match="att_{date:%Y%m%d}.csv", arrival={"rows": {}}
    )
    district.declare(feed | {"load": {"mode": "full", "slot": "{on_date}"}})
    district.run("collect", on="2019-01-10")
    district.put("att_20190111.csv", day("2019-01-11", n=20))
    (batch,) = [each for each in district.batches("2019-01-11") if each["name"] == "att_20190111.csv"]
    assert batch["reason"] == "rows_out_of_band"
    code, text = district.run("accept", batch["batch_id"], option, *WHO, "--json", on="2019-01-11")
    assert (code, json.loads(text)["patch"], json.loads(text)["batches"][0]["n_accepted"]) == (0, "", 20)


def test_year_is_told_by_a_person(district: District) -> None:
    """A file that shows no year comes in for the year a person names."""
    feed = source("counts", "attendance_counts", COLUMNS, codes=CODES, match="att_{date:%Y%m%d}.csv")
    rule = {"label": "spanning", "evidence": ["labels"], "require": True}
    district.declare(feed | {"load": {"mode": "full", "slot": "{on_date}"}, "school_year": rule})
    district.put("att_20190111.csv", day("2019-01-11", n=20))
    (batch,) = [each for each in district.batches("2019-01-11") if each["name"] == "att_20190111.csv"]
    assert batch["reason"] == "year_unknown"
    assert district.run("accept", batch["batch_id"], "--year", "2019", *WHO, on="2019-01-11")[0] == 0
