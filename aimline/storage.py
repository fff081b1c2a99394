"""Keep bytes: the state root on disk, objects on S3, and the cipher of quarantined records.

Owner of boto3 and cryptography. What the bytes mean belongs elsewhere. Every write is temp + fsync + rename, so a
reader sees the old bytes or the new ones and never a part; the umask 077 keeps other users out.
"""

import base64
import hashlib
import hmac
import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Any

from aimline.errors import SourceError, SourcePermanentError, SourceTransientError, UsageError

TEMP = ".temp"
QUARANTINE_KEY = "AIMLINE_QUARANTINE_KEY"
_NONCE_BYTES = 12
_KEY_BYTES = 32


class LocalStore:
    """A folder addressed by keys such as ``landing/sis_roster/ab/…/data``; ``/`` separates, ``..`` is refused."""

    def __init__(self, root: Path) -> None:
        """Use ``root``, making it when it is absent."""
        os.umask(0o077)
        self.root = root.resolve()
        self.root.mkdir(parents=True, exist_ok=True)

    def path(self, key: str) -> Path:
        """Return the path of a key.

        Raises:
            UsageError: The key leaves the root, or a link stands on the way.
        """
        parts = PurePosixPath(key).parts
        if not parts or key.startswith("/") or ".." in parts:
            raise UsageError(f"'{key}' is not a key inside the state root.")
        path = self.root
        for part in parts:
            path = path / part
            if path.is_symlink():
                raise UsageError(f"'{key}' passes a symbolic link.", remedy="Links inside the state root are refused.")
        return path

    def temp_dir(self) -> Path:
        """Make a folder for unfinished work, on the same file system as what it will become."""
        home = self.root / TEMP
        home.mkdir(exist_ok=True)
        return Path(tempfile.mkdtemp(dir=home))

    def _temp_file(self, data: bytes | Path) -> Path:
        """Write bytes, durably, where nobody looks for them."""
        home = self.root / TEMP
        home.mkdir(exist_ok=True)
        handle, name = tempfile.mkstemp(dir=home)
        with os.fdopen(handle, "wb") as file:
            if isinstance(data, Path):
                with data.open("rb") as source:
                    shutil.copyfileobj(source, file, 1 << 20)
            else:
                file.write(data)
            file.flush()
            os.fsync(file.fileno())
        return Path(name)

    def put_if_absent(self, key: str, data: bytes | Path) -> bool:
        """Write a key once.

        Returns:
            True when written, False when the key was there already (it is left as it is).
        """
        path = self.path(key)
        path.parent.mkdir(parents=True, exist_ok=True)
        temp = self._temp_file(data)
        try:
            os.link(temp, path)  # a link fails when the name exists; a rename would replace it
        except FileExistsError:
            return False
        finally:
            temp.unlink()
        return True

    def put_atomic(self, key: str, data: bytes) -> None:
        """Write a key, replacing what was there in one step."""
        path = self.path(key)
        path.parent.mkdir(parents=True, exist_ok=True)
        self._temp_file(data).replace(path)

    def put_pointer(self, key: str, text: str) -> None:
        """Make a small text file name something else, in one step."""
        self.put_atomic(key, text.encode() + b"\n")

    def move_into_place(self, temp: Path, key: str) -> None:
        """Rename a finished file or folder to its key; a folder that is there already is kept and the new one dropped.

        Content-named things are equal when their names are, so keeping the first is keeping both.
        """
        path = self.path(key)
        path.parent.mkdir(parents=True, exist_ok=True)
        if temp.is_dir() and path.exists():
            shutil.rmtree(temp)
            return
        temp.replace(path)

    def read(self, key: str) -> bytes:
        """Return the bytes of a key."""
        return self.path(key).read_bytes()

    def exists(self, key: str) -> bool:
        """Say whether a key is there."""
        return self.path(key).exists()

    def keys(self, prefix: str = "") -> list[str]:
        """Return the keys of all files below a folder, sorted; unfinished work is left out."""
        top = self.path(prefix) if prefix else self.root
        found = (path.relative_to(self.root) for path in top.rglob("*") if path.is_file())
        return sorted(path.as_posix() for path in found if path.parts[0] != TEMP)

    def remove(self, key: str) -> None:
        """Remove a file, or a folder with all it holds; absent is fine."""
        path = self.path(key)
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)

    def sweep(self) -> None:
        """Remove what killed runs left unfinished; only the holder of the writer's claim may call this."""
        shutil.rmtree(self.root / TEMP, ignore_errors=True)


def open_store(root: str | Path) -> LocalStore:
    """Open the state root, making it when it is absent.

    Raises:
        UsageError: A file stands there, or on the way to it, or it may not be made.
    """
    try:
        return LocalStore(Path(root))
    except (FileExistsError, NotADirectoryError, PermissionError) as error:
        why = f"the state root {root} is no folder and cannot be made one: {error.strerror}."
        raise UsageError(why, remedy="Give the path of a folder with --state.") from None


