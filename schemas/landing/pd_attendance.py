"""PD attendance: who of the staff was asked to a training, who came, and for how long.

Grain: one row per training, person and day. Source: the sign-in of the training. Null: nothing; 0 hours if away.
"""

from schemas.landing import base

CONTRACT = base.contract("pd_attendance", checks={"hours": base.COUNTED})
