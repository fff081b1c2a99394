"""The Ed-Fi Alliance's sample district through a host and through collect: the numbers of its README come out."""

import gzip
from pathlib import Path

import pytest

from tests.support.door import KEY
from tests.support.edfi_fake import KEY as CLIENT_KEY
from tests.support.edfi_fake import SECRET, edfi_host
from tests.support.edfi_sample import fill, fill_survey
from tests.support.small_district import District

SOURCE = {
    "source_id": "sis",
    "kind": "edfi",
    "entities": ["schools", "enrollment", "attendance_events"],
    "owner": {"role": "data_engineer"},
}
_PERSONAL = ("electronicMailAddress", "fullName", "location")


def test_grand_bend_is_accounted_for(tmp_path: Path, shared_data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """1,917 marks of 227 students: three on a Sunday and one of a kind nobody declared are refused, by their names."""
    monkeypatch.setenv("AIMLINE_PSEUDONYM_KEY", KEY)
    monkeypatch.setenv("EDFI_KEY", f"{CLIENT_KEY}:{SECRET}")
    with edfi_host(shared_data) as fake:
        fill(fake, shared_data)
        transport = {"kind": "http", "url": fake.base, "secret": "env:EDFI_KEY"}
        district = District(tmp_path, {**SOURCE, "transport": transport}, years=(2022,))
        schools, enrollment, marks = district.batches("2022-06-01")
    assert (schools["n_accepted"], enrollment["n_accepted"]) == (3, 227)
    assert (marks["n_received"], marks["n_accepted"], marks["quarantined"]) == (
        1_917,
        1_913,
        {"code_unknown": 1, "not_a_school_day": 3},
    )
    counts = (
        f"(count(*) filter (where category = '{name}'))::int as {name}" for name in ("excused", "unexcused", "tardy")
    )
    (row,) = district.rows("attendance_events", marks["batch_id"], f"{', '.join(counts)}, min(student_key) as one")
    assert (row["excused"], row["unexcused"], row["tardy"]) == (1_077, 773, 66 - 3)
    assert row["one"].startswith("k1_")


def test_grand_bends_survey_keeps_numbers_alone(
    tmp_path: Path, shared_data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """12 responses to 5 questions, 60 answers, 46 of them a number; 3 e-mails and 4 names end before the landing."""
    monkeypatch.setenv("AIMLINE_PSEUDONYM_KEY", KEY)
    monkeypatch.setenv("EDFI_KEY", f"{CLIENT_KEY}:{SECRET}")
    codes = {"window_id": {"CE_1": "course_survey.2022"}, "respondent_class": {"CE_1": "student"}}
    with edfi_host(shared_data) as fake:
        fill_survey(fake, shared_data)
        transport = {"kind": "http", "url": fake.base, "secret": "env:EDFI_KEY"}
        own = {**SOURCE, "entities": ["responses"], "codes": codes, "transport": transport}
        district = District(tmp_path, own, years=(2022,))
        (batch,) = district.batches("2022-06-01")
        texts = [body.get(name) for _, body in fake.records["surveyResponses"].values() for name in _PERSONAL]
    assert (batch["n_received"], batch["n_accepted"], batch["state"]) == (60, 60, "accepted"), str(batch)
    counts = "count(distinct response_id)::int as n, count(distinct split_part(item_id, '/', 1))::int as items"
    counts += (
        ", (count(*) filter (where answer_state = 'answered'))::int as answered, count(respondent_key)::int as named"
    )
    (row,) = district.rows("responses", batch["batch_id"], counts)
    assert tuple(row.values()) == (12, 5, 46, 4 * 5)
    held = b"".join(gzip.decompress(path.read_bytes()) for path in (district.state / "landing").rglob("data"))
    assert len([text for text in texts if text]) == 3 + 4 + 12
    assert [text for text in texts if text and text.encode() in held] == []
    assert b"Agree" not in held
