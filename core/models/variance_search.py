"""Where the deviance is least over variance ratios >= 0: a grid for the whole, Newton's method for the last
digits.

The deviance can have two minima, one of them at zero variance, so a single start may miss the right one. The
grid costs one batched evaluation, every local minimum on it is a start, and zero is met exactly because
ratios, not standard deviations, are the coordinates: at a boundary minimum the derivative is positive, which
is checked.
"""

from __future__ import annotations

import numpy as np

from core.models.criterion import Problem, Solution, derivatives, deviance, gradient, held, hessian, scoring, solve
from core.models.moments import Array

# Ratios times the patients of a mean study: from "cannot be told from zero" to "patients of a study nearly
# equal".
GRID = np.concatenate([[0.0], np.logspace(-2.5, 7.5, 21)])
STEPS = 60
CLOSE = 1e-10


def grid(model: Problem) -> Array:
    """Ratios (GRID, ..., GRID, q), one axis a random effect, in units of each effect's own information."""
    if model.q == 0:
        return np.zeros((1, 0))
    axes = np.meshgrid(*[GRID * unit for unit in units(model)], indexing="ij")
    return np.stack(axes, axis=-1)


def units(model: Problem) -> Array:
    """The ratio (q,) at which a random effect weighs as much as the residual in a mean study: 1 /
    mean(z'z).
    """
    plain = solve(model, np.zeros(model.q)).blocks
    size = np.einsum("jc,scd,jd->j", model.loading, plain, model.loading) / model.k
    return np.where(size > 0, 1 / np.where(size > 0, size, 1.0), 1.0)


def lowest(model: Problem, *, reml: bool, on_grid: Solution | None = None) -> Solution:
    """The solution of least deviance over all ratios >= 0; `on_grid`: the model solved on `grid`, where it
    is at hand.
    """
    if model.q == 0:
        return solve(model, np.zeros(0))
    wide = on_grid if on_grid is not None else solve(model, grid(model))
    starts = local_minima(deviance(model, wide, reml=reml))
    found = [newton(model, wide.ratios[start], reml=reml) for start in starts]
    return min(found, key=lambda at: float(deviance(model, at, reml=reml)))


def local_minima(values: Array) -> list[tuple[int, ...]]:
    """Places in an array no neighbor of which, along any axis, is lower; the least first, four at most."""
    is_low = np.isfinite(values)
    for axis in range(values.ndim):
        padded = np.moveaxis(values, axis, 0)
        edge = np.full((1, *padded.shape[1:]), np.inf)
        around = np.minimum(np.concatenate([edge, padded[:-1]]), np.concatenate([padded[1:], edge]))
        is_low &= values <= np.moveaxis(around, 0, axis)
    places = np.argwhere(is_low)
    order = np.argsort(values[is_low], kind="stable")[:4]
    return [tuple(int(part) for part in places[i]) for i in order]


def newton(model: Problem, start: Array, *, reml: bool, hold: tuple[int, float] | None = None) -> Solution:
    """Newton's method from `start`, projected on ratios >= 0; scoring where the deviance is not convex.

    `hold` fixes one coefficient (its place, its value); the deviance is then that of the model without it.
    """
    at = _solved(model, start, hold)
    value = float(deviance(model, at, reml=reml))
    for _ in range(STEPS):
        pieces = derivatives(model, at)
        slope = gradient(model, at, pieces, reml=reml)
        free = (at.ratios > 0) | (slope < 0)
        if not free.any():
            break
        curve = hessian(model, at, pieces, reml=reml)[np.ix_(free, free)]
        if np.linalg.eigvalsh(curve)[0] <= 0:
            curve = scoring(model, at, pieces, reml=reml)[np.ix_(free, free)]
        step = np.zeros(model.q)
        step[free] = -np.linalg.lstsq(curve, slope[free], rcond=1e-12)[0]
        following, lower = _halved(model, at, value, step, hold, reml=reml)
        if following is None:
            plain = np.where(free, -slope / scoring(model, at, pieces, reml=reml).diagonal(), 0.0)
            following, lower = _halved(model, at, value, plain, hold, reml=reml)
        if following is None:
            break
        moved = np.abs(following.ratios - at.ratios).max()
        settled = value - lower < CLOSE and moved <= 1e-9 * at.ratios.max()
        at, value = following, lower
        if settled:
            break
    return at


def _solved(model: Problem, ratios: Array, hold: tuple[int, float] | None) -> Solution:
    at = solve(model, ratios)
    return at if hold is None else held(at, *hold)


def _halved(model: Problem, at: Solution, value: float, step: Array, hold: tuple[int, float] | None, *,
            reml: bool) -> tuple[Solution | None, float]:
    """The first of the step, its half, its quarter ... that goes down; None where none does."""
    for _ in range(25):
        following = _solved(model, np.maximum(at.ratios + step, 0.0), hold)
        lower = float(deviance(model, following, reml=reml))
        if lower <= value + 1e-14 * abs(value):
            return following, lower
        step = step / 2
    return None, value
