"""Linear mixed models whose patients vary more in one study than in another: a residual variance σ_s² by study.

V_s = σ_s² I + Z D Z'. Dividing a study's moments by σ_s² gives the problem of `criterion` with σ² = 1, so the
same solver serves. The variances are found together by a quasi-Newton search from those of the common model
(exact gradients), then by Newton's method on the gradient. Degrees of freedom are Satterthwaite's from the
curvature of the restricted deviance in all variances.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from scipy.optimize import minimize

from core.models.criterion import LOG_2PI, Problem, Solution, Structure, held, problem, scale_of_deviance, solve
from core.models.derivatives import pieces
from core.models.estimability import NEGLIGIBLE, unexplained, why_not
from core.models.estimate import Estimate, Interval
from core.models.linear_mixed import NOT_SOLVED, PUBLISHED, TREATMENT, CiMethod, fit
from core.models.moments import Array, StudyMoments
from core.models.profile import crossing
from core.models.tails import chi2_quantile, normal_quantile, t_quantile, t_two_sided
from core.models.variance_search import units

SMALLEST = np.log(1e-12)  # of a residual variance, in units of the common one
STEP = 1e-4  # of a logarithm of a variance, for the curvature of the deviance
POLISH = 3


@dataclass(frozen=True)
class ByStudyEstimate:
    """One coefficient of the model, or the reason why there is none. `residual_variances` by study code."""

    level: float
    n: int
    k: int
    effect: Estimate | None = None
    residual_variances: dict[int, float] = field(default_factory=dict)
    tau2: float | None = None
    slope_var: float | None = None
    loglik: float | None = None
    reason: str | None = None


@dataclass(frozen=True)
class _Model:
    """The problem and the place of its parameters: k logarithms of residual variances, then q variances."""

    common: Problem
    reml: bool
    hold: tuple[int, float] | None = None

    def at(self, parameters: Array) -> tuple[Problem, Solution]:
        k = self.common.k
        share = np.exp(-parameters[:k])
        removed = None if self.common.removed is None else self.common.removed * share
        model = replace(self.common, weight=self.common.weight * share,
                        scatter=self.common.scatter * share[:, None, None], removed=removed)
        solution = solve(model, parameters[k:])
        if self.hold is not None:
            solution = held(solution, *self.hold)
        return model, solution

    def deviance(self, parameters: Array) -> tuple[float, Array]:
        """The deviance of the scaled columns, β profiled out, and its gradient."""
        k, reml = self.common.k, self.reml
        model, at = self.at(parameters)
        swept = int(self.common.removed is not None and reml)
        size = self.common.weight - swept
        value = float(size @ parameters[:k] + at.log_det + at.rss) + self._nu() * LOG_2PI
        value += float(at.log_det_x if reml else at.uncentered)
        parts = pieces(model, at)
        ratio = parameters[k:]
        own = size - np.einsum("sjj,j->s", parts.within if reml else parts.uncentered, ratio)
        squares = inverse_squares(model, at)
        p = model.p
        line = np.append(-at.beta, 1.0)
        own = own - np.einsum("a,sab,b->s", line, squares, line)
        by_ratio = parts.log_det(reml=reml) + parts.rss()
        if reml:
            own = own - np.einsum("sab,ab->s", squares[:, :p, :p], at.cov)
            by_ratio = by_ratio + parts.log_det_x()
        return value, np.concatenate([own, by_ratio])

    def _nu(self) -> float:
        swept = 0 if self.common.removed is None else self.common.k
        return float(self.common.n) - (self.common.p + swept if self.reml else 0)

    def lowest(self, start: Array, polish: int = POLISH) -> Array:
        """The parameters of least deviance near `start`; polished to the last digits by steps of Newton's method."""
        k, scale = self.common.k, self._scale(start)
        bounds = [(SMALLEST, -SMALLEST)] * k + [(0.0, None)] * self.common.q

        def scaled(x: Array) -> tuple[float, Array]:
            value, slope = self.deviance(x * scale)
            return value, slope * scale

        found = minimize(scaled, start / scale, jac=True, method="L-BFGS-B", bounds=bounds,
                         options={"ftol": 1e-15, "gtol": 1e-8, "maxiter": 2000, "maxfun": 5000, "maxcor": 30})
        parameters: Array = found.x * scale
        for _ in range(polish):
            value, slope = self.deviance(parameters)
            free = self.free(parameters, slope)
            step, unit = np.zeros(len(parameters)), self._scale(parameters)[free]
            curve = self.curvature(parameters, free) * np.outer(unit, unit)
            step[free] = -unit * np.linalg.lstsq(curve, unit * slope[free], rcond=1e-12)[0]
            following = np.concatenate([parameters[:k] + step[:k], np.maximum(parameters[k:] + step[k:], 0.0)])
            if not (np.abs(step[:k]) < 1).all() or self.deviance(following)[0] > value:
                break
            parameters = following
        return parameters

    def free(self, parameters: Array, slope: Array) -> Array:
        """Which parameters may move: a variance at zero only where the deviance falls with it."""
        may = np.ones(len(parameters), dtype=bool)
        k = self.common.k
        may[k:] = (parameters[k:] > 0) | (slope[k:] < 0)
        return may

    def curvature(self, parameters: Array, free: Array) -> Array:
        """The second derivative of the deviance among the free parameters, from differences of its gradient."""
        rows = []
        scale = self._scale(parameters)
        for j in np.flatnonzero(free):
            step = np.zeros(len(parameters))
            step[j] = STEP * scale[j]
            up, down = (self.deviance(parameters + sign * step)[1][free] for sign in (1, -1))
            rows.append((up - down) / (2 * step[j]))
        table = np.array(rows)
        value: Array = (table + table.T) / 2
        return value

    def _scale(self, parameters: Array) -> Array:
        """What is a small part of each parameter's range near `parameters`: a variance between studies may be a million
        times what can just be told from zero.
        """
        between = parameters[self.common.k:]
        return np.concatenate([np.ones(self.common.k), np.where(between > 0, between, units(self.common))])


