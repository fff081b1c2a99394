"""Objects on S3: against real servers, since each has its own idea of the rules."""

import os
from functools import partial
from pathlib import Path
from typing import Any

import boto3
import pytest

from aimline.errors import SourcePermanentError, SourceTransientError, UsageError
from aimline.storage import ObjectStore
from tests.support import object_servers

PAGE = ("text/html", "max-age=60")


def by_hand(bucket: str, key: str = "") -> tuple[Any, dict[str, str]]:
    """Return a client of the server, and how it names an object of the bucket."""
    name, _, prefix = bucket.removeprefix("s3://").partition("/")
    return object_servers.client(os.environ["AWS_ENDPOINT_URL"]), {"Bucket": name, "Key": f"{prefix}/{key}"}


def test_object_comes_back(bucket: str, tmp_path: Path) -> None:
    """What is put under a prefix is listed and read under it, with its size."""
    store = ObjectStore(f"{bucket}/site/")
    assert store.put("a/index.html", b"<p>1</p>", *PAGE)
    (info,) = store.list()
    assert (info.key, info.size) == ("a/index.html", 8)
    store.get(info.key, tmp_path / "got", if_match=f'"{info.etag}"')
    assert (tmp_path / "got").read_bytes() == b"<p>1</p>"


def test_prefix_is_a_room_of_its_own(bucket: str) -> None:
    """Two prefixes do not see each other; the bucket's own store sees both."""
    ObjectStore(f"{bucket}/one").put("x", b"1", *PAGE)
    ObjectStore(f"{bucket}/two").put("x", b"2", *PAGE)
    assert [info.key for info in ObjectStore(f"{bucket}/one").list()] == ["x"]
    assert [info.key for info in ObjectStore(f"{bucket}/").list()] == ["one/x", "two/x"]


def test_headers_reach_the_browser(bucket: str) -> None:
    """Type, lifetime and file name stand on the object."""
    ObjectStore(bucket).put("t.csv", b"a", "text/csv", "no-cache", disposition='attachment; filename="t.csv"')
    server, place = by_hand(bucket, "t.csv")
    head = server.head_object(**place)
    told = (head["ContentType"], head["CacheControl"], head["ContentDisposition"])
    assert told == ("text/csv", "no-cache", 'attachment; filename="t.csv"')


def test_same_bytes_are_not_sent_again(bucket: str) -> None:
    """An upload repeated changes nothing; other bytes, or another header, are written."""
    store = ObjectStore(bucket)
    assert store.put("p", b"1", *PAGE)
    assert not store.put("p", b"1", *PAGE)
    assert store.put("p", b"2", *PAGE)
    assert store.put("p", b"2", "text/html", "no-cache")


def test_first_writer_wins(bucket: str) -> None:
    """Of two that write one key once, the second is told and nothing is replaced."""
    store = ObjectStore(bucket)
    assert store.put_if_absent("claim", b"first")
    assert not store.put_if_absent("claim", b"second")
    server, place = by_hand(bucket, "claim")
    assert server.get_object(**place)["Body"].read() == b"first"


def test_object_that_changed_since_it_was_listed_is_refused(bucket: str, tmp_path: Path) -> None:
    """A file still being written is tried again later, not read half."""
    store = ObjectStore(bucket)
    store.put("feed.csv", b"old", *PAGE)
    (info,) = store.list()
    store.put("feed.csv", b"new and longer", *PAGE)
    with pytest.raises(SourceTransientError, match="S3 get failed with status 412"):
        store.get("feed.csv", tmp_path / "got", if_match=f'"{info.etag}"')


def test_delete_of_what_is_not_there_is_fine(bucket: str) -> None:
    """Removing twice is removing once."""
    store = ObjectStore(bucket)
    store.put("x", b"1", *PAGE)
    store.delete("x")
    store.delete("x")
    assert list(store.list()) == []


def test_listing_goes_beyond_one_page(bucket: str) -> None:
    """S3 answers so many keys at a time, here two; none is lost."""
    store = ObjectStore(bucket)
    for number in range(5):
        store.put(f"{number}", b"1", *PAGE)
    smaller = partial(dict.update, MaxKeys=2)
    store._client.meta.events.register("provide-client-params.s3.ListObjectsV2", lambda params, **_: smaller(params))
    assert [info.key for info in store.list()] == ["0", "1", "2", "3", "4"]


def test_absent_object_is_permanent(bucket: str, tmp_path: Path) -> None:
    """What is not there will not be there at the next try: its owner is told; the message has no address."""
    with pytest.raises(SourcePermanentError) as caught:
        ObjectStore(bucket).get("none", tmp_path / "got")
    assert str(caught.value) == "S3 get failed with status 404: NoSuchKey."


def test_absent_bucket_is_permanent(bucket: str) -> None:
    """A bucket nobody made is a mistake in the declaration."""
    with pytest.raises(SourcePermanentError, match="S3 list failed with status 404: NoSuchBucket"):
        list(ObjectStore("s3://nobody-made-this").list())


def test_server_that_is_away_is_transient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody listens: try again later."""
    for name, value in object_servers.ACCESS.items():
        monkeypatch.setenv(name, value)
    store = ObjectStore("s3://bucket", endpoint="http://127.0.0.1:1")
    with pytest.raises(SourceTransientError, match=r"S3 list failed: EndpointConnectionError\."):
        list(store.list())


def test_credentials_that_are_missing_are_told(
    moto_endpoint: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Without credentials in the environment nothing is sent, and the error is ours."""
    nothing = tmp_path / "nothing"
    nothing.touch()
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
    for name in (*object_servers.ACCESS, "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE"):
        monkeypatch.setenv(name, str(nothing))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    with pytest.raises(SourcePermanentError, match="NoCredentialsError"):
        list(ObjectStore("s3://bucket", endpoint=moto_endpoint).list())


@pytest.mark.parametrize("url", ["", "bucket/prefix", "s3://", "https://example.org/b"])
def test_address_that_is_none_is_refused(url: str) -> None:
    """An address begins with s3:// and has a bucket."""
    with pytest.raises(UsageError, match="is not an S3 address"):
        ObjectStore(url)


def test_endpoint_that_is_none_is_refused() -> None:
    """A mistake in the environment is told, not thrown."""
    with pytest.raises(UsageError, match="is not the address of an S3 server"):
        ObjectStore("s3://bucket", endpoint="no server")


BLOCKS = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")


@pytest.mark.parametrize("bucket", ["moto"], indirect=True)
@pytest.mark.parametrize("off", [None, *BLOCKS])
def test_bucket_is_private_with_all_four_blocks(off: str | None, bucket: str) -> None:
    """One block off and strangers may read: refused, unless the target is declared public."""
    server, place = by_hand(bucket)
    blocks = {block: block != off for block in BLOCKS}
    server.put_public_access_block(Bucket=place["Bucket"], PublicAccessBlockConfiguration=blocks)
    store = ObjectStore(bucket)
    if off is None:
        store.check_private()
        return
    with pytest.raises(SourcePermanentError, match="is not closed to the public"):
        store.check_private()
    store.check_private(public=True)


def test_bucket_that_says_nothing_of_strangers_is_refused(bucket: str) -> None:
    """No answer about the blocks is no promise: a server without them needs public: true."""
    with pytest.raises(SourcePermanentError, match="declare the target with public: true"):
        ObjectStore(bucket).check_private()
