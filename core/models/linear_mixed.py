"""Linear mixed models with study as the only grouping factor: y = X β + u_s (+ v_s (T - 1/2)) + e.

As published: a random study intercept u_s ~ N(0, τ²). Recommended: also an independent random slope v_s for
the treatment. Fitted by REML from study moments alone. An estimate that cannot be had comes back with a
reason, never as an exception.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from core.models.criterion import (
    INTERCEPT,
    Problem,
    Slope,
    Solution,
    Structure,
    deviance,
    problem,
    scale_of_deviance,
    solve,
)
from core.models.degrees_of_freedom import (
    FTest,
    Information,
    expected,
    kenward_roger_f,
    observed,
    satterthwaite_f,
)
from core.models.estimability import why_not
from core.models.estimate import EffectEstimate, Estimate, Interval
from core.models.moments import Array, NotFinite, StudyMoments, from_rows
from core.models.profile import linear_limits
from core.models.tails import f_above, t_quantile, t_two_sided
from core.models.variance_search import grid, lowest, lowest_of_both

DfMethod = Literal["satterthwaite", "kenward_roger"]
CiMethod = Literal["profile", "t"]
TREATMENT, RESPONSE = "treatment", "y"
PUBLISHED = Structure()
RECOMMENDED = Structure(Slope(TREATMENT, 0.5))
ZERO = {"tau2": "the variance between studies",
        "slope_var": "the variance of the treatment effect between studies"}


@dataclass(frozen=True)
class LinearFit:
    """One fit, in the user's units. `beta` (p,) and `cov` (p, p) in the order of `terms`, the intercept first.

    `tau2` is the variance of the study intercepts where the slope's column is at its center, `slope_var` of the
    random slope, `covariance` theirs; None where not in the model. `deviance` is -2 `loglik`, restricted if
    `method` is REML; `boundary` names the variances estimated as zero, or "correlation" where it is -1 or 1.
    """

    terms: tuple[str, ...]
    beta: Array
    cov: Array
    sigma2: float
    tau2: float | None
    slope_var: float | None
    covariance: float | None
    loglik: float
    deviance: float
    aic: float
    boundary: tuple[str, ...]
    n: int
    k: int
    method: Literal["REML", "ML", "OLS"]


@dataclass(frozen=True)
class Fitted:
    """A fitted model with what its tests, predictions and limits are taken from: the moments of its columns (the
    response last), the problem, its solution on the scaled columns, and the same as a record; `wide`: the model
    solved on the whole grid of the search, `likeliest`: the solution by maximum likelihood, if it was searched for.
    """

    moments: StudyMoments = field(repr=False)
    structure: Structure
    model: Problem = field(repr=False)
    at: Solution = field(repr=False)
    record: LinearFit
    wide: Solution | None = field(repr=False, default=None)
    likeliest: Solution | None = field(repr=False, default=None)

    @cached_property
    def observed(self) -> Information:
        """What Satterthwaite's df are taken from, for any line of coefficients."""
        return observed(self.model, self.at)

    @cached_property
    def expected(self) -> Information:
        """The same for Kenward & Roger's."""
        return expected(self.model, self.at)

    def place(self, term: str) -> int:
        """The place of a coefficient; ValueError where there is none of that name."""
        return self.model.terms.index(term)


@dataclass(frozen=True)
class LinearEstimate(EffectEstimate):
    """One coefficient with the fit it comes from; it has a reason and no numbers where it cannot be had."""

    fit: LinearFit | None = None

    @property
    def tau2(self) -> float | None:
        return None if self.fit is None else self.fit.tau2

    @property
    def slope_var(self) -> float | None:
        return None if self.fit is None else self.fit.slope_var

    @property
    def sigma2(self) -> float | None:
        return None if self.fit is None else self.fit.sigma2

    @property
    def boundary(self) -> tuple[str, ...]:
        return () if self.fit is None else self.fit.boundary


@dataclass(frozen=True)
class JointTest:
    """Whether several coefficients are all zero: F on df1 and df2."""

    f: float
    df1: int
    df2: float
    p: float


def treatment_effect(y: ArrayLike, treatment: ArrayLike, study: ArrayLike,
                     covariates: ArrayLike | None = None, *, random_slope: bool,
                     df: DfMethod = "satterthwaite", ci: CiMethod = "profile",
                     level: float = 0.95) -> LinearEstimate:
    """The effect of treatment on y (METHODS section 5): published model, or recommended with `random_slope`.

    `y`, `treatment` (0/1) and `study` (integer codes) are (n,), `covariates` (n, q) or None; none missing.
    """
    return coefficient(effect_columns(y, treatment, covariates), study, TREATMENT, random_slope=random_slope, df=df,
                       ci=ci, level=level)


