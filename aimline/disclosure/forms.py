"""Work out what displayed percents and bands tell: each is an interval of whole numbers (disclosure.md 5.5)."""

from collections.abc import Callable, Collection, Iterable, Iterator
from math import inf

from aimline.disclosure.bounds import Polytope, Row, UndecidedError
from aimline.disclosure.instance import Cell, Form, Instance, View

Range = tuple[int, int]
Whole = tuple[int, int | None]
Reading = Callable[[Form, int], Range | None]


def percent_numerators(n: int, percent: int) -> Range:
    """Return the whole numbers that n and a whole percent allow; half rounds up."""
    low = _ceiling(n * (2 * percent - 1), 200)
    high = _ceiling(n * (2 * percent + 1), 200) - 1 if n else 0
    return max(low, 0), min(high, n)


def band_numerators(n: int, band: tuple[int, int]) -> Range:
    """Return the whole numbers that n and a band allow; closed below, open above, the top band closed at 100."""
    low, high = band
    top = n if high >= 100 or not n else _ceiling(n * high, 100) - 1  # noqa: PLR2004 - a whole
    return max(_ceiling(n * low, 100), 0), min(top, n)


def from_percent(form: Form, n: int) -> Range | None:
    """Read the whole percent of a form; None when it has none."""
    return None if form.pct is None else percent_numerators(n, form.pct)


def from_band(form: Form, n: int) -> Range | None:
    """Read the band of a form; None when it has none."""
    return None if form.band10 is None else band_numerators(n, form.band10)


def numerators(instance: Instance, shown: Iterable[int], reading: Reading) -> dict[int, Range]:
    """Return the whole numbers that the forms of visible cells allow, by cell."""
    told = {}
    for number in shown:
        cell = instance.cells[number]
        found = reading(cell.form, _count(cell)) if cell.form else None
        if found is not None:
            told[number] = found
    return told


def visible_cells(instance: Instance, view: View, gaps: Collection[int]) -> list[int]:
    """Return the cells whose figures stand on a page the reader holds."""
    return [number for number, cell in enumerate(instance.cells) if view.reads(cell) and number not in gaps]


def strange_forms(instance: Instance) -> Iterator[str]:
    """Yield displayed numbers that are not what their cell gives: a reader of them knows nothing true."""
    for cell in instance.cells:
        if _count(cell) != cell.n:
            yield f'cell "{cell.cell_id}": its printed n={_count(cell)} is not its n={cell.n}.'
        for reading, what in ((from_percent, "percent"), (from_band, "band")):
            told = reading(cell.form, _count(cell)) if cell.form else None
            if told is not None and not told[0] <= cell.x <= told[1]:
                yield f'cell "{cell.cell_id}": its printed {what} is not what x={cell.x} of {_count(cell)} gives.'


class FormReader:
    """A reader who holds counts beside percents or bands, and knows that students are whole."""

    def __init__(self, instance: Instance, view: View, shown: Collection[int], told: dict[int, Range]) -> None:
        """Put sums and intervals into one system of whole numbers: favourable first, then the others."""
        self._width = len(instance.cells)
        rows = []
        for relation in instance.relations:
            signs = {relation.total: 1.0, **dict.fromkeys(relation.parts, -1.0)}
            rows += [Row(signs, 0, 0), Row({place + self._width: sign for place, sign in signs.items()}, 0, 0)]
        for number, cell in enumerate(instance.cells):
            if number in view.knows or (number in shown and cell.form is None):
                rows += [Row({number: 1.0}, cell.x, cell.x), Row({number + self._width: 1.0}, cell.y, cell.y)]
            elif number in shown and cell.form and not cell.form.is_blank:
                n = _count(cell)
                rows.append(Row(self._students(number), n, n))
                low, high = told.get(number, (0, n))
                rows.append(Row({number: 1.0}, low, high))
        self._system = Polytope(2 * self._width, rows, is_whole=True)

    def favourable(self, number: int) -> Whole | None:
        """Return the favourable students a cell may have; None when undecided."""
        return self._interval({number: 1.0})

    def students(self, number: int) -> Whole | None:
        """Return the students a cell may have; None when undecided."""
        return self._interval(self._students(number))

    def _students(self, number: int) -> dict[int, float]:
        return {number: 1.0, number + self._width: 1.0}

    def _interval(self, quantity: dict[int, float]) -> Whole | None:
        try:
            low, high = self._system.lowest(quantity), self._system.highest(quantity)
        except UndecidedError:
            return None
        return round(low), None if high == inf else round(high)


def _count(cell: Cell) -> int:
    return cell.n if cell.form is None or cell.form.n is None else cell.form.n


def _ceiling(numerator: int, denominator: int) -> int:
    return -(-numerator // denominator)
