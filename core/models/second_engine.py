"""A second opinion on each linear fit: the same model by statsmodels' MixedLM, which shares no code with ours.

MixedLM's default optimizers are not used: they are wrong on about one dataset in six while reporting convergence,
and on some they run to an infinite likelihood. Powell's method comes first, then others, until one reaches our
likelihood. A zero variance has no place in its parameters, so then its model without that variance is compared,
and the whole model is asked only whether it can do better than ours.

Columns are centered and scaled first, which its optimizers need and no estimate feels.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from core.models.linear_mixed import RESPONSE, TREATMENT, LinearEstimate, LinearFit
from core.models.moments import Array

OPTIMIZERS = ("powell", "bfgs", "nm")
FROM_OURS = ("bfgs", "powell")
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
    """Their estimates of the terms (q,) and restricted log likelihood, both in the user's units."""

    estimates: Array
    loglik: float


@dataclass(frozen=True)
class _Ours:
    """What is judged: coefficients (q,) of a fit with their covariance (q, q)."""

    values: Array
    cov: Array
    fit: LinearFit

    def apart(self, theirs: _Fit) -> float:
        """By how many standard errors the two differ, in whichever sum of the coefficients they differ most."""
        se = np.sqrt(np.diag(self.cov))
        off = (theirs.estimates - self.values) / se
        square = float(off @ np.linalg.solve(self.cov / np.outer(se, se), off))
        return max(0.0, square) ** 0.5

    def told(self, theirs: _Fit) -> str:
        """Both in numbers: "0.2 where ours is 0.3"."""
        if len(self.values) > 1:
            return f"up to {self.apart(theirs):.2g} standard errors from ours"
        return f"{theirs.estimates[0]:.6g} where ours is {self.values[0]:.6g}"

    def verdict(self, agrees: bool | None, text: str, theirs: _Fit) -> EngineVerdict:
        """With their estimate, where it is one."""
        return EngineVerdict(agrees, text, float(theirs.estimates[0]) if len(self.values) == 1 else None)


@dataclass(frozen=True)
class _Model:
    """The rows as statsmodels takes them: `fixed` (n, p) with a first column of ones, `effects` the columns of the
    random effects; all scaled, `units` (q,) leading back for the terms at `places`, `shift` for the log likelihood.
    """

    y: Array
    fixed: Array
    study: Array
    effects: list[Array]
    places: list[int]
    units: Array
    shift: float
    start: list[float] | None
    """Our ratios of variances to start from; None: statsmodels' own start."""


def check(estimate: LinearEstimate, columns: Mapping[str, ArrayLike], study: ArrayLike, term: str = TREATMENT, *,
          response: str = RESPONSE, treatment: str = TREATMENT, random_slope: bool,
          from_ours: bool = False) -> EngineVerdict:
    """The verdict on the coefficient of `term`; arguments as `linear_mixed.coefficient` had them.

    `from_ours` starts the second engine at our solution, ten times as fast: it then says whether its own likelihood
    is the same there and has its top there, not whether it would have found the way by itself.
    """
    value, fit = estimate.estimate, estimate.fit
    if value is None or fit is None or estimate.se is None:
        return EngineVerdict(None, "Nothing to compare: there is no estimate.")
    ours = _Ours(np.array([value]), np.array([[estimate.se ** 2]]), fit)
    return _judged(ours, columns, study, [term], response, treatment, from_ours)


def check_together(fit: LinearFit, columns: Mapping[str, ArrayLike], study: ArrayLike, terms: Sequence[str], *,
                   response: str = RESPONSE, treatment: str = TREATMENT) -> EngineVerdict:
    """The verdict on several coefficients of a fit at once, from our solution: on every sum of them, such as the places
    of a curve, and so on what a joint test of them is made of.
    """
    places = [fit.terms.index(term) for term in terms]
    ours = _Ours(fit.beta[places], fit.cov[np.ix_(places, places)], fit)
    return _judged(ours, columns, study, terms, response, treatment, from_ours=True)


def _judged(ours: _Ours, columns: Mapping[str, ArrayLike], study: ArrayLike, terms: Sequence[str], response: str,
            treatment: str, from_ours: bool) -> EngineVerdict:
    fit = ours.fit
    ratios = {"tau2": fit.tau2, "slope_var": fit.slope_var}
    names = [name for name, variance in ratios.items() if variance is not None]
    kept = [name for name in names if name not in fit.boundary]

    def rows(effects: list[str]) -> _Model:
        start = [float(ratios[name] or 0.0) / fit.sigma2 for name in effects] if from_ours else None
        return _rows(columns, study, terms, response, treatment, effects, start)

    theirs = _closest(rows(kept), fit.loglik)
    if theirs is None:
        return EngineVerdict(None, "Not comparable: none of MixedLM's optimizers reached a solution.")
    better = _closest(rows(names), fit.loglik) if fit.boundary and not from_ours else None
    if better is not None and better.loglik > fit.loglik + OF_LIKELIHOOD:
        return ours.verdict(False, "MixedLM finds a higher likelihood away from zero variance, with the estimate "
                                   f"{ours.told(better)}.", better)
    engine = "MixedLM" if kept else "ordinary least squares"
    without = " without the variances estimated as zero" if fit.boundary else ""
    return _verdict(ours, theirs, engine + without + (", from our solution" * from_ours))


