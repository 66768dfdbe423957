"""A second opinion on each linear fit: the same model by statsmodels' MixedLM, which shares no code with ours.

MixedLM's default optimizers are not used: they are wrong on about one dataset in six while reporting convergence,
and on some they run to an infinite likelihood. Powell's method comes first, then others, until one reaches our
likelihood. A zero variance has no place in its parameters, so then its model without that variance is compared,
and the whole model is asked only whether it can do better than ours.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from core.models.linear_mixed import LinearEstimate, LinearFit
from core.models.moments import Array

OPTIMIZERS = ("powell", "bfgs", "nm")
OF_SE = 1e-3  # two estimates this close, in standard errors, are the same
OF_LIKELIHOOD = 1e-3  # two log likelihoods this close are the same


@dataclass(frozen=True)
class EngineVerdict:
    """Whether the second engine agrees; None where it cannot be asked. `theirs` is its estimate."""

    agrees: bool | None
    text: str
    theirs: float | None = None


@dataclass(frozen=True)
class _Fit:
    estimate: float
    loglik: float


def check(estimate: LinearEstimate, y: ArrayLike, treatment: ArrayLike, study: ArrayLike,
          covariates: ArrayLike | None, random_slope: bool) -> EngineVerdict:
    """The verdict on the effect of treatment; arguments as `linear_mixed.treatment_effect` had them."""
    ours, fit = estimate.estimate, estimate.fit
    if ours is None or fit is None or estimate.se is None:
        return EngineVerdict(None, "Nothing to compare: there is no estimate.")
    arm, codes = np.asarray(treatment, dtype=float), np.asarray(study)
    extra = [] if covariates is None else [np.asarray(covariates, dtype=float).reshape(len(arm), -1)]
    fixed = np.column_stack([np.ones(len(arm)), arm, *extra])
    effects = {"tau2": np.ones(len(arm))} if fit.method != "OLS" else {}
    if effects and random_slope:
        effects["slope_var"] = arm - 0.5
    kept = [column for name, column in effects.items() if name not in fit.boundary]
    response = np.asarray(y, dtype=float)
    theirs = _closest(response, fixed, codes, kept, fit)
    if theirs is None:
        return EngineVerdict(None, "Not comparable: none of MixedLM's optimizers reached a solution.")
    better = _closest(response, fixed, codes, list(effects.values()), fit) if fit.boundary else None
    if better is not None and better.loglik > fit.loglik + OF_LIKELIHOOD:
        return EngineVerdict(False, f"MixedLM finds a higher likelihood away from zero variance, with the estimate "
                                    f"{better.estimate:.6g} where ours is {ours:.6g}.", better.estimate)
    return _verdict(ours, estimate.se, fit, theirs)


def _verdict(ours: float, se: float, fit: LinearFit, theirs: _Fit) -> EngineVerdict:
    name = "ordinary least squares" if fit.method == "OLS" or "tau2" in fit.boundary else "MixedLM"
    if "tau2" in fit.boundary and fit.slope_var:
        name = "MixedLM"
    without = " without the variances estimated as zero" if fit.boundary else ""
    if abs(theirs.estimate - ours) <= OF_SE * se:
        return EngineVerdict(True, f"statsmodels ({name}{without}) agrees.", theirs.estimate)
    numbers = f"{theirs.estimate:.6g} where ours is {ours:.6g}"
    if theirs.loglik < fit.loglik - OF_LIKELIHOOD:
        text = f"Not comparable: MixedLM stopped at a lower likelihood ({numbers})."
        return EngineVerdict(None, text, theirs.estimate)
    return EngineVerdict(False, f"statsmodels ({name}{without}) disagrees: {numbers}.", theirs.estimate)


def _closest(y: Array, fixed: Array, study: Array, effects: list[Array], fit: LinearFit) -> _Fit | None:
    """The first solution of as high a likelihood as ours, else the highest; None where every optimizer fails."""
    import statsmodels.tools.sm_exceptions  # noqa: F401  importing it later would undo the filter below

    found: list[_Fit] = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # MixedLM warns of what is judged here by its numbers
        for solution in _solutions(y, fixed, study, effects):
            if not (np.isfinite(solution.estimate) and np.isfinite(solution.loglik)):
                continue
            found.append(solution)
            if solution.loglik >= fit.loglik - OF_LIKELIHOOD:
                break
    return max(found, key=lambda solution: solution.loglik) if found else None


def _solutions(y: Array, fixed: Array, study: Array, effects: list[Array]) -> Iterator[_Fit]:
    if not effects:
        yield _least_squares(y, fixed)
        return
    model = _model(y, fixed, study, effects)
    for optimizer in OPTIMIZERS:
        try:
            result = model.fit(reml=True, method=[optimizer], skipped_hessian=True)
        except (np.linalg.LinAlgError, ValueError):  # an optimizer that ran out of bounds
            continue
        yield _Fit(float(result.fe_params[1]), float(result.llf))


def _least_squares(y: Array, fixed: Array) -> _Fit:
    """Ordinary least squares with its restricted likelihood (statsmodels' OLS gives the plain one)."""
    from statsmodels.regression.linear_model import OLS

    result = OLS(y, fixed).fit()
    freedom = len(y) - fixed.shape[1]
    log_det = float(np.linalg.slogdet(fixed.T @ fixed)[1])
    loglik = -(freedom * (1 + np.log(2 * np.pi * result.ssr / freedom)) + log_det) / 2
    return _Fit(float(result.params[1]), float(loglik))


def _model(y: Array, fixed: Array, study: Array, effects: list[Array]) -> Any:
    """MixedLM with the first effect as its random effect and a second as an independent variance component."""
    from statsmodels.regression.mixed_linear_model import MixedLM, VCSpec

    component = None
    if len(effects) > 1:
        blocks = [effects[1][study == code][:, None] for code in np.unique(study)]
        component = VCSpec(["slope"], [[["slope"]] * len(blocks)], [blocks])
    return MixedLM(y, fixed, groups=study, exog_re=effects[0][:, None], exog_vc=component)
