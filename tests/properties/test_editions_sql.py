"""Waves of two editions are compared by the items both ask, scored anew on both sides, as plain Python does it."""

from datetime import date
from random import Random
from typing import Any

import pytest

from aimline.scoring import change
from tests.support import oracle_survey as oracle
from tests.support.small_survey import declare_editions, instrument, land_list, land_responses
from tests.support.small_world import DISTRICT, World, weekdays

OLD = oracle.Questionnaire(
    {"one": ("a1", "a2", "a3", "a4"), "two": ("b1", "b2", "b3"), "gone": ("g1", "g2")}, frozenset({"a2", "b2"})
)
NEW = oracle.Questionnaire(
    {"one": ("a1", "x2", "a3", "a5"), "two": ("b1", "b2", "b3"), "gone": ("h1", "h2"), "fresh": ("f1",)},
    frozenset({"x2", "b2"}),
)
EXACT = {"a1": "a1", "x2": "a2", "b1": "b1", "b2": "b2", "b3": "b3"}
LINES = [{"from": {"edition": "1", "item_id": old}, "to": new, "match": "exact"} for new, old in EXACT.items()]
LINES += [{"from": {"edition": "1", "item_id": "a3"}, "to": "a3", "match": "reworded"}]
ANCHORS = {"alpha": ["0.7", "0.86"], "icc": ["0.03", "0.08"]}
COMMON = {"one": ("a1", "x2"), "two": ("b1", "b2", "b3")}
WAVES = {
    "fall": (OLD, date(2026, 9, 14), date(2026, 9, 25)),
    "fall_new": (NEW, date(2026, 9, 14), date(2026, 9, 25)),
    "winter": (OLD, date(2026, 11, 30), date(2026, 12, 11)),
    "spring": (NEW, date(2027, 2, 1), date(2027, 2, 12)),
}
PEOPLE = {f"p{n}": ("ABC"[n % 3], False) for n in range(120)}
SENT: dict[str, list[oracle.Sent]] = {}


def answers(window: str, seed: int) -> list[oracle.Sent]:
    """Return what people answer in a wave, with gaps."""
    rng = Random(seed)  # noqa: S311 - nothing secret is drawn
    form, opens, _ = WAVES[window]
    blank = {key: rng.choice([0, 0.2, 0.5]) for key in PEOPLE}
    return [
        oracle.Sent(f"{window}{n}", key, PEOPLE[key][0], f"{opens} 10:00:00", 90, False, raw)
        for n, key in enumerate(sorted(rng.sample(sorted(PEOPLE), 100)))
        for raw in [{c: None if rng.random() < blank[key] else rng.randint(1, 5) for c in form.columns}]
    ]