@dataclass(frozen=True)
class ObjectInfo:
    """What a listing tells about one object."""

    key: str
    size: int
    etag: str
    modified_at: datetime


class ObjectStore:
    """One prefix of a bucket. Keys are relative to the prefix; credentials come from the environment alone."""

    def __init__(self, url: str, *, endpoint: str | None = None) -> None:
        """Open ``s3://bucket/prefix``; ``endpoint`` (else ``AWS_ENDPOINT_URL``) names another server than Amazon's."""
        bucket, _, prefix = url.removeprefix("s3://").partition("/")
        if not url.startswith("s3://") or not bucket:
            raise UsageError(f"'{url}' is not an S3 address.", remedy="Write s3://bucket/prefix.")
        self.bucket = bucket
        self.prefix = prefix.strip("/") + "/" if prefix.strip("/") else ""
        endpoint = endpoint or os.environ.get("AWS_ENDPOINT_URL")
        try:
            with _s3_errors("set-up"):
                self._client = _s3_client(endpoint)
        except ValueError:
            raise UsageError(
                f"'{endpoint}' is not the address of an S3 server.", remedy="Correct AWS_ENDPOINT_URL."
            ) from None

    def list(self) -> Iterator[ObjectInfo]:
        """Yield the objects below the prefix, by key."""
        with _s3_errors("list"):
            for page in self._client.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=self.prefix):
                for row in page.get("Contents", []):
                    key = row["Key"].removeprefix(self.prefix)
                    yield ObjectInfo(key, row["Size"], row["ETag"].strip('"'), row["LastModified"])

    def get(self, key: str, to: Path, if_match: str | None = None) -> None:
        """Read one object to a file.

        Raises:
            SourceTransientError: The object changed since ``if_match`` was listed, or the server is busy.
        """
        condition = {"IfMatch": if_match} if if_match else {}
        with _s3_errors("get"):
            body = self._client.get_object(Bucket=self.bucket, Key=self.prefix + key, **condition)["Body"]
            with to.open("wb") as file:
                shutil.copyfileobj(body, file, 1 << 20)

    def put(  # noqa: PLR0913 - the five things S3 itself asks for
        self, key: str, data: bytes, content_type: str, cache_control: str, *, disposition: str | None = None
    ) -> bool:
        """Write one object unless the same bytes with the same headers are there; return whether it was written."""
        headers = _Headers(content_type, cache_control, disposition or "")
        digest = hashlib.sha256(data).hexdigest()
        if self._metadata(key).get("sha256") == digest + headers.mark():
            return False
        with _s3_errors("put"):
            self._client.put_object(**self._request(key, data, headers))
        return True

    def put_if_absent(self, key: str, data: bytes) -> bool:
        """Write one object once; return False when the key was there already."""
        try:
            with _s3_errors("put"):
                self._client.put_object(**self._request(key, data, _Headers()), IfNoneMatch="*")
        except SourceTransientError as error:
            if error.message.endswith("PreconditionFailed."):
                return False
            raise
        return True

    def move(self, key: str, to: str, *, if_match: str) -> bool:
        """Give an object another key; return False, and leave both, when there is one of that key already.

        Raises:
            SourceTransientError: The object is no longer the one that ``if_match`` tells of.
        """
        if self._is_there(to):
            return False
        source = {"Bucket": self.bucket, "Key": self.prefix + key}
        with _s3_errors("copy"):
            self._client.copy_object(
                Bucket=self.bucket, Key=self.prefix + to, CopySource=source, CopySourceIfMatch=f'"{if_match}"'
            )
        self.delete(key)
        return True

    def _is_there(self, key: str) -> bool:
        with _s3_errors("list"):
            answer = self._client.list_objects_v2(Bucket=self.bucket, Prefix=self.prefix + key, MaxKeys=1)
        return any(row["Key"] == self.prefix + key for row in answer.get("Contents", []))

    def delete(self, key: str) -> None:
        """Remove one object; absent is fine."""
        with _s3_errors("delete"):
            self._client.delete_object(Bucket=self.bucket, Key=self.prefix + key)

    def check_private(self, *, public: bool = False) -> None:
        """Refuse a bucket that strangers may read.

        Raises:
            SourcePermanentError: One of the four public-access blocks is off and ``public`` was not declared.
        """
        if public:
            return
        try:
            with _s3_errors("public access block"):
                answer = self._client.get_public_access_block(Bucket=self.bucket)
        except SourceError:
            answer = {}
        blocks = answer.get("PublicAccessBlockConfiguration", {})
        if not (len(blocks) == 4 and all(blocks.values())):  # noqa: PLR2004 - Amazon has four
            raise SourcePermanentError(
                f"Bucket '{self.bucket}' is not closed to the public.",
                remedy="Switch on its four public-access blocks, or declare the target with public: true.",
            )

    def _metadata(self, key: str) -> dict[str, str]:
        try:
            with _s3_errors("head"):
                answer = self._client.head_object(Bucket=self.bucket, Key=self.prefix + key)
        except SourcePermanentError:
            return {}
        metadata: dict[str, str] = answer.get("Metadata", {})
        return metadata

    def _request(self, key: str, data: bytes, headers: "_Headers") -> dict[str, Any]:
        digest = hashlib.sha256(data)
        request = {
            "Bucket": self.bucket,
            "Key": self.prefix + key,
            "Body": data,
            "ContentType": headers.content_type,
            "ChecksumSHA256": base64.b64encode(digest.digest()).decode(),
            "Metadata": {"sha256": digest.hexdigest() + headers.mark()},
        }
        optional = {"CacheControl": headers.cache_control, "ContentDisposition": headers.disposition}
        return request | {name: value for name, value in optional.items() if value}


