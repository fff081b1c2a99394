"""Turn bytes that arrived into accepted rows, every row accounted for. No connector, no journal, no schedule here."""

from aimline.arrival.bench import Bench
from aimline.arrival.declared import DeclaredRequest, DeclaredRows, land_declared
from aimline.arrival.delivery import Delivery
from aimline.arrival.expected import Expectation, expectation_met, late_now
from aimline.arrival.intake import Outcome, meaning, school_year_of, take_in
from aimline.arrival.landing import Landed, Landing, land, landed
from aimline.arrival.pseudonyms import make_key_file
from aimline.arrival.written import accepted_key, refused_key

__all__ = [
    "Bench",
    "DeclaredRequest",
    "DeclaredRows",
    "Delivery",
    "Expectation",
    "Landed",
    "Landing",
    "Outcome",
    "accepted_key",
    "expectation_met",
    "land",
    "land_declared",
    "landed",
    "late_now",
    "make_key_file",
    "meaning",
    "refused_key",
    "school_year_of",
    "take_in",
]
