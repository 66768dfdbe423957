"""The benefit over a continuous moderator, not held to a straight line: a restricted cubic spline of the moderator and
its interaction with treatment (Harrell 2015, Regression Modeling Strategies, 2nd edition: basis of section 2.4.5, knots
at the quantiles of table 2.3, of the patients analyzed). Off unless the plan asks for it.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from core.cohort import Cohort
from core.models.linear_mixed import joint_test
from core.models.moments import Array
from core.moderators.interactions import Rows, interaction, interactions
from core.moderators.pictured import Curve, Pictured, curve_of, pictured
from core.plan import Plan
from core.progress import Progress, silent
from core.results import Benefit, BenefitPoint, ModelName, ModeratorEffect

QUANTILES = {3: (0.1, 0.5, 0.9), 4: (0.05, 0.35, 0.65, 0.95), 5: (0.05, 0.275, 0.5, 0.725, 0.95)}


def benefits(cohort: Cohort, plan: Plan, tested: tuple[ModeratorEffect, ...],
             progress: Progress = silent) -> tuple[Benefit, ...]:
    """The splines the plan asks for: of every continuous moderator that was tested, by both models."""
    if not plan.splines.knots:
        return ()
    asked = [row for row in tested if row.kind == "continuous" and row.p is not None]
    found: list[Benefit] = []
    for place, row in enumerate(asked):
        progress(place / len(asked), f"Benefit: {row.outcome}, {row.moderator}")
        shown = pictured(cohort, plan, row.outcome, row.moderator)
        if not isinstance(shown, str):
            found.append(benefit(shown, plan, row.model))
    return tuple(found)


def benefit(shown: Pictured, plan: Plan, model: ModelName) -> Benefit:
    """The spline of one continuous moderator and outcome, with the straight line of the same model beside it."""
    x = np.log(shown.place) if shown.is_log else shown.place
    center, unit = float(x.mean()), float(x.std(ddof=1))
    knots = np.quantile(x, QUANTILES[plan.splines.knots])
    found = Benefit(shown.outcome.outcome.name, shown.moderator.name, model, len(x), len(np.unique(shown.study)),
                    tuple(float(knot) for knot in (np.exp(knots) if shown.is_log else knots)))
    if len(np.unique(knots)) < len(knots):
        return replace(found, note=f"The moderator has too few values for {len(knots)} knots: some fall together.")

    def columns(values: Array, parts: int) -> Array:
        return basis((values - center) / unit, (knots - center) / unit)[:parts]

    at = np.log(shown.benefit.at) if shown.is_log else shown.benefit.at
    curves: list[Curve] = []
    for parts in (len(knots) - 1, 1):  # the spline, then its straight part alone
        names = tuple(f"part {place + 1}" for place in range(parts))
        rows = Rows(shown.value, shown.treatment, shown.study, names, columns(x, parts))
        fitted = interactions(rows, model, plan.model.df, "t")
        if fitted.fitted is None:
            return replace(found, note=fitted.reason)
        curves.append(curve_of(fitted.fitted, names, shown.benefit.at, columns(at, parts).T, 0, 1, 0))
        if parts > 1:
            bend = joint_test(fitted.fitted, [interaction(name) for name in names[1:]], plan.model.df)
            whole = joint_test(fitted.fitted, [interaction(name) for name in names], plan.model.df)
            found = replace(found, bend_f=bend.f, bend_df1=bend.df1, bend_df2=bend.df2, bend_p=bend.p, spline_p=whole.p)
    share = [float((shown.place <= place).mean()) for place in shown.benefit.at]
    numbers = np.column_stack([shown.benefit.at, *(column for curve in curves
                                                   for column in (curve.value, curve.low, curve.high)), share])
    return replace(found, points=tuple(BenefitPoint(*row) for row in numbers.tolist()))


def basis(x: Array, knots: Array) -> Array:
    """The restricted cubic spline (knots - 1, n) of values (n,): the value itself, then terms that are straight beyond
    the outer knots.
    """
    last, before, span = knots[-1], knots[-2], knots[-1] - knots[0]
    bent = [(_cube(x - knot) - _cube(x - before) * (last - knot) / (last - before)
             + _cube(x - last) * (before - knot) / (last - before)) / span ** 2 for knot in knots[:-2]]
    return np.array([x, *bent])


def _cube(x: Array) -> Array:
    return np.asarray(np.maximum(x, 0.0) ** 3)
