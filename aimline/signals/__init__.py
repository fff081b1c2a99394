"""Find departures from the aim line and tell them once. Pure: no disk, clock, database or randomness.

Only visible figures come in here: presence, absence and size of a signal are information about a group.
"""

from aimline.signals.episodes import PUSHED, AlertEvent, Evaluation, advance, fold_states
from aimline.signals.explain import AlertFacts, sentence
from aimline.signals.panel import ALERT_COLUMNS, EVALUATION_COLUMNS, Labels, evaluate_panel, tell_alerts
from aimline.signals.path import Reading
from aimline.signals.status import REASONS, Judgement, Rule, judge

__all__ = [
    "ALERT_COLUMNS",
    "EVALUATION_COLUMNS",
    "PUSHED",
    "REASONS",
    "AlertEvent",
    "AlertFacts",
    "Evaluation",
    "Judgement",
    "Labels",
    "Reading",
    "Rule",
    "advance",
    "evaluate_panel",
    "fold_states",
    "judge",
    "sentence",
    "tell_alerts",
]
