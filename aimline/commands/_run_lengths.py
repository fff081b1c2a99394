"""Turn the words of the verb ``arl`` into a table of run lengths."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import isfinite, nan, sqrt
from typing import Any, cast

from aimline.commands._rows import shown
from aimline.errors import UsageError
from aimline.signals.arl import Cusum, Ewma, Mean, critical_value, cusum_arl, ewma_arl, nhs_arl, rules_arl
from aimline.signals.charting import Table

_SHIFTS = (0.0, 0.5, 1.0)
_LARGEST_MOVE = 50.0
_LONGEST = 1e15
_DESIGNED = 6.0  # no limit that is solved for is wider
_SMALLER = "Use smaller numbers, or a larger lambda."
_LARGEST_H = 60.0
_WIDEST = 30.0  # half the EWMA's limits, in what the newest value weighs: wider, its integral is not resolved


@dataclass(frozen=True)
class LengthWords:
    """What the command line says of a scheme; the fields are its options."""

    scheme: str
    lam: float
    limit: float
    time_varying: bool
    k: float
    h: float
    one_sided: bool
    fir: bool
    rules: str
    shift: str | None
    drift: float
    arl0: float | None
    draws: int
    seed: int

    @property
    def shifts(self) -> tuple[float, ...]:
        """Return the shifts asked for: none but zero when the mean drifts, three known ones otherwise."""
        if self.shift is not None:
            return tuple(float(word) for word in self.shift.split(","))
        return (0.0,) if self.drift else _SHIFTS

    @property
    def ewma(self) -> Ewma:
        """Return the EWMA asked for."""
        return Ewma(self.lam, self.limit, self.time_varying)

    @property
    def cusum(self) -> Cusum:
        """Return the CUSUM asked for."""
        return Cusum(self.k, self.h, self.one_sided, self.h / 2 if self.fir else 0.0)

    @property
    def parameters(self) -> str:
        """Return what defines the scheme, in words; a limit that is solved is left out."""
        limits = () if self.arl0 is not None else (f"limit={shown(self.limit)}",)
        interval = () if self.arl0 is not None else (f"h={shown(self.h)}",)
        sides = ("one-sided" if self.one_sided else "two-sided", *(("fir",) if self.fir else ()))
        told = {
            "ewma": (f"lambda={shown(self.lam)}", *limits, "time-varying" if self.time_varying else "fixed"),
            "cusum": (f"k={shown(self.k)}", *interval, *sides),
            "rules": (self.rules,),
            "nhs": (f"draws={self.draws}", f"seed={self.seed}"),
        }
        drift = (f"drift={shown(self.drift)}",) if self.drift else ()
        return ";".join((*told[self.scheme], *drift))


def lengths_of(words: LengthWords) -> Table:
    """Return the run length at each shift, or the limit that has a given one."""
    if words.arl0 is not None:
        return _design(words, words.arl0)
    if words.scheme == "cusum" and words.drift and not words.one_sided:
        raise UsageError("--drift needs one arm of a CUSUM.", remedy="Add --one-sided.")
    if max(map(abs, (*words.shifts, words.drift))) > _LARGEST_MOVE:
        raise UsageError(f"--shift and --drift are at most {_LARGEST_MOVE:g} standard deviations.", remedy=_SMALLER)
    means = [Mean(shift, words.drift) for shift in words.shifts]
    head = ("scheme", "parameters", "shift", "arl")
    if words.scheme == "nhs":
        found = [(mean, nhs_arl(mean, words.draws, words.seed)) for mean in means]
        rows = [[words.scheme, words.parameters, mean.shift, each.arl, each.se] for mean, each in found]
        return Table((*head, "se"), rows)
    _check_resolved(words)
    length = _length(words)
    found = [(mean, _solved(lambda mean=mean: length(mean))) for mean in means]  # type: ignore[misc]
    return Table(head, [[words.scheme, words.parameters, mean.shift, each] for mean, each in found])


def _check_resolved(words: LengthWords) -> None:
    """Refuse limits so wide that the equation of the run length would be solved wrong."""
    if words.scheme == "cusum" and words.h > _LARGEST_H:
        raise UsageError(f"a CUSUM is worked out for h up to {_LARGEST_H:g}, got {words.h:g}.", remedy=_SMALLER)
    if words.scheme == "ewma" and words.limit / sqrt(words.lam * (2 - words.lam)) > _WIDEST:
        raise UsageError(
            f"lambda {words.lam:g} and limit {words.limit:g} have limits too wide to be worked out.", remedy=_SMALLER
        )


def _solved(work: Callable[[], float]) -> float:
    """Return a length or limit; a scheme that has none is told, not guessed."""
    try:
        found = work()
    except (ArithmeticError, ValueError):  # numpy's singular matrix is a ValueError
        found = nan
    if not (isfinite(found) and 0 < found <= _LONGEST):
        raise UsageError("this scheme has no run length that can be told.", remedy=_SMALLER)
    return found


def _length(words: LengthWords) -> Callable[[Mean], float]:
    rules = tuple(word.strip() for word in words.rules.split(";"))
    schemes: dict[str, Callable[[Mean], float]] = {
        "ewma": lambda mean: ewma_arl(words.ewma, mean),
        "cusum": lambda mean: cusum_arl(words.cusum, mean),
        "rules": lambda mean: rules_arl(rules, mean),
    }
    return schemes[words.scheme]


def _design(words: LengthWords, arl0: float) -> Table:
    if words.scheme not in {"ewma", "cusum"}:
        raise UsageError(f"--arl0 solves a limit; scheme {words.scheme} has none.", remedy="Use ewma or cusum.")
    if words.drift or words.shift:
        raise UsageError("--arl0 is a length without shift or drift.", remedy="Leave --shift and --drift out.")
    _check_resolved(replace(words, h=1.0, limit=_DESIGNED))
    scheme = cast("Any", getattr(words, words.scheme))
    name, value = "L" if words.scheme == "ewma" else "h", _solved(lambda: critical_value(scheme, arl0)[1])
    columns = ("scheme", "parameters", "target_arl0", "name", "critical_value")
    return Table(columns, [[words.scheme, words.parameters, arl0, name, value]])
