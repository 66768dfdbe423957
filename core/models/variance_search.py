"""Where the deviance is least over variance ratios >= 0: a grid for the whole, Newton's method for the last
digits.

The deviance can have two minima, one of them at zero variance, so a single start may miss the right one. The
grid costs one batched evaluation, every local minimum on it is a start, and zero is met exactly because
ratios, not standard deviations, are the coordinates: at a boundary minimum the derivative is positive, which
is checked.

Problems with a batch axis are searched side by side; one without is a batch of one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.models.criterion import Kind, Problem, Solution, deviance, held, solve, solve_along
from core.models.derivatives import moved, slopes
from core.models.moments import Array, Flags, Places

# Ratios times the patients of a mean study: from "cannot be told from zero" to "patients of a study nearly
# equal".
GRID = np.concatenate([[0.0], np.logspace(-2.5, 7.5, 91)])
COARSE = np.concatenate([[0.0], np.logspace(-2, 6, 9)])
# Tilts in units of the slope column's root mean square.
TILTS = np.concatenate([-np.logspace(2.5, -1, 8), [0.0], np.logspace(-1, 2.5, 8)])
STEPS = 60
HALVINGS = 25
# After a step that lowered the deviance by less and moved the ratios by less, the next would be of their square.
CLOSE, NEAR = 1e-9, 1e-3
STARTS = 4


@dataclass(frozen=True)
class Hold:
    """One coefficient (its place) kept at a value (S,), one a start; the deviance is then that of the model
    without it.
    """

    term: int
    value: Array


def grid(model: Problem) -> Solution:
    """The model solved on the whole grid: batch axes, then one axis a coordinate (the tilt, if any, first)."""
    fine = GRID if model.q == 1 and model.weight.ndim == 1 else COARSE
    size = units(model)
    axes = size[..., None] * fine
    if model.q == 1:
        return solve_along(model, np.zeros((*size.shape[:-1], 1)), axes[..., 0, :])
    heads = np.zeros((*size.shape[:-1], len(fine), model.d))
    heads[..., 0] = axes[..., 0, :]
    if model.correlated:  # one model at a time: no batch axis before the tilts
        heads = np.repeat(heads[None], len(TILTS), axis=0)
        heads[..., 2] = (TILTS * (size[0] / size[1]) ** -0.5)[:, None]
    return solve_along(model.beside(), heads, np.broadcast_to(axes[..., None, 1, :], (*heads.shape[:-1], len(fine))))


def units(model: Problem) -> Array:
    """The ratio (..., q) at which a random effect weighs as much as the residual in a mean study: 1 /
    mean(z'z).
    """
    squares = model.scatter + model.weight[..., None, None] * model.mean[..., :, None] * model.mean[..., None, :]
    size = np.einsum("...jc,...cd,...jd->...j", model.loading, squares.mean(axis=-3), model.loading)
    return np.where(size > 0, 1 / np.where(size > 0, size, 1.0), 1.0)


def lowest(model: Problem, *, reml: bool, wide: Solution | None = None) -> Solution:
    """The solution of least deviance over all ratios >= 0; `wide`, where it is at hand, the model solved on `grid`."""
    if model.q == 0:
        return solve(model, np.zeros((*model.weight.shape[:-1], 0)))
    wide = wide if wide is not None else grid(model)
    values, points = deviance(model, wide, reml=reml), wide.point
    if model.weight.ndim == 1:
        return _searched(model, values[None], points[None], np.array([reml])).take(0)
    return _searched(model, values, points, np.full(len(values), reml))


def lowest_of_both(model: Problem, wide: Solution) -> tuple[Solution, Solution]:
    """The solutions of one model of least restricted and of least plain deviance, searched side by side."""
    kinds = np.array([True, False])
    values = np.stack([deviance(model, wide, reml=bool(kind)) for kind in kinds])
    found = _searched(model, values, np.broadcast_to(wide.point, (2, *wide.point.shape)), kinds)
    return found.take(0), found.take(1)


def _searched(model: Problem, values: Array, points: Array, reml: Flags) -> Solution:
    """Solutions (B,) of least deviance, its kind `reml` (B,), from its `values` (B, ...) at `points` (B, ..., d)."""
    owner, starts = places_to_start(model, values, points)
    kinds = reml[owner]
    found = newton(model.take(owner), starts, reml=kinds)
    if len(owner) == len(values):
        return found
    order = np.lexsort((deviance(model.take(owner), found, reml=kinds), owner))
    return found.take(order[np.searchsorted(owner[order], np.arange(len(values)))])


def places_to_start(model: Problem, values: Array, points: Array) -> tuple[Places, Array]:
    """(problem (S,), point (S, d)) from which to search: the local minima of `values` (B, ...) on the grid and, where
    a slope is correlated, also the least at the best tilts, for between two tilts a valley is narrow and without a
    slope variance the tilt means nothing.
    """
    owner, starts = local_minima(values, points)
    if model.d == 1:
        return owner, _sharpened(values, points, owner, starts)
    if not model.correlated:
        return owner, starts
    sloped = np.where(points[..., 1] > 0, values, np.inf).reshape(*values.shape[:2], -1)
    least = np.take_along_axis(points.reshape(*sloped.shape, model.d), sloped.argmin(axis=2)[..., None, None], axis=2)
    more = np.repeat(np.arange(len(values)), values.shape[1])
    lows = sloped.min(axis=2)
    kept = (np.isfinite(lows) & (lows.argsort(axis=1).argsort(axis=1) < STARTS)).ravel()
    return np.concatenate([owner, more[kept]]), np.concatenate([starts, least.reshape(-1, model.d)[kept]])


def _sharpened(values: Array, points: Array, owner: Places, starts: Array) -> Array:
    """Starts (S, 1) on a grid of one ratio, moved to the bottom of the parabola through their neighbors' values, in
    the logarithm of the ratio.
    """
    ladder = points[owner, :, 0]
    place = np.clip((ladder == starts).argmax(axis=1), 1, ladder.shape[1] - 2)
    which = np.arange(len(owner))
    left, middle, right = (values[owner, place + step] for step in (-1, 0, 1))
    is_inside = (ladder[which, place - 1] > 0) & (ladder[which, place] == starts[:, 0]) & np.isfinite(left + right)
    left, right = np.where(is_inside, left, 0.0), np.where(is_inside, right, 0.0)
    bend = np.where(is_inside, left - 2 * middle + right, 0.0)
    shift = np.where(bend > 0, (left - right) / (2 * np.where(bend > 0, bend, 1.0)), 0.0)
    stride = ladder[which, place + 1] / np.where(is_inside, ladder[which, place], 1.0)
    return starts * np.where(is_inside, stride, 1.0)[:, None] ** np.clip(shift, -1, 1)[:, None]


def local_minima(values: Array, points: Array) -> tuple[Places, Array]:
    """(problem (S,), point (S, d)) of the places no neighbor of which, along any axis, is lower; a problem's
    least first, `STARTS` at most. `values` (B, ...), `points` (B, ..., d).
    """
    is_low = np.isfinite(values)
    for axis in range(1, values.ndim):
        padded = np.moveaxis(values, axis, 0)
        edge = np.full((1, *padded.shape[1:]), np.inf)
        around = np.minimum(np.concatenate([edge, padded[:-1]]), np.concatenate([padded[1:], edge]))
        is_low &= values <= np.moveaxis(around, 0, axis)
    owner = np.nonzero(is_low)[0]
    order = np.lexsort((values[is_low], owner))
    rank = np.arange(len(owner)) - np.searchsorted(owner, owner)
    kept = order[rank < STARTS]
    return owner[kept], points[is_low][kept]


def newton(model: Problem, start: Array, *, reml: Flags) -> Solution:
    """Newton's method from each start (S, d), projected on ratios >= 0; scoring where the deviance is not convex.
    `reml` (S,) says which deviance.

    The model has a batch axis of S problems, or none.
    """
    at = solve(model, start)
    value = deviance(model, at, reml=reml)
    live, part, descent = np.arange(len(start)), at, Descent(model, reml)
    for _ in range(STEPS):
        following, lower = descent.step(part, value)
        change = np.abs(following.point - part.point)[:, :model.q].max(axis=1)
        goes_on = (value - lower >= CLOSE) | (change > NEAR * following.point[:, :model.q].max(axis=1))
        at = _put(at, live, following)
        if not goes_on.any():
            break
        part, value = following, lower
        if not goes_on.all():
            live, part, value = live[goes_on], part.take(goes_on), value[goes_on]
            descent = Descent(model.take(live), reml[live])
    return at


@dataclass(frozen=True)
class Descent:
    """How to go down: the deviance of a model, or of one coefficient of it held at a value."""

    model: Problem
    reml: Kind
    hold: Hold | None = None

    def step(self, at: Solution, value: Array) -> tuple[Solution, Array]:
        """One step down from each solution (S,) of deviance `value` (S,); where none is found it stays. Solutions are
        those of the model, deviances those with the coefficient held.
        """
        gradient, curve, expected = slopes(self.model, self._held(at), reml=self.reml)
        free = np.ones(at.point.shape, dtype=bool)
        q = self.model.q
        free[:, :q] = (at.point[:, :q] > 0) | (gradient[:, :q] < 0)
        if self.model.correlated:
            free[:, 2] = at.point[:, 1] > 0
        step = _downhill(gradient, curve, expected, free)
        following, lower, stuck = self._halved(at, value, step)
        if stuck.any():  # along each coordinate by itself
            diagonal = np.diagonal(expected, axis1=-2, axis2=-1)
            plain = np.where(free & (diagonal > 0), -gradient / np.where(diagonal > 0, diagonal, 1.0), 0.0)
            following, lower, _ = self._halved(at, value, np.where(stuck[:, None], plain, step))
        return following, lower

    def _held(self, at: Solution) -> Solution:
        return at if self.hold is None else held(at, self.hold.term, self.hold.value)

    def _halved(self, at: Solution, value: Array, step: Array) -> tuple[Solution, Array, Flags]:
        """The first of the step, its half, its quarter ... that goes down; the start, marked, where none does."""
        factor = np.ones(len(value))
        for _ in range(HALVINGS):
            following = solve(self.model, moved(self.model, at.point, factor[:, None] * step))
            lower = deviance(self.model, self._held(following), reml=self.reml)
            worse = ~(lower <= value + 1e-14 * np.abs(value))
            if not worse.any():
                return following, lower, worse
            factor = np.where(worse, factor / 2, factor)
        places = np.flatnonzero(worse)
        return _put(following, places, at.take(places)), np.where(worse, value, lower), worse


def _downhill(gradient: Array, curve: Array, expected: Array, free: Flags) -> Array:
    """Newton's step (S, d) among the free coordinates, Fisher's where the deviance is not convex."""
    if free.shape[1] == 1:
        slope, bend, rise = gradient[:, 0], curve[:, 0, 0], expected[:, 0, 0]
        bend = np.where(bend > 0, bend, rise)
        along = np.where(free[:, 0] & (bend > 0), -slope / np.where(bend > 0, bend, 1.0), 0.0)
        return np.asarray(along[:, None])
    if free.shape[1] == 2 and free.all():
        a, b, c = curve[:, 0, 0], curve[:, 0, 1], curve[:, 1, 1]
        det = a * c - b ** 2
        if ((a > 0) & (det > 1e-12 * a * c)).all():  # convex everywhere
            step: Array = np.stack([b * gradient[:, 1] - c * gradient[:, 0], b * gradient[:, 0] - a * gradient[:, 1]],
                                   axis=1) / det[:, None]
            return step
    diagonal = np.diagonal(expected, axis1=-2, axis2=-1)
    scale = np.sqrt(np.where(free & (diagonal > 0), diagonal, 1.0))
    unit = scale[:, :, None] * scale[:, None, :]
    both, rest = free[:, :, None] & free[:, None, :], np.eye(free.shape[1])
    values, vectors = np.linalg.eigh(np.where(both, curve / unit, rest))
    if (values[:, 0] <= 0).any():
        fisher_values, fisher_vectors = np.linalg.eigh(np.where(both, expected / unit, rest))
        is_convex = values[:, :1] > 0
        values = np.where(is_convex, values, fisher_values)
        vectors = np.where(is_convex[..., None], vectors, fisher_vectors)
    along = (np.where(free, gradient / scale, 0.0)[:, None, :] @ vectors)[:, 0]
    along = np.where(values > 1e-12 * values[:, -1:], along / np.where(values > 0, values, 1.0), 0.0)
    step = -(vectors @ along[..., None])[..., 0] / scale
    return step


def _put(at: Solution, places: Places, new: Solution) -> Solution:
    """Solutions with those at `places` replaced."""
    if len(places) == len(at.point):
        return new
    changed = {}
    for name, old in vars(at).items():
        both = old.copy()
        both[places] = getattr(new, name)
        changed[name] = both
    return Solution(**changed)
