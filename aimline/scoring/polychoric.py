"""Correlate the answers behind the options: what two items would share if people could answer between the options.

Two steps: thresholds from each item's own counts, then the correlation under which the table of both is likeliest.
It describes latent answers, so it stands beside a scale's omega and never replaces it.
"""

from math import pi

import numpy as np
from numpy.polynomial.legendre import leggauss
from scipy.optimize import minimize_scalar
from scipy.special import ndtr, ndtri

from aimline.scoring.recode import Numbers

_NODES, _WEIGHTS = leggauss(40)
_BOUND = 0.999
_LEAST = 1e-300
_CLOSE = 1e-9


def correlations(complete: Numbers) -> Numbers | None:
    """Return the polychoric correlations of items over people who answered all; None where an item never varies."""
    levels = [np.unique(column, return_inverse=True)[1] for column in complete.T]
    if any(each.max(initial=0) == 0 for each in levels):
        return None
    found = np.eye(len(levels))
    for one in range(len(levels)):
        for other in range(one):
            found[one, other] = found[other, one] = _pair(_table(levels[one], levels[other]))
    return found


def _table(one: Numbers, other: Numbers) -> Numbers:
    """Return how often each pair of options was chosen."""
    shape = (int(one.max()) + 1, int(other.max()) + 1)
    return np.bincount(one * shape[1] + other, minlength=shape[0] * shape[1]).reshape(shape)


def _pair(table: Numbers) -> float:
    rows, columns = _thresholds(table.sum(axis=1)), _thresholds(table.sum(axis=0))
    told = minimize_scalar(
        lambda r: -_likelihood(table, rows, columns, r),
        bounds=(-_BOUND, _BOUND),
        method="bounded",
        options={"xatol": _CLOSE},
    )
    return float(told.x)


def _thresholds(counts: Numbers) -> Numbers:
    return ndtri(np.cumsum(counts)[:-1] / counts.sum())


def _likelihood(table: Numbers, rows: Numbers, columns: Numbers, r: float) -> float:
    """Return the log likelihood of a table, given the thresholds and a correlation."""
    corners = np.zeros((len(rows) + 2, len(columns) + 2))
    corners[1:-1, -1], corners[-1, 1:-1], corners[-1, -1] = ndtr(rows), ndtr(columns), 1.0
    corners[1:-1, 1:-1] = _below(rows, columns, r)
    cells = corners[1:, 1:] - corners[:-1, 1:] - corners[1:, :-1] + corners[:-1, :-1]
    return float((table * np.log(np.maximum(cells, _LEAST))).sum())


def _below(rows: Numbers, columns: Numbers, r: float) -> Numbers:
    """Return the chance that both of two normal answers are below their thresholds, integrated over the arcsine."""
    half = np.arcsin(r) / 2
    angles = half * (_NODES + 1)
    sine, cosine = np.sin(angles), np.cos(angles)
    h, k = rows[:, None, None], columns[None, :, None]
    integrand = np.exp(-(h * h - 2 * h * k * sine + k * k) / (2 * cosine * cosine))
    return ndtr(rows)[:, None] * ndtr(columns)[None, :] + half / (2 * pi) * (integrand @ _WEIGHTS)
