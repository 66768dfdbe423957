"""Profile-likelihood limits of one coefficient: where the deviance, minimized over all else, has risen by a
χ²(1) quantile.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.optimize import brentq
from scipy.stats import chi2

from core.models.criterion import LOG_2PI, Problem, Solution, derivatives, deviance, solve
from core.models.moments import Array
from core.models.variance_search import climb, grid, local_minima, lowest, units

FURTHEST = 40.0  # standard errors; a deviance that has not risen by then never will


def crossing(deviance_at: Callable[[float], float], estimate: float, step: float,
             threshold: float) -> float | None:
    """Where a profiled deviance first reaches `threshold` on one side of `estimate`.

    `step` is the first guess of the distance, its sign the side. None where the deviance has not reached the
    threshold at FURTHEST first steps: the limit is infinite.
    """
    near, far = estimate, estimate + step
    while deviance_at(far) < threshold:
        if abs(far - estimate) > FURTHEST * abs(step):
            return None
        near, far = far, estimate + 1.6 * (far - estimate)
    return float(brentq(lambda x: deviance_at(x) - threshold, near, far, xtol=1e-10 * abs(step), rtol=1e-12))


def linear_limits(model: Problem, term: int, level: float,
                  on_grid: Solution | None = None) -> tuple[float, float]:
    """Limits of scaled coefficient `term` on the maximum likelihood deviance, minimized over everything else.

    At fixed variance ratios the deviance is known in closed form as a function of the coefficient, and so is
    where it reaches the threshold; the limit is the furthest such place over all ratios >= 0. No warm start
    can stick at a zero variance. `on_grid`: the model solved on `variance_search.grid`.
    """
    wide = on_grid if on_grid is not None else solve(model, grid(model))
    best = lowest(model, reml=False, on_grid=wide)
    threshold = float(deviance(model, best, reml=False)) + float(chi2.ppf(level, 1))
    low, high = (_furthest(model, term, threshold, side, [wide.ratios, best.ratios]) for side in (-1, 1))
    return low, high


def _furthest(model: Problem, term: int, threshold: float, side: int, candidates: list[Array]) -> float:
    """The limit on one side (-1 or 1), climbing from the best of the candidates."""
    wide, best = (solve(model, ratios) for ratios in candidates)
    reach = np.where((room := _room(model, wide, term, threshold)) >= 0,
                     side * wide.beta[..., term] + np.sqrt(np.maximum(room, 0)), -np.inf)
    starts = [wide.ratios[place] for place in local_minima(-reach)] + [best.ratios]

    def outward(ratios: Array) -> tuple[float, Array]:
        return _reach(model, solve(model, ratios), term, threshold, side)

    return side * max(climb(outward, start, units(model)) for start in starts)


def _room(model: Problem, at: Solution, term: int, threshold: float) -> Array:
    """The squared distance from the coefficient at which the deviance at these ratios is `threshold`;
    negative if none.
    """
    rss = model.n * np.exp((threshold - at.log_det) / model.n - 1 - LOG_2PI)
    room: Array = at.cov[..., term, term] * (rss - at.rss)
    return room


def _reach(model: Problem, at: Solution, term: int, threshold: float, side: int) -> tuple[float, Array]:
    """How far the coefficient can go on one side at these ratios, and the derivative with respect to them
    (q,).
    """
    room = float(_room(model, at, term, threshold))
    distance = float(np.sqrt(abs(room)))
    if room <= 0:
        return side * float(at.beta[term]) - distance, np.zeros(model.q)
    line = at.cov[term] / at.cov[term, term]
    pieces = derivatives(model, at)
    residual = pieces.residual - pieces.design @ line * (side * distance)
    rss = at.rss + room / at.cov[term, term]
    by_ratio = pieces.log_det() - model.n * (residual ** 2).sum(axis=0) / rss
    by_distance = 2 * model.n * distance / (at.cov[term, term] * rss)
    return side * float(at.beta[term]) + distance, -by_ratio / by_distance
