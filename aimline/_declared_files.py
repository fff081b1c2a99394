"""Turn the trees of declared files into their shapes, keeping the place of everything and as much as can be read.

A broken entry of a list is told and left aside, so that the rest of its file, and what other files say of it, are
judged in the same run. What files say of each other is judged in ``aimline/_crossref.py``.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from aimline._yaml import Tree, TreePath, place
from aimline.errors import Finding
from schemas._base import Fact, Problem, judged

ShapeT = TypeVar("ShapeT", bound=Fact)

_FAR = 2


@dataclass
class Loaded(Generic[ShapeT]):
    """One file: its tree, its shape (None when nothing of it can be used), the list entries left aside."""

    tree: Tree
    shape: ShapeT | None = None
    left_out: dict[TreePath, list[int]] = field(default_factory=dict)

    def finding(self, path: TreePath, message: str, remedy: str = "", **how: Any) -> Finding:
        """Return a finding at a path of the shape.

        Args:
            path: Keys and positions in the shape; entries left aside are counted in.
            message: What is wrong.
            remedy: What to do.
            how: ``severity``, ``code``, ``at_key``.
        """
        origin = self._in_file(path)
        line, column = self.tree.where(origin, at_key=how.pop("at_key", False))
        return Finding(self.tree.file, line, column, place(origin), message, remedy, **how)

    def _in_file(self, path: TreePath) -> TreePath:
        found: TreePath = ()
        for part in path:
            if isinstance(part, int):
                for gone in self.left_out.get(found, ()):
                    part += gone <= part  # noqa: PLW2901 - each entry left aside before it moves it by one
            found = (*found, part)
        return found

    def is_whole(self, path: TreePath) -> bool:
        """Say whether nothing at or below a path of the shape was left aside."""
        origin = self._in_file(path)
        return not any(gone[: len(origin)] == origin for gone in self.left_out)

    def ids(self, *keys: str) -> set[str]:
        """Return the ids written under a list, also of entries that are broken.

        Args:
            keys: Keys of nested lists, then the key of the id: ``("goals", "strategies", "strategy_id")``.
        """
        return {str(each) for each in _walk(self.tree.data, keys)}


def _walk(data: Any, keys: tuple[str, ...]) -> Iterator[Any]:
    """Yield what stands under the keys, going through lists."""
    if isinstance(data, list):
        for each in data:
            yield from _walk(each, keys)
    elif not keys:
        if isinstance(data, str | int):
            yield data
    elif isinstance(data, dict) and keys[0] in data:
        yield from _walk(data[keys[0]], keys[1:])


def shaped(tree: Tree, model: type[ShapeT]) -> Loaded[ShapeT]:
    """Read a tree into its shape; every mistake is added to the tree's findings."""
    loaded: Loaded[ShapeT] = Loaded(tree)
    if tree.data is None:
        if not tree.findings:
            tree.findings.append(Finding(tree.file, 1, 1, "", "the file is empty.", "Write it, or remove it."))
        return loaded
    loaded.shape, problems = judged(model, tree.data)
    tree.findings += [_told(tree, problem) for problem in problems]
    if loaded.shape is None:
        _keep_what_reads(loaded, model, problems)
    return loaded


def _told(tree: Tree, problem: Problem) -> Finding:
    line, column = tree.where(problem.path, at_key=problem.at_key)
    word = problem.path[-1] if problem.at_key and problem.path else ""
    remedy = did_you_mean(str(word), problem.known) or problem.remedy
    return Finding(tree.file, line, column, place(problem.path), problem.message, remedy, code=problem.code)


def _keep_what_reads(loaded: Loaded[ShapeT], model: type[ShapeT], problems: list[Problem]) -> None:
    """Leave the broken entries aside, first the innermost, then whole outer ones, until the rest can be read."""
    for innermost in (True, False):
        gone = {path for problem in problems if (path := _entry(problem, innermost=innermost))}
        rest = _without(loaded.tree.data, gone)
        loaded.shape, left = judged(model, rest)
        if loaded.shape is not None and not left:
            for path in sorted((path for path in gone if isinstance(path[-1], int)), key=_last_number):
                loaded.left_out.setdefault(path[:-1], []).append(_last_number(path))
            return


def _last_number(path: TreePath) -> int:
    return path[-1] if isinstance(path[-1], int) else 0


def _entry(problem: Problem, *, innermost: bool) -> TreePath:
    """Return the path of the list entry a problem is in; of an unknown key, the key itself."""
    if problem.at_key:
        return problem.path
    places = [number for number, part in enumerate(problem.path) if isinstance(part, int)]
    if not places:
        return problem.path[:1]
    return problem.path[: places[-1 if innermost else 0] + 1]


def _without(data: Any, gone: set[TreePath], here: TreePath = ()) -> Any:
    """Return the data without the parts at some paths."""
    if isinstance(data, dict):
        return {key: _without(each, gone, (*here, key)) for key, each in data.items() if (*here, key) not in gone}
    if isinstance(data, list):
        return [
            _without(each, gone, (*here, number)) for number, each in enumerate(data) if (*here, number) not in gone
        ]
    return data


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return a question naming the nearest known word, empty when none is near."""
    near = sorted((distance, each) for each in known if (distance := _distance(word, each)) <= _FAR)
    return f"Did you mean '{near[0][1]}'?" if near and len(word) > _FAR else ""


def unknown(what: str, word: str, known: Iterable[str]) -> tuple[str, str]:
    """Return message and remedy for a word that names nothing."""
    names = sorted(set(known))
    listed = f"Known: {', '.join(names[:12])}." if names else "None is declared."
    return f"unknown {what} '{word[:60]}'.", did_you_mean(word, names) or listed


def _distance(one: str, other: str) -> int:
    """Count the letters to change, add or drop between two words, up to one more than far."""
    if abs(len(one) - len(other)) > _FAR:
        return _FAR + 1
    row = list(range(len(other) + 1))
    for number, letter in enumerate(one, 1):
        before, row[0] = row[0], number
        for place_, its in enumerate(other, 1):
            before, row[place_] = row[place_], min(row[place_] + 1, row[place_ - 1] + 1, before + (letter != its))
    return row[-1]
