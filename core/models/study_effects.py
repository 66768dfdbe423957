"""What a fitted linear mixed model says of single studies and patients: conditional effects, predictions,
residuals.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import stdtrit

from core.models.derivatives import pieces
from core.models.linear_mixed import Fitted
from core.models.moments import Array

Of = Literal["mean", "new_study", "new_patient"]


@dataclass(frozen=True)
class StudyEffects:
    """How each study departs from the average, given the data: the means of u_s and v_s, drawn toward zero as far
    as a study is small (best linear unbiased predictions), with conditional standard errors, β and the variances
    taken as known (as lme4's `condVar`). All (k,), in the order of `studies`; zero where a variance is zero,
    `slope` None without a random slope.

    Where each study has an intercept of its own, `intercept` is that, without an error.
    """

    studies: tuple[int, ...]
    intercept: Array
    intercept_se: Array | None
    slope: Array | None
    slope_se: Array | None


@dataclass(frozen=True)
class Predictions:
    """Predicted outcomes (r,) with standard error, df and limits (r,)."""

    mean: Array
    se: Array
    df: Array
    low: Array
    high: Array
    level: float
    of: Of


@dataclass(frozen=True)
class Residuals:
    """Residuals (n,) in the order of the rows: `marginal` from the fixed part alone, `conditional` from the
    study's own line, `standardized` the latter over σ.
    """

    marginal: Array
    conditional: Array
    standardized: Array


def study_effects(fitted: Fitted) -> StudyEffects:
    """Conditional study effects in the user's units, from moments alone."""
    model, studies = fitted.model, fitted.moments.studies
    if model.q == 0 and model.removed is None:
        return StudyEffects(studies, np.zeros(model.k), np.zeros(model.k), None, None)
    effects, errors = _conditional(fitted)
    if model.removed is not None:
        slope = effects[:, 0] if model.q else None
        return StudyEffects(studies, _own_intercepts(fitted, slope), None, slope, errors[:, 0] if model.q else None)
    has_slope = model.q > 1
    return StudyEffects(studies, effects[:, 0], errors[:, 0], effects[:, 1] if has_slope else None,
                        errors[:, 1] if has_slope else None)


def _conditional(fitted: Fitted) -> tuple[Array, Array]:
    """Means and standard errors (k, q) of the random effects: b = D z'H⁻¹r, Var = σ² (D - D z'H⁻¹z D)."""
    model, at = fitted.model, fitted.at
    parts = pieces(model, at)
    ratio, turn = at.point[:model.q], np.eye(model.q)
    if model.correlated:
        turn[0, 1] = at.point[2]  # from the tilted slope's center to the user's
    residual, lines = parts.residual[:, :model.q], parts.within[:, :model.q, :model.q]
    effects = (residual * ratio) @ turn.T * float(model.scale[-1])
    within = turn @ (np.diag(ratio) - ratio[:, None] * lines * ratio) @ turn.T
    variance = np.maximum(np.diagonal(within, axis1=-2, axis2=-1), 0.0) * fitted.record.sigma2
    return effects, np.sqrt(variance)


def _own_intercepts(fitted: Fitted, slope: Array | None) -> Array:
    """The intercepts (k,) that were swept out: where each study's mean residual is zero."""
    moments = fitted.moments
    own: Array = moments.mean[:, -1] - moments.mean[:, :-1] @ fitted.record.beta
    if slope is not None and fitted.structure.slope is not None:
        column = moments.mean[:, moments.index(fitted.structure.slope.column)]
        own = own - slope * (column - fitted.structure.slope.center)
    return own


def predict(fitted: Fitted, columns: Mapping[str, ArrayLike], *, of: Of = "mean",
            level: float = 0.95) -> Predictions:
    """The outcome at values of the fixed columns, name to (r,), in an average study.

    Limits are those of the mean (Satterthwaite df); or, with `of`, of the mean of a new study (its own intercept
    and slope added) or of one new patient (the spread of patients added), on k - 2 df as for a pool of studies.
    Raises ValueError where intercepts are stratified, for then no study is average, and for fewer than three
    studies of a new one.
    """
    record = fitted.record
    if fitted.model.removed is not None:
        raise ValueError("no average study where each has an intercept of its own")
    if of != "mean" and record.k < 3:
        raise ValueError("a new study cannot be foretold from fewer than three")
    values = [np.atleast_1d(np.asarray(columns[name], dtype=float)) for name in record.terms[1:]]
    lines = np.column_stack([np.ones(max(map(len, values), default=1)), *values])
    variance = np.einsum("ri,ij,rj->r", lines, record.cov, lines)
    scaled = lines @ fitted.model.unscaled[0]
    df = np.array([fitted.observed.df(line) for line in scaled])
    if of != "mean":
        variance = variance + _between(fitted, columns) + (record.sigma2 if of == "new_patient" else 0.0)
        df = np.full(len(lines), record.k - 2.0)
    mean, se = lines @ record.beta, np.sqrt(variance)
    margin = stdtrit(df, (1 + level) / 2) * se
    return Predictions(mean, se, df, mean - margin, mean + margin, level, of)


def _between(fitted: Fitted, columns: Mapping[str, ArrayLike]) -> Array | float:
    """The variance of a study's own line at these values."""
    record, slope = fitted.record, fitted.structure.slope
    tau2 = record.tau2 or 0.0
    if slope is None or record.slope_var is None:
        return tau2
    z = np.atleast_1d(np.asarray(columns[slope.column], dtype=float)) - slope.center
    value: Array = tau2 + 2 * (record.covariance or 0.0) * z + record.slope_var * z ** 2
    return value


def residuals(fitted: Fitted, columns: Mapping[str, ArrayLike], study: ArrayLike) -> Residuals:
    """Residuals of the patients whose columns (fixed and response, (n,)) the model was fitted to."""
    moments, record, slope = fitted.moments, fitted.record, fitted.structure.slope
    y = np.asarray(columns[moments.columns[-1]], dtype=float)
    values = [np.asarray(columns[name], dtype=float) for name in moments.columns[:-1]]
    effects = study_effects(fitted)
    place = np.searchsorted(np.asarray(moments.studies), np.asarray(study))
    own = effects.intercept[place]
    if fitted.model.removed is None:
        marginal = y - np.column_stack([np.ones(len(y)), *values]) @ record.beta
    else:  # the study's intercept is fixed
        marginal = y - np.column_stack(values) @ record.beta - own
        own = np.zeros(len(y))
    if effects.slope is not None and slope is not None:
        own = own + effects.slope[place] * (np.asarray(columns[slope.column], dtype=float) - slope.center)
    conditional = marginal - own
    return Residuals(marginal, conditional, conditional / np.sqrt(record.sigma2))
