"""Profile-likelihood limits of one coefficient: where the deviance, minimized over all else, has risen by a
χ²(1) quantile.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.optimize import brentq
from scipy.stats import chi2

from core.models.criterion import LOG_2PI, Problem, Solution, deviance, solve
from core.models.moments import Array
from core.models.variance_search import grid, local_minima, lowest, newton

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
    low, high = (_furthest(model, term, threshold, side, wide, best) for side in (-1, 1))
    return low, high


def _furthest(model: Problem, term: int, threshold: float, side: int, wide: Solution, best: Solution) -> float:
    """The limit on one side (-1 or 1), sought from every local maximum of the reach over the ratios at hand."""
    reach = _reach(model, wide, term, threshold, side)
    starts = [wide.ratios[place] for place in local_minima(-reach)] + [best.ratios]
    return side * max(_climb(model, start, term, threshold, side) for start in starts)


def _climb(model: Problem, ratios: Array, term: int, threshold: float, side: int) -> float:
    """The furthest reach near `ratios`.

    In turn: the ratios of least deviance with the coefficient held where it has come to, then how far it can go at
    these. It never turns back, and its distance from the limit is squared each time.
    """
    reach = float(_reach(model, solve(model, ratios), term, threshold, side))
    while True:
        ratios = newton(model, ratios, reml=False, hold=(term, side * reach)).ratios
        further = float(_reach(model, solve(model, ratios), term, threshold, side))
        if not further - reach > 1e-12 * (1 + abs(reach)):
            return max(reach, further)
        reach = further


def _reach(model: Problem, at: Solution, term: int, threshold: float, side: int) -> Array:
    """How far, in the direction of `side`, the coefficient can go before the deviance at these ratios is
    `threshold`.

    -inf where the deviance is above it wherever the coefficient is.
    """
    rss = model.n * np.exp((threshold - at.log_det) / model.n - 1 - LOG_2PI)
    room = at.cov[..., term, term] * (rss - at.rss)
    return np.where(room >= 0, side * at.beta[..., term] + np.sqrt(np.maximum(room, 0.0)), -np.inf)
