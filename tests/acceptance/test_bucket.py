"""Files of a bucket on a real S3 server: collected like a folder, however they got there and whoever replaces them."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from aimline import clock
from aimline.storage import ObjectInfo, ObjectStore
from tests.acceptance.test_accept import CODES, COLUMNS, day
from tests.support import object_servers
from tests.support.small_district import District, source

NAME, ON = "att_20190109.csv", "2019-01-10"


@pytest.fixture(autouse=True)
def no_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits."""
    monkeypatch.setattr(clock, "sleep", lambda _seconds: None)


def made(folder: Path, bucket: str, **transport: Any) -> District:
    """Return a district whose feed of counts stands below a prefix of the bucket."""
    declared = source("counts", "attendance_counts", COLUMNS, codes=CODES, load={"mode": "full", "slot": "{on_date}"})
    declared["transport"] = {"kind": "s3", "url": f"{bucket}/outbox", "match": ["att_{date:%Y%m%d}.csv"], **transport}
    return District(folder, declared)


def place(bucket: str, name: str) -> dict[str, str]:
    """Return how the server names a file of the outbox."""
    home, _, prefix = bucket.removeprefix("s3://").partition("/")
    return {"Bucket": home, "Key": f"{prefix}/outbox/{name}"}


def put(bucket: str, name: str, data: bytes) -> None:
    """Put a file into the outbox."""
    object_servers.client(os.environ["AWS_ENDPOINT_URL"]).put_object(**place(bucket, name), Body=data)


def keys(bucket: str) -> list[str]:
    """Return what is in the outbox."""
    return [each.key for each in ObjectStore(f"{bucket}/outbox").list()]


def test_object_is_collected_once(bucket: str, tmp_path: Path) -> None:
    """What waits below the prefix is read once; an unfinished name is none."""
    put(bucket, NAME, day("2019-01-09"))
    put(bucket, f"{NAME}.part", day("2019-01-09", 5))
    district = made(tmp_path, bucket)
    assert [(each["name"], each["n_accepted"]) for each in district.batches(ON)] == [(NAME, 40)]
    assert district.batches("2019-01-11") == []


@pytest.mark.parametrize("bucket", ["seaweed"], indirect=True)
@pytest.mark.parametrize("name", ["AWS_SECRET_ACCESS_KEY", "AWS_ACCESS_KEY_ID"])
def test_wrong_key_is_told(name: str, bucket: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that checks keys refuses ours: its owner is told under the code, and the key is not shown."""
    put(bucket, NAME, day("2019-01-09"))
    monkeypatch.setenv(name, "wrong-and-secret")
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)  # one process has one key
    told = made(tmp_path, bucket).collect(ON)
    (report,) = told["sources"]
    assert (told["exit"], report["code"], report["is_transient"]) == (3, "auth_failed", False)
    assert (report["message"][:31], "wrong-and-secret" in str(told)) == ("S3 list failed with status 403:", False)
    assert "Ask the owner of the source for a key that is in force" in report["remedy"]


def test_object_that_is_replaced_before_it_is_read_is_a_new_offer(
    bucket: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between list and get other bytes come: those are read, under what the store says of them, and it is noted."""
    put(bucket, NAME, day("2019-01-09", 10))
    listed, left = ObjectStore.list, [1]

    def replaced(store: ObjectStore) -> Iterator[ObjectInfo]:
        found = list(listed(store))
        if left:
            left.pop()
            put(bucket, NAME, day("2019-01-09", 20))
        return iter(found)

    monkeypatch.setattr(ObjectStore, "list", replaced)
    district = made(tmp_path, bucket)
    (batch,) = district.batches(ON)
    assert (batch["n_accepted"], batch["findings"]) == (20, ["etag_changed_between_list_and_get"])
    assert district.batches("2019-01-11") == []


def test_object_written_in_parts_is_known_by_its_content(bucket: str, tmp_path: Path) -> None:
    """The tag of an object that was written in parts is no digest: the same bytes written at once are not new."""
    data, server = day("2019-01-09"), object_servers.client(os.environ["AWS_ENDPOINT_URL"])
    upload = server.create_multipart_upload(**place(bucket, NAME))["UploadId"]
    told = server.upload_part(**place(bucket, NAME), UploadId=upload, PartNumber=1, Body=data)
    parts = {"Parts": [{"PartNumber": 1, "ETag": told["ETag"]}]}
    server.complete_multipart_upload(**place(bucket, NAME), UploadId=upload, MultipartUpload=parts)
    assert next(ObjectStore(f"{bucket}/outbox").list()).etag.endswith("-1")
    district = made(tmp_path, bucket)
    assert [each["n_accepted"] for each in district.batches(ON)] == [40]
    put(bucket, NAME, data)
    (report,) = district.collect("2019-01-11")["sources"]
    assert (report["batches"], report["n_duplicates"]) == ([], 1)


def test_read_object_is_moved_beside(bucket: str, tmp_path: Path) -> None:
    """Where it is declared an object that is kept moves; one of its key there is never replaced."""
    put(bucket, NAME, day("2019-01-09", 10))
    district = made(tmp_path, bucket, after="move:archive/")
    district.batches(ON)
    assert keys(bucket) == [f"archive/{NAME}"]
    put(bucket, NAME, day("2019-01-09", 20))
    assert len(district.batches("2019-01-11")) == 1
    assert keys(bucket) == [f"archive/{NAME}", NAME]
