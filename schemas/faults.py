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
    FAILED = "failed"
    RIGHT = "right"


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
_FAILED = Outcome.FAILED
_AGAIN = "Ask the sender for the whole file and put it in the same place."
_ARCHIVE = "Ask the sender for a plain archive."
_DECLARE = "Declare it in sources.yml, or ask the sender to restore the layout."
_CORRECT = "Ask the sender to correct these rows and send the file again."

_SENDER = "Ask the sender to send both again."
_PATTERN = "Add its name to transport.match, or ask the sender to keep to the name."
_ACCEPT = "Look at what is proposed and accept it, or ask the sender to restore it."
_PRIVACY = "Tell the privacy officer, and ask the sender to leave it out."
_ZONE = "Declare format.zone."
_AS_TEXT = "Ask the sender to write ids as text."

_KEY = "Ask the owner of the source by another way whether the key was changed; do not accept it unseen."
_RIGHTS = "Ask the owner of the source for a key that is in force, and put it where transport.secret says."
_FORM = "Issue the form with aimline template, and have it filled in."
_NOTHING = "Nothing to do."
_EDITION = "Restore the survey, or declare another edition of its instrument."
_WHOLE = "Ask the sender for a whole (bulk) export."
_TOLD = "Tell the owner of the host if it happens each week."
_EDFI = "Ask the owner of the host which data standard it serves."
_LATER = "It is tried again; then its owner is told."

_OF_PLACES = (
    Fault("host_key_changed", "the server shows another key than the one declared; nothing was sent", _FAILED, _KEY),
    Fault("auth_failed", "the server refuses the key, the password or the token", _FAILED, _RIGHTS),
    Fault("auth_expired", "the right to read ended while it was read", _FAILED, _RIGHTS),
    Fault("rate_limited", "the server asks for fewer calls", _FAILED, _LATER),
    Fault("server_error", "the server failed", _FAILED, _LATER),
    Fault("timeout", "the server did not answer in time", _FAILED, _LATER),
    Fault("reset_mid_body", "the line broke before the whole was there; nothing of it was kept", _FAILED, _LATER),
    Fault("paging_loop", "the server serves the same page for ever", _FAILED, "Tell the owner of the server."),
    Fault("edfi_url_mismatch", "the host has its addresses elsewhere", _FAILED, "Correct transport.url."),
    Fault("edfi_contract_changed", "the host no longer has a field that is needed", _FAILED, _EDFI),
    Fault(
        "disk_full", "the disk is full; nothing half written is seen", _FAILED, "Free some space; it is tried again."
    ),
    Fault("etag_changed_between_list_and_get", "the object was replaced while it was read", _FAILED, _LATER),
)
"""What goes wrong before anything is there to be read: the source failed, the others go on."""

_RIGHT = (
    Fault("stacked_header", "several rows make the heading; they are read as one", Outcome.RIGHT, _NOTHING),
    Fault("edfi_slide", "a record changed between two pages; it is there after the next pull", Outcome.RIGHT, _NOTHING),
    Fault("edfi_key_change", "a record has another key; what is kept follows", Outcome.RIGHT, _NOTHING),
    Fault("edfi_delete", "a record was deleted; what is kept follows", Outcome.RIGHT, _NOTHING),
    Fault("edfi_redelete", "a deleted record was made again; what is kept follows", Outcome.RIGHT, _NOTHING),
    Fault("killed", "collection was killed; run again, it ends as a quiet one", Outcome.RIGHT, _NOTHING),
    Fault("two_collectors", "two collections ran at once; each delivery was taken by one", Outcome.RIGHT, _NOTHING),
)
"""What must come out right without a word."""

