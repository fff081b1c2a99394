"""Protect small groups in everything that leaves. Nobody else decides what is shown.

Protection (``policy``, ``population``, ``partners``, ``pattern``) and the gate share no code: the gate reads finished
tables and works out by itself whether a reader could compute what is hidden.
"""

from aimline.disclosure.gate import release_gate
from aimline.disclosure.pattern import PATTERN_COLUMNS, Outcomes, protect_population
from aimline.disclosure.policy import Policy

__all__ = ["PATTERN_COLUMNS", "Outcomes", "Policy", "protect_population", "release_gate"]
