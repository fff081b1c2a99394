"""Text and headings of arriving files: encodings, delimiters, records counted twice, headings matched as words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aimline.arrival import text as texts
from aimline.arrival.delivery import StoppedError
from aimline.arrival.headings import Expected, fingerprint, heading_row, matched, norm


def code_of(work, *arguments, **named) -> str:
    with pytest.raises(StoppedError) as caught:
        work(*arguments, **named)
    return caught.value.fault.code


@pytest.mark.parametrize(
    ("data", "text", "notes"),
    [
        (b"\xef\xbb\xbfa,b", "a,b", ["bom"]),
        ("a,é".encode("utf-16"), "a,é", ["bom"]),
        ("a,é".encode(), "a,é", []),
        ("a,é".encode("cp1252"), "a,é", ["encoding_cp1252"]),
    ],
)
def test_encoding_is_found(data: bytes, text: str, notes: list[str]) -> None:
    """A mark decides, then strict UTF-8, then Windows-1252; what is not plain UTF-8 is noted."""
    assert texts.decoded(data, "auto") == (text, notes)


@pytest.mark.parametrize(("data", "declared"), [(b"a\x81\xff", "auto"), (b"\xe9", "utf-8"), (b"\xff\xfea", "auto")])
def test_encoding_that_is_none_holds_the_file(data: bytes, declared: str) -> None:
    """Bytes that fit no encoding, or not the declared one, are no text."""
    assert code_of(texts.decoded, data, declared) == "encoding_unknown"


def test_control_characters_need_a_declared_repair() -> None:
    """They hold a file, or are taken out and noted where that is declared."""
    assert code_of(texts.without_control_characters, b"a\x1ab", ()) == "control_chars"
    assert texts.without_control_characters(b"a\x1ab\t\n", ("strip_control_chars",)) == (
        b"ab\t\n",
        ["control_chars_repaired"],
    )


def test_declared_utf_16_needs_no_mark() -> None:
    """Halves of its letters look like control characters and are none."""
    data = "a,é\n".encode("utf-16-le")
    assert texts.without_control_characters(data, (), "utf-16") == (data, [])
    assert texts.decoded(data, "utf-16") == ("a,é\n", [])


def test_cell_without_end_is_named_for_what_it_is() -> None:
    """A cell above the limit is too large, its quotes are not broken."""
    assert code_of(lambda: list(texts.records("a," + "x" * (texts.LONGEST_CELL + 1), ","))) == "too_large"
    assert list(texts.records("a," + "x" * texts.LONGEST_CELL, ",")) == [["a", "x" * texts.LONGEST_CELL]]


@pytest.mark.parametrize("mark", texts.DELIMITERS)
def test_delimiter_is_the_one_that_shows_the_heading(mark: str) -> None:
    """A title above the heading and commas in cells do not mislead."""
    text = f"Export, of, today\nA{mark}B\n1{mark}2\n"
    has_heading = lambda rows: heading_row(rows, Expected((("A",), ("B",)), ())) is not None  # noqa: E731
    assert texts.found_delimiter(text, "auto", has_heading) == mark


def test_delimiter_is_never_guessed() -> None:
    """Where none or several would do, the file is held; a declared one is taken as it is."""
    assert code_of(texts.found_delimiter, "a\nb\n", "auto", lambda _rows: False) == "delimiter_ambiguous"
    assert code_of(texts.found_delimiter, "a,b;c\nd,e;f\n", "auto", lambda _rows: False) == "delimiter_ambiguous"
    assert texts.found_delimiter("a,b;c\n", ";", lambda _rows: False) == ";"


CELL = st.text(alphabet='ab ,\n"é', max_size=5)


@given(st.lists(st.lists(CELL, min_size=2, max_size=4), min_size=1, max_size=8))
def test_two_readers_count_the_same_records(rows: list[list[str]]) -> None:
    """Line breaks and quotes inside cells make no record more or less."""
    quoted = [",".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in rows]
    text = "\n".join([*quoted, ""])
    assert list(texts.records(text, ",")) == rows
    assert texts.count_records(text) == len(rows)
    assert texts.count_records(text.removesuffix("\n")) == len(rows)


@pytest.mark.parametrize("text", ['a,"b\n', 'a,"b"c\n'])
def test_quote_that_is_never_closed_is_told(text: str) -> None:
    """Such a field would swallow what follows."""
    assert code_of(lambda: list(texts.records(text, ","))) == "quote_broken"


def test_count_of_quotes_that_do_not_pair_is_refused() -> None:
    """The second reader sees it as well."""
    assert code_of(texts.count_records, 'a,"b\n1,2\n') == "quote_broken"


@pytest.mark.parametrize(
    ("heading", "plain"),
    [
        ("STU ID", "stu id"),
        ("Stu Id*", "stu id"),
        ("1. Periods Abs", "periods abs"),
        ("Total Parent \nResponse Rate %", "total parent response rate %"),
        ("\ufeffSite #", "site #"),
        ("Primary?", "primary"),
        ("a_b", "a b"),
    ],
)
def test_heading_is_plain_words(heading: str, plain: str) -> None:
    """Case, marks, line breaks and a leading number are style."""
    assert norm(heading) == plain


EXPECTED = Expected((("STU ID",), ("Code", "Att Code"), ("Day",)), ("*name*", "DOB"))


def test_heading_is_found_below_titles() -> None:
    """The first row that holds most of what is expected is the heading."""
    rows = [["Report"], ["", ""], ["STU ID", "Code", "other"], ["1", "A", "x"]]
    assert heading_row(rows, EXPECTED) == 2
    assert heading_row(rows[:2], EXPECTED) is None


def test_alias_stands_for_its_heading() -> None:
    """A second name that is declared is no change."""
    found = matched(["Day", "Att Code", "STU ID"], EXPECTED, n_records=3)
    assert dict(found.place) == {"STU ID": 2, "Code": 1, "Att Code": 1, "Day": 0}
    assert found.notes == ()


@pytest.mark.parametrize(
    ("headings", "notes"),
    [
        (["stu id*", "Code", "Day"], ("header_restyled",)),
        (["STU ID", "Code", "Day", "Extra"], ("column_added",)),
        (["STU ID", "Code", "Day", "Last Name", "DOB", ""], ()),
    ],
)
def test_harmless_change_is_noted(headings: list[str], notes: tuple[str, ...]) -> None:
    """Style and strangers are noted; what is to be dropped is no stranger."""
    assert matched(headings, EXPECTED, n_records=1).notes == notes


def test_other_order_is_noted_against_the_last_delivery() -> None:
    """Only a delivery that came before says which order is the usual one."""
    before = fingerprint(["STU ID", "Code", "Day"])
    assert matched(["Code", "STU ID", "Day"], EXPECTED, n_records=1, before=before).notes == ("columns_reordered",)
    assert matched(["STU ID", "Code", "Day"], EXPECTED, n_records=1, before=before).notes == ()


def test_heading_that_is_gone_is_named() -> None:
    """What is gone is told with all its names, and what nobody declared by its place; nothing is filled in."""
    found = matched(["STU ID", "Day", "Mark"], EXPECTED, n_records=7)
    assert (found.gone, found.strangers) == ((("Code", "Att Code"),), (2,))


def test_heading_that_stands_twice_holds_the_file() -> None:
    """Nobody can tell which of the two is meant."""
    with pytest.raises(StoppedError) as caught:
        matched(["STU ID", "Code", "Day", "day."], EXPECTED, n_records=7)
    assert (caught.value.fault.code, caught.value.detail) == ("column_duplicated", "'day'")
    assert caught.value.n_records == 7
