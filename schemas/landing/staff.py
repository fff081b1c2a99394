"""Staff: who works in which school, as pseudonyms; whoever visits rooms or rates is one of them.

Grain: one row per person, school, first day and assignment. Source: the roster export. Null: the role, where it is not
told.
"""

from schemas.landing import base

CONTRACT = base.contract("staff", checks={"school_year": base.SCHOOL_YEARS})
