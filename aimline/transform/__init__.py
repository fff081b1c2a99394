"""Build the warehouse: show the models what has landed, run what it touches, remember what was built.

What a number means is SQL in ``dbt_project``. dbt compiles it, once for a state of its files (``compiling``), into a
plan (``plans``); which rows count as of a day is in ``landed``; ``nights`` runs a plan, whole or what the news touch;
``builds`` is the way from one to the other, ``replaying`` the way back to an earlier day.
"""

from aimline.transform.builds import WAREHOUSE, BuildReport, BuildRequest, build, building, lineage, staying_open
from aimline.transform.compiling import code_version, is_compiled
from aimline.transform.replaying import Span, replays

__all__ = [
    "WAREHOUSE",
    "BuildReport",
    "BuildRequest",
    "Span",
    "build",
    "building",
    "code_version",
    "is_compiled",
    "lineage",
    "replays",
    "staying_open",
]
