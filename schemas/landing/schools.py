"""Schools: the sites of the district from a day on.

Grain: one row per school and first day of validity. Source: the student information system or a directory. Null:
``closes_on`` of a school that is open; ``n_enrolled`` where the source counts nobody.
"""

from schemas.landing import base

CONTRACT = base.contract(
    "schools",
    checks={"n_enrolled": base.COUNTED},
    rules=[base.not_before("closes_on", "opens_on")],
)
