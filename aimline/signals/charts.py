"""Draw the limits of a phase: thirteen kinds of control chart. What is told about the points belongs elsewhere.

Sources: Montgomery, Introduction to Statistical Quality Control; Laney, Quality Engineering 14 (2002), for P' and U';
Nelson, Journal of Quality Technology 14 (1982), for screened moving ranges; Provost and Murray, The Health Care Data
Guide, for g and t charts; Taylor, Normalized I chart, for I'.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise

from aimline.signals.series import NAN, Numbers, Phase, mean_of, median_of, present, ranges_of, sd_of

RANGE_TO_SD = 1.128
"""Mean range of two normal values, in standard deviations (d2 for n = 2)."""

SCREEN = 3.267
"""A moving range at or above this many times their mean is left out once (D4 for n = 2)."""

_SCREEN_NORMALIZED = 3.2665
_LIMIT, _NEAR = 3.0, 2.0
_T_POWER = 3.6  # makes waiting times of a Poisson process about normal (Nelson 1994)
_G_CENTRE = 0.693  # median of a geometric variable, in means


@dataclass(frozen=True)
class Setting:
    """What a chart is told: whether large ranges are screened, and a fixed centre (NaN for none)."""

    screen: bool = True
    cl: float = NAN


@dataclass(frozen=True)
class Limits:
    """A chart of one phase, a list entry a subgroup; NaN where there is no limit.

    Attributes:
        y: The plotted values.
        cl: The drawn centre.
        lcl: Lower limit.
        lcl_95: Lower limit at two sigma.
        ucl_95: Upper limit at two sigma.
        ucl: Upper limit.
        sigma: Standard deviation of each point.
        z: Distance to the centre of the limits, in its own sigma.
    """

    y: Numbers
    cl: Numbers
    lcl: Numbers
    lcl_95: Numbers
    ucl_95: Numbers
    ucl: Numbers
    sigma: Numbers
    z: Numbers

    @property
    def is_outside(self) -> list[bool]:
        """Say of each point whether it is beyond its limits."""
        return [y > high or y < low for y, low, high in zip(self.y, self.lcl, self.ucl, strict=True)]


Chart = Callable[[Phase, Setting], Limits]


def draw(kind: str, phase: Phase, setting: Setting) -> Limits:
    """Return the chart of a kind for one phase."""
    return CHARTS[kind](phase, setting)


def screened_mean(ranges: Sequence[float], *, screen: bool = True, times: float = SCREEN) -> float:
    """Return the mean of moving ranges, taken again once without those at or above so many times it.

    NaN when none is left: of ranges that are all zero, none is below their mean. Without screening their mean is zero.
    """
    middle = mean_of(ranges)
    return mean_of(each for each in ranges if each < times * middle) if screen else middle


def spread_of(values: Sequence[float], *, screen: bool) -> float:
    """Return the standard deviation of one value, from the moving ranges; see ``screened_mean`` for no variation."""
    return screened_mean(ranges_of(values), screen=screen) / RANGE_TO_SD


@lru_cache(maxsize=1024)
def c4(n: float) -> float:
    """Return the mean standard deviation of n normal values, in standard deviations; NaN for fewer than two."""
    if not n > 1:
        return NAN
    return math.sqrt(2 / (n - 1)) * math.exp(math.lgamma(n / 2) - math.lgamma((n - 1) / 2))


def _used(phase: Phase, values: Sequence[float]) -> Numbers:
    return [value for value, is_used in zip(values, phase.used, strict=True) if is_used]


def _values(phase: Phase) -> Numbers:
    return [group.y for group in phase.groups]


def _root(value: float) -> float:
    return math.sqrt(value) if value >= 0 else NAN


def _over(value: float, by: float) -> float:
    return value / by if by else NAN


def _limits(y: Numbers, centre: float, sigma: Numbers) -> Limits:
    """Return limits at three and two sigma about one centre; a sigma of zero draws none."""

    def at(times: float) -> Numbers:
        return [centre + times * each for each in sigma]

    z = [_over(value - centre, each) for value, each in zip(y, sigma, strict=True)]
    return Limits(y, [centre] * len(y), at(-_LIMIT), at(-_NEAR), at(_NEAR), at(_LIMIT), sigma, z)


def _clipped(drawn: Limits, low: float, high: float = math.inf) -> Limits:
    """Keep limits inside what a value can be."""

    def inside(values: Numbers) -> Numbers:
        return [value if math.isnan(value) else min(max(value, low), high) for value in values]

    return replace(
        drawn,
        lcl=inside(drawn.lcl),
        lcl_95=inside(drawn.lcl_95),
        ucl_95=inside(drawn.ucl_95),
        ucl=inside(drawn.ucl),
    )


def _fixed(setting: Setting, otherwise: float) -> float:
    return otherwise if math.isnan(setting.cl) else setting.cl


def _run(phase: Phase, setting: Setting) -> Limits:
    y = _values(phase)
    blank = [NAN] * len(y)
    centre = _fixed(setting, median_of(_used(phase, y)))
    return Limits(y, [centre] * len(y), blank, blank, blank, blank, blank, blank)


def _spread(phase: Phase, used: Numbers, setting: Setting) -> float:
    """Return the standard deviation of one value; without an order there are no moving ranges to take it from."""
    if phase.is_ordered:
        return spread_of(used, screen=setting.screen)
    return sd_of(used)


def _individuals(phase: Phase, setting: Setting, y: Numbers) -> Limits:
    used = _used(phase, y)
    spread = _spread(phase, used, setting)
    return _limits(y, _fixed(setting, mean_of(used)), [spread] * len(y))


def _i(phase: Phase, setting: Setting) -> Limits:
    return _individuals(phase, setting, _values(phase))


def _mr(phase: Phase, setting: Setting) -> Limits:
    """Draw moving ranges over all rows; the first has none."""
    if phase.is_ordered:
        moving = [NAN, *(abs(after - before) for before, after in pairwise(_values(phase)))][: len(phase.groups)]
    else:
        moving = [NAN] * len(phase.groups)
    centre = _fixed(setting, mean_of(_used(phase, moving)))
    size = len(moving)
    low = [NAN if math.isnan(centre) else 0.0] * size
    near = [SCREEN / 3 * 2 * centre] * size
    blank = [NAN] * size
    return Limits(moving, [centre] * size, low, low, near, [SCREEN * centre] * size, blank, blank)


def _sizes(phase: Phase) -> list[int]:
    return [group.length for group in phase.groups]


def _pooled_sd(phase: Phase) -> float:
    """Return the mean standard deviation of the subgroups, weighted when their sizes differ."""
    groups = [group for group, is_used in zip(phase.groups, phase.used, strict=True) if is_used and group.length > 0]
    if len(set(_sizes(phase))) == 1:
        return mean_of(group.sd for group in groups)
    weighed = [(group.length - 1) * group.sd**2 for group in groups if group.length > 1]
    return _root(_over(math.fsum(weighed), sum(group.length - 1 for group in groups)))


def _xbar(phase: Phase, setting: Setting) -> Limits:
    groups = [group for group, is_used in zip(phase.groups, phase.used, strict=True) if is_used and group.length > 0]
    total = math.fsum(group.length * group.mean for group in groups)
    centre = _fixed(setting, _over(total, sum(group.length for group in groups)))
    spread = _pooled_sd(phase)
    sigma = [_over(spread, c4(size) * math.sqrt(size)) for size in _sizes(phase)]
    return _limits([group.mean for group in phase.groups], centre, sigma)


def _s(phase: Phase, setting: Setting) -> Limits:
    centre = _fixed(setting, _pooled_sd(phase))
    sigma = [centre * _root(1 - c4(size) ** 2) / c4(size) if size > 1 else NAN for size in _sizes(phase)]
    return _clipped(_limits([group.sd for group in phase.groups], centre, sigma), 0.0)


def _rate_centre(phase: Phase, setting: Setting) -> float:
    """Return the pooled rate: all events over all denominators."""
    groups = [group for group, is_used in zip(phase.groups, phase.used, strict=True) if is_used]
    num, n = math.fsum(present(group.num for group in groups)), math.fsum(present(group.n for group in groups))
    return _fixed(setting, _over(num, n))


def _laney(phase: Phase, setting: Setting, drawn: Limits) -> Limits:
    """Widen (or narrow) limits by what the periods vary beyond their counts."""
    spread = _spread(phase, _used(phase, drawn.z), setting)
    return _limits(drawn.y, drawn.cl[0] if drawn.cl else NAN, [spread * each for each in drawn.sigma])


def _shares(phase: Phase, setting: Setting) -> Limits:
    centre = _rate_centre(phase, setting)
    return _limits(_values(phase), centre, [_root(_over(centre * (1 - centre), g.n)) for g in phase.groups])


def _rates(phase: Phase, setting: Setting) -> Limits:
    centre = _rate_centre(phase, setting)
    return _limits(_values(phase), centre, [_root(_over(centre, group.n)) for group in phase.groups])


def _p(phase: Phase, setting: Setting) -> Limits:
    return _clipped(_shares(phase, setting), 0.0, 1.0)


def _pp(phase: Phase, setting: Setting) -> Limits:
    return _clipped(_laney(phase, setting, _shares(phase, setting)), 0.0, 1.0)


def _u(phase: Phase, setting: Setting) -> Limits:
    return _clipped(_rates(phase, setting), 0.0)


def _up(phase: Phase, setting: Setting) -> Limits:
    return _clipped(_laney(phase, setting, _rates(phase, setting)), 0.0)


def _c(phase: Phase, setting: Setting) -> Limits:
    y = [group.num for group in phase.groups]
    centre = _fixed(setting, mean_of(_used(phase, y)))
    return _clipped(_limits(y, centre, [_root(centre)] * len(y)), 0.0)


def _g(phase: Phase, setting: Setting) -> Limits:
    y = _values(phase)
    used = _used(phase, y)
    mean = _fixed(setting, mean_of(used))
    drawn = _clipped(_limits(y, mean, [_root(mean * (mean + 1))] * len(y)), 0.0)
    middle = median_of(used) if math.isnan(setting.cl) else _G_CENTRE * setting.cl
    return replace(drawn, cl=[middle] * len(y))


def _t(phase: Phase, setting: Setting) -> Limits:
    y = _values(phase)
    made = replace(setting, cl=setting.cl ** (1 / _T_POWER))
    drawn = _individuals(phase, made, [value ** (1 / _T_POWER) for value in y])
    told = dict(zip(drawn.y, y, strict=True))  # a centre that is a value comes back as that value: a tie stays a tie

    def back(values: Numbers, below: float) -> Numbers:
        return [below if value < 0 else told.get(value, value**_T_POWER) for value in values]

    return replace(
        drawn,
        y=y,
        cl=back(drawn.cl, NAN),
        lcl=back(drawn.lcl, 0.0),
        lcl_95=back(drawn.lcl_95, NAN),
        ucl_95=back(drawn.ucl_95, NAN),
        ucl=back(drawn.ucl, NAN),
    )


def _ip(phase: Phase, setting: Setting) -> Limits:
    weights = [float(group.length) if math.isnan(group.n) else group.n for group in phase.groups]
    y = _values(phase)
    used = [(value, n) for value, n in zip(_used(phase, y), _used(phase, weights), strict=True)]
    seen = [(value, n) for value, n in used if not math.isnan(value) and n > 0]
    centre = _fixed(setting, _over(math.fsum(value * n for value, n in seen), math.fsum(n for _, n in seen)))
    each = [
        math.sqrt(math.pi / 2) * abs(after - before) / math.sqrt(1 / m + 1 / n)
        for (before, m), (after, n) in pairwise(used)
        if not math.isnan(after - before) and m > 0 and n > 0
    ]
    spread = screened_mean(each, screen=setting.screen, times=_SCREEN_NORMALIZED) if phase.is_ordered else NAN
    return _limits(y, centre, [spread * _root(_over(1.0, n)) for n in weights])


CHARTS: dict[str, Chart] = {
    "run": _run,
    "i": _i,
    "mr": _mr,
    "xbar": _xbar,
    "s": _s,
    "p": _p,
    "pp": _pp,
    "c": _c,
    "u": _u,
    "up": _up,
    "g": _g,
    "t": _t,
    "ip": _ip,
}

NEED_N = frozenset({"p", "pp", "u", "up"})
WITHOUT_SIGMA = frozenset({"run", "mr"})
