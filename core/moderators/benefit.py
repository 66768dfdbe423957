"""The benefit over a continuous moderator, not held to a straight line: a restricted cubic spline of the moderator and
its interaction with treatment (Harrell 2015, Regression Modeling Strategies, 2nd edition: basis of section 2.4.5, knots
at the quantiles of table 2.3, of the patients analyzed). Off unless the plan asks for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from core.cohort import Cohort
from core.main_effects import MODELS
from core.models.linear_mixed import TREATMENT, joint_test
from core.models.moments import Array
from core.models.second_engine import check_together
from core.moderators.interactions import Rows, interaction, interactions
from core.moderators.pictured import Curve, Pictured, curve_of, pictured
from core.plan import Plan
from core.progress import Progress, silent
from core.results import NOT_ASKED, Availability, Benefit, BenefitPoint, ModelName, ModeratorEffect

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


def curves_asked(found: Sequence[Availability], plan: Plan) -> int:
    """How many curves splines are asked for, by each model and for each outcome, if every moderator can be tested;
    counted also where the plan asks for none.
    """
    tested = sum(one.kind == "continuous" and one.tier != "none" for one in found)
    return tested * len(plan.outcomes) * len(MODELS)


def benefit(shown: Pictured, plan: Plan, model: ModelName) -> Benefit:
    """The spline of one continuous moderator and outcome, with the straight line of the same model beside it."""
    bent = _bent(shown, plan)
    found = Benefit(shown.outcome.outcome.name, shown.moderator.name, model, len(bent.x), len(np.unique(shown.study)),
                    tuple(float(knot) for knot in (np.exp(bent.knots) if shown.is_log else bent.knots)),
                    engines_note="Nothing to compare: there is no curve.")
    if len(np.unique(bent.knots)) < len(bent.knots):
        return replace(found, note=f"The moderator has too few values for {len(bent.knots)} knots: some fall together.")
    at = np.log(shown.benefit.at) if shown.is_log else shown.benefit.at
    curves: list[Curve] = []
    for parts in (len(bent.knots) - 1, 1):  # the spline, then its straight part alone
        rows = bent.rows(shown, parts)
        fitted = interactions(rows, model, plan.model.df, "t")
        if fitted.fitted is None:
            return replace(found, note=fitted.reason)
        curves.append(curve_of(fitted.fitted, rows.names, shown.benefit.at, bent.columns(at, parts).T, 0, 1, 0))
        if parts > 1:
            products = [interaction(name) for name in rows.names]
            bend, whole = (joint_test(fitted.fitted, terms, plan.model.df) for terms in (products[1:], products))
            found = replace(found, bend_f=bend.f, bend_df1=bend.df1, bend_df2=bend.df2, bend_p=bend.p, spline_p=whole.p)
    share = [float((shown.place <= place).mean()) for place in shown.benefit.at]
    numbers = np.column_stack([shown.benefit.at, *(column for curve in curves
                                                   for column in (curve.value, curve.low, curve.high)), share])
    return replace(found, points=tuple(BenefitPoint(*row) for row in numbers.tolist()), engines_note=NOT_ASKED)


def second_opinion_of(cohort: Cohort, plan: Plan, found: Benefit) -> Benefit:
    """The spline with the second engine's verdict on its coefficients together: on the curve at every place, and on
    what the tests of its bend and of all of it are made of.
    """
    if found.engines_note != NOT_ASKED:
        return found
    shown = pictured(cohort, plan, found.outcome, found.moderator)
    assert not isinstance(shown, str), shown
    rows = _bent(shown, plan).rows(shown, len(found.knots) - 1)
    fitted = interactions(rows, found.model, plan.model.df, "t").fitted
    assert fitted is not None
    terms = [TREATMENT, *(interaction(name) for name in rows.names)]
    verdict = check_together(fitted.record, rows.columns(), rows.study, terms)
    return replace(found, engines_agree=verdict.agrees, engines_note=verdict.text)


@dataclass(frozen=True)
class _Bent:
    """A moderator as it is analyzed (n,), and the knots among its values."""

    x: Array
    knots: Array

    def columns(self, values: Array, parts: int) -> Array:
        """The first parts of the spline (parts, g) at values (g,), on the scale of SDs."""
        center, unit = float(self.x.mean()), float(self.x.std(ddof=1))
        return basis((values - center) / unit, (self.knots - center) / unit)[:parts]

    def rows(self, shown: Pictured, parts: int) -> Rows:
        """The patients with the first parts of the spline as their terms."""
        names = tuple(f"part {place + 1}" for place in range(parts))
        return Rows(shown.value, shown.treatment, shown.study, names, self.columns(self.x, parts))


def _bent(shown: Pictured, plan: Plan) -> _Bent:
    x = np.log(shown.place) if shown.is_log else shown.place
    return _Bent(x, np.quantile(x, QUANTILES[plan.splines.knots]))


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
