"""Linear mixed models with study as the only grouping factor: y = X β + u_s (+ v_s (T - 1/2)) + e.

As published: a random study intercept u_s ~ N(0, τ²). Recommended: also an independent random slope v_s for
the treatment. Fitted by REML from study moments alone. An estimate that cannot be had comes back with a
reason, never as an exception.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import t as student

from core.models.criterion import Problem, Slope, Solution, deviance, problem, scale_of_deviance, solve
from core.models.degrees_of_freedom import kenward_roger, satterthwaite
from core.models.moments import Array, StudyMoments, from_rows
from core.models.profile import linear_limits
from core.models.variance_search import grid, lowest

DfMethod = Literal["satterthwaite", "kenward_roger"]
CiMethod = Literal["profile", "t"]
TREATMENT, RESPONSE = "treatment", "y"
ROUNDING = 1e-13  # of a column's mean: how much a constant may seem to vary
NEGLIGIBLE = 1e-10  # of a column's variance: what is left of it after rounding


@dataclass(frozen=True)
class LinearFit:
    """One fit, in the user's units. `beta` (p,) and `cov` (p, p) in the order of `terms`, the intercept
    first.

    `tau2` is the variance of the study intercepts, `slope_var` of the random slope, None where not in the
    model; `deviance` is -2 `loglik`, restricted if `method` is REML; `boundary` names the variances
    estimated as zero.
    """

    terms: tuple[str, ...]
    beta: Array
    cov: Array
    sigma2: float
    tau2: float | None
    slope_var: float | None
    loglik: float
    deviance: float
    aic: float
    boundary: tuple[str, ...]
    n: int
    k: int
    method: Literal["REML", "ML", "OLS"]


@dataclass(frozen=True)
class LinearEstimate:
    """One coefficient with all that is needed to read it. Where it cannot be had, `reason` says why and
    numbers are None.
    """

    level: float
    n: int
    k: int
    n_active: int | None = None
    n_control: int | None = None
    estimate: float | None = None
    se: float | None = None
    df: float | None = None
    p: float | None = None
    ci_low: float | None = None
    ci_high: float | None = None
    tau2: float | None = None
    slope_var: float | None = None
    sigma2: float | None = None
    boundary: tuple[str, ...] = ()
    note: str = ""
    reason: str | None = None
    fit: LinearFit | None = None


def treatment_effect(y: ArrayLike, treatment: ArrayLike, study: ArrayLike,
                     covariates: ArrayLike | None = None, *, random_slope: bool,
                     df: DfMethod = "satterthwaite", ci: CiMethod = "profile",
                     level: float = 0.95) -> LinearEstimate:
    """The effect of treatment on y (METHODS section 5): published model, or recommended with `random_slope`.

    `y`, `treatment` (0/1) and `study` (integer codes) are (n,), `covariates` (n, q) or None; none missing.
    """
    columns: dict[str, ArrayLike] = {TREATMENT: treatment, RESPONSE: y}
    if covariates is not None:
        table = np.asarray(covariates, dtype=float)
        table = table[:, None] if table.ndim == 1 else table
        columns |= {f"covariate {j + 1}": table[:, j] for j in range(table.shape[1])}
    return coefficient(columns, study, TREATMENT, random_slope=random_slope, df=df, ci=ci, level=level)


def coefficient(columns: Mapping[str, ArrayLike], study: ArrayLike, term: str, *, response: str = RESPONSE,
                treatment: str = TREATMENT, random_slope: bool, df: DfMethod = "satterthwaite",
                ci: CiMethod = "profile", level: float = 0.95) -> LinearEstimate:
    """The coefficient of `term` in the regression of `response` on all other columns, each (n,), none
    missing.

    The random slope, if asked for, is that of `treatment` - 1/2.
    """
    slope = Slope(treatment, 0.5) if random_slope else None
    fixed = [name for name in columns if name != response]
    return estimate(from_rows(columns, study), response, fixed, term, slope=slope, treatment=treatment, df=df,
                    ci=ci, level=level)


def estimate(moments: StudyMoments, response: str, fixed: Sequence[str], term: str, *, slope: Slope | None,
             treatment: str = TREATMENT, df: DfMethod = "satterthwaite", ci: CiMethod = "profile",
             level: float = 0.95) -> LinearEstimate:
    """The same from study moments. `treatment`, where it is among the fixed columns, gives the sizes of the
    arms.
    """
    empty = _empty(moments, treatment, level)
    reason = why_not(moments, response, fixed, slope, treatment)
    if reason is not None:
        return replace(empty, reason=reason)
    model = build(moments, response, fixed, slope)
    on_grid = solve(model, grid(model))
    at = lowest(model, reml=True, on_grid=on_grid)
    fit = record(model, at, method="REML")
    place = model.terms.index(term)
    value, se, freedom = _test(model, at, fit, place, df)
    margin = float(student.ppf((1 + level) / 2, freedom)) * se
    low, high = value - margin, value + margin
    if ci == "profile" and model.q:
        matrix, _ = model.unscaled()
        low, high = (matrix[place, place] * limit for limit in linear_limits(model, place, level, on_grid))
    p_value = float(2 * student.sf(abs(value) / se, freedom))
    return replace(empty, estimate=value, se=se, df=freedom, p=p_value, ci_low=float(low),
                   ci_high=float(high), tau2=fit.tau2, slope_var=fit.slope_var, sigma2=fit.sigma2,
                   boundary=fit.boundary, note=_note(fit), fit=fit)


def fit_linear(moments: StudyMoments, response: str, fixed: Sequence[str], *, slope: Slope | None = None,
               reml: bool = True) -> LinearFit:
    """The fitted model. Raises ValueError with the reason where it cannot be fitted."""
    reason = why_not(moments, response, fixed, slope, TREATMENT)
    if reason is not None:
        raise ValueError(reason)
    model = build(moments, response, fixed, slope)
    return record(model, lowest(model, reml=reml), method="REML" if reml else "ML")


def build(moments: StudyMoments, response: str, fixed: Sequence[str], slope: Slope | None) -> Problem:
    """The model to be solved; one study has no variance between studies, and so no random effects."""
    several = moments.k > 1
    return problem(moments, response, fixed, intercept=several, slope=slope if several else None)


def record(model: Problem, at: Solution, *, method: Literal["REML", "ML"]) -> LinearFit:
    """A solution in the user's units."""
    reml = method == "REML"
    matrix, shift = model.unscaled()
    scaled_sigma2 = float(at.rss) / (model.n - model.p if reml else model.n)
    sigma2 = scaled_sigma2 * float(model.scale[-1]) ** 2
    value = float(deviance(model, at, reml=reml)) + scale_of_deviance(model, reml=reml)
    variances = dict(zip(("tau2", "slope_var"), (float(ratio) * sigma2 for ratio in at.ratios), strict=False))
    return LinearFit(
        terms=model.terms, beta=matrix @ at.beta + shift, cov=matrix @ at.cov @ matrix.T * scaled_sigma2,
        sigma2=sigma2, tau2=variances.get("tau2"), slope_var=variances.get("slope_var"),
        loglik=-value / 2, deviance=value, aic=value + 2 * (model.p + model.q + 1),
        boundary=tuple(name for name, variance in variances.items() if variance == 0),
        n=round(model.n), k=model.k, method=method if model.q else "OLS")