def effect_columns(y: ArrayLike, treatment: ArrayLike, covariates: ArrayLike | None = None) -> dict[str, ArrayLike]:
    """The columns of `treatment_effect` by name."""
    columns: dict[str, ArrayLike] = {TREATMENT: treatment, RESPONSE: y}
    if covariates is not None:
        table = np.asarray(covariates, dtype=float)
        table = table[:, None] if table.ndim == 1 else table
        columns |= {f"covariate {j + 1}": table[:, j] for j in range(table.shape[1])}
    return columns


def coefficient(columns: Mapping[str, ArrayLike], study: ArrayLike, term: str, *, response: str = RESPONSE,
                treatment: str = TREATMENT, random_slope: bool, df: DfMethod = "satterthwaite",
                ci: CiMethod = "profile", level: float = 0.95) -> LinearEstimate:
    """The coefficient of `term` in the regression of `response` on all other columns, each (n,), none
    missing.

    The random slope, if asked for, is that of `treatment` - 1/2.
    """
    structure = Structure(Slope(treatment, 0.5)) if random_slope else PUBLISHED
    fixed = [name for name in columns if name != response]
    try:
        moments = from_rows(columns, study)
    except NotFinite as error:
        codes = np.asarray(study)
        return LinearEstimate(level, len(codes), len(np.unique(codes)), reason=str(error))
    return estimate(moments, response, fixed, term, structure, treatment=treatment, df=df, ci=ci, level=level)


def estimate(moments: StudyMoments, response: str, fixed: Sequence[str], term: str,
             structure: Structure = PUBLISHED, *, treatment: str = TREATMENT, df: DfMethod = "satterthwaite",
             ci: CiMethod = "profile", level: float = 0.95) -> LinearEstimate:
    """The same from study moments. `treatment`, where it is among the fixed columns, gives the sizes of the
    arms.
    """
    empty = _empty(moments, treatment, level)
    fitted = fit(moments, response, fixed, structure, treatment=treatment)
    if isinstance(fitted, str):
        return replace(empty, reason=fitted)
    effect = effect_of(fitted, term, df=df, ci=ci, level=level)
    if effect is None:
        return replace(empty, reason=NO_ERROR)
    return replace(empty, effect=effect, note=note(fitted.record), fit=fitted.record)


NO_ERROR = "The data leave the standard error undetermined."
NOT_SOLVED = "The columns are so nearly dependent on each other that the model cannot be solved."


def fit(moments: StudyMoments, response: str, fixed: Sequence[str], structure: Structure = PUBLISHED, *,
        reml: bool = True, treatment: str = TREATMENT, with_limits: bool = True) -> Fitted | str:
    """The fitted model, or why there is none, in a sentence. Where profile limits will not be asked for, the search for
    the maximum likelihood they start from can be spared.
    """
    moments = moments.select([*fixed, response])
    reason = why_not(moments, response, fixed, structure, treatment)
    if reason is not None:
        return reason
    model = problem(moments, response, fixed, structure)
    try:
        wide = grid(model) if model.q else None
        likeliest = None
        if wide is None:
            at = likeliest = solve(model, np.zeros(0))
        elif with_limits:
            restricted, likeliest = lowest_of_both(model, wide)
            at = restricted if reml else likeliest
        else:
            at = lowest(model, reml=reml, wide=wide)
    except np.linalg.LinAlgError:
        return NOT_SOLVED
    return Fitted(moments, structure, model, at,
                  record(model, at, method="REML" if reml else "ML"), wide, likeliest)


