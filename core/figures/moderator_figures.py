"""The figures of one moderator: its patients, the benefit over it, study by study. Made when they are asked for."""

from __future__ import annotations

import numpy as np

from core.cohort import Cohort
from core.figures.benefit_curve import BenefitLine, benefit_curve
from core.figures.moderator_patients import FEWEST, moderator_patients
from core.figures.moderator_studies import moderator_studies
from core.figures.specification import FigureSpec
from core.labels import Labels
from core.moderator_words import ALPHA
from core.moderators.pictured import Curve, Pictured, pictured, within_studies
from core.results import ModeratorEffect, Results


def moderator_figures(results: Results, cohort: Cohort, labels: Labels, outcome: str, moderator: str,
                      fewest: int = FEWEST) -> tuple[FigureSpec, ...]:
    """What can be drawn of one moderator and outcome. Points of groups of fewer than `fewest` patients are left out."""
    plan = results.plan
    chosen = next((one for one in plan.moderators if one.name in (moderator, moderator.split(":")[0])), None)
    if chosen is None:
        return ()
    found: list[FigureSpec] = []
    shown = pictured(cohort, plan, outcome, chosen.name)
    if not isinstance(shown, str):
        row = next((one for one in results.moderators if (one.outcome, one.moderator, one.model)
                    == (outcome, chosen.name, "published")), None)
        found += [moderator_patients(shown, row, labels, fewest),
                  benefit_curve(shown, labels, fewest, _lines(results, shown))]
    studies = moderator_studies(outcome, chosen, *within_studies(cohort, plan, outcome, chosen.name), labels)
    return (*found, *([studies] if studies is not None else []))


def _lines(results: Results, shown: Pictured) -> tuple[BenefitLine, ...]:
    """The spline, if one was asked for, before the straight line."""
    key = (shown.outcome.outcome.name, shown.moderator.name, "published")
    for one in results.benefits:
        if (one.outcome, one.moderator, one.model) == key and one.points:
            at, value, low, high = np.array([(p.at, p.difference, p.low, p.high) for p in one.points]).T
            return (BenefitLine(f"Restricted cubic spline, {len(one.knots)} knots", Curve(at, value, low, high)),
                    BenefitLine("Linear interaction", shown.benefit))
    return ()


def is_telling(row: ModeratorEffect) -> bool:
    """Whether a result is worth a picture in an export: p below 0.05 in the published model, before any correction."""
    return row.model == "published" and ":" not in row.moderator and row.p is not None and row.p < ALPHA


def telling_figures(results: Results, cohort: Cohort, labels: Labels) -> tuple[FigureSpec, ...]:
    """Of every moderator whose result is worth a picture its patients; all three of those that survive correction."""
    found: list[FigureSpec] = []
    for row in results.moderators:
        if is_telling(row):
            own = moderator_figures(results, cohort, labels, row.outcome, row.moderator)
            adjusted = row.q if row.tier == "2" else row.p_adjusted
            found += own if adjusted is not None and adjusted < ALPHA else own[:1]
    return tuple(found)
