"""The Ed-Fi Alliance's sample district through a host and through collect: the numbers of its README come out."""

from pathlib import Path

import pytest

from tests.support.door import KEY
from tests.support.edfi_fake import KEY as CLIENT_KEY
from tests.support.edfi_fake import SECRET, edfi_host
from tests.support.edfi_sample import fill
from tests.support.small_district import District

SOURCE = {
    "source_id": "sis",
    "kind": "edfi",
    "entities": ["schools", "enrollment", "attendance_events"],
    "owner": {"role": "data_engineer"},
}


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