def inverse_squares(model: Problem, at: Solution) -> Array:
    """A' H_s⁻² A (k, P, P), from H⁻² = H⁻¹ - H⁻¹ Z D Z' H⁻¹."""
    assert at.blocks is not None
    rows = model.loadings(at.point) @ at.blocks
    value: Array = at.blocks - np.einsum("sja,j,sjb->sab", rows, at.point[:model.q], rows)
    return value


def estimate_by_study(moments: StudyMoments, response: str, fixed: Sequence[str], term: str,
                      structure: Structure = PUBLISHED, *, treatment: str = TREATMENT, ci: CiMethod = "profile",
                      level: float = 0.95) -> ByStudyEstimate:
    """The coefficient of `term` where each study has a residual variance of its own, by REML; slope and intercept
    independent.
    """
    empty = ByStudyEstimate(level, round(moments.n), moments.k)
    reason = (why_not(moments, response, fixed, structure, treatment)
              or _without_spread(moments.select([*fixed, response])))
    if reason is not None:
        return replace(empty, reason=reason)
    if structure.correlated:
        raise ValueError("with residual variances by study the random effects are independent")
    common = problem(moments, response, fixed, structure)
    start = fit(moments, response, fixed, structure, treatment=treatment)
    if isinstance(start, str):
        return replace(empty, reason=start)
    log_sigma2 = float(np.log(start.at.rss / common.degrees(reml=True)))
    parameters = np.concatenate([np.full(common.k, log_sigma2), start.at.point * np.exp(log_sigma2)])
    model = _Model(common, reml=True)
    try:
        parameters = model.lowest(parameters)
        return _result(empty, model, parameters, moments, term, ci)
    except np.linalg.LinAlgError:
        return replace(empty, reason=NOT_SOLVED)


