"""The figures of combined moderators: all sets of an outcome, and each set's own, made when they are asked for."""

from __future__ import annotations

from core.cohort import Cohort
from core.combined_results import CombinedEffect
from core.combined_words import leading_set
from core.figures.combined_fifths import combined_fifths
from core.figures.combined_keys import outcome_unit
from core.figures.combined_patients import combined_patients
from core.figures.combined_sets import combined_sets
from core.figures.combined_studies import combined_studies
from core.figures.combined_weights import combined_weights
from core.figures.specification import FigureSpec
from core.labels import Labels
from core.moderators.combined_pictured import combined_pictured
from core.protocol import Protocol
from core.results import Results


def set_figures(results: Results, cohort: Cohort | None, labels: Labels, one: CombinedEffect,
                protocol: Protocol | None = None) -> tuple[FigureSpec, ...]:
    """What can be drawn of one set and outcome; without a cohort no patients, of an empty model its weights alone."""
    unit = outcome_unit(results, one.outcome)
    weights = combined_weights(one, unit, labels)
    if one.is_empty or weights is None:
        return () if weights is None else (weights,)
    shown = "" if cohort is None else combined_pictured(cohort, results.plan, protocol, one)
    found = (weights,
             None if isinstance(shown, str) else combined_patients(shown, one, labels),
             combined_fifths(one, unit, labels), combined_studies(one, labels))
    return tuple(figure for figure in found if figure is not None)


def sets_figures(results: Results, labels: Labels) -> tuple[FigureSpec, ...]:
    """All sets side by side, a figure an outcome."""
    found = (combined_sets(results.combined, outcome.name, labels) for outcome in results.plan.outcomes)
    return tuple(figure for figure in found if figure is not None)


def combined_figures(results: Results, cohort: Cohort, labels: Labels,
                     protocol: Protocol | None = None) -> tuple[FigureSpec, ...]:
    """What an export shows: all sets of each outcome, and the figures of the set that leads in what was held out."""
    leading = [leading_set(results.combined, outcome.name) for outcome in results.plan.outcomes]
    return (*sets_figures(results, labels),
            *(figure for one in leading if one is not None
              for figure in set_figures(results, cohort, labels, one, protocol)))