def effect_of(fitted: Fitted, line: str | ArrayLike, *, df: DfMethod = "satterthwaite", ci: CiMethod = "profile",
              level: float = 0.95) -> Estimate | None:
    """The estimate, error, test and interval of a coefficient, or of a combination of them.

    `line`: a term's name, or weights (p,) in the order of the terms. A combination has a t interval, and so has
    every estimate of a single study. None where the error is undetermined.
    """
    model, record_ = fitted.model, fitted.record
    weights = np.eye(model.p)[fitted.place(line)] if isinstance(line, str) else np.asarray(line, dtype=float)
    scaled = model.unscaled[0].T @ weights
    value, variance = float(weights @ record_.beta), float(weights @ record_.cov @ weights)
    if df == "kenward_roger":
        freedom, enlarged = fitted.expected.df(scaled), float(fitted.expected.enlarged(scaled[None])[0, 0])
        variance *= enlarged / float(((scaled @ fitted.at.root) ** 2).sum())
    else:
        freedom = fitted.observed.df(scaled)
    if not (np.isfinite(freedom) and freedom > 0 and variance > 0):
        return None
    se = float(np.sqrt(variance))
    margin = t_quantile((1 + level) / 2, freedom) * se
    interval = Interval(value - margin, value + margin, level, "t")
    if ci == "profile" and model.q and isinstance(line, str):
        interval = profile_interval(fitted, line, level)
    return Estimate(value, "difference", se, freedom, t_two_sided(value / se, freedom), interval)


def joint_test(fitted: Fitted, terms: Sequence[str], df: DfMethod = "satterthwaite") -> JointTest:
    """F test that the coefficients of `terms` are all zero."""
    model, at = fitted.model, fitted.at
    lines = np.eye(model.p)[[fitted.place(term) for term in terms]] @ model.unscaled[0]
    found: FTest = (kenward_roger_f(model, at, lines, fitted.expected) if df == "kenward_roger"
                    else satterthwaite_f(model, at, lines, fitted.observed))
    return JointTest(found.f, found.df1, found.df2, f_above(found.f, found.df1, found.df2))


def profile_interval(fitted: Fitted, term: str, level: float = 0.95) -> Interval:
    """Profile-likelihood limits of one coefficient, on the ML deviance even after a REML fit."""
    model, place = fitted.model, fitted.place(term)
    if term == INTERCEPT:
        model = model.about_zero()
        limits = linear_limits(model, place, level)
    else:
        limits = linear_limits(model, place, level, fitted.wide, fitted.likeliest)
    matrix, shift = model.unscaled
    low, high = (float(matrix[place, place] * limit + shift[place]) for limit in limits)
    return Interval(low, high, level, "profile")


def record(model: Problem, at: Solution, *, method: Literal["REML", "ML"]) -> LinearFit:
    """A solution in the user's units."""
    reml = method == "REML"
    matrix, shift = model.unscaled
    scaled_sigma2 = float(at.rss / model.degrees(reml=reml))
    sigma2 = scaled_sigma2 * float(model.scale[-1]) ** 2
    value = float(deviance(model, at, reml=reml) + scale_of_deviance(model, reml=reml))
    ratios = dict(zip(("tau2", "slope_var") if model.removed is None else ("slope_var",), at.point, strict=False))
    tau, slope = ratios.get("tau2"), ratios.get("slope_var")
    covariance = None
    boundary = [name for name, ratio in ratios.items() if ratio == 0]
    if model.correlated and tau is not None and slope is not None:
        if tau == 0 < slope and at.point[2] != 0:
            boundary = ["correlation"]
        covariance = float(at.point[2] * slope) * sigma2
        tau = tau + slope * at.point[2] ** 2
    parameters = model.p + model.d + 1 + (0 if model.removed is None else model.k)
    return LinearFit(
        terms=model.terms, beta=matrix @ at.beta + shift, cov=matrix @ at.cov @ matrix.T * scaled_sigma2,
        sigma2=sigma2, tau2=None if tau is None else float(tau) * sigma2,
        slope_var=None if slope is None else float(slope) * sigma2, covariance=covariance,
        loglik=-value / 2, deviance=value, aic=value + 2 * parameters, boundary=tuple(boundary),
        n=round(float(model.n)), k=model.k, method=method if model.q else "OLS")


def _empty(moments: StudyMoments, treatment: str, level: float) -> LinearEstimate:
    active = control = None
    if treatment in moments.columns:
        active = round(float(moments.weight @ moments.mean[:, moments.index(treatment)]))
        control = round(moments.n) - active
    return LinearEstimate(level=level, n=round(moments.n), k=moments.k, n_active=active, n_control=control)


def note(fit: LinearFit) -> str:
    """What a reader must know of a fit: one study, or an estimate at the edge of what can be."""
    if fit.k == 1:
        return "One study: fitted by ordinary least squares, with a t interval."
    if "correlation" in fit.boundary:
        return "The study intercepts and treatment effects are estimated as perfectly correlated."
    zero = [ZERO[name] for name in fit.boundary]
    if not zero:
        return ""
    return f"{' and '.join(zero).capitalize()} {'is' if len(zero) == 1 else 'are'} estimated as zero."