def _rows(columns: Mapping[str, ArrayLike], study: ArrayLike, terms: Sequence[str],
          response: str, treatment: str, effects: list[str], start: list[float] | None) -> _Model:
    names = [name for name in columns if name != response]
    table = np.column_stack([np.asarray(columns[name], dtype=float) for name in [*names, response]])
    size = table.std(axis=0)
    scaled = (table - table.mean(axis=0)) / size
    n, p = len(table), len(names) + 1
    lines = {"tau2": np.ones(n), "slope_var": np.asarray(columns[treatment], dtype=float) - 0.5}
    places = [names.index(term) for term in terms]
    return _Model(scaled[:, -1], np.column_stack([np.ones(n), scaled[:, :-1]]), np.asarray(study),
                  [lines[name] for name in effects], [place + 1 for place in places], size[-1] / size[places],
                  -float(np.log(size[:-1]).sum() + (n - p) * np.log(size[-1])), start)


def _verdict(ours: _Ours, theirs: _Fit, engine: str) -> EngineVerdict:
    if ours.apart(theirs) <= OF_SE:
        return ours.verdict(True, f"statsmodels ({engine}) agrees.", theirs)
    if theirs.loglik < ours.fit.loglik - OF_LIKELIHOOD:
        return ours.verdict(None, f"Not comparable: MixedLM stopped at a lower likelihood ({ours.told(theirs)}).",
                            theirs)
    return ours.verdict(False, f"statsmodels ({engine}) disagrees: {ours.told(theirs)}.", theirs)


def _closest(rows: _Model, loglik: float) -> _Fit | None:
    """The first solution of as high a likelihood as ours, else the highest; None where every optimizer fails."""
    import statsmodels.tools.sm_exceptions  # noqa: F401  importing it later would undo the filter below

    found: list[_Fit] = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # MixedLM warns of what is judged here by its numbers
        for solution in _solutions(rows):
            if not (np.isfinite(solution.estimates).all() and np.isfinite(solution.loglik)):
                continue
            found.append(solution)
            if solution.loglik >= loglik - OF_LIKELIHOOD:
                break
    return max(found, key=lambda solution: solution.loglik) if found else None


def _solutions(rows: _Model) -> Iterator[_Fit]:
    if not rows.effects:
        yield _least_squares(rows)
        return
    model = _mixed(rows)
    start = None if rows.start is None else _start(rows)
    for optimizer in OPTIMIZERS if rows.start is None else FROM_OURS:
        try:
            result = model.fit(reml=True, method=[optimizer], start_params=start, skipped_hessian=True)
        except (np.linalg.LinAlgError, ValueError):  # an optimizer that ran out of bounds
            continue
        yield _Fit(np.asarray(result.fe_params)[rows.places] * rows.units, float(result.llf) + rows.shift)


def _least_squares(rows: _Model) -> _Fit:
    """Ordinary least squares with its restricted likelihood (statsmodels' OLS gives the plain one)."""
    from statsmodels.regression.linear_model import OLS

    result = OLS(rows.y, rows.fixed).fit()
    freedom = len(rows.y) - rows.fixed.shape[1]
    log_det = float(np.linalg.slogdet(rows.fixed.T @ rows.fixed)[1])
    loglik = -(freedom * (1 + np.log(2 * np.pi * result.ssr / freedom)) + log_det) / 2
    return _Fit(np.asarray(result.params)[rows.places] * rows.units, float(loglik) + rows.shift)


def _mixed(rows: _Model) -> Any:
    """MixedLM with the first effect as its random effect and a second as an independent variance component."""
    from statsmodels.regression.mixed_linear_model import MixedLM, VCSpec

    component = None
    if len(rows.effects) > 1:
        blocks = [rows.effects[1][rows.study == code][:, None] for code in np.unique(rows.study)]
        component = VCSpec(["slope"], [[["slope"]] * len(blocks)], [blocks])
    return MixedLM(rows.y, rows.fixed, groups=rows.study, exog_re=rows.effects[0][:, None], exog_vc=component)


def _start(rows: _Model) -> Any:
    from statsmodels.regression.mixed_linear_model import MixedLMParams

    assert rows.start is not None
    return MixedLMParams.from_components(fe_params=np.zeros(rows.fixed.shape[1]), cov_re=np.array([rows.start[:1]]),
                                         vcomp=np.array(rows.start[1:]))