def declare_indicators(world: World) -> None:
    """Declare an indicator of the scale that changed, of the one that went on, and one declared anew since."""
    told = {"kind": "outcome", "profile_id": "default"}
    told |= {"units": "district", "direction": "higher", "period_kind": "window", "baseline_numerator": 3}
    told |= {"baseline_denominator": 10, "smallest_change_numerator": 1, "smallest_change_denominator": 2}
    told |= {f"{name}_numerator": 1 for name in ("on_track", "watch", "interval")}
    told |= {"on_track_denominator": 2, "watch_denominator": 3, "interval_denominator": 2}
    begun = {"one": ("one", 2026), "two": ("two", 2026), "anew": ("one", 2027)}
    liked = {"measure_id": "percent_favorable", "estimator": "pooled"}
    named = [
        {"indicator_id": name, "label_en": name, "indicator_no": number, "subject_id": subject, "baseline_year": year}
        | (liked if name != "anew" else {"measure_id": "scale_mean", "estimator": ""})
        for number, (name, (subject, year)) in enumerate(begun.items(), 1)
    ]
    world.land("declared_indicators", [told | each for each in named])
    line = {"target_no": 1, "unit_type": "district", "group_id": "all", "method": "linear", "begins_numerator": 3}
    line |= {"begins_denominator": 10, "ends_year": 2029, "ends_numerator": 6, "ends_denominator": 10}
    steps = line | {"method": "steps", "ends_year": 2027}
    lines = [line | {"indicator_id": name, "begins_year": 2026} for name in ("one", "two")]
    world.land("declared_targets", [*lines, steps | {"indicator_id": "anew", "begins_year": 2027}])


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A district that asks with two editions in one year."""
    made = World(tmp_path_factory.mktemp("editions"), today=date(2027, 3, 1))
    made.declare()
    made.calendar(weekdays(date(2026, 8, 19), 150))
    school = {"kind": "regular", "level": "middle", "valid_from": date(2026, 7, 1)}
    made.land("schools", [school | {"school_id": each, "name": each} for each in "ABC"])
    forms = {
        id(OLD): instrument(OLD, anchors={"alpha": ["0.1", "0.2"]}),
        id(NEW): instrument(NEW, edition="2", replaces="1", crosswalk=LINES, anchors=ANCHORS),
    }
    forms[id(NEW)] = forms[id(NEW)].model_copy(update={"overlap_years": (2027,)})
    declare_editions(made, {name: (forms[id(form)], *days) for name, (form, *days) in WAVES.items()})
    declare_indicators(made)
    reader = {"audience_id": "board", "audience_no": 1, "label_en": "Board", "scope": "district", "languages": "en"}
    told = {"pages": "board/*", "share": "whole_percent", "count": "exact", "knows": "none", "is_told_figures": True}
    made.land("declared_audiences", [reader | told])
    for seed, window in enumerate(WAVES):
        SENT[window] = answers(window, seed)
        land_list(made, window, PEOPLE)
        land_responses(made, window, SENT[window])
    made.build()
    yield made
    made.close()


def scores(window: str, items: tuple[str, ...], form: oracle.Questionnaire, *, usable: bool) -> dict[str, float]:
    """Return the score of each person on some items, by the oracle's reading."""
    form_of = WAVES[window][0]
    verdicts = oracle.dispositions(SENT[window], PEOPLE, WAVES[window][1:], form_of)
    wanted = {"usable"} if usable else {"usable", "too_partial"}
    found = {}
    for sent, verdict in zip(SENT[window], verdicts, strict=True):
        told = [each for each in oracle.turned(sent, items, form) if each is not None]
        if verdict in wanted and told and 2 * len(told) >= len(items):
            found[sent.key] = sum(told) / len(told)
    return found


PAIRS = [("fall_new", "fall"), ("winter", "fall"), ("winter", "fall_new"), ("spring", "fall_new"), ("spring", "winter")]


@pytest.mark.parametrize(("later", "earlier"), PAIRS)
@pytest.mark.parametrize("compares", ["matched", "cross_section"])
def test_changes_equal_plain_scores_of_the_common_items(world: World, later: str, earlier: str, compares: str) -> None:
    """Each scale is compared by what both waves ask; the figures are those of plain scores."""
    rows = world.rows(
        f"select * from fct_comparability where window_id = '{later}' and earlier_window_id = '{earlier}' "
        f"and unit_id = '{DISTRICT}' and compares = '{compares}' order by scale_id"
    )
    told = {row["scale_id"]: row for row in rows}
    two, one = WAVES[later][0], WAVES[earlier][0]
    if later == "winter" and earlier == "fall_new":  # the first edition goes on from nothing
        assert {row["refused"] for row in rows} == {"no_exact_item"}
        return
    expected = dict(two.scales) if one is two else COMMON
    assert {name for name, row in told.items() if row["refused"] is None} == set(expected)
    for scale, items in expected.items():
        former = tuple(EXACT[each] for each in items) if one is not two else items
        is_matched = compares == "matched"
        sides = (scores(earlier, former, one, usable=is_matched), scores(later, items, two, usable=is_matched))
        found = change.matched(*sides) if is_matched else change.cross_section(*(list(s.values()) for s in sides))
        row = told[scale]
        names = ("n_before", "n_after", "mean_before", "mean_after", "change", "low", "high", "g")
        wanted = (found.n_before, found.n_after, found.mean_before, found.mean_after, found.change, found.low)
        assert [row[each] for each in names] == pytest.approx([*wanted, found.high, found.g], abs=1e-9)


