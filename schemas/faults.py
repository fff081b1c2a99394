"""List the fault codes of collection: the only list, used by reasons, journal, pages and tests.

A code says what was wrong with a row or a file, what became of it, and what a person can do. Finding faults belongs to
``aimline/arrival``.
"""

from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    """What becomes of that which has the fault."""

    REFUSED = "refused"
    HELD = "held"
    QUARANTINED = "quarantined"
    IGNORED = "ignored"
    NOTED = "noted"
    ALARM = "alarm"


@dataclass(frozen=True)
class Fault:
    """One code: what it means in a sentence without values, what becomes of it, and the remedy."""

    code: str
    meaning: str
    outcome: Outcome
    remedy: str


_REFUSED, _HELD, _ROWS, _IGNORED, _NOTED = (
    Outcome.REFUSED,
    Outcome.HELD,
    Outcome.QUARANTINED,
    Outcome.IGNORED,
    Outcome.NOTED,
)
_AGAIN = "Ask the sender for the whole file and put it in the same place."
_ARCHIVE = "Ask the sender for a plain archive."
_DECLARE = "Declare it in sources.yml, or ask the sender to restore the layout."
_CORRECT = "Ask the sender to correct these rows and send the file again."

_FAULTS = (
    Fault("not_arrived", "nothing came by the due time", Outcome.ALARM, "Ask the sender where the file is."),
    Fault("duplicate_file", "the same bytes came before", _IGNORED, "Nothing to do."),
    Fault("empty_file", "the file has no rows", _HELD, _AGAIN),
    Fault("too_large", "the file is larger than the limit", _REFUSED, "Ask the sender for smaller files."),
    Fault("zip_bomb", "it unpacks to more than 100 times its size or 2 GB", _REFUSED, _ARCHIVE),
    Fault("zip_slip", "a member has a path that leaves the archive, or is a link", _REFUSED, _ARCHIVE),
    Fault("zip_nested", "it holds another archive", _REFUSED, _ARCHIVE),
    Fault("zip_encrypted", "it is encrypted", _REFUSED, _ARCHIVE),
    Fault("zip_truncated", "the archive is cut off", _REFUSED, _AGAIN),
    Fault("gzip_truncated", "the compressed file is cut off", _REFUSED, _AGAIN),
    Fault("zip_unexpected_members", "no member of the archive has the declared type", _HELD, _DECLARE),
    Fault("type_by_content", "the content is of another type than declared", _REFUSED, _AGAIN),
    Fault("xml_truncated", "the XML is cut off in the middle of an element", _HELD, _AGAIN),
    Fault("xml_entities", "the XML declares entities", _REFUSED, "Ask the sender for XML without a document type."),
    Fault("records_unreadable", "the records cannot be read", _HELD, _AGAIN),
    Fault("control_chars", "the text holds control characters", _HELD, "Declare repair: [strip_control_chars]."),
    Fault("control_chars_repaired", "control characters were taken out as declared", _NOTED, "Nothing to do."),
    Fault("encoding_cp1252", "the text is Windows-1252, not UTF-8", _NOTED, "Nothing to do."),
    Fault("encoding_unknown", "the text is in no declared encoding", _HELD, "Ask the sender for UTF-8."),
    Fault("bom", "the text begins with a byte-order mark", _NOTED, "Nothing to do."),
    Fault("delimiter_ambiguous", "no delimiter gives one constant width", _HELD, "Declare format.delimiter."),
    Fault("quote_broken", "a quoted field is never closed", _HELD, _AGAIN),
    Fault("ragged_row", "the row has too few or too many fields", _ROWS, _CORRECT),
    Fault("header_restyled", "headings differ in style only", _NOTED, "Nothing to do."),
    Fault("columns_reordered", "columns stand in another order", _NOTED, "Nothing to do."),
    Fault("column_added", "a column nobody declared; it is not carried on", _NOTED, "Declare it to keep it."),
    Fault("column_removed", "an expected column is gone", _HELD, _DECLARE),
    Fault("column_duplicated", "two headings are the same", _HELD, _DECLARE),
    Fault("title_row", "a line above the heading", _IGNORED, "Nothing to do."),
    Fault("header_row", "the heading", _IGNORED, "Nothing to do."),
    Fault("blank_row", "an empty line", _IGNORED, "Nothing to do."),
    Fault("totals_row", "a total among the rows", _IGNORED, "Nothing to do."),
    Fault("footnote_row", "a note among the rows", _IGNORED, "Nothing to do."),
    Fault("exact_duplicate", "the row stands in the file twice", _IGNORED, "Nothing to do."),
    Fault("preview", "a trial response by the makers of the survey", _IGNORED, "Nothing to do."),
    Fault("key_conflict", "several rows with one key and different content", _ROWS, _CORRECT),
    Fault("value_missing", "a required value is missing, or one that must be absent is there", _ROWS, _CORRECT),
    Fault("value_out_of_range", "a value is outside its range", _ROWS, _CORRECT),
    Fault("mask_unknown", "a text where a number belongs, and no mask declares it", _ROWS, "Declare it under masks."),
    Fault("date_impossible", "not a date in the declared format", _ROWS, _CORRECT),
    Fault("code_unknown", "a code that no list has", _ROWS, "Map it under codes in sources.yml."),
    Fault("id_pattern", "an id of another shape than declared", _ROWS, _CORRECT),
    Fault("placeholder_id", "an id is empty or was never filled in", _ROWS, _CORRECT),
    Fault(
        "orphan_reference", "a school that no list of schools has", _ROWS, "Send the list of schools, or correct it."
    ),
    Fault("not_a_school_day", "dated on a day without school", _ROWS, _CORRECT),
    Fault("calendar_presumed", "school days were judged by how many schools reported", _NOTED, "Declare the calendar."),
    Fault("submission_low", "more than a tenth of the schools did not submit on a day", _NOTED, "Ask those schools."),
    Fault(
        "closed_or_not_reported", "nine of ten schools or more did not submit on a day", _NOTED, "Ask if it was closed."
    ),
    Fault("too_many_bad_rows", "more rows are bad than max_bad_rows allows", _HELD, _CORRECT),
    Fault(
        "conservation_broken", "received is not accepted + quarantined + ignored", _HELD, "Report it: it is our fault."
    ),
)

FAULTS: dict[str, Fault] = {fault.code: fault for fault in _FAULTS}
"""Every code, with its meaning, its outcome and its remedy."""
