"""Plain-Python oracles of charts: written from the definitions, point by point, sharing no code with the engine."""

from fractions import Fraction
from itertools import pairwise
from math import comb, log2, sqrt
from statistics import median

Values = list[float | None]


def mean(values: list[float]) -> float:
    """Return the exact mean, rounded once."""
    return float(sum(Fraction(value) for value in values) / len(values))


def centre_and_sigma(values: Values, used: list[bool], kind: str) -> tuple[float | None, float | None]:
    """Return centre and sigma of a run or individuals chart from the used points of one phase."""
    seen = [value for value, is_used in zip(values, used, strict=True) if is_used]
    told = [value for value in seen if value is not None]
    if not told:
        return None, None
    if kind == "run":
        return median(told), None
    ranges = [abs(b - a) for a, b in pairwise(seen) if a is not None and b is not None]
    if not ranges:
        return mean(told), None
    kept = [each for each in ranges if each < 3.267 * mean(ranges)]
    return mean(told), mean(kept) / 1.128 if kept else None


def runs(values: Values, centre: float | None) -> tuple[int | None, ...]:
    """Return useful points, longest run and its limit, crossings and their limit; None four times for no point."""
    sides = [value > centre for value in values if value is not None and centre is not None and value != centre]
    n = len(sides)
    if n == 0:
        return (0, None, None, None, None)
    longest = run = 1
    crossings = 0
    for before, now in pairwise(sides):
        run = run + 1 if now == before else 1
        crossings += now != before
        longest = max(longest, run)
    few = next(k for k in range(n) if sum(comb(n - 1, j) for j in range(k + 1)) >= Fraction(1, 20) * 2 ** (n - 1))
    return (n, longest, round(log2(n)) + 3, crossings, few)


def laney(num: list[float], n: list[float]) -> list[tuple[float, float]]:
    """Return the limits of a P-prime chart of a series without gaps."""
    centre = mean(num) / mean(n)
    sigma = [sqrt(centre * (1 - centre) / each) for each in n]
    z = [(a / b - centre) / s for a, b, s in zip(num, n, sigma, strict=True)]
    ranges = [abs(b - a) for a, b in pairwise(z)]
    kept = [each for each in ranges if each < 3.267 * mean(ranges)]
    wide = [3 * s * mean(kept) / 1.128 for s in sigma]
    return [(max(0.0, centre - each), min(1.0, centre + each)) for each in wide]


def nhs_types(values: list[float]) -> list[str]:
    """Return the special cause of each point by looking at every window that holds it."""
    size = len(values)
    middle = mean(values)
    ranges = [abs(b - a) for a, b in pairwise(values)]
    kept = [each for each in ranges if each < 3.267 * mean(ranges)]
    reach = mean(kept) if kept else None
    side = [(value > middle) - (value < middle) for value in values]
    far = [reach is not None and abs(value - middle) > 2.66 * reach for value in values]
    close = [
        reach is not None and not out and abs(v - middle) > 2 * 2.66 / 3 * reach
        for v, out in zip(values, far, strict=True)
    ]

    def windows(at: int, length: int) -> list[range]:
        return [range(s, s + length) for s in range(size - length + 1) if s <= at < s + length]

    def step(at: int) -> int:
        return (values[at] > values[at - 1]) - (values[at] < values[at - 1])

    trend = [
        any(len({step(i) for i in w[1:]} - {0}) == 1 and 0 not in {step(i) for i in w[1:]} for w in windows(at, 7))
        for at in range(size)
    ]
    found = []
    for at in range(size):
        two = close[at] and any(len({side[i] for i in w}) == 1 and sum(close[i] for i in w) > 1 for w in windows(at, 3))
        seven = side[at] != 0 and any(len({side[i] for i in w}) == 1 for w in windows(at, 7))
        up = step(at + 1) > 0 if at + 1 < size and trend[at + 1] else step(at) > 0
        word = "Above" if side[at] > 0 else "Below"
        if far[at]:
            found.append("Above UCL" if side[at] > 0 else "Below LCL")
        elif trend[at]:
            found.append(f"7 Point Trend ({'Increasing' if up else 'Decreasing'})")
        elif two:
            found.append(f"2 in 3 {word} CL")
        elif seven:
            found.append(f"7 Points {word} CL")
        else:
            found.append("Common Cause")
    return found
