"""Find departures and tell them once: charts, a detector over many units, forecasts, the distance to the aim line.

Pure: no disk, clock or database, and no randomness without a given seed. The verbs on plain files import the modules
they need; what is exported here is what the warehouse calls.

Only visible figures come in here: presence, absence and size of a signal are information about a group.
"""

from aimline.signals.alert_actions import LONGEST_MUTE, Action, act
from aimline.signals.alert_states import (
    IMPROVEMENT,
    OVER,
    PUSHED,
    AlertEvent,
    AlertState,
    expected_false,
    fold_states,
    key_of,
    priorities,
)
from aimline.signals.alert_texts import Labels
from aimline.signals.episodes import Clockwork, Evaluation, advance
from aimline.signals.explain import chance_words
from aimline.signals.panel import ALERT_COLUMNS, EVALUATION_COLUMNS, Judged, evaluate_panel, tell_alerts
from aimline.signals.path import Reading
from aimline.signals.status import REASONS, REASONS_OF_YEAR, Judgement, Rule, judge
from aimline.signals.year_news import FORECAST

__all__ = [
    "ALERT_COLUMNS",
    "EVALUATION_COLUMNS",
    "FORECAST",
    "IMPROVEMENT",
    "LONGEST_MUTE",
    "OVER",
    "PUSHED",
    "REASONS",
    "REASONS_OF_YEAR",
    "Action",
    "AlertEvent",
    "AlertState",
    "Clockwork",
    "Evaluation",
    "Judged",
    "Judgement",
    "Labels",
    "Reading",
    "Rule",
    "act",
    "advance",
    "chance_words",
    "evaluate_panel",
    "expected_false",
    "fold_states",
    "judge",
    "key_of",
    "priorities",
    "tell_alerts",
]