def _without_spread(chosen: StudyMoments) -> str | None:
    """A study whose outcome the columns can explain to the last digit has no residual variance."""
    p = len(chosen.columns) - 1
    for code, scatter in zip(chosen.studies, chosen.scatter, strict=True):
        size = np.sqrt(np.maximum(scatter.diagonal(), 1e-300))
        if scatter[p, p] <= 0 or unexplained(scatter / np.outer(size, size), list(range(p)), p) < NEGLIGIBLE:
            return f"Study {code} has too few patients, or too equal ones, for a residual variance of its own."
    return None


def _result(empty: ByStudyEstimate, model: _Model, parameters: Array, moments: StudyMoments, term: str,
            ci: CiMethod) -> ByStudyEstimate:
    common, k = model.common, model.common.k
    scaled, at = model.at(parameters)
    place, unit = common.terms.index(term), float(common.scale[-1]) ** 2
    matrix, shift = common.unscaled
    line = matrix.T @ np.eye(common.p)[place]
    value = float((matrix @ at.beta + shift)[place])
    variance = float(line @ at.cov @ line)
    df = _satterthwaite(model, parameters, scaled, at, line)
    se = float(np.sqrt(variance))
    p = t_two_sided(value / se, df)
    margin = t_quantile((1 + empty.level) / 2, df) * se
    interval = Interval(value - margin, value + margin, empty.level, "t")
    if ci == "profile":
        found = _profile(model, parameters, place, empty.level)
        if found is not None:
            low, high = (float(matrix[place, place] * limit) for limit in found)
            interval = Interval(low, high, empty.level, "profile")
    ratios = dict(zip(("tau2", "slope_var") if common.removed is None else ("slope_var",), parameters[k:],
                      strict=False))
    deviance = model.deviance(parameters)[0] + float(scale_of_deviance(common, reml=True))
    return replace(
        empty, effect=Estimate(value, "difference", se, df, p, interval),
        residual_variances={code: float(np.exp(log)) * unit for code, log in
                            zip(moments.studies, parameters[:k], strict=True)},
        tau2=None if "tau2" not in ratios else float(ratios["tau2"]) * unit,
        slope_var=None if "slope_var" not in ratios else float(ratios["slope_var"]) * unit, loglik=-deviance / 2)


def _satterthwaite(model: _Model, parameters: Array, scaled: Problem, at: Solution, line: Array) -> float:
    """2 f² / (g' A g) with A twice the inverse curvature of the deviance in all variances."""
    free = model.free(parameters, np.zeros(len(parameters)))
    curvature = model.curvature(parameters, free)
    p, weighted = scaled.p, at.cov @ line
    of_residuals = np.einsum("a,sab,b->s", weighted, inverse_squares(scaled, at)[:, :p, :p], weighted)
    of_effects = ((pieces(scaled, at).design @ (line @ at.root)) ** 2).sum(axis=0)
    slope = np.concatenate([of_residuals, of_effects])[free]
    f = float(line @ at.cov @ line)
    return float(f ** 2 / (slope @ np.linalg.solve(curvature, slope)))


def _profile(model: _Model, parameters: Array, place: int, level: float) -> tuple[float, float] | None:
    """Limits of the scaled coefficient on the ML deviance, everything else minimized anew at each value."""
    ml = replace(model, reml=False)
    best = ml.lowest(parameters, polish=0)
    threshold = ml.deviance(best)[0] + chi2_quantile(level, 1)
    at = ml.at(best)[1]
    center, reach = float(at.beta[place]), normal_quantile((1 + level) / 2) * float(np.sqrt(at.cov[place, place]))

    def deviance_at(value: float) -> float:
        moved = replace(ml, hold=(place, value))
        return moved.deviance(moved.lowest(best, polish=0))[0]

    low, high = (crossing(deviance_at, center, side * reach, threshold) for side in (-1, 1))
    return None if low is None or high is None else (low, high)
