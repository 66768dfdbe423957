"""The figures of a run by key, made on a job's thread, of a moderator and of a set."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from core.labels import Labels, labels_for
from core.progress import Progress, silent

if TYPE_CHECKING:
    from core.cohort import Cohort
    from core.combined_results import CombinedEffect
    from core.credibility import Form
    from core.figures.specification import FigureSpec
    from core.moderators.left_out import LeftOut
    from core.results import ModeratorEffect
    from core.session import Session

Figures = Mapping[str, "FigureSpec"]
GLANCES = {"effect": "overview_effects", "benefit": "overview_benefit"}
"""How the keys of the overview's figures begin."""


def session_labels(session: Session) -> Labels:
    """Names for readers: the protocol's and the studies'."""
    return labels_for(session.protocol, {study.study: study.name for study in session.registry.studies},
                      session.study_years, session.figure_choices)


def figures_of(session: Session, progress: Progress = silent) -> Figures:
    """Every figure of the session's results. Where data or plan have changed since, only those that the results alone
    can draw: a figure of patients would show others than the numbers beside it."""
    from core.figures import (
        agreement_plot,
        effects_overview,
        figures_for,
        finished,
        funnels,
        moderator_forests,
        sensitivity_forests,
        sets_figures,
        study_forests,
    )
    from core.figures.glance import benefit_glance, effects_glance

    results, labels = session.results, session_labels(session)
    assert results is not None
    progress(0.0, "Preparing the figures")
    if session.results_are_current:
        found = figures_for(results, cohort_of(session, progress), labels, session.protocol, session.figure_choices,
                            session.judgments)
    else:
        found = (*effects_overview(results, labels), *study_forests(results, labels),
                 *funnels(results, labels), *moderator_forests(results, labels),
                 *sets_figures(results, labels), *sensitivity_forests(results, labels),
                 *agreement_plot(results, labels))
        found = tuple(finished(figure, results, session.figure_choices) for figure in found)
    glances = (finished(replace(figure, key=f"{GLANCES[part]}_{figure.key}"), results, session.figure_choices)
               for part, figure in (("effect", effects_glance(results, labels)),
                                    ("benefit", benefit_glance(results, labels))) if figure is not None)
    return {figure.key: figure for figure in (*found, *glances)}


def cohort_of(session: Session, progress: Progress = silent) -> Cohort:
    """Who is analyzed, of the data and the results' plan as they are; remembered."""
    from core.cohort import build_cohort
    from core.pooled import pooled_from_session

    results = session.results
    assert results is not None
    return session.memo.get(("cohort", session.inputs_fingerprint), lambda: build_cohort(
        pooled_from_session(session, progress).frame, results.plan, session.name))


@dataclass(frozen=True)
class ModeratorParts:
    """What is made of one moderator when its row is chosen."""

    figures: Figures
    left: LeftOut | None
    form: Form


def moderator_parts(session: Session, row: ModeratorEffect, fewest: int, progress: Progress = silent) -> ModeratorParts:
    """Figures, who is left out and the credibility form of a moderator. Results out of date have the form alone."""
    from core.credibility import form_of
    from core.credibility_answers import prefilled
    from core.figures import finished, moderator_figures
    from core.moderators.left_out import left_out_of

    results = session.results
    assert results is not None
    progress(0.0, "Preparing the figures of the moderator")
    place = (row.outcome, row.moderator.split(":")[0])
    cohort = cohort_of(session, progress) if session.results_are_current else None
    form = form_of(*place, prefilled(results, cohort, *place), session.credibility.of(*place))
    if cohort is None:
        return ModeratorParts({}, None, form)
    drawn = moderator_figures(results, cohort, session_labels(session), *place, fewest)
    return ModeratorParts({figure.key: finished(figure, results, session.figure_choices) for figure in drawn},
                          left_out_of(cohort, results.plan, *place), form)


def set_parts(session: Session, one: CombinedEffect, progress: Progress = silent) -> Figures:
    """The figures of one set of moderators; results out of date have none of patients."""
    from core.figures import finished, set_figures

    results = session.results
    assert results is not None
    progress(0.0, "Preparing the figures of the set")
    cohort = cohort_of(session, progress) if session.results_are_current else None
    return {figure.key: finished(figure, results, session.figure_choices)
            for figure in set_figures(results, cohort, session_labels(session), one, session.protocol)}
