"""Turn bytes that arrived into accepted rows, every row accounted for. No connector, no journal, no schedule here."""

from aimline.arrival.bench import Bench
from aimline.arrival.decisions import Decisions, decisions_of, in_force
from aimline.arrival.declared import DeclaredRequest, DeclaredRows, land_declared
from aimline.arrival.delivery import Delivery, StoppedError
from aimline.arrival.expected import Expectation, expectation_met, late_now
from aimline.arrival.guard import check_size
from aimline.arrival.headings import BUILT_IN_DROPS
from aimline.arrival.intake import counted, held, take_in
from aimline.arrival.landing import Landed, Landing, land, landed
from aimline.arrival.lookalike import Lookalike, looks_like
from aimline.arrival.outcome import Outcome, meaning, school_year_of
from aimline.arrival.prepared import book_of, grids_of, rows_of
from aimline.arrival.pseudonyms import make_key_file
from aimline.arrival.written import accepted_key, refused_key

__all__ = [
    "BUILT_IN_DROPS",
    "Bench",
    "Decisions",
    "DeclaredRequest",
    "DeclaredRows",
    "Delivery",
    "Expectation",
    "Landed",
    "Landing",
    "Lookalike",
    "Outcome",
    "StoppedError",
    "accepted_key",
    "book_of",
    "check_size",
    "counted",
    "decisions_of",
    "expectation_met",
    "grids_of",
    "held",
    "in_force",
    "land",
    "land_declared",
    "landed",
    "late_now",
    "looks_like",
    "make_key_file",
    "meaning",
    "refused_key",
    "rows_of",
    "school_year_of",
    "take_in",
]
