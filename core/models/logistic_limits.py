"""Profile-likelihood limits of a logistic model's coefficient, all else and the limit found together (Venzon &
Moolgavkar 1988, Appl Stat 37).

A limit is where the log likelihood is at the cut and its derivatives in all other parameters are zero: Newton's
method in all of them at once, from several τ because the likelihood can have a maximum at zero and another
inside. The furthest solution on a side is the limit: of the places where the other parameters are stationary, the
one with the greatest likelihood crosses last.
"""

from __future__ import annotations

import numpy as np

from core.models.logistic_likelihood import Cells, Evaluation, evaluate, limited
from core.models.moments import Array

ITERATIONS = 40
SIDES = np.array([-1.0, 1.0])
CLOSE = 1e-8  # of a step, relative: the next is a fraction of it
AT_CUT = 1e-6  # how far from the cut the log likelihood may be


def limits_at(data: Cells, quadrature: int, term: int, at: Array, taus: tuple[float, ...],
              cut: float) -> tuple[float | None, float | None]:
    """(low, high) of coefficient `term` where the greatest log likelihood is `cut`; `at` (p + 1,) are the parameters of
    greatest likelihood, `taus` further values of τ to begin from.

    None on a side where the way from `at` does not arrive: the caller must look for it otherwise.
    """
    starts = np.array([at, *([[*at[:-1], tau] for tau in taus] if data.k > 1 else [])])
    side, point = np.repeat(SIDES, len(starts)), np.tile(starts, (2, 1))
    free = np.ones(data.p + 1, dtype=bool)
    free[term], free[-1] = False, data.k > 1
    events = np.broadcast_to(data.events, (len(point), len(data.events)))
    now, done, live = evaluate(data, events, point, quadrature), np.zeros(len(point), dtype=bool), np.arange(len(point))
    for _ in range(ITERATIONS):
        step = limited(_toward_cut(now, term, free, side[live], cut))
        point[live] += step
        is_close = (np.abs(step) < CLOSE * (1 + np.abs(point[live]))).all(axis=1)
        done[live] = is_close & (np.abs(now.loglik - cut) < AT_CUT)
        live, mode = live[~is_close], now.mode[~is_close]
        if not len(live):
            break
        now = evaluate(data, events[live], point[live], quadrature, mode)
    reach = np.where(done, side * (point[:, term] - at[term]), -np.inf).reshape(2, -1)
    low, high = (None if not np.isfinite(own[0]) or own.max() <= 0 else float(at[term] + one * own.max())
                 for one, own in zip(SIDES, reach, strict=True))
    return low, high


def _toward_cut(now: Evaluation, term: int, free: Array, side: Array, cut: float) -> Array:
    """Steps (B, p + 1) to where a parabola through the log likelihood is at the cut, level in the free parameters."""
    gradient, curve = now.gradient, now.curvature
    values, vectors = np.linalg.eigh(curve[:, free][:, :, free])
    size = np.maximum(np.abs(values), 1e-6 * np.abs(values).max(axis=-1, keepdims=True) + 1e-12)

    def solved(right: Array) -> Array:
        value: Array = (vectors @ ((vectors.transpose(0, 2, 1) @ right[..., None])[..., 0] / size)[..., None])[..., 0]
        return value

    cross = curve[:, free, term]
    level, turn = solved(gradient[:, free]), solved(cross)
    height = now.loglik + (gradient[:, free] * level).sum(axis=1) / 2 - cut
    slope = gradient[:, term] - (cross * level).sum(axis=1)
    bend = np.abs(curve[:, term, term] - (cross * turn).sum(axis=1)) + 1e-12
    along = (slope + side * np.sqrt(np.maximum(slope ** 2 + 2 * bend * height, 0.0))) / bend
    step = np.zeros_like(gradient)
    step[:, term] = along
    step[:, free] = level - turn * along[:, None]
    return step
