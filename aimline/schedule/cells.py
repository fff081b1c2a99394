"""Say whom windows ask: cells of respondent class, grade and school, and which windows share one.

Source: schedule.md 7.5.
"""

from collections.abc import Mapping

from aimline.schedule.check import whom
from schemas._base import GRADES
from schemas.years import Asked, Blackout, Window


def touches(window: Window, blackout: Blackout) -> bool:
    """Say whether a blackout is for anybody a window asks, or for what is ours at all."""
    if not (blackout.respondents or blackout.grades or blackout.schools):
        return True
    return any(
        (not blackout.respondents or respondent in blackout.respondents)
        and (asked.grades is None or blackout.grades is None or bool({*asked.grades} & {*blackout.grades}))
        and (asked.schools is None or blackout.schools is None or bool({*asked.schools} & {*blackout.schools}))
        for respondent, asked in whom(window).items()
    )


def crowds_of(windows: Mapping[str, Window]) -> tuple[frozenset[str], ...]:
    """Return the largest sets of windows that ask somebody of one class, grade and school."""
    asked = {name: whom(window) for name, window in windows.items()}
    found: set[frozenset[str]] = set()
    for respondent in sorted({each for classes in asked.values() for each in classes}):
        own = {name: classes[respondent] for name, classes in asked.items() if respondent in classes}
        named = {school for each in own.values() for school in each.schools or ()}
        by_school = {frozenset(name for name, each in own.items() if _has(each, school)) for school in (*named, None)}
        for grade in GRADES:
            graded = frozenset(name for name, each in own.items() if each.grades is None or grade in each.grades)
            found |= {graded & names for names in by_school}
    wide = [each for each in found if len(each) > 1]
    return tuple(sorted((each for each in wide if not any(each < other for other in wide)), key=sorted))


def _has(asked: Asked, school: str | None) -> bool:
    return asked.schools is None or school in asked.schools


def shared_cell(one: Window, other: Window) -> str:
    """Write whom two windows ask both: class, grades, schools."""
    first, second = whom(one), whom(other)
    parts = []
    for respondent in first:
        if respondent in second:
            mine, theirs = first[respondent], second[respondent]
            grades = [each for each in GRADES if _asks(mine.grades, each) and _asks(theirs.grades, each)]
            named = mine.schools if theirs.schools is None else theirs.schools
            schools = None if named is None else [each for each in named if _has(mine, each) and _has(theirs, each)]
            parts.append(f"{respondent}/{_range(grades)}/{'all' if schools is None else ','.join(schools[:5])}")
    return "; ".join(parts)


def _asks(grades: tuple[str, ...] | None, grade: str) -> bool:
    return grades is None or grade in grades


def _range(grades: list[str]) -> str:
    if len(grades) == len(GRADES):
        return "all"
    return grades[0] if len(grades) == 1 else f"{grades[0]}-{grades[-1]}" if grades else "none"
