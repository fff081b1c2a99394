"""Make pseudonyms of people's ids at the door, and keep the key they are made with.

A pseudonym is a keyed digest: without the key nobody finds the id behind it, and one number never joins across kinds of
people. Source: security.md 2. The key comes from the environment, else from a file of ``AIMLINE_HOME``; it is in no
state root, no log and no message.
"""

import base64
import binascii
import importlib
import os
import re
import secrets
import tempfile
import unicodedata
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal

from aimline._folders import home
from aimline.errors import UsageError

KEY = "AIMLINE_PSEUDONYM_KEY"
KEY_ID = "k1"
CONSENSUS = "consensus"
"""Stands as rater where the level is the agreed one: a label, no person."""

IdRule = Literal["keep_zeros", "strip_leading_zeros"]

_LEAST_BYTES = 32
_LETTERS, _BITS = 26, 5  # 130 bits
_ALPHABET = b"abcdefghijklmnopqrstuvwxyz234567"
_BLOCK = 64  # bytes of one step of SHA-256
_FEW = 500
_MOST_KNOWN = 250_000
"""Pseudonyms that are remembered for the next file of the night; of more, the memory is dearer than making them."""

_BLANK = re.compile(r"\s+")
_ZEROS = re.compile(r"^0+(?=\d)", re.MULTILINE)


def key_file(district_id: str) -> Path:
    """Return where the key of a district is kept when the environment has none."""
    return home() / "keys" / f"{district_id}.pseudonym"


def make_key_file(district_id: str) -> Path:
    """Make the key of a district once; a key that is there is left as it is."""
    path = key_file(district_id)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if path.exists():
        return path
    handle, temp = tempfile.mkstemp(dir=path.parent)  # readable by its owner alone
    with os.fdopen(handle, "wb") as file:
        file.write(base64.b64encode(secrets.token_bytes(_LEAST_BYTES)) + b"\n")
        file.flush()
        os.fsync(file.fileno())
    with suppress(FileExistsError):  # a link fails where another process was first
        os.link(temp, path)
    Path(temp).unlink()
    return path


def pseudonym_key(district_id: str) -> bytes:
    """Return the key of a district.

    Raises:
        UsageError: There is none, or it is too short.
    """
    text = os.environ.get(KEY) or ""
    if not text and key_file(district_id).is_file():
        text = key_file(district_id).read_text(encoding="ascii").strip()
    try:
        key = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) < _LEAST_BYTES:
        raise UsageError(
            "The pseudonym key is missing.",
            remedy=f"Set {KEY} (at least {_LEAST_BYTES} bytes, base64). Nothing was accepted.",
        )
    return key


def normalised(raw: str, rule: IdRule = "strip_leading_zeros") -> str:
    """Return an id without what differs between systems; zeros are stripped from ids of digits alone."""
    is_plain = raw.isascii() and raw.isalnum()  # nothing to take out, as in most ids
    text = raw.upper() if is_plain else _BLANK.sub("", unicodedata.normalize("NFKC", raw)).upper()
    if rule == "strip_leading_zeros" and text.isdigit():
        return text.lstrip("0") or "0"
    return text


