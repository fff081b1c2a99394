"""Make pseudonyms of people's ids at the door, and keep the key they are made with.

A pseudonym is a keyed digest: without the key nobody finds the id behind it, and one number never joins across kinds of
people. Source: security.md 2. The key comes from the environment, else from a file of ``AIMLINE_HOME``; it is in no
state root, no log and no message.
"""

import base64
import binascii
import hmac
import os
import re
import secrets
import tempfile
import unicodedata
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Literal

from aimline.errors import UsageError

KEY = "AIMLINE_PSEUDONYM_KEY"
HOME = "AIMLINE_HOME"
KEY_ID = "k1"
CONSENSUS = "consensus"
"""Stands as rater where the level is the agreed one: a label, no person."""

IdRule = Literal["keep_zeros", "strip_leading_zeros"]

_LEAST_BYTES = 32
_LETTERS = 26  # 130 bits
_BLANK = re.compile(r"\s+")


def key_file(district_id: str) -> Path:
    """Return where the key of a district is kept when the environment has none."""
    return Path(os.environ.get(HOME) or Path("var") / ".aimline") / "keys" / f"{district_id}.pseudonym"


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
    text = _BLANK.sub("", unicodedata.normalize("NFKC", raw)).upper()
    if rule == "strip_leading_zeros" and text.isdigit():
        return text.lstrip("0") or "0"
    return text


class AsTheyAre:
    """Leaves ids as they came: they were made pseudonyms before they were kept."""

    def of_all(self, pairs: Iterable[tuple[str, str]], _rule: IdRule) -> list[str]:
        """Return the ids of (kind, id) pairs in their order."""
        return [raw for _, raw in pairs]


@dataclass
class Pseudonyms:
    """The pseudonyms of one district, remembered for as long as one run takes."""

    district_id: str
    key: bytes = field(repr=False)
    _known: dict[tuple[str, str], str] = field(default_factory=dict, repr=False)

    def of(self, kind: str, raw: str, rule: IdRule = "strip_leading_zeros") -> str:
        """Return the pseudonym of an id of one kind of people."""
        plain = (kind, normalised(raw, rule))
        if plain not in self._known:
            message = f"{self.district_id}:{kind}\x1f{plain[1]}".encode()
            digest = hmac.new(self.key, message, sha256).digest()
            letters = base64.b32encode(digest[:20]).decode().lower()
            self._known[plain] = f"{KEY_ID}_{letters[:_LETTERS]}"
        return self._known[plain]

    def of_all(self, pairs: Iterable[tuple[str, str]], rule: IdRule) -> list[str]:
        """Return the pseudonyms of (kind, id) pairs in their order."""
        return [self.of(kind, raw, rule) for kind, raw in pairs]
