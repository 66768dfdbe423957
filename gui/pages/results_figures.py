"""The figures of a run by key, made on a job's thread, and how one goes into a file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import UserError, Where
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
    from core.tables import Table

Figures = Mapping[str, "FigureSpec"]


def session_labels(session: Session) -> Labels:
    """Names for readers: the protocol's and the studies'."""
    return labels_for(session.protocol, {study.study: study.name for study in session.registry.studies})


def figures_of(session: Session, progress: Progress = silent) -> Figures:
    """Every figure of the session's results. Where data or plan have changed since, only those that the results alone
    can draw: a figure of patients would show others than the numbers beside it."""
    from core.figures import (
        agreement_plot,
        effects_overview,
        figures_for,
        funnels,
        moderator_forests,
        sensitivity_forests,
        sets_figures,
        study_forests,
    )

    results, labels = session.results, session_labels(session)
    assert results is not None
    progress(0.0, "Preparing the figures")
    if session.results_are_current:
        found = figures_for(results, cohort_of(session, progress), labels, session.protocol)
    else:
        found = (*effects_overview(results, labels), *study_forests(results, labels),
                 *funnels(results, labels), *moderator_forests(results, labels),
                 *sets_figures(results, labels), *sensitivity_forests(results, labels),
                 *agreement_plot(results, labels))
    return {figure.key: figure for figure in found}


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
    from core.figures import SYNTHETIC_MARK, moderator_figures
    from core.moderators.left_out import left_out_of

    results = session.results
    assert results is not None
    progress(0.0, "Preparing the figures of the moderator")
    place = (row.outcome, row.moderator.split(":")[0])
    cohort = cohort_of(session, progress) if session.results_are_current else None
    form = form_of(*place, prefilled(results, cohort, *place), session.credibility.of(*place))
    if cohort is None:
        return ModeratorParts({}, None, form)
    mark = SYNTHETIC_MARK if results.provenance.synthetic else ""
    drawn = moderator_figures(results, cohort, session_labels(session), *place, fewest)
    return ModeratorParts({figure.key: replace(figure, mark=mark) for figure in drawn},
                          left_out_of(cohort, results.plan, *place), form)


def set_parts(session: Session, one: CombinedEffect, progress: Progress = silent) -> Figures:
    """The figures of one set of moderators; results out of date have none of patients."""
    from core.figures import SYNTHETIC_MARK, set_figures

    results = session.results
    assert results is not None
    progress(0.0, "Preparing the figures of the set")
    cohort = cohort_of(session, progress) if session.results_are_current else None
    mark = SYNTHETIC_MARK if results.provenance.synthetic else ""
    return {figure.key: replace(figure, mark=mark)
            for figure in set_figures(results, cohort, session_labels(session), one, session.protocol)}


def save_figure(figure: FigureSpec, path: Path, progress: Progress = silent) -> Path:
    """Write a figure as its path's ending says: png, svg or pdf. Raises UserError if it cannot be written."""
    progress(0.0, f"Drawing {figure.title}")
    ending = path.suffix.lower()
    if ending not in (".png", ".svg", ".pdf"):
        raise UserError(f'Figures are written as PNG, SVG or PDF, not "{ending or path.name}".',
                        Where(file=path.name), "End the name with .png, .svg or .pdf.")
    try:
        if ending == ".pdf":
            drawn = figure.draw()
            drawn.savefig(path, format="pdf", facecolor=drawn.get_facecolor(), metadata={"CreationDate": None})
        else:
            figure.save(path)
    except OSError as fault:
        raise UserError(f"The figure cannot be written: {fault.strerror}.", Where(file=path.name),
                        "Close it in other programs, or choose another folder.") from None
    return path


def save_table(table: Table, path: Path) -> None:
    """Write a table as CSV. Raises UserError if it cannot be written."""
    from core.export import csv_of_table

    try:
        path.write_bytes(csv_of_table(table).encode("utf-8"))
    except OSError as fault:
        raise UserError(f"The table cannot be written: {fault.strerror}.", Where(file=path.name),
                        "Close it in other programs, or choose another folder.") from None