@dataclass(frozen=True)
class Pseudonyms:
    """The pseudonyms of one district; those made once are known as long as the object lives, in memory alone."""

    district_id: str
    key: bytes = field(repr=False)
    _known: dict[tuple[str, IdRule], dict[str, str]] = field(default_factory=dict, repr=False, compare=False)

    def of(self, kind: str, raw: str, rule: IdRule = "strip_leading_zeros") -> str:
        """Return the pseudonym of an id of one kind of people."""
        return self.of_all(kind, [raw], rule)[0]

    def of_each(self, kind: str, raws: Sequence[str | None], rule: IdRule) -> list[str | None]:
        """Return the pseudonyms of a column of ids, which may hold one many times, or none in a place."""
        known, asked = self._known.setdefault((kind, rule), {}), set(raws)
        if len(asked) == len(raws) > _MOST_KNOWN and None not in asked:  # everybody once: nothing is looked up again
            return list(self.of_all(kind, raws, rule))  # type: ignore[arg-type] # none of them is None
        new = [raw for raw in dict.fromkeys(raws) if raw is not None and raw not in known]
        named = dict(zip(new, self.of_all(kind, new, rule), strict=True))
        if len(known) + len(named) <= _MOST_KNOWN:
            known.update(named)
            return list(map(known.get, raws))  # type: ignore[arg-type] # None is known of nobody
        return [named.get(raw) or known.get(raw) for raw in raws]  # type: ignore[arg-type]

    def of_all(self, kind: str, raws: Sequence[str], rule: IdRule) -> list[str]:
        """Return the pseudonyms of ids of one kind of people, in their order.

        The keyed digest is taken from the two states of it that all ids of a kind share: a third of the time.
        """
        begun, ended = (state.copy for state in _states(self.key, f"{self.district_id}:{kind}\x1f".encode()))
        digests = []
        for raw in _all_normalised(raws, rule):
            inner, outer = begun(), ended()
            inner.update(raw)
            outer.update(inner.digest())
            digests.append(outer.digest())
        return _lettered(digests)


def _all_normalised(raws: Sequence[str], rule: IdRule) -> list[bytes]:
    """Return ids without what differs between systems; digits alone, which most are, are looked at all at once."""
    lines = "\n".join(raws)
    if lines.isascii() and lines.replace("\n", "").isdigit():
        if rule == "strip_leading_zeros" and ("\n0" in lines or lines.startswith("0")):
            lines = _ZEROS.sub("", lines)
        if len(plain := lines.encode().split(b"\n")) == len(raws):  # an id may hold a line break of its own
            return plain
    return [normalised(raw, rule).encode() for raw in raws]


def _states(key: bytes, prefix: bytes) -> tuple[Any, Any]:
    """Return the inner and the outer hash of an HMAC-SHA-256, as far as its message is a prefix."""
    quick = _quick_sha256()
    block = (sha256(key).digest() if len(key) > _BLOCK else key).ljust(_BLOCK, b"\0")
    inner, outer = (quick(bytes(byte ^ pad for byte in block)) for pad in (0x36, 0x5C))
    inner.update(prefix)
    return inner, outer


def _quick_sha256() -> Any:
    """Return Python's own SHA-256 where it is there: of a few bytes OpenSSL's takes twice the time, mostly to begin."""
    try:
        return importlib.import_module("_sha256").sha256
    except ImportError:
        return sha256


def _lettered(digests: Sequence[bytes]) -> list[str]:
    """Write the first bits of digests as base32 letters, below the name of the key."""
    if len(digests) < _FEW:
        plain = (base64.b32encode(digest[:20]).decode().lower()[:_LETTERS] for digest in digests)
        return [f"{KEY_ID}_{letters}" for letters in plain]
    import numpy as np

    words = np.frombuffer(b"".join(digests), dtype=">u8").reshape(len(digests), -1).T[:3].astype(np.uint64, order="C")
    columns = [_five(words, letter * _BITS).astype(np.uint8) for letter in range(_LETTERS)]
    fives = np.ascontiguousarray(np.stack(columns).T).tobytes()
    letters = np.frombuffer(fives.translate(_ALPHABET.ljust(256)), dtype=np.uint8).reshape(-1, _LETTERS)
    lines = np.empty((len(digests), len(KEY_ID) + _LETTERS + 2), dtype=np.uint8)
    lines[:, : len(KEY_ID) + 1] = np.frombuffer(f"{KEY_ID}_".encode(), dtype=np.uint8)
    lines[:, len(KEY_ID) + 1 : -1], lines[:, -1] = letters, ord("\n")
    return lines.tobytes().decode("ascii").split("\n")[:-1]


def _five(words: Any, at: int) -> Any:
    """Return the five bits that begin at a place, of digests that stand below each other as 64-bit words."""
    word, below = at // 64, 64 - at % 64 - _BITS
    if below >= 0:
        return (words[word] >> below) & 31
    return ((words[word] << -below) | (words[word + 1] >> (64 + below))) & 31
