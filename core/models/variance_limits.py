"""Profile-likelihood limits of the variances: where the maximum likelihood deviance, minimized over everything
else, has risen by a χ²(1) quantile (as lme4's `confint`, which gives their square roots).

At a fixed point (variance ratios and tilt) the deviance depends on σ² alone, as n log σ² + rss/σ², and the σ²
at which it meets the threshold are two branches of Lambert's W. A limit of τ² = ratio times σ² is therefore the
furthest such product over all points, found by ascent from the best point of the grid.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from scipy.special import lambertw

from core.models.criterion import LOG_2PI, Problem, Solution, deviance, solve
from core.models.estimate import Interval
from core.models.linear_mixed import Fitted
from core.models.moments import Array
from core.models.tails import chi2_quantile
from core.models.variance_search import lowest, units

SLIVER = 1e-3  # of what can be told from zero in a mean study: below, steps are equal, above they multiply
NET = {1: 17, 2: 9, 3: 7}  # points along each coordinate
WIDE, NARROW, FURTHEST = 2.5, 1e-8, 30.0  # logarithms: of a step of the grid, of where to stop, of the end of the world
Component = Literal["tau2", "slope_var", "sigma2"]


@dataclass(frozen=True)
class _Target:
    """A component of a model, and which way its limit is sought (-1 low, 1 high); `cut` is the threshold."""

    model: Problem
    component: Component
    side: int
    cut: float

    def ratio(self, point: Array) -> Array:
        """The component over σ² (...)."""
        if self.component == "sigma2":
            return np.ones(point.shape[:-1])
        if self.component == "tau2" and self.model.correlated:
            value: Array = point[..., 0] + point[..., 1] * point[..., 2] ** 2
            return value
        return point[..., 1 if self.component == "slope_var" and self.model.intercept else 0]

    def sigma2(self, at: Solution) -> Array:
        """The σ² (...) at which the deviance meets the threshold, on this side; where it is above it everywhere,
        the σ² of least deviance.
        """
        n = self.model.n
        height = (self.cut - at.log_det - at.uncentered) / n - LOG_2PI - np.log(at.rss / n)
        argument = -np.exp(-np.maximum(height, 1.0))
        share = -np.real(lambertw(argument, 0 if self.side > 0 else -1))
        value: Array = at.rss / (n * share)
        return value

    def excess(self, at: Solution) -> Array:
        """How far (...) the deviance is above the threshold wherever σ² is; zero or below where it is not."""
        value: Array = deviance(self.model, at, reml=False) - self.cut
        return value

    def reach(self, at: Solution) -> Array:
        """The logarithm (...) of the component at the threshold, toward the side; -inf out of reach."""
        ratio = self.ratio(at.point)
        value = self.side * (np.log(np.where(ratio > 0, ratio, 1.0)) + np.log(self.sigma2(at)))
        return np.where((ratio > 0) & (self.excess(at) <= 0), value, -np.inf)


def variance_interval(fitted: Fitted, component: Component, level: float = 0.95) -> Interval:
    """Profile limits of a variance in the user's units; the lower is 0 where zero lies within them.

    Raises ValueError where the component is not in the model.
    """
    model = fitted.model
    if getattr(fitted.record, component) is None:
        raise ValueError(f"{component} is not in the model")
    best = fitted.likeliest if fitted.likeliest is not None else lowest(model, reml=False, wide=fitted.wide)
    cut = float(deviance(model, best, reml=False)) + chi2_quantile(level, 1)
    low, high = (_furthest(_Target(model, component, side, cut), fitted.wide, best) for side in (-1, 1))
    unit = float(model.scale[-1]) ** 2
    return Interval(0.0 if _reaches_zero(model, component, cut) else low * unit, high * unit, level, "profile")


def _furthest(target: _Target, wide: Solution | None, best: Solution) -> float:
    if wide is None:
        return float(target.sigma2(best))
    reach = target.reach(wide)
    starts = [wide.point[np.unravel_index(int(np.argmax(reach)), reach.shape)]] if np.isfinite(reach).any() else []
    starts += [best.point] if target.ratio(best.point) > 0 else []
    if not starts:  # the variance is at most a sliver of what the grid can see
        starts = [best.point + np.append(SLIVER * units(target.model) / 1e3, [0.0] * target.model.correlated)]
    return float(np.exp(target.side * max(_ascend(target, start) for start in starts)))


def _ascend(target: _Target, start: Array) -> float:
    """The furthest reach near a point: a net of points around the best so far, drawn ever tighter. The reach ends at a
    cliff, which has no slope to follow.
    """
    model, d = target.model, target.model.d
    size = units(model)
    fine = SLIVER * np.append(size, (size[0] / size[1]) ** -0.5 * 100) if model.correlated else SLIVER * size
    steps = np.linspace(-1, 1, NET[d])
    net = np.stack(np.meshgrid(*[steps] * d, indexing="ij"), axis=-1).reshape(-1, d)
    lowest_at = np.where(np.arange(d) < model.q, 0.0, -np.inf)  # a tilt may be negative
    center, half, best = np.arcsinh(start / fine), np.full(d, WIDE), -np.inf
    while half.max() > NARROW:
        at = np.clip(center + net * half, lowest_at, FURTHEST)
        reach = target.reach(solve(model, np.sinh(at) * fine))
        place = int(np.argmax(reach))
        if reach[place] >= best:
            best, center = float(reach[place]), at[place]
            is_at_edge = (np.abs(net[place]) == 1) & (center > lowest_at) & (center < FURTHEST)
        else:
            is_at_edge = np.zeros(d, dtype=bool)
        half = np.where(is_at_edge, half, half / 2)
    return best


def _reaches_zero(model: Problem, component: Component, cut: float) -> bool:
    """Whether the deviance without the component is below the threshold."""
    if component == "sigma2":
        return False
    gone = 1 if component == "slope_var" and model.intercept else 0
    kept = [j for j in range(model.q) if j != gone]
    without = replace(model, loading=model.loading[kept], intercept=model.intercept and gone != 0, correlated=False)
    return float(deviance(without, lowest(without, reml=False), reml=False)) <= cut