def why_not(moments: StudyMoments, response: str, fixed: Sequence[str], slope: Slope | None,
            treatment: str) -> str | None:
    """Why the model cannot be fitted, in words; None where it can."""
    if moments.n == 0:
        return "No patients."
    chosen = moments.select([*fixed, response])
    total, within = chosen.pooled_scatter(), chosen.scatter.sum(axis=0)
    for j, name in enumerate(chosen.columns):
        if total[j, j] <= ROUNDING ** 2 * chosen.n * chosen.pooled_mean()[j] ** 2:
            return _constant(name, response, treatment, chosen.pooled_mean()[j])
    parameters = len(fixed) + 2 + (0 if chosen.k == 1 else 1 if slope is None else 2)
    if chosen.n <= parameters:
        return f"{round(chosen.n)} patients are too few for a model of {parameters} parameters."
    size = np.sqrt(total.diagonal())
    scaled, scaled_within = total / np.outer(size, size), within / np.outer(size, size)
    for j in range(1, len(fixed)):
        if _unexplained(scaled, list(range(j)), j) < NEGLIGIBLE:
            return f"{fixed[j]} is determined by the other columns, so its effect cannot be told from theirs."
    if chosen.k > 1 and (chosen.weight <= 1).all():
        return "Every study has one patient, so the variance between studies cannot be told from that within."
    if _unexplained(scaled_within, list(range(len(fixed))), len(fixed)) < NEGLIGIBLE:
        return "Within studies the outcome does not vary beyond what the model explains."
    if chosen.k > 1 and slope is not None and not (chosen.scatter[:, chosen.index(slope.column)] > 0).any():
        return "No study has both arms, so treatment effects cannot be compared between studies."
    return None


def _constant(name: str, response: str, treatment: str, value: float) -> str:
    if name == response:
        return "The outcome is the same for every patient."
    if name == treatment:
        return f"No patient in the {'control' if value > 0.5 else 'active'} arm."
    return f"{name} is the same for every patient."


def _unexplained(scatter: Array, by: list[int], column: int) -> float:
    """What is left of a column's sum of squares after regression on others."""
    if not by:
        return float(scatter[column, column])
    coefficients = np.linalg.lstsq(scatter[np.ix_(by, by)], scatter[by, column], rcond=NEGLIGIBLE)[0]
    return float(scatter[column, column] - scatter[by, column] @ coefficients)


def _empty(moments: StudyMoments, treatment: str, level: float) -> LinearEstimate:
    active = control = None
    if treatment in moments.columns:
        active = round(float(moments.weight @ moments.mean[:, moments.index(treatment)]))
        control = round(moments.n) - active
    return LinearEstimate(level=level, n=round(moments.n), k=moments.k, n_active=active, n_control=control)


def _test(model: Problem, at: Solution, fit: LinearFit, place: int,
          df: DfMethod) -> tuple[float, float, float]:
    """(estimate, standard error, df) in the user's units."""
    variance = float(fit.cov[place, place])
    if df == "kenward_roger":
        freedom, enlarged = kenward_roger(model, at, place)
        variance *= enlarged / float(at.cov[place, place])
    else:
        freedom = satterthwaite(model, at, place)
    return float(fit.beta[place]), float(np.sqrt(variance)), freedom


def _note(fit: LinearFit) -> str:
    if fit.method == "OLS":
        return "One study: fitted by ordinary least squares, with a t interval."
    words = {"tau2": "the variance between studies",
             "slope_var": "the variance of the treatment effect between studies"}
    zero = [words[name] for name in fit.boundary]
    if not zero:
        return ""
    return f"{' and '.join(zero).capitalize()} {'is' if len(zero) == 1 else 'are'} estimated as zero."