def test_waves_of_two_editions_are_graded_by_their_crosswalk(world: World) -> None:
    """All items the same: A; some of them: B, by the common items; none: D; what is new has nothing before it."""
    rows = world.rows(
        "select scale_id, grade, broken, refused, items from fct_comparability where window_id = 'fall_new' "
        f"and unit_id = '{DISTRICT}' and compares = 'cross_section' order by scale_id"
    )
    assert [tuple(row.values()) for row in rows] == [
        ("gone", "D", None, "no_exact_item", "common items"),
        ("one", "B", "items", None, "common items"),
        ("two", "A", None, None, "all"),
    ]


def judged(world: World, indicator: str) -> dict[str, tuple[str | None, bool]]:
    """Return why a wave's figure cannot be judged, and whether it has an aim line, by wave."""
    rows = world.rows(
        "select period_id, reason, expected is not null as is_on_line from fct_judged_figures "
        f"where indicator_id = '{indicator}' and unit_id = '{DISTRICT}' and group_id = 'all'"
    )
    return {row["period_id"]: (row["reason"], row["is_on_line"]) for row in rows}


def test_a_new_edition_is_judged_when_baseline_and_target_are_declared_anew(world: World) -> None:
    """Until then each figure of it cannot be told; from then on those of the edition before cannot."""
    old, new = judged(world, "one"), judged(world, "anew")
    changed, kept = (("new_definition", False), {"fall_new", "spring"}), {"fall", "winter"}
    assert {name for name, told in old.items() if told == changed[0]} == changed[1]
    assert {name for name in kept if old[name][0] != "new_definition" and old[name][1]} == kept
    assert {name for name, told in new.items() if told == changed[0]} == kept
    assert {name for name in changed[1] if new[name][0] != "new_definition" and new[name][1]} == changed[1]


def test_a_scale_that_went_on_is_judged_as_before(world: World) -> None:
    """Another edition that asks a scale as it was asked changes nothing for it."""
    assert {told for _, told in judged(world, "two").values()} == {True}
    assert "new_definition" not in {reason for reason, _ in judged(world, "two").values()}


def test_change_is_told_within_a_definition_alone(world: World) -> None:
    """The first wave of a new definition has a grade and no change; each edition is followed by itself."""
    rows = world.rows(
        "select subject_id, period_id, change is not null as is_told, change_from, comparability "
        f"from int_figures__shown where measure_id = 'percent_favorable' and unit_id = '{DISTRICT}' "
        "and group_id = 'all' and subject_id in ('one', 'two') order by subject_id, period_id"
    )
    found = {(row["subject_id"], row["period_id"]): tuple(row.values())[2:] for row in rows}
    assert found["one", "fall"] == (False, None, None)
    assert found["one", "fall_new"] == (False, None, "B")
    assert found["one", "winter"][:2] == (True, "fall, 2026-27")
    assert found["one", "spring"][:2] == (True, "fall_new, 2026-27")
    assert found["two", "fall_new"] == (True, "fall, 2026-27", "A")


def test_pages_are_told_which_edition_a_figure_is_of(world: World) -> None:
    """A figure carries the edition since which the same is asked; the definition says what replaced what."""
    rows = world.rows(
        "select distinct subject_id, period_id, definition_edition from rpt_measures where unit_type = 'district' "
        "and measure_id = 'percent_favorable' and group_id = 'all'"
    )
    found = {(row["subject_id"], row["period_id"]): row["definition_edition"] for row in rows}
    assert [found["one", name] for name in WAVES] == ["1", "2", "1", "2"]
    assert {found["two", name] for name in WAVES} == {"1"}
    words = {row["indicator_id"]: row for row in world.rows("select * from rpt_definitions")}
    assert words["one"]["published"] == (
        "internal consistency (alpha) of 0.70 to 0.86; between schools (ICC) 0.03 to 0.08 of what sets answers apart"
    )
    told = {name: row["edition_change"] for name, row in words.items()}
    assert told["one"] == (
        "Edition 2 of words replaced edition 1 from 2026-27 on. 2 of its 4 items stayed as they were."
    )
    assert told["two"] is None