_OF_CONNECTORS = (
    Fault("edfi_drift", "records differ from what the host told of its changes; they were mended", _NOTED, _TOLD),
    Fault(
        "limit_lowered", "the host serves smaller pages than before; it was asked for those", _NOTED, "Nothing to do."
    ),
    Fault("claims_narrowed", "the key may no longer see some schools", _HELD, _RIGHTS),
    Fault("manifest_disagrees", "the manifest and the files of the delivery disagree", _HELD, _WHOLE),
    Fault("template_unknown", "it is no form that was issued here", _HELD, _FORM),
    Fault("template_stale", "the form is of another window, edition, school or year", _HELD, _FORM),
    Fault("template_altered", "headings or given cells of the form were changed", _HELD, _FORM),
    Fault("instrument_changed", "the survey is not the instrument that is declared", _HELD, _EDITION),
    Fault("export_failed", "the survey platform could not make the export", _FAILED, "Ask for an export by hand."),
    Fault("file_id_null", "an export is complete and names no file", _FAILED, _LATER),
    Fault("token_expired", "the place where the last export ended was forgotten; all was exported", _NOTED, _NOTHING),
    Fault("partial_response", "a response that was not finished; it is kept as such", _NOTED, _NOTHING),
    Fault("spam", "a response the platform takes for spam", _IGNORED, _NOTHING),
    Fault("delta_without_stamp", "records that changed do not say when, or what became of them", _HELD, _WHOLE),
)
"""What goes wrong with deliveries that hold several tables."""