@dataclass(frozen=True)
class _Headers:
    """What a browser is told about an object."""

    content_type: str = "application/octet-stream"
    cache_control: str = ""
    disposition: str = ""

    def mark(self) -> str:
        """Return a short digest of the headers, so that a change of headers alone is a change."""
        text = f"{self.content_type}\x1f{self.cache_control}\x1f{self.disposition}"
        return "-" + hashlib.sha256(text.encode()).hexdigest()[:8]


def _s3_client(endpoint: str | None) -> Any:
    """Make a client with time-outs and a few tries of its own."""
    import boto3
    from botocore.config import Config

    config = Config(
        connect_timeout=10,
        read_timeout=120,
        retries={"max_attempts": 3, "mode": "standard"},
        s3={"addressing_style": "path" if endpoint else "auto"},
    )
    region = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or "us-east-1"
    own = boto3.session.Session()  # the default one keeps the first keys it saw for as long as the process lives
    return own.client("s3", endpoint_url=endpoint, config=config, region_name=region)


class _s3_errors:  # noqa: N801 - a context manager, used like a function
    """Turn what boto3 raises into our errors; bodies and addresses of answers stay out of the text."""

    def __init__(self, action: str) -> None:
        self.action = action

    def __enter__(self) -> None:
        return None

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if error is None:
            return
        from botocore import exceptions as s3

        if isinstance(error, s3.ClientError):
            code = str(error.response.get("Error", {}).get("Code", "unknown"))
            status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
            message = f"S3 {self.action} failed with status {status}: {code}."
            raise _kind_of(status)(message, code=_FAULT_OF.get(status, "")) from None
        if isinstance(error, s3.BotoCoreError):
            broken_line = (s3.ConnectionError, s3.HTTPClientError, s3.IncompleteReadError)
            kind = SourceTransientError if isinstance(error, broken_line) else SourcePermanentError
            is_cut = isinstance(error, s3.IncompleteReadError | s3.ResponseStreamingError)
            has_no_key = isinstance(error, s3.NoCredentialsError | s3.PartialCredentialsError)
            fault = "reset_mid_body" if is_cut else "timeout" if kind is SourceTransientError else ""
            fault = "auth_failed" if has_no_key else fault
            raise kind(f"S3 {self.action} failed: {type(error).__name__}.", code=fault) from None


_FAULT_OF = {401: "auth_failed", 403: "auth_failed", 412: "etag_changed_between_list_and_get", 429: "rate_limited"}
_FAULT_OF |= dict.fromkeys((500, 502, 503, 504), "server_error") | {408: "timeout"}


def _kind_of(status: int) -> type[SourceError]:
    """Sort a status: what a second try may mend is transient."""
    transient = {408, 409, 412, 425, 429, 500, 502, 503, 504}
    return SourceTransientError if status in transient else SourcePermanentError


def quarantine_key() -> bytes | None:
    """Return the key of quarantined records from the environment, or None when none is set.

    Raises:
        UsageError: A key is set and is not 32 bytes in base64.
    """
    text = os.environ.get(QUARANTINE_KEY)
    if not text:
        return None
    try:
        key = base64.b64decode(text, validate=True)
    except ValueError:
        key = b""
    if len(key) != _KEY_BYTES:
        raise UsageError(f"{QUARANTINE_KEY} is not a key.", remedy="Set it to 32 random bytes in base64.")
    return key


def encrypt(key: bytes, data: bytes, context: bytes) -> bytes:
    """Seal bytes with AES-256-GCM; ``context`` is authenticated and must be given again to open them.

    The nonce is a keyed digest of context and data: a repeat gives the same bytes, so that a run can be repeated, and
    two different records share a nonce with a chance of 2^-96.
    """
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    nonce = hmac.new(key, context + b"\x1f" + data, hashlib.sha256).digest()[:_NONCE_BYTES]
    return nonce + AESGCM(key).encrypt(nonce, data, context)


def decrypt(key: bytes, sealed: bytes, context: bytes) -> bytes:
    """Open what ``encrypt`` sealed.

    Raises:
        UsageError: The key or the context is another one, or the bytes were changed.
    """
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    try:
        return AESGCM(key).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], context)
    except (InvalidTag, ValueError):  # a ValueError is a record cut shorter than a nonce
        raise UsageError(f"The record does not open with {QUARANTINE_KEY}.") from None
