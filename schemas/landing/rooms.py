"""Rooms: which rooms a walkthrough could visit from a day on; the denominator of coverage.

Grain: one row per school, room and first day. Source: the district's list. Null: nothing.
"""

from schemas.landing import base

CONTRACT = base.contract("rooms")
