"""Figures: one file each, data -> layout (numbers, in inches) -> drawing.

To add one: write a module with a function that takes what it needs of results, cohort and labels and returns a tuple
of `FigureSpec` (empty where the data do not allow the figure), and add it to `figures_for`.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from types import MappingProxyType

from core.cohort import Cohort
from core.figure_choices import FigureChoices
from core.figures.agreement_plot import agreement_plot
from core.figures.availability_map import availability_map
from core.figures.combined_figures import combined_figures, set_figures, sets_figures
from core.figures.distribution_panels import distribution_figure
from core.figures.effects_overview import effects_overview
from core.figures.funnel import funnels
from core.figures.individual_changes import individual_changes
from core.figures.moderator_figures import moderator_figures, telling_figures
from core.figures.moderator_forest import moderator_forests
from core.figures.participant_flow import participant_flow
from core.figures.responder_chart import responder_chart
from core.figures.risk_of_bias import risk_of_bias
from core.figures.sensitivity_forest import sensitivity_forests
from core.figures.specification import FigureSpec
from core.figures.study_forest import study_forests
from core.figures.style import DARK, EXPORT, LIGHT, FigureStyle
from core.labels import Labels
from core.protocol import Protocol
from core.registry import Judgments
from core.results import Results

NOT_JUDGED: Judgments = MappingProxyType({})
SYNTHETIC_MARK = "Synthetic data, no patient data"

__all__ = ["DARK", "EXPORT", "LIGHT", "FigureSpec", "FigureStyle", "agreement_plot", "availability_map",
           "distribution_figure", "figures_for", "finished", "funnels", "moderator_figures", "risk_of_bias",
           "set_figures", "sets_figures"]


def figures_for(results: Results, cohort: Cohort, labels: Labels | None = None, protocol: Protocol | None = None,
                choices: FigureChoices | None = None, judgments: Judgments = NOT_JUDGED) -> tuple[FigureSpec, ...]:
    """Every figure these results and patients allow, in the order of a report; `protocol` is the one they came from,
    `choices` how the project's figures look, `judgments` the studies' risk of bias.
    """
    words = labels or Labels()
    return tuple(finished(spec, results, choices) for spec in _with_distinct_keys((
        *participant_flow(results, cohort, words),
        *availability_map(results.availability, cohort, words),
        *risk_of_bias(judgments, words),
        *effects_overview(results, words),
        *study_forests(results, words),
        *funnels(results, words),
        *responder_chart(results, cohort, words),
        *individual_changes(cohort, words),
        *moderator_forests(results, words),
        *telling_figures(results, cohort, words),
        *combined_figures(results, cohort, words, protocol),
        *sensitivity_forests(results, words),
        *agreement_plot(results, words),
    )))


def finished(spec: FigureSpec, results: Results, choices: FigureChoices | None = None) -> FigureSpec:
    """A figure with its mark, in the look of its project."""
    return replace(spec, mark=SYNTHETIC_MARK if results.provenance.synthetic else "",
                   choices=choices or FigureChoices())


def _with_distinct_keys(specs: tuple[FigureSpec, ...]) -> tuple[FigureSpec, ...]:
    """Outcomes whose names differ in signs alone would have one file: the later get a number."""
    seen: Counter[str] = Counter()
    distinct = []
    for spec in specs:
        seen[spec.key] += 1
        times = seen[spec.key]
        distinct.append(spec if times == 1 else replace(spec, key=f"{spec.key}_{times}"))
    return tuple(distinct)
