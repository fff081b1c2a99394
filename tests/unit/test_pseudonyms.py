"""Pseudonyms are keyed digests as written down in security.md 2, one by one and many at once."""

import base64
import hmac

import pytest

from aimline.arrival.pseudonyms import Pseudonyms, normalised

KEYS = (
    b"0123456789abcdef0123456789abcdef",
    b"k" * 64,
    b"longer than one block of the hash, which is sixty-four bytes wide",
)
IDS = [*(f"{number:06d}" for number in range(600)), "s-01", " 7 ", "\uff2a\uff19", "o'neil", "\u00e9t\u00e9", "0", ""]


def expected(key: bytes, kind: str, raw: str) -> str:
    """Return the pseudonym by the standard library's own HMAC."""
    message = f"smalltown:{kind}\x1f{normalised(raw)}".encode()
    letters = base64.b32encode(hmac.new(key, message, "sha256").digest()[:20]).decode().lower()
    return f"k1_{letters[:26]}"


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("kind", ["student", "staff"])
def test_many_ids_have_the_pseudonyms_they_have_alone(key: bytes, kind: str) -> None:
    """An id has one pseudonym, whether it is asked alone, among few or among many."""
    names = Pseudonyms("smalltown", key)
    wanted = [expected(key, kind, raw) for raw in IDS]
    assert names.of_all(kind, IDS, "strip_leading_zeros") == wanted
    assert names.of_all(kind, IDS[-9:], "strip_leading_zeros") == wanted[-9:]
    assert names.of(kind, IDS[3]) == wanted[3]