_FAULTS = (
    *_OF_PLACES,
    *_OF_CONNECTORS,
    *_RIGHT,
    Fault("not_arrived", "nothing came by the due time", Outcome.ALARM, "Ask the sender where the file is."),
    Fault("file_renamed", "what is expected may have come under another name", Outcome.ALARM, _PATTERN),
    Fault("half_written", "the file is still growing", Outcome.ALARM, "Ask the sender to write it under another name."),
    Fault("marker_without_file", "the marker is there and its file is not", Outcome.ALARM, _SENDER),
    Fault("file_without_marker", "the file is there and its marker is not", Outcome.ALARM, _SENDER),
    Fault("duplicate_file", "the same bytes came before", _IGNORED, "Nothing to do."),
    Fault("clock_back", "the clock went back; it counts as come with the newest event", _NOTED, "Set the clock right."),
    Fault("overwritten_same_name", "other bytes came under a name that is known", _NOTED, "Nothing to do."),
    Fault("empty_file", "the file has no rows", _HELD, _AGAIN),
    Fault("too_large", "the file is larger than the limit", _REFUSED, "Ask the sender for smaller files."),
    Fault("zip_bomb", "it unpacks to more than 100 times its size or 2 GB", _REFUSED, _ARCHIVE),
    Fault("zip_slip", "a member has a path that leaves the archive, or is a link", _REFUSED, _ARCHIVE),
    Fault("zip_nested", "it holds another archive", _REFUSED, _ARCHIVE),
    Fault("zip_encrypted", "it is encrypted", _REFUSED, _ARCHIVE),
    Fault("zip_overlapping", "its entries share their bytes", _REFUSED, _ARCHIVE),
    Fault("zip_truncated", "the archive is cut off", _REFUSED, _AGAIN),
    Fault("gzip_truncated", "the compressed file is cut off", _REFUSED, _AGAIN),
    Fault("zip_unexpected_members", "no member of the archive has the declared type", _HELD, _DECLARE),
    Fault("macro_workbook", "the workbook holds a program", _REFUSED, "Ask the sender for a workbook without macros."),
    Fault(
        "external_link", "the workbook leads to other files", _REFUSED, "Ask the sender for values in place of links."
    ),
    Fault("formula_cell", "cells hold formulas; what they gave last was read", _NOTED, "Ask the sender for values."),
    Fault("type_by_content", "the content is of another type than declared", _REFUSED, _AGAIN),
    Fault("xml_truncated", "the XML is cut off in the middle of an element", _HELD, _AGAIN),
    Fault("xml_entities", "the XML declares entities", _REFUSED, "Ask the sender for XML without a document type."),
    Fault("records_unreadable", "the records cannot be read", _HELD, _AGAIN),
    Fault("control_chars", "the text holds control characters", _HELD, "Declare repair: [strip_control_chars]."),
    Fault("control_chars_repaired", "control characters were taken out as declared", _NOTED, "Nothing to do."),
    Fault("encoding_cp1252", "the text is Windows-1252, not UTF-8", _NOTED, "Nothing to do."),
    Fault("encoding_unknown", "the text is in no declared encoding", _HELD, "Ask the sender for UTF-8."),
    Fault("bom", "the text begins with a byte-order mark", _NOTED, "Nothing to do."),
    Fault("mojibake", "letters were read in another encoding before the file was sent", _NOTED, "Tell the sender."),
    Fault("delimiter_ambiguous", "no delimiter gives one constant width", _HELD, "Declare format.delimiter."),
    Fault("quote_broken", "a quoted field is never closed", _HELD, _AGAIN),
    Fault("line_break_in_cell", "a cell holds a line break; it was read as one cell", _NOTED, _NOTHING),
    Fault("ragged_row", "the row has too few or too many fields", _ROWS, _CORRECT),
    Fault("header_moved", "the heading stands in another row than before", _NOTED, "Nothing to do."),
    Fault("sheet_renamed", "the sheet has another name than before", _NOTED, "Nothing to do."),
    Fault("sheet_added", "the workbook has a sheet it had not before", _NOTED, "Nothing to do."),
    Fault("header_restyled", "headings differ in style only", _NOTED, "Nothing to do."),
    Fault("columns_reordered", "columns stand in another order", _NOTED, "Nothing to do."),
    Fault("column_added", "a column nobody declared; it is not carried on", _NOTED, "Declare it to keep it."),
    Fault("personal_column_appeared", "a column about people nobody declared was dropped", _NOTED, _PRIVACY),
    Fault("column_renamed", "an expected column is gone, and another looks like it", _HELD, _ACCEPT),
    Fault("column_removed", "an expected column is gone", _HELD, _DECLARE),
    Fault("column_duplicated", "two headings are the same", _HELD, _DECLARE),
    Fault("column_emptied", "a column that was filled is empty", _HELD, _AGAIN),
    Fault("columns_swapped", "two columns hold what the other held", _HELD, _AGAIN),
    Fault("type_changed", "a column no longer holds what it held", _HELD, _DECLARE),
    Fault("trailing_empty_columns", "rows end in empty fields", _NOTED, "Nothing to do."),
    Fault("title_row", "a line above the heading", _IGNORED, "Nothing to do."),
    Fault("header_row", "the heading", _IGNORED, "Nothing to do."),
    Fault("blank_row", "an empty line", _IGNORED, "Nothing to do."),
    Fault("totals_row", "a total among the rows", _IGNORED, "Nothing to do."),
    Fault("totals_disagree", "a total is not the sum of its rows", _NOTED, "Ask the sender which is right."),
    Fault("footnote_row", "a note among the rows", _IGNORED, "Nothing to do."),
    Fault("exact_duplicate", "the row stands in the file twice", _IGNORED, "Nothing to do."),
    Fault("preview", "a trial response by the makers of the survey", _IGNORED, "Nothing to do."),
    Fault("outside_window", "a response outside its window", _IGNORED, "Nothing to do."),
    Fault("key_conflict", "several rows with one key and different content", _ROWS, _CORRECT),
    Fault("value_missing", "a required value is missing, or one that must be absent is there", _ROWS, _CORRECT),
    Fault("value_out_of_range", "a value is outside its range", _ROWS, _CORRECT),
    Fault("mask_unknown", "a text where a number belongs, and no mask declares it", _ROWS, "Declare it under masks."),
    Fault("bounded_text", "a bound where a number belongs, and nobody declared it", _ROWS, "Declare it under bounds."),
    Fault("decimal_comma", "numbers are written with another decimal mark", _HELD, "Declare format.decimal."),
    Fault("percent_as_100", "percents stand where shares belong", _HELD, "Declare scale: 0.01 for the column."),
    Fault("date_impossible", "not a date in the declared format", _ROWS, _CORRECT),
    Fault("date_ambiguous", "dates of which nobody can tell day from month", _HELD, "Declare format.dates."),
    Fault("date_excel_serial", "numbers of days where dates belong", _HELD, "Ask the sender for dates as text."),
    Fault("date_two_digit_year", "dates with two digits of the year", _HELD, "Declare format.dates, or correct it."),
    Fault("timestamp_without_zone", "times came without the zone they are declared to have", _HELD, _ZONE),
    Fault("timestamp_wrong_zone", "much was sent at night; the times may be of another zone", _NOTED, _ZONE),
    Fault("code_unknown", "a code that no list has", _ROWS, "Map it under codes in sources.yml."),
    Fault("code_restyled", "codes differ from the declared ones in style only", _NOTED, "Nothing to do."),
    Fault("code_list_changed", "the list of codes has changed", _HELD, _ACCEPT),
    Fault("id_pattern", "an id of another shape than declared", _ROWS, _CORRECT),
    Fault("id_lost_zeros", "an id without the zeros it begins with", _ROWS, _AS_TEXT),
    Fault("id_float_damage", "an id written as a number with decimals", _ROWS, _AS_TEXT),
    Fault("id_scientific", "an id written as a power of ten", _ROWS, _AS_TEXT),
    Fault("id_too_long", "an id longer than declared", _ROWS, _CORRECT),
    Fault("id_repaired", "ids were repaired as declared", _NOTED, "Nothing to do."),
    Fault("placeholder_id", "an id is empty or was never filled in", _ROWS, _CORRECT),
    Fault("respondent_repeats", "one respondent answered ten times or more", _NOTED, "Look for a shared link."),
    Fault("unknown_person", "a person who is on no roster", _ROWS, "Send the roster, or correct it."),
    Fault("wrong_respondent_class", "a respondent who is of another class on the roster", _ROWS, _CORRECT),
    Fault(
        "roster_overlap_low", "too few of its people are on the roster", _HELD, "Ask the sender whose rows these are."
    ),
    Fault(
        "orphan_reference", "a school that no list of schools has", _ROWS, "Send the list of schools, or correct it."
    ),
    Fault("not_a_school_day", "dated on a day without school", _ROWS, _CORRECT),
    Fault("calendar_presumed", "school days were judged by how many schools reported", _NOTED, "Declare the calendar."),
    Fault("submission_low", "more than a tenth of the schools did not submit on a day", _NOTED, "Ask those schools."),
    Fault(
        "closed_or_not_reported", "nine of ten schools or more did not submit on a day", _NOTED, "Ask if it was closed."
    ),
    Fault("wrong_school_year", "the file shows itself to be of another year", _HELD, _AGAIN),
    Fault("same_as_earlier_year", "its rows came before for another year", _HELD, _AGAIN),
    Fault("year_conflict", "signs of the school year disagree", _HELD, "Ask the sender; then accept it with --year."),
    Fault("year_unknown", "nothing in it tells its school year", _HELD, "Ask the sender; then accept it with --year."),
    Fault(
        "rows_out_of_band", "far more or fewer rows than usual", _HELD, "Ask the sender; then accept it with --rows."
    ),
    Fault("rows_shrunk", "fewer rows than a feed that only grows may have", _HELD, _AGAIN),
    Fault("unit_missing", "schools on the list have no rows", _HELD, "Ask those schools; then accept it with --rows."),
    Fault("zero_or_empty", "many rows are 0 of nobody; is that zero or empty?", _HELD, "Ask the owner of the figures."),
    Fault("late_correction", "rows for a day that was delivered before", _NOTED, "Nothing to do."),
    Fault(
        "arrived_after_seal",
        "it came after its window was sealed",
        _HELD,
        "Let it in with aimline accept --restate, which restates figures, or leave it out.",
    ),
    Fault("too_many_bad_rows", "more rows are bad than max_bad_rows allows", _HELD, _CORRECT),
    Fault(
        "conservation_broken", "received is not accepted + quarantined + ignored", _HELD, "Report it: it is our fault."
    ),
)

FAULTS: dict[str, Fault] = {fault.code: fault for fault in _FAULTS}
"""Every code, with its meaning, its outcome and its remedy."""
