"""The reader of declared files: exact values, the place of everything, every dangerous thing refused with its place."""

from decimal import Decimal
from typing import Any

import pytest

from aimline import _yaml
from aimline._yaml import place, read_tree


def data_of(text: str) -> Any:
    """Read a text that has no mistake."""
    tree = read_tree("f.yml", text.encode())
    assert tree.findings == []
    return tree.data


def told(text: str | bytes) -> str:
    """Return the one mistake of a text, as it is printed."""
    tree = read_tree("f.yml", text if isinstance(text, bytes) else text.encode())
    (finding,) = tree.findings
    return str(finding)


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("true", True),
        ("false", False),
        ("yes", "yes"),
        ("Off", "Off"),
        ("True", "True"),
        ("null", None),
        ("~", None),
        ("", None),
        ("12", 12),
        ("-3", -3),
        ("007", "007"),
        ("0107", "0107"),
        ("0", 0),
        ("0.10", Decimal("0.10")),
        ("1e3", "1e3"),
        ("0x1f", "0x1f"),
        ("1_000", "1_000"),
        ("12:30", "12:30"),
        ("2026-09-07", "2026-09-07"),
        ("7/40", "7/40"),
        ("'5'", "5"),
        ('"true"', "true"),
        ("1234567890123456789", "1234567890123456789"),
        (".inf", ".inf"),
    ],
)
def test_value_is_read_narrowly(written: str, value: object) -> None:
    """Only true and false are booleans, ids keep their zeros, dates stay text, what is quoted is text."""
    found = data_of(f"key: {written}\n")["key"]
    assert found == value
    assert type(found) is type(value)


def test_decimal_keeps_its_digits() -> None:
    """A decimal never goes through a binary float."""
    assert str(data_of("rate: 0.10\n")["rate"]) == "0.10"


def test_block_text_is_text() -> None:
    """A number in a block is text, as people expect of text."""
    assert data_of("note: |\n  12\n") == {"note": "12\n"}


def test_place_of_every_key_and_value_is_known() -> None:
    """Line and column from 1, of keys and of values, inside lists too."""
    tree = read_tree("f.yml", b"goals:\n  - goal_id: g1\n    label: {en: One}\n")
    assert tree.where(("goals", 0, "goal_id"), at_key=True) == (2, 5)
    assert tree.where(("goals", 0, "goal_id")) == (2, 14)
    assert tree.where(("goals", 0, "label", "en")) == (3, 17)


def test_place_of_an_absent_key_is_what_surrounds_it() -> None:
    """A mistake about something that is not there points at the thing it should be in."""
    tree = read_tree("f.yml", b"goals:\n  - goal_id: g1\n")
    assert tree.where(("goals", 0, "owner", "role"), at_key=True) == (2, 5)
    assert tree.where(("nowhere",)) == (1, 1)


def test_place_is_written_as_people_read_it() -> None:
    """A path is words with dots and positions in brackets."""
    assert place(("goals", 0, "owner", "role")) == "goals[0].owner.role"
    assert place((2, "id")) == "[2].id"


def test_digest_is_of_the_bytes() -> None:
    """A comment more is another file."""
    assert read_tree("f.yml", b"a: 1\n").sha256 != read_tree("f.yml", b"a: 1 # one\n").sha256


def test_mark_of_bytes_at_the_beginning_is_no_text() -> None:
    """Windows editors begin UTF-8 files with a mark; it is left out."""
    assert data_of("\ufeffkey: 1\n") == {"key": 1}


def test_duplicate_keys_are_all_told_and_the_first_stays() -> None:
    """Two values for one key: the second is named with the place of the first, and reading goes on."""
    tree = read_tree("f.yml", b"a: 1\nb: 2\na: 3\nb: {c: 4}\n")
    assert tree.data == {"a": 1, "b": 2}
    assert [str(finding) for finding in tree.findings] == [
        "f.yml:3:1: duplicate key 'a' (first at 1:1). Remove one.",
        "f.yml:4:1: duplicate key 'b' (first at 2:1). Remove one.",
    ]


def test_duplicate_key_inside_tells_what_it_is_in() -> None:
    """The place of a duplicate is the mapping that has it."""
    assert told("goals:\n  - id: g1\n    id: g2\n").startswith("f.yml:3:5: goals[0]: duplicate key 'id' (first at 2:5)")


def test_anchor_repeats_a_value() -> None:
    """An anchor may be used where it stands above."""
    assert data_of("a: &one {x: 1}\nb: *one\n") == {"a": {"x": 1}, "b": {"x": 1}}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: !!python/object/apply:os.system [ls]\n", "f.yml:1:4: this has a tag."),
        ("a: !own 1\n", "f.yml:1:4: this has a tag."),
        ("!!str a: 1\n", "f.yml:1:1: this key is not a word."),
        ("[a, b]: 1\n", "f.yml:1:1: this key is not a word."),
        ("{a: 1}: 1\n", "f.yml:1:1: this key is not a word."),
        ("a: *none\n", "f.yml:1:4: no anchor 'none' ends above."),
        ("a: &self [*self]\n", "f.yml:1:11: no anchor 'self' ends above."),
        ("a: 1\n---\nb: 2\n", "f.yml:2:1: a second document begins here."),
        ("a: [1, 2\n", "f.yml:2:1: this is not YAML: expected ',' or ']'"),
        ("a: 1\n\tb: 2\n", "f.yml:2:1: this is not YAML: "),
        ("a: 'open\n", "f.yml:2:1: this is not YAML: "),
        ("a: \x00\n", "f.yml:1:1: this is not YAML: it holds a character YAML forbids."),
        (b"a: 1\nname: S\xe3o\n", "f.yml:2:8: this is not UTF-8."),
    ],
)
def test_dangerous_or_broken_text_is_refused_with_its_place(text: str | bytes, message: str) -> None:
    """Nothing is built from it: no class, no guess; the finding says where and what."""
    assert told(text).startswith(message)
    assert read_tree("f.yml", text if isinstance(text, bytes) else text.encode()).data is None


def test_anchors_cannot_multiply_without_end() -> None:
    """Nine levels of nine anchors would come to 387 million values; reading stops at ten thousand."""
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 9)]
    assert "the anchors come to more than 10,000 values" in told("\n".join(lines) + "\n")


def test_nesting_has_an_end() -> None:
    """A text of nothing but brackets is refused before it exhausts the stack."""
    assert "nested deeper than 20 levels" in told("a: " + "[" * 5000 + "\n")
    assert data_of("a: " + "[" * 19 + "1" + "]" * 19 + "\n") is not None


def test_file_has_a_largest_size(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file beyond the limit is not parsed at all."""
    monkeypatch.setattr(_yaml, "MAX_BYTES", 10)
    assert told("key: 123456\n") == "f.yml:1:1: the file has 12 bytes; at most 10 are read. Split it."


def test_empty_file_has_no_value() -> None:
    """An empty file, or one of comments alone, is None; what that means is judged by the shape."""
    assert data_of("") is None
    assert data_of("# nothing\n") is None
