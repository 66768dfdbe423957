"""Profile-likelihood limits: where the deviance, minimized over all else, has risen by a χ²(1) quantile."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.optimize import brentq

from core.models.criterion import LOG_2PI, Problem, Solution, deviance, solve
from core.models.moments import Array
from core.models.tails import chi2_quantile
from core.models.variance_search import Descent, Hold, grid, local_minima, lowest, places_to_start

FURTHEST = 40.0  # standard errors; a deviance that has not risen by then never will
CLOSE = 2e-4  # standard errors: after a reach that grew by less, the next would grow by the square of it
SIDES = np.array([-1.0, 1.0])


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


def linear_limits(model: Problem, term: int, level: float, wide: Solution | None = None,
                  best: Solution | None = None) -> tuple[float, float]:
    """Limits of scaled coefficient `term` of one model on the maximum likelihood deviance, minimized over
    everything else.

    At a fixed point the deviance is known in closed form as a function of the coefficient, and so is where it
    reaches the threshold; the limit is the furthest such place over all ratios >= 0. No warm start can stick at
    a zero variance. `wide` as in `variance_search.lowest`, `best` what it gives for maximum likelihood.
    """
    wide = wide if wide is not None else grid(model)
    best = best if best is not None else lowest(model, reml=False, wide=wide)
    threshold = float(deviance(model, best, reml=False)) + chi2_quantile(level, 1)
    reach = np.stack([_reach(model, wide, term, threshold, side) for side in SIDES])
    points = np.broadcast_to(wide.point, (2, *wide.point.shape))
    at, side = Solution(*(np.stack([value, value]) for value in vars(best).values())), SIDES
    first = _reach(model, at, term, threshold, side)
    if model.correlated or not _is_one_valley(reach, points, first):
        which, starts = places_to_start(model, -reach, points)
        side = np.concatenate([SIDES[which], SIDES])
        at = solve(model, np.concatenate([starts, [best.point, best.point]]))
        first = _reach(model, at, term, threshold, side)
    least = CLOSE * float(np.sqrt(best.variance(term) * best.rss / model.n))
    furthest = _climb(model, at, first, term, threshold, side, least)
    low, high = (float(one * furthest[side == one].max()) for one in SIDES)
    return low, high


def _is_one_valley(reach: Array, points: Array, first: Array) -> bool:
    """Whether the likeliest point, whose reach is `first` (2,), is where to begin on both sides: each has one peak on
    the grid, and none of its `points` reaches further.
    """
    owner, _ = local_minima(-reach, points)
    return np.array_equal(owner, [0, 1]) and bool((reach.reshape(2, -1).max(axis=1) <= first).all())


def _climb(model: Problem, at: Solution, reach: Array, term: int, threshold: float, side: Array,
           least: float) -> Array:
    """The furthest reach (S,) near each of the solutions (S,), whose own it is to begin with; a step that gains less
    than `least` is the last.

    In turn: a step to a lower deviance with the coefficient held where it has come to, then how far it can go
    there. It never turns back, and near its limit its distance from there is squared each time.
    """
    live = np.arange(len(reach))
    while len(live):
        hold = Hold(term, side[live] * reach[live])
        at, _ = Descent(model, False, hold).step(at, np.full(len(live), threshold))
        further = _reach(model, at, term, threshold, side[live])
        goes_on = further - reach[live] > least
        reach[live] = np.maximum(reach[live], further)
        live, at = live[goes_on], at.take(goes_on)
    return reach


def _reach(model: Problem, at: Solution, term: int, threshold: float, side: Array) -> Array:
    """How far, in the direction of `side`, the coefficient can go before the deviance at these points is
    `threshold`.

    -inf where the deviance is above it wherever the coefficient is.
    """
    rss = model.n * np.exp((threshold - at.log_det - at.uncentered) / model.n - 1 - LOG_2PI)
    room = at.variance(term) * (rss - at.rss)
    return np.where(room >= 0, side * at.beta[..., term] + np.sqrt(np.maximum(room, 0.0)), -np.inf)
